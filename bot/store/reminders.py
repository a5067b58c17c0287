"""Verdicts whose decision is due, each told of once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.drafts import TEAM, WHOLE_DRAFT
from bot.store.tables import (
    batch,
    batch_item,
    campaign,
    guild,
    influencer,
    outbox,
    reminder,
    revision,
    verdict,
)
from bot.store.waiting import IS_OPEN


@dataclass(frozen=True, slots=True)
class Undecided:
    """A verdict of a team that nobody has decided about."""

    revision_id: int
    guild_id: int
    number: str
    handle: str
    campaign: str
    due: datetime
    language: str  # of the guild
    channels: tuple[int, ...]  # where to remind of it, the best first: that for drafts, that of the card or batch


async def undecided(
    conn: AsyncConnection, now: datetime, *, share: float, late: timedelta, limit: int
) -> tuple[Undecided, ...]:
    """Verdicts of which `share` of the time to decide is over, and that nobody was reminded of; up to `limit`.

    What is overdue for longer than `late` is left alone: such as all old ones, when their campaign gets a deadline.
    """
    timed = select(campaign.c.id, campaign.c.guild_id, campaign.c.decide_within_hours).where(
        campaign.c.decide_within_hours > 0
    )
    found: list[Undecided] = []
    for campaign_id, guild_id, hours in (await conn.execute(timed.order_by(campaign.c.id))).all():
        allowed = timedelta(hours=hours)
        window = now - allowed - late, now - share * allowed
        found += await _of_campaign(conn, guild_id, campaign_id, allowed, window, limit - len(found))
        if len(found) >= limit:
            break
    return tuple(found)


async def _of_campaign(
    conn: AsyncConnection,
    guild_id: int,
    campaign_id: int,
    allowed: timedelta,
    window: tuple[datetime, datetime],
    limit: int,
) -> list[Undecided]:
    told = exists().where(reminder.c.revision_id == revision.c.id)
    rows = await conn.execute(
        select(
            revision.c.id,
            verdict.c.number,
            verdict.c.created_at,
            influencer.c.handle,
            campaign.c.name,
            guild.c.language,
            guild.c.drafts_channel_id,
            outbox.c.channel_id,
            batch.c.answer,
        )
        .select_from(WHOLE_DRAFT.join(verdict, verdict.c.revision_id == revision.c.id))
        .join(guild, guild.c.id == verdict.c.guild_id)
        .outerjoin(outbox, outbox.c.revision_id == revision.c.id)
        .outerjoin(batch_item, batch_item.c.revision_id == revision.c.id)
        .outerjoin(batch, batch.c.id == batch_item.c.batch_id)
        .where(
            verdict.c.guild_id == guild_id,
            verdict.c.audience == TEAM,
            verdict.c.created_at >= window[0],
            verdict.c.created_at <= window[1],
            campaign.c.id == campaign_id,
            IS_OPEN,
            ~told,
        )
        .order_by(verdict.c.created_at, revision.c.id)
        .limit(limit)
    )
    return [
        Undecided(
            row.id,
            guild_id,
            f"V-{row.number}",
            row.handle,
            row.name,
            row.created_at + allowed,
            row.language or "en",
            tuple(filter(None, (row.drafts_channel_id, row.channel_id, row.answer and row.answer.channel_id))),
        )
        for row in rows
    ]


async def mark_reminded(conn: AsyncConnection, revision_ids: Sequence[int], now: datetime) -> None:
    """Notes that people were reminded of these, or that there is no way to."""
    rows = [{"revision_id": revision_id, "sent_at": now} for revision_id in revision_ids]
    await conn.execute(insert(reminder).on_conflict_do_nothing(), rows)
