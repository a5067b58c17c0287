"""Whose turn it is to be judged: guilds take turns, and so do the authors within one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.drafts import RevisionState
from bot.store.tables import draft, guild, revision
from bot.store.types import UtcTime

REMEMBERED = timedelta(minutes=10)  # an author served longer ago counts as not served


def _guild_in_turn() -> Select[tuple[int]]:
    """Every look is one step into an index, however long the queue."""
    own = revision.c.guild_id == guild.c.id
    due = select(func.min(revision.c.due)).where(own, revision.c.state == RevisionState.RECEIVED).scalar_subquery()
    judging = select(func.count()).where(own, revision.c.state == RevisionState.JUDGING).scalar_subquery()
    served = select(func.max(revision.c.claimed_at)).where(own).scalar_subquery()
    return (
        select(guild.c.id)
        .where(due <= bindparam("now", type_=UtcTime))
        .order_by(judging, served.nulls_first(), due, guild.c.id)
        .limit(1)
    )


def _draft_in_turn() -> Select[tuple[int]]:
    """Looks at what waits in one guild, and at what was claimed there of late."""
    in_guild = revision.c.guild_id == bindparam("guild")
    served = (
        select(
            draft.c.author_id,
            func.sum(case((revision.c.state == RevisionState.JUDGING, 1), else_=0)).label("judging"),
            func.max(revision.c.claimed_at).label("last"),
        )
        .join_from(revision, draft, draft.c.id == revision.c.draft_id)
        .where(in_guild, revision.c.claimed_at > bindparam("since", type_=UtcTime))
        .group_by(draft.c.author_id)
        .subquery()
    )
    return (
        select(revision.c.id)
        .join_from(revision, draft, draft.c.id == revision.c.draft_id)
        .outerjoin(served, served.c.author_id == draft.c.author_id)
        .where(in_guild, revision.c.state == RevisionState.RECEIVED)
        .where(revision.c.due <= bindparam("now", type_=UtcTime))
        .order_by(served.c.judging.nulls_first(), served.c.last.nulls_first(), revision.c.due, revision.c.id)
        .limit(1)
    )


_GUILD_IN_TURN, _DRAFT_IN_TURN = _guild_in_turn(), _draft_in_turn()


async def next_in_turn(conn: AsyncConnection, now: datetime) -> int | None:
    """The revision that is due and whose turn it is; None where none is due.

    It is the turn of the guild with the fewest drafts under judgement, then of the one served least recently, then of
    the one that waits longest; within it of the author, by the same order. A private draft takes its author's turn.
    """
    guild_id = await conn.scalar(_GUILD_IN_TURN, {"now": now})
    if guild_id is None:
        return None
    values = {"guild": guild_id, "now": now, "since": now - REMEMBERED}
    revision_id: int | None = await conn.scalar(_DRAFT_IN_TURN, values)
    return revision_id
