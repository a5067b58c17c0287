"""Looking things up: verdicts by number, history by filters, names while somebody types."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from bot.errors import Problem
from bot.model.verdicts import Outcome
from bot.model.workspace import Brand, Campaign, Influencer
from bot.services.names import find_campaign, find_influencer
from bot.store import library, verdicts
from bot.store.database import Store
from bot.store.sight import EVERYTHING, Sight
from bot.store.verdicts import Decided, HistoryQuery, Page, StoredVerdict
from bot.store.waiting import Waiting, cards_of

NO_VERDICT = "lookup_problem.no_verdict"
_NUMBER = re.compile(r"#?\s*([VvSs])?\s*[-\u2010-\u2015\u2212ー]?\s*(\d{1,9})")


def verdict_number(typed: str, *, bare: str = "V") -> str:
    """`V-12` from what people type, in any width and with any dash: v12, #12, V–12. Raises Problem for anything else.

    `bare`: the letter of a number that has none.
    """
    match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    if match is None:
        raise Problem("lookup_problem.no_number", typed=typed.strip()[:40])
    return f"{(match[1] or bare).upper()}-{int(match[2])}"


def own_number(typed: str) -> str:
    """`S-3` of a person's own check. Raises Problem for a verdict of a team too."""
    number = verdict_number(typed, bare="S")
    if number.startswith("V"):
        raise Problem("own_problem.team_number", number=number)
    return number


def outcome_named(typed: str) -> Outcome:
    """Raises Problem that lists the outcomes there are."""
    try:
        return Outcome(typed.strip().lower().replace(" ", "_").replace("-", "_"))
    except ValueError:
        raise Problem("lookup_problem.no_outcome", typed=typed[:40], known=[one.value for one in Outcome]) from None


def decision_named(typed: str) -> Decided:
    """Raises Problem that lists the decisions there are."""
    try:
        return Decided(typed.strip().lower().replace(" ", "_").replace("-", "_"))
    except ValueError:
        raise Problem("lookup_problem.no_decision", typed=typed[:40], known=[one.value for one in Decided]) from None


async def check_names(store: Store, guild_id: int, query: HistoryQuery) -> None:
    """Raises Problem for an influencer, campaign or brand not stored: an empty list would hide a slip of typing."""
    async with store.read() as conn:
        if query.influencer:
            await find_influencer(conn, guild_id, query.influencer)
        if query.campaign:
            await find_campaign(conn, guild_id, query.campaign)
        if query.brand and await library.find_brand(conn, guild_id, query.brand) is None:
            known = [brand.name for brand in await library.brands(conn, guild_id)]
            raise Problem("lookup_problem.no_brand", brand=query.brand[:80], known=known[:5])


async def show(
    store: Store,
    guild_id: int,
    number: str,
    *,
    viewer_id: int | None,
    sight: Sight = EVERYTHING,
    missing: str = NO_VERDICT,
) -> StoredVerdict:
    """The team's verdict with that number within `sight`, or the viewer's own check.

    Raises Problem `missing` where there is none, or none that this viewer may see; of a number like those of private
    checks it says whose they are, whether or not there is such a check.
    """
    wanted = verdict_number(number)
    async with store.read() as conn:
        found = await verdicts.find_verdict(conn, guild_id, wanted, viewer_id=viewer_id, sight=sight)
    if found is None:
        is_check = missing == NO_VERDICT and wanted.startswith("S")
        raise Problem("lookup_problem.private_number" if is_check else missing, number=wanted)
    return found


async def search(store: Store, guild_id: int, query: HistoryQuery, *, page: int = 0, size: int = 10) -> Page:
    """Team verdicts of this guild within the query's sight, newest first; pages count from 0."""
    async with store.read() as conn:
        return await verdicts.search_verdicts(conn, guild_id, query, limit=size, offset=page * size)


async def waiting(
    store: Store, guild_id: int, wanted: Waiting, sight: Sight, *, page: int = 0, size: int = 10
) -> tuple[Page, Mapping[int, tuple[int, int]]]:
    """Team verdicts within `sight` that wait for a person, oldest first; and by revision where their cards stand."""
    query = HistoryQuery(waiting=wanted, sight=sight)
    async with store.read() as conn:
        found = await verdicts.search_verdicts(conn, guild_id, query, limit=size, offset=page * size)
        return found, await cards_of(conn, [row.revision.id for row in found.rows])


async def suggest_influencers(store: Store, guild_id: int, typed: str) -> tuple[Influencer, ...]:
    """Up to 25, for autocomplete."""
    async with store.read() as conn:
        return await library.suggest_influencers(conn, guild_id, typed)


async def suggest_brands(store: Store, guild_id: int, typed: str) -> tuple[Brand, ...]:
    """Up to 25, for autocomplete."""
    async with store.read() as conn:
        return await library.suggest_brands(conn, guild_id, typed)


async def suggest_campaigns(store: Store, guild_id: int, typed: str) -> tuple[Campaign, ...]:
    """Up to 25, for autocomplete."""
    async with store.read() as conn:
        return await library.suggest_campaigns(conn, guild_id, typed)
