"""Answers that wait to be delivered. A row stays due until it was delivered or given up, whatever dies meanwhile.

Notices are what an author hears while there is no answer yet: once that it waits, once that it was given up on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import AnswerAddress, AnswerKind, RevisionState
from bot.store.drafts import fail, mark_answered
from bot.store.tables import outbox, revision


@dataclass(frozen=True, slots=True)
class Due:
    """An answer to deliver. `nonce` is the same at every attempt, so that Discord can tell a repetition."""

    revision_id: int
    nonce: str
    answer: AnswerAddress
    attempts: int  # so far
    created_at: datetime


async def due_answers(conn: AsyncConnection, now: datetime, limit: int) -> tuple[Due, ...]:
    """The answers to deliver now, longest due first."""
    found = await conn.execute(
        select(outbox.c.revision_id, outbox.c.nonce, revision.c.answer, outbox.c.attempts, outbox.c.created_at)
        .join(revision, revision.c.id == outbox.c.revision_id)
        .where(outbox.c.due <= now)
        .order_by(outbox.c.due, outbox.c.revision_id)
        .limit(limit)
    )
    return tuple(Due(*row) for row in found)


class NoticeKind(StrEnum):
    """What an author is told while there is no verdict."""

    WAITING = "waiting"  # the judge is away; the draft is kept and tried again
    FAILED = "failed"  # given up on; a person must look


@dataclass(frozen=True, slots=True)
class Notice:
    revision_id: int
    kind: NoticeKind
    answer: AnswerAddress

    @property
    def nonce(self) -> str:
        """The same at every attempt, like an answer's, and never the same as one."""
        return f"{self.kind[0]}{self.revision_id}"


async def due_notices(conn: AsyncConnection, limit: int) -> tuple[Notice, ...]:
    """Authors to be told that their draft waits, or that it was given up on without a verdict; each once."""
    waits = (revision.c.state == RevisionState.RECEIVED) & (revision.c.told == "")
    failed = (revision.c.state == RevisionState.FAILED) & (revision.c.told != NoticeKind.FAILED)
    found = await conn.execute(
        select(revision.c.id, revision.c.state, revision.c.answer)
        .outerjoin(outbox, outbox.c.revision_id == revision.c.id)
        .where(revision.c.why != "", waits | failed, outbox.c.revision_id.is_(None))
        .order_by(revision.c.id)
        .limit(limit)
    )
    return tuple(
        Notice(row.id, NoticeKind.FAILED if row.state == RevisionState.FAILED else NoticeKind.WAITING, row.answer)
        for row in found
        if row.answer.kind is not AnswerKind.NONE
    )


async def mark_told(conn: AsyncConnection, notice: Notice) -> None:
    """Notes that the notice stands, or that there is no way to say it."""
    await conn.execute(update(revision).where(revision.c.id == notice.revision_id).values(told=notice.kind))


async def mark_delivered(
    conn: AsyncConnection, revision_id: int, channel_id: int, message_id: int, now: datetime
) -> bool:
    """Notes where the answer stands. False, and nothing done, where it was settled before."""
    where = {"channel_id": channel_id, "message_id": message_id, "delivered_at": now, "why": ""}
    return await _settle(conn, revision_id, due=None, **where) and await mark_answered(conn, revision_id)


async def retry_later(conn: AsyncConnection, revision_id: int, due: datetime, why: str) -> bool:
    """Puts the answer off to `due`. False where it was settled before."""
    return await _settle(conn, revision_id, due=due, why=why)


async def give_up(conn: AsyncConnection, revision_id: int, why: str) -> bool:
    """Leaves the answer undelivered and the revision failed, for a person to look at. False where settled before."""
    return await _settle(conn, revision_id, due=None, why=why) and await fail(conn, revision_id, why)


async def _settle(conn: AsyncConnection, revision_id: int, **values: object) -> bool:
    changed = await conn.execute(
        update(outbox)
        .where(outbox.c.revision_id == revision_id, outbox.c.due.is_not(None))
        .values(attempts=outbox.c.attempts + 1, **values)
    )
    return changed.rowcount == 1
