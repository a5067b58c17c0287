"""A search of the history as it fits into the id of a button, so that its pages turn after any restart.

Numbers are packed (base64url of `_PACKED`); the words stand behind them as they are.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from struct import Struct

from bot.chat.verdict.pages import HISTORY_ROWS
from bot.errors import Problem
from bot.model.verdicts import Outcome
from bot.services import lookup
from bot.store import library
from bot.store.database import Store
from bot.store.sight import Sight
from bot.store.verdicts import Decided, HistoryQuery, Page

LONGEST_WORDS = 40  # with these the id stays below Discord's 100 characters
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2170, 12, 31)
ID = re.compile(r"v2:hist:(?P<packed>[\w-]{51}):(?P<words>.*)", re.DOTALL | re.ASCII)

_DAY = re.compile(r"(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?")
_PACKED = Struct(">QQIIIIHHBB")  # 38 bytes
_OUTCOMES = (None, *Outcome)
_DECIDED = (None, *Decided)


@dataclass(frozen=True, slots=True)
class Search:
    """Who searches for what, at which page. 0 and None do not narrow."""

    requester: int
    page: int = 0
    influencer: int = 0  # ids of the store
    campaign: int = 0
    brand: int = 0
    outcome: Outcome | None = None
    decision: Decided | None = None
    person: int = 0  # Discord user id of the author, or of somebody who decided
    since: date | None = None
    until: date | None = None  # the last day included
    words: str = ""

    @property
    def custom_id(self) -> str:
        packed = _PACKED.pack(
            self.requester,
            self.person,
            self.page,
            self.influencer,
            self.campaign,
            self.brand,
            _packed_day(self.since),
            _packed_day(self.until),
            _OUTCOMES.index(self.outcome),
            _DECIDED.index(self.decision),
        )
        return f"v2:hist:{urlsafe_b64encode(packed).decode().rstrip('=')}:{self.words}"

    def at(self, page: int) -> Search:
        return replace(self, page=page)


def from_match(match: re.Match[str]) -> Search:
    requester, person, page, influencer, campaign, brand, since, until, outcome, decision = _PACKED.unpack(
        urlsafe_b64decode(match["packed"] + "=")
    )
    return Search(
        requester=requester,
        page=page,
        influencer=influencer,
        campaign=campaign,
        brand=brand,
        outcome=_OUTCOMES[outcome % len(_OUTCOMES)],
        decision=_DECIDED[decision % len(_DECIDED)],
        person=person,
        since=_unpacked_day(since),
        until=_unpacked_day(until),
        words=match["words"],
    )


def _packed_day(day: date | None) -> int:
    return 0 if day is None else (day - FIRST_DAY).days + 1


def _unpacked_day(packed: int) -> date | None:
    return FIRST_DAY + timedelta(days=packed - 1) if packed else None


def day_named(typed: str) -> date:
    """A date like 2026-01-31, 2026/1/31 or 2026年1月31日 in any width. Raises Problem for any other, and for one of
    another century than this or the next."""
    match = _DAY.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    try:
        found = date(*map(int, match.groups())) if match else date.min
    except ValueError:
        found = date.min
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Problem("chat_problem.bad_date", typed=typed[:40])
    return found


async def query_of(store: Store, guild_id: int, wanted: Search, sight: Sight) -> HistoryQuery:
    """What the store is asked. Raises Problem where influencer, campaign or brand are no longer stored."""
    async with store.read() as conn:
        influencer = await library.get_influencer(conn, guild_id, wanted.influencer) if wanted.influencer else None
        campaign = await library.get_campaign(conn, guild_id, wanted.campaign) if wanted.campaign else None
        brand = await library.get_brand(conn, guild_id, wanted.brand) if wanted.brand else None
    asked_for = (wanted.influencer, influencer), (wanted.campaign, campaign), (wanted.brand, brand)
    if any(key and found is None for key, found in asked_for):
        raise Problem("chat_problem.search_gone")
    return HistoryQuery(
        influencer=influencer.handle if influencer else None,
        campaign=campaign.name if campaign else None,
        brand=brand.name if brand else None,
        outcome=wanted.outcome,
        decision=wanted.decision,
        person=wanted.person or None,
        since=_midnight(wanted.since) if wanted.since else None,
        until=_midnight(wanted.until) + timedelta(days=1) if wanted.until else None,
        text=wanted.words,
        sight=sight,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def find(store: Store, guild_id: int, wanted: Search, sight: Sight) -> Page:
    """The rows of one page. Raises Problem where it names something that is no longer stored."""
    query = await query_of(store, guild_id, wanted, sight)
    return await lookup.search(store, guild_id, query, page=wanted.page, size=HISTORY_ROWS)
