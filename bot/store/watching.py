"""Channels whose messages are drafts, and how far each was read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.workspace import Influencer
from bot.store.guilds import upsert_guild
from bot.store.library import get_influencer
from bot.store.tables import account_link, watched_channel
from bot.store.types import build, stored


@dataclass(frozen=True, slots=True)
class Watch:
    """Every message up to `last_seen_id` has been dealt with."""

    channel_id: int
    guild_id: int
    campaign_id: int | None  # None: the message names it
    last_seen_id: int


async def watch(conn: AsyncConnection, new: Watch) -> None:
    """Begins to watch, or changes the campaign; how far a channel was read stays."""
    await upsert_guild(conn, new.guild_id)
    row = insert(watched_channel).values(**stored(new, watched_channel))
    await conn.execute(row.on_conflict_do_update(index_elements=["channel_id"], set_={"campaign_id": new.campaign_id}))


async def unwatch(conn: AsyncConnection, guild_id: int, channel_id: int) -> bool:
    """False where the channel was not watched."""
    gone = await conn.execute(
        delete(watched_channel).where(
            watched_channel.c.guild_id == guild_id, watched_channel.c.channel_id == channel_id
        )
    )
    return gone.rowcount == 1


async def find_watch(conn: AsyncConnection, channel_id: int) -> Watch | None:
    found = await conn.execute(select(watched_channel).where(watched_channel.c.channel_id == channel_id))
    row = found.mappings().first()
    return None if row is None else build(Watch, watched_channel, row)


async def watches(conn: AsyncConnection, guild_id: int | None = None) -> tuple[Watch, ...]:
    """All watched channels, or those of one guild."""
    query = select(watched_channel).order_by(watched_channel.c.channel_id)
    if guild_id is not None:
        query = query.where(watched_channel.c.guild_id == guild_id)
    return tuple(build(Watch, watched_channel, row) for row in (await conn.execute(query)).mappings())


async def mark_seen(conn: AsyncConnection, channel_id: int, message_id: int) -> None:
    """Moves on to `message_id`, never back."""
    await conn.execute(
        update(watched_channel)
        .where(watched_channel.c.channel_id == channel_id, watched_channel.c.last_seen_id < message_id)
        .values(last_seen_id=message_id)
    )


async def influencer_of_person(conn: AsyncConnection, guild_id: int, user_id: int) -> Influencer | None:
    """The influencer that the team confirmed this person to be; None where there is none, or more than one."""
    links = await conn.scalars(
        select(account_link.c.influencer_id).where(
            account_link.c.guild_id == guild_id,
            account_link.c.user_id == user_id,
            account_link.c.confirmed_at.is_not(None),
        )
    )
    ids = links.all()
    return await get_influencer(conn, guild_id, ids[0]) if len(ids) == 1 else None
