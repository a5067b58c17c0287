"""Answers that wait to be delivered. A row stays due until it was delivered or given up, whatever dies meanwhile.

A delivered one becomes due again when its card has something new to say: then the message that stands is edited.

Notices are what an author hears while there is no answer yet, each once: that it waits, and why, or was given up on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, case, exists, func, null, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import BudgetSpent
from bot.model.drafts import AnswerAddress, AnswerKind, RevisionState
from bot.store.drafts import DATABASE, SLOW, TEAM, TOO_LONG, fail, mark_answered
from bot.store.nonces import nonce
from bot.store.tables import batch, batch_item, decision, outbox, published, reply, revision, verdict
from bot.store.types import UtcTime


class Told(NamedTuple):
    """How far an author knows what was said of a verdict: ids of the last decision, answer and live text; 0: none."""

    decision: int = 0
    reply: int = 0
    published: int = 0


NOTHING = Told()


@dataclass(frozen=True, slots=True)
class Due:
    """An answer to deliver. `nonce` is the same at every attempt, so that Discord can tell a repetition."""

    revision_id: int
    nonce: str
    answer: AnswerAddress
    attempts: int  # so far
    created_at: datetime
    due: datetime
    delivered_at: datetime | None = None  # when the card that stands was last up to date
    channel_id: int | None = None  # where it stands
    message_id: int | None = None
    told: Told = field(default=NOTHING, kw_only=True)
    was_slow: bool = field(default=False, kw_only=True)  # its author may have been told that it takes longer


_IS_UNNOTED = (revision.c.told == "") & (revision.c.why != "")  # but may have been said
_WAS_SLOW = ((revision.c.told == SLOW) | _IS_UNNOTED).label("was_slow")


def _due_answers() -> Select[Any]:
    turn = func.row_number().over(partition_by=revision.c.guild_id, order_by=(outbox.c.due, outbox.c.revision_id))
    return (
        select(
            outbox.c.revision_id,
            outbox.c.nonce,
            revision.c.answer,
            outbox.c.attempts,
            outbox.c.created_at,
            outbox.c.due,
            outbox.c.delivered_at,
            outbox.c.channel_id,
            outbox.c.message_id,
            outbox.c.told_decision,
            outbox.c.told_reply,
            outbox.c.told_published,
            _WAS_SLOW,
        )
        .join(revision, revision.c.id == outbox.c.revision_id)
        .where(outbox.c.due <= bindparam("now", type_=UtcTime))
        .order_by(turn, outbox.c.due, outbox.c.revision_id)
        .limit(bindparam("most"))
    )


_DUE_ANSWERS = _due_answers()  # built once: it is asked all the time


async def due_answers(conn: AsyncConnection, now: datetime, limit: int) -> tuple[Due, ...]:
    """The answers to deliver now: first the longest due of each guild, then their second ones, and so on."""
    found = await conn.execute(_DUE_ANSWERS, {"now": now, "most": limit})
    return tuple(Due(*row[:-4], told=Told(*row[-4:-1]), was_slow=row.was_slow) for row in found)


class NoticeKind(StrEnum):
    """What an author is told while there is no verdict."""

    SLOW = "slow"  # it takes longer than usual; what is said next takes its place
    WAITING = "waiting"  # the judge is away; the draft is kept and tried again
    BUDGET = "budget"  # the reading budget of whoever pays is used up for this month; the draft is kept
    FAILED = "failed"  # given up on; a person must look
    TOO_LONG = "too_long"  # given up on: the model cannot take it


@dataclass(frozen=True, slots=True)
class Notice:
    revision_id: int
    kind: NoticeKind
    answer: AnswerAddress
    is_private: bool  # then it is the person's own budget
    created_at: datetime  # of the revision
    was_slow: bool  # SLOW was told before

    @property
    def nonce(self) -> str:
        """The same at every attempt, like an answer's, and never the same as one."""
        return nonce(self.kind[0], self.revision_id, self.created_at)


def _due_notices() -> Select[Any]:
    is_received, is_failed = (revision.c.state == state for state in (RevisionState.RECEIVED, RevisionState.FAILED))
    # The judge is not away where a draft failed, its process died, or the database was out of reach.
    is_held_up = is_received & ((revision.c.failures > 0) | (revision.c.why == DATABASE))
    kind = case(
        (is_failed & (revision.c.why == TOO_LONG), NoticeKind.TOO_LONG),
        (is_failed, NoticeKind.FAILED),
        (is_received & (revision.c.why == BudgetSpent.WHY), NoticeKind.BUDGET),
        (((revision.c.why == SLOW) | is_held_up) & (revision.c.told == ""), NoticeKind.SLOW),
        (is_received & (revision.c.why != "") & (revision.c.told == ""), NoticeKind.WAITING),
    )
    is_in_batch = exists().where(batch_item.c.revision_id == revision.c.id)  # the card of the batch tells
    return (
        select(
            revision.c.id,
            kind.label("kind"),
            revision.c.answer,
            revision.c.audience,
            revision.c.created_at,
            (revision.c.told == SLOW).label("was_slow"),
        )
        .outerjoin(outbox, outbox.c.revision_id == revision.c.id)
        .where(revision.c.why != "", kind != revision.c.told, outbox.c.revision_id.is_(None), ~is_in_batch)
        .order_by(func.row_number().over(partition_by=revision.c.guild_id, order_by=revision.c.id), revision.c.id)
        .limit(bindparam("most"))
    )


