"""The influencers' past posts: the history that verdicts are earned from.

A post with an owner stands in that person's own workspace (store/own.py) and is read for them alone. Whatever the team
asks goes by TEAM_MAY, so that not even a mistaken id could lead it there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, nulls_first, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.posts import PastPost
from bot.store.forgotten import refuse_forgotten
from bot.store.search import containing, fold
from bot.store.tables import influencer, post
from bot.store.types import build, stored

BATCH = 500  # posts compared at a time
TEAM_MAY = post.c.owner_id.is_(None)


@dataclass(frozen=True, slots=True)
class Added:
    """What an import did. `changed`: something a judge may read is different now."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Added) -> Added:
        return Added(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


async def add_posts(
    conn: AsyncConnection,
    influencer_id: int,
    posts: Sequence[PastPost],
    *,
    owner_id: int | None = None,
    given_by: int | None = None,
) -> Added:
    """Stores posts under (influencer, platform, id); of two that share these the later one stands.

    Doing it again changes nothing. New counts of likes and comments are taken over, but make no post 'changed'.
    `owner_id`: the person whose own workspace the influencer is of. `given_by`: who gives new ones to the team; what
    somebody gave and the team then brings in itself is the team's. Raises Problem for a forgotten influencer.
    """
    await refuse_forgotten(conn, influencer_id)
    distinct = list({(one.platform, one.id): one for one in posts}.values())
    added = Added()
    for start in range(0, len(distinct), BATCH):
        added += await _add_batch(conn, influencer_id, distinct[start : start + BATCH], owner_id, given_by)
    if added.new or added.changed:
        await note_change(conn, influencer_id)
    return added


async def note_change(conn: AsyncConnection, influencer_id: int) -> None:
    """Something that a judge may read of the history is different now."""
    version = influencer.c.history_version + 1
    await conn.execute(update(influencer).where(influencer.c.id == influencer_id).values(history_version=version))


async def history_versions(conn: AsyncConnection, guild_id: int) -> dict[int, int]:
    """Influencer id to a number that changes whenever something a judge may read of the history changed.

    Influencers without posts are left out.
    """
    found = await conn.execute(
        select(influencer.c.id, influencer.c.history_version).where(
            influencer.c.guild_id == guild_id, influencer.c.history_version > 0
        )
    )
    return {row.id: row.history_version for row in found}


async def _add_batch(
    conn: AsyncConnection, influencer_id: int, posts: Sequence[PastPost], owner_id: int | None, given_by: int | None
) -> Added:
    here = (post.c.influencer_id == influencer_id) & post.c.id.in_([one.id for one in posts])
    if given_by is None:
        same = here & tuple_(post.c.platform, post.c.id).in_([(one.platform, one.id) for one in posts])
        await conn.execute(update(post).where(same, post.c.given_by.is_not(None)).values(given_by=None))
    held = await conn.execute(select(post).where(here))
    before = {(row[post.c.platform], row[post.c.id]): build(PastPost, post, row) for row in held.mappings()}
    new = [one for one in posts if (one.platform, one.id) not in before]
    different = [one for one in posts if before.get((one.platform, one.id), one) != one]
    if new:
        whose = {"owner_id": owner_id, "given_by": given_by}
        rows = [stored(one, post) | _keys(influencer_id, one) | whose for one in new]
        await conn.execute(insert(post), rows)
    if different:
        rows = [
            stored(one, post) | {"folded": fold(one.text), "of": influencer_id, "at": one.platform, "named": one.id}
            for one in different
        ]
        this = (
            (post.c.influencer_id == bindparam("of"))
            & (post.c.platform == bindparam("at"))
            & (post.c.id == bindparam("named"))
        )
        await conn.execute(update(post).where(this), rows)
    changed = sum(before[one.platform, one.id].sha256 != one.sha256 for one in different)
    return Added(len(new), changed, len(posts) - len(new) - changed)


def _keys(influencer_id: int, one: PastPost) -> dict[str, object]:
    return {"id": one.id, "influencer_id": influencer_id, "folded": fold(one.text)}


async def posts_of(conn: AsyncConnection, influencer_id: int, *, owner_id: int | None = None) -> tuple[PastPost, ...]:
    """All posts, oldest first; undated ones before all others; import order decides between equals.

    Those the team may use, or with `owner_id` those of that person's own.
    """
    allowed = TEAM_MAY if owner_id is None else post.c.owner_id == owner_id
    found = await conn.execute(
        select(post)
        .where(post.c.influencer_id == influencer_id, allowed)
        .order_by(nulls_first(post.c.created_at), post.c.key)
    )
    return tuple(build(PastPost, post, row) for row in found.mappings())


async def given_posts(conn: AsyncConnection, influencer_id: int) -> frozenset[tuple[str, str]]:
    """(platform, id) of the posts that somebody gave to the team and the team did not bring in itself."""
    given = select(post.c.platform, post.c.id).where(
        post.c.influencer_id == influencer_id, TEAM_MAY, post.c.given_by.is_not(None)
    )
    return frozenset((row.platform, row.id) for row in await conn.execute(given))


async def count_posts(conn: AsyncConnection, influencer_id: int) -> int:
    """Those the team may use."""
    return int(await conn.scalar(select(func.count()).where(post.c.influencer_id == influencer_id, TEAM_MAY)) or 0)


async def search_posts(
    conn: AsyncConnection, guild_id: int, words: str, *, influencer_id: int | None = None, limit: int = 40
) -> tuple[tuple[int, PastPost], ...]:
    """(influencer id, post) for each post that contains all of the blank-separated `words`, newest first.

    Any text is a valid query; case, width and composition do not count. Nothing is found for blanks.
    """
    matches = containing(post, "key", words)
    if matches is None:
        return ()
    query = (
        select(post)
        .join(influencer, influencer.c.id == post.c.influencer_id)
        .where(influencer.c.guild_id == guild_id, TEAM_MAY, matches)
        .order_by(post.c.created_at.desc(), post.c.key.desc())
        .limit(limit)
    )
    if influencer_id is not None:
        query = query.where(post.c.influencer_id == influencer_id)
    found = await conn.execute(query)
    return tuple((row[post.c.influencer_id], build(PastPost, post, row)) for row in found.mappings())


async def team_posts(conn: AsyncConnection, guild_id: int) -> dict[int, tuple[int, datetime | None]]:
    """Influencer id to how many posts the team may use, and when the newest is from; those without any are left out."""
    found = await conn.execute(
        select(post.c.influencer_id, func.count(), func.max(post.c.created_at))
        .join(influencer, influencer.c.id == post.c.influencer_id)
        .where(influencer.c.guild_id == guild_id, TEAM_MAY)
        .group_by(post.c.influencer_id)
    )
    return {influencer_id: (count, newest) for influencer_id, count, newest in found}
