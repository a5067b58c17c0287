"""Channels whose messages are drafts, and how far each was read; how long all was heard in each server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, desc, func, literal, select, union_all, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.decisions import DecisionKind
from bot.model.workspace import Influencer
from bot.store.drafts import TEAM
from bot.store.guilds import upsert_guild
from bot.store.library import get_influencer
from bot.store.tables import account_link, batch, batch_item, decision, draft, guild, revision, watched_channel
from bot.store.types import build, stored

BY_MESSAGE = "message:"  # how the key of what a message brought begins


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


async def heard_until(conn: AsyncConnection, guild_id: int) -> datetime | None:
    """Up to when everything that is said in the guild was heard; None where nobody has listened yet."""
    found: datetime | None = await conn.scalar(select(guild.c.heard_until).where(guild.c.id == guild_id))
    return found


async def mark_heard(conn: AsyncConnection, guild_ids: Sequence[int], until: datetime) -> None:
    """Moves on to `until`, never back."""
    is_earlier = guild.c.heard_until.is_(None) | (guild.c.heard_until < until)
    await conn.execute(update(guild).where(guild.c.id.in_(guild_ids), is_earlier).values(heard_until=until))


@dataclass(frozen=True, slots=True)
class Source:
    """A message that brought drafts. `text`: of the one draft as it came; "" for several."""

    channel_id: int
    message_id: int
    text: str


async def sources(conn: AsyncConnection, guild_id: int, since: datetime, limit: int) -> tuple[Source, ...]:
    """The messages that brought the team's drafts of late, or ones that were approved: the newest `limit`."""
    approved = select(decision.c.revision_id).where(decision.c.kind == DecisionKind.APPROVE)
    drafts = select(revision.c.draft_id).where(revision.c.id.in_(approved))
    batches = select(batch_item.c.batch_id).where(batch_item.c.revision_id.in_(approved))
    alone = select(revision.c.source_key, revision.c.answer, revision.c.text, revision.c.created_at).where(
        revision.c.guild_id == guild_id,
        revision.c.audience == TEAM,
        (revision.c.created_at >= since) | revision.c.draft_id.in_(drafts),
        revision.c.source_key.startswith(BY_MESSAGE),
    )
    several = select(batch.c.source_key, batch.c.answer, literal("").label("text"), batch.c.created_at).where(
        batch.c.guild_id == guild_id,
        (batch.c.created_at >= since) | batch.c.id.in_(batches),
        batch.c.source_key.startswith(BY_MESSAGE),
    )
    newest = union_all(alone, several).order_by(desc("created_at")).limit(limit)
    return tuple(
        Source(row.answer.channel_id, int(row.source_key.removeprefix(BY_MESSAGE)), row.text)
        for row in await conn.execute(newest)
    )


async def brought_drafts(conn: AsyncConnection, guild_id: int, message_ids: Sequence[int]) -> frozenset[int]:
    """Those of the messages that brought the team a draft, or several."""
    keys = [f"{BY_MESSAGE}{message_id}" for message_id in message_ids]
    alone = select(revision.c.source_key).where(
        revision.c.guild_id == guild_id, revision.c.audience == TEAM, revision.c.source_key.in_(keys)
    )
    several = select(batch.c.source_key).where(batch.c.guild_id == guild_id, batch.c.source_key.in_(keys))
    found = await conn.scalars(union_all(alone, several))
    return frozenset(int(key.removeprefix(BY_MESSAGE)) for key in found)


async def people_met(conn: AsyncConnection, since: datetime, limit: int) -> tuple[int, ...]:
    """Who sent a draft in or asked to be an influencer since then: of all guilds, the latest first."""
    authors = select(draft.c.author_id.label("person"), draft.c.created_at.label("met")).where(
        draft.c.created_at >= since, draft.c.author_id != 0
    )
    askers = select(account_link.c.user_id.label("person"), account_link.c.asked_at.label("met")).where(
        account_link.c.asked_at >= since
    )
    met = union_all(authors, askers).subquery()
    people = select(met.c.person).group_by(met.c.person).order_by(func.max(met.c.met).desc(), met.c.person)
    return tuple(await conn.scalars(people.limit(limit)))