_DUE_NOTICES = _due_notices()


async def due_notices(conn: AsyncConnection, limit: int) -> tuple[Notice, ...]:
    """Authors to be told that their draft waits, or that it was given up on without a verdict; each once."""
    found = await conn.execute(_DUE_NOTICES, {"most": limit})
    return tuple(
        Notice(row.id, NoticeKind(row.kind), row.answer, row.audience != TEAM, row.created_at, row.was_slow)
        for row in found
        if row.answer.kind is not AnswerKind.NONE
    )


async def mark_told(conn: AsyncConnection, notice: Notice) -> None:
    """Notes that the notice stands, or that there is no way to say it."""
    await conn.execute(update(revision).where(revision.c.id == notice.revision_id).values(told=notice.kind))


async def refresh(conn: AsyncConnection, revision_id: int, now: datetime) -> None:
    """Makes a delivered answer due again, for its card to be edited; also one that is being delivered right now.

    A draft of a batch has no answer of its own until there is something to tell its author: then it gets one here.
    Its author knows whatever is stored by then: what is news is stored afterwards.
    """
    await _add_of_batch(conn, revision_id, now)
    await _refresh(conn, outbox.c.revision_id == revision_id, now)


async def mark_known(conn: AsyncConnection, revision_id: int, decision_id: int) -> None:
    """Notes that its author hears elsewhere of that decision."""
    stands = outbox.c.due.is_(None) & outbox.c.delivered_at.is_not(None)
    known = update(outbox).where(outbox.c.revision_id == revision_id, stands).values(told_decision=decision_id)
    await conn.execute(known)


async def hasten(conn: AsyncConnection, revision_id: int, now: datetime) -> None:
    """Makes an answer that was put off due now."""
    await conn.execute(update(outbox).where(outbox.c.revision_id == revision_id, outbox.c.due > now).values(due=now))


async def _add_of_batch(conn: AsyncConnection, revision_id: int, now: datetime) -> None:
    """Its author knows the verdict from the batch's card, and where the row was pruned all that was said before."""
    told = (
        func.coalesce(select(func.max(table.c.id)).where(table.c.revision_id == revision_id).scalar_subquery(), 0)
        for table in (decision, reply, published)
    )
    found = await conn.execute(
        select(batch.c.answer, batch.c.message_id, verdict.c.created_at, *told)
        .join(batch_item, batch_item.c.batch_id == batch.c.id)
        .join(verdict, verdict.c.revision_id == batch_item.c.revision_id)
        .where(batch_item.c.revision_id == revision_id)
    )
    if (row := found.one_or_none()) is None:
        return
    name = nonce("r", revision_id, now)
    new = {"revision_id": revision_id, "nonce": name, "attempts": 0, "why": "", "created_at": now}
    new |= {"due": now, "delivered_at": row.created_at}
    new |= {"channel_id": row.answer.channel_id, "message_id": row.message_id}
    new |= _told(Told(*row[3:]))
    await conn.execute(insert(outbox).values(new).on_conflict_do_nothing())


def _told(told: Told) -> dict[str, Any]:
    """By column."""
    return {f"told_{name}": last for name, last in told._asdict().items()}


async def refresh_older(conn: AsyncConnection, revision_id: int, now: datetime) -> None:
    """The same for the answers to all earlier texts of the draft of that revision."""
    this = select(revision.c.draft_id, revision.c.number).where(revision.c.id == revision_id).subquery()
    older = select(revision.c.id).where(revision.c.draft_id == this.c.draft_id, revision.c.number < this.c.number)
    await _refresh(conn, outbox.c.revision_id.in_(older), now)


async def _refresh(conn: AsyncConnection, which: ColumnElement[bool], now: datetime) -> None:
    """What was tried in vain, and may stand all the same, keeps the count of it."""
    stands = outbox.c.due.is_(None) & outbox.c.delivered_at.is_not(None)
    attempts = case((stands, 0), else_=outbox.c.attempts)
    await conn.execute(update(outbox).where(which, stands | (outbox.c.due <= now)).values(due=now, attempts=attempts))


async def recall(conn: AsyncConnection, now: datetime) -> None:
    """Makes every answer due that was put off, for when the reason may be gone."""
    await conn.execute(update(outbox).where(outbox.c.due > now).values(due=now))


async def mark_delivered(
    conn: AsyncConnection,
    revision_id: int,
    channel_id: int | None,
    message_id: int | None,
    now: datetime,
    *,
    due: datetime | None = None,
    told: Told = NOTHING,
) -> bool:
    """Notes where the answer stands, as of `now`. False, and nothing done, where it was settled before.

    With `due`, as it was when the answer was read: where it was made due again since, it stays so. `told`: what its
    author knows by now.
    """
    left = null() if due is None else case((outbox.c.due == due, null()), else_=outbox.c.due)
    where = {"channel_id": channel_id, "message_id": message_id, "delivered_at": now, "why": ""}
    where |= _told(told)
    if not await _settle(conn, revision_id, due=left, **where):
        return False
    if await mark_answered(conn, revision_id):  # for the first time: the cards of earlier texts name this one
        await refresh_older(conn, revision_id, now)
    return True


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
