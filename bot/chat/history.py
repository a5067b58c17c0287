"""A search of the history as it fits into the id of a button, so that its pages turn after any restart."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from bot.chat.pages import HISTORY_ROWS
from bot.errors import Problem
from bot.model import Outcome
from bot.services import lookup
from bot.store import library
from bot.store.database import Store
from bot.store.verdicts import HistoryQuery, Page

LONGEST_WORDS = 30  # with these the id stays below Discord's 100 characters
OUTCOMES = {outcome.value[0]: outcome for outcome in Outcome}  # f, r, d, c
ID = re.compile(
    r"v1:hist:(?P<requester>\d{1,20}):(?P<page>\d{1,5}):(?P<influencer>\d*):(?P<campaign>\d*)"
    r":(?P<outcome>[frdc]?):(?P<since>(?:[1-9]\d{5})?):(?P<words>.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Search:
    """Who searches for what, at which page. 0 and None do not narrow."""

    requester: int
    page: int = 0
    influencer: int = 0  # ids of the store
    campaign: int = 0
    outcome: Outcome | None = None
    since: date | None = None
    words: str = ""

    @property
    def custom_id(self) -> str:
        since = str(self.since.toordinal()) if self.since else ""
        parts = (self.requester, self.page, self.influencer or "", self.campaign or "")
        return ":".join(
            map(str, ("v1", "hist", *parts, self.outcome.value[0] if self.outcome else "", since, self.words))
        )

    def at(self, page: int) -> Search:
        return replace(self, page=page)


def from_match(match: re.Match[str]) -> Search:
    return Search(
        requester=int(match["requester"]),
        page=int(match["page"]),
        influencer=int(match["influencer"] or 0),
        campaign=int(match["campaign"] or 0),
        outcome=OUTCOMES.get(match["outcome"]),
        since=date.fromordinal(int(match["since"])) if match["since"] else None,
        words=match["words"],
    )


def day_named(typed: str) -> date:
    """Raises Problem for anything but a date like 2026-01-31 of this or the next century."""
    try:
        found = date.fromisoformat(typed.strip())
    except ValueError:
        found = date.min
    if not 2000 <= found.year < 2200:
        raise Problem("chat_problem.bad_date", typed=typed[:40])
    return found


async def find(store: Store, guild_id: int, wanted: Search) -> Page:
    """The rows of one page. Raises Problem where influencer or campaign are no longer stored."""
    async with store.read() as conn:
        influencer = await library.get_influencer(conn, guild_id, wanted.influencer) if wanted.influencer else None
        campaign = await library.get_campaign(conn, guild_id, wanted.campaign) if wanted.campaign else None
    if bool(wanted.influencer) != bool(influencer) or bool(wanted.campaign) != bool(campaign):
        raise Problem("chat_problem.gone")
    query = HistoryQuery(
        influencer=influencer.handle if influencer else None,
        campaign=campaign.name if campaign else None,
        outcome=wanted.outcome,
        since=datetime.combine(wanted.since, time(), UTC) if wanted.since else None,
        text=wanted.words,
    )
    return await lookup.search(store, guild_id, query, page=wanted.page, size=HISTORY_ROWS)
