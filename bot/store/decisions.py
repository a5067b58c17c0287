"""What people decided about verdicts. Rows are added, never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.model.decisions import Decision, DecisionKind
from bot.store import outbox
from bot.store.forgotten import refuse_forgotten
from bot.store.tables import decision
from bot.store.verdicts import find_verdict


async def add_decision(
    conn: AsyncConnection,
    guild_id: int,
    number: str,
    kind: DecisionKind,
    *,
    person_id: int,
    person_name: str,
    reason: str,
    sha256: str,
    now: datetime,
) -> Decision:
    """Adds a decision about the text with the fingerprint `sha256`, the one the person saw; the same again adds none.

    Raises Problem for an unknown number (a private self-check is unknown: nobody decides about it), for a forgotten
    influencer, and where that text is not the draft's newest.
    """
    found = await find_verdict(conn, guild_id, number, viewer_id=None)
    if found is None:
        raise Problem("lookup_problem.no_verdict", number=number)
    await refuse_forgotten(conn, found.influencer.id)
    if found.newer is not None or sha256 != found.revision.sha256:
        raise Problem("decide_problem.text_changed", number=found.number)
    await outbox.refresh(conn, found.revision.id, now)
    if (last := found.decisions[-1:]) and (last[0].kind, last[0].person_id, last[0].reason) == (
        kind,
        person_id,
        reason,
    ):
        return last[0]  # a second click says nothing new
    row = {
        "revision_id": found.revision.id,
        "kind": kind,
        "person_id": person_id,
        "person_name": person_name,
        "reason": reason,
        "sha256": sha256,
        "created_at": now,
    }
    inserted = await conn.execute(insert(decision).values(row).returning(decision.c.id))
    return Decision(inserted.scalar_one(), found.revision.id, kind, person_id, person_name, reason, sha256, now)
