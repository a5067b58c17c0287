"""Approving at once the drafts of a batch that fit: each by itself, bound to the text that was judged."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.judging.label import is_fine
from bot.model.decisions import DecisionKind
from bot.model.verdicts import Outcome
from bot.store import batches, decisions, outbox
from bot.store.batches import Row
from bot.store.database import Store
from bot.store.erasure import GONE
from bot.store.verdicts import find_verdict

AT_THE_LATEST = timedelta(minutes=1)  # the author hears of all at the end, and then should this process die before
SIGNED = 12  # hex digits


@dataclass(frozen=True, slots=True)
class Approval:
    """Numbers of drafts: those that are approved, and by reason those that are not."""

    approved: tuple[str, ...]
    left: Mapping[str, tuple[str, ...]]


def why_not(row: Row) -> str:
    """Why a judged draft is not approved together with others; "" where it is."""
    if row.because == GONE:
        return "erased"
    if row.is_replaced:
        return "replaced"
    if row.decided:
        return "decided"
    if row.outcome is not Outcome.FITS:
        return "outcome"
    return "" if row.disclosure and is_fine(row.disclosure) else "label"


def sort_out(rows: Sequence[Row]) -> Approval:
    """What would be approved now, in the order in which it was sent."""
    judged = [(row.number, why_not(row)) for row in rows if row.outcome]
    reasons = dict.fromkeys(why for _, why in judged if why)
    left = {reason: tuple(number for number, why in judged if why == reason) for reason in reasons}
    return Approval(tuple(number for number, why in judged if not why), left)


def signature(rows: Sequence[Row]) -> str:
    """Of what would be approved now: other drafts or other texts have another one."""
    named = " ".join(f"{row.number} {row.sha256}" for row in rows if row.outcome and not why_not(row))
    return hashlib.sha256(named.encode()).hexdigest()[:SIGNED]


async def approve_fitting(
    store: Store, guild_id: int, batch_id: int, *, person_id: int, person_name: str, now: datetime
) -> Approval:
    """Approves one after the other what is open and fits; what was decided or replaced meanwhile is left.

    `batch_id` is of this guild. Their author is told once, of all of them.
    """
    async with store.read() as conn:
        rows = [row for row in await batches.batch_rows(conn, batch_id) if row.outcome and not why_not(row)]
    approved: list[str] = []
    first: int | None = None  # the revision whose news tells of all
    for row in rows:
        async with store.write() as conn:
            tell = AT_THE_LATEST if first is None else None
            done = await _approve(conn, guild_id, row, person_id, person_name, now, tell)
        if done is not None:
            first = first or done
            approved.append(row.number)
    async with store.write() as conn:
        if first is not None:
            await outbox.hasten(conn, first, now)
        after = sort_out(await batches.batch_rows(conn, batch_id))
    left = {why: tuple(one for one in numbers if one not in approved) for why, numbers in after.left.items()}
    return Approval(tuple(approved), {why: numbers for why, numbers in left.items() if numbers})


async def _approve(
    conn: AsyncConnection,
    guild_id: int,
    row: Row,
    person_id: int,
    person_name: str,
    now: datetime,
    tell: timedelta | None,
) -> int | None:
    """The revision approved; None where somebody was quicker."""
    found = await find_verdict(conn, guild_id, row.number, viewer_id=None)
    if found is None or found.decisions:
        return None
    try:
        done = await decisions.add_decision(
            conn,
            guild_id,
            row.number,
            DecisionKind.APPROVE,
            person_id=person_id,
            person_name=person_name,
            reason="",
            sha256=row.sha256,
            now=now,
            tell=tell,
        )
    except Problem:  # replaced or forgotten meanwhile
        return None
    return done.revision_id
