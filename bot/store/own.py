"""A person's own workspace: self-checks made outside any server, and past posts that no team may read.

It is stored like a server, under the negative of the person's id. Discord's ids are positive and the command line's
servers are not negative, so no server can have that number: whoever asks for a server's things never meets it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.posts import PastPost
from bot.model.workspace import Influencer
from bot.store import library
from bot.store.posts import add_posts, note_change, posts_of
from bot.store.tables import dossier_chunk, influencer, post

UNDATED = datetime.min.replace(tzinfo=UTC)  # before all others


def workspace_of(person_id: int) -> int:
    """The number under which a person's own workspace is stored in the place of a server's."""
    return -person_id


async def own_influencer(conn: AsyncConnection, person_id: int, like: Influencer) -> Influencer:
    """The one of that handle in the person's workspace, made there where missing."""
    here = workspace_of(person_id)
    known = await library.find_influencer(conn, here, like.handle)
    if known is not None:
        return known
    return await library.upsert_influencer(
        conn,
        Influencer(0, here, like.handle, like.name, like.language, like.country, like.platform),
    )


async def own_handles(conn: AsyncConnection, person_id: int) -> tuple[tuple[Influencer, int], ...]:
    """The influencers of the person's workspace with how many posts each has, the most first."""
    counted = await conn.execute(
        select(post.c.influencer_id, func.count()).where(post.c.owner_id == person_id).group_by(post.c.influencer_id)
    )
    counts = {row.influencer_id: row[1] for row in counted}
    known = await library.influencers(conn, workspace_of(person_id))
    return tuple(sorted(((one, counts.get(one.id, 0)) for one in known), key=lambda pair: -pair[1]))


async def own_history(conn: AsyncConnection, person_id: int, whose: Influencer) -> tuple[PastPost, ...]:
    """What a self-check of this person reads: the team's posts of `whose`, and the person's own of the same handle.

    Ordered like `posts_of`; of two that are the same post the person's own stands.
    """
    own = await library.find_influencer(conn, workspace_of(person_id), whose.handle)
    if own is None:
        return await posts_of(conn, whose.id)
    posts = {(one.platform, one.id): one for one in await posts_of(conn, whose.id)}
    mine = await posts_of(conn, own.id, owner_id=person_id)
    posts |= {(one.platform, one.id): one for one in mine}
    return tuple(sorted(posts.values(), key=lambda one: one.created_at or UNDATED))


async def give(conn: AsyncConnection, person_id: int, to: Influencer) -> int:
    """Copies the person's own posts to the team's influencer of the same handle; those the team has stay as they are.

    Returns how many the team got.
    """
    own = await library.find_influencer(conn, workspace_of(person_id), to.handle)
    if own is None:
        return 0
    held = {(one.platform, one.id) for one in await posts_of(conn, to.id)}
    new = [one for one in await posts_of(conn, own.id, owner_id=person_id) if (one.platform, one.id) not in held]
    await add_posts(conn, to.id, new, given_by=person_id)
    return len(new)


async def take_back(conn: AsyncConnection, person_id: int, guild_id: int | None = None) -> int:
    """Removes what the person gave to the team of a guild, or of all: the own copies stay. Returns how many."""
    theirs = post.c.given_by == person_id
    if guild_id is not None:
        theirs &= post.c.influencer_id.in_(select(influencer.c.id).where(influencer.c.guild_id == guild_id))
    whose = (await conn.scalars(select(post.c.influencer_id).where(theirs).distinct())).all()
    gone = await conn.execute(delete(post).where(theirs))
    for influencer_id in whose:
        await note_change(conn, influencer_id)
    await conn.execute(delete(dossier_chunk).where(dossier_chunk.c.influencer_id.in_(whose)))  # notes quote them
    return gone.rowcount


async def given(conn: AsyncConnection, person_id: int, guild_id: int) -> int:
    """How many posts the team of a guild holds from this person."""
    here = select(influencer.c.id).where(influencer.c.guild_id == guild_id)
    query = select(func.count()).where(post.c.given_by == person_id, post.c.influencer_id.in_(here))
    return int(await conn.scalar(query) or 0)
