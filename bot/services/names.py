"""Finding an influencer, a campaign or a brand by the name that somebody typed; a slip is told the nearest ones."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.model.workspace import Brand, Campaign, Influencer
from bot.store import drafts, library
from bot.store.search import fold, handle_key

MOST = 5  # campaigns listed where one has to be chosen


async def find_influencer(conn: AsyncConnection, guild_id: int, handle: str) -> Influencer:
    """Raises Problem that names the nearest known handles."""
    if found := await library.find_influencer(conn, guild_id, handle):
        return found
    known = [influencer.handle for influencer in await library.influencers(conn, guild_id)]
    typed = handle.lstrip("@＠")
    near = ["@" + name for name in near_names(typed, known)]
    raise Problem(_key(known, near, "influencers", "handle"), handle=typed[:80], known=near)


async def known_handles(conn: AsyncConnection, guild_id: int) -> frozenset[str]:
    """All of the guild, folded."""
    return frozenset(handle_key(one.handle) for one in await library.influencers(conn, guild_id))


async def find_campaign(conn: AsyncConnection, guild_id: int, name: str) -> Campaign:
    """Raises Problem that names the nearest known campaigns."""
    if found := await library.find_campaign(conn, guild_id, name):
        return found
    known = [campaign.name for campaign in await library.campaigns(conn, guild_id)]
    near = near_names(name, known)
    raise Problem(_key(known, near, "campaigns", "campaign"), campaign=name[:80], known=near)


async def choose_campaign(
    conn: AsyncConnection, guild_id: int, handle: str, words: str, *, problem: str, **values: object
) -> Problem:
    """Where a campaign has to be named: the likely ones of at least two, and where the rest stands.

    Likely is first one whose brand is named in `words`, then one that the influencer had drafts for.
    """
    whose = await library.find_influencer(conn, guild_id, handle)
    had = await drafts.campaigns_of(conn, whose.id) if whose else ()
    said = fold(words)

    def rank(campaign: Campaign) -> tuple[bool, int]:
        brand = campaign.brand
        is_named = any(fold(name) in said for name in (brand.name, *brand.aliases) if name.strip())
        return not is_named, had.index(campaign.id) if campaign.id in had else len(had)

    known = [one.name for one in sorted(await library.campaigns(conn, guild_id), key=rank)]
    return Problem(f"{problem}_of_many" if len(known) > MOST else problem, known=known[:MOST], **values)


async def find_brand(conn: AsyncConnection, guild_id: int, name: str) -> Brand:
    """Raises Problem that names the nearest known brands."""
    if found := await library.find_brand(conn, guild_id, name):
        return found
    known = [brand.name for brand in await library.brands(conn, guild_id)]
    near = near_names(name, known)
    raise Problem(_key(known, near, "brands", "brand"), brand=name[:80], known=near)


async def names_of(conn: AsyncConnection, wanted: tuple[int, int, int]) -> tuple[str, str]:
    """The handle and the campaign's name of (guild, influencer, campaign). Raises Problem where one is gone."""
    guild_id, influencer_id, campaign_id = wanted
    influencer = await library.get_influencer(conn, guild_id, influencer_id)
    campaign = await library.get_campaign(conn, guild_id, campaign_id)
    if influencer is None or campaign is None:
        raise Problem("chat_problem.gone")
    return influencer.handle, campaign.name


def near_names(typed: str, known: Iterable[str]) -> list[str]:
    """At most three of the known names that `typed` may be a slip of; none where no name is like it."""
    folded = {name.casefold(): name for name in known}
    return [folded[name] for name in get_close_matches(typed.casefold(), folded, n=3, cutoff=0.5)]


def _key(known: list[str], near: list[str], things: str, thing: str) -> str:
    return f"name_problem.no_{things}" if not known else f"name_problem.{'unknown' if near else 'far'}_{thing}"
