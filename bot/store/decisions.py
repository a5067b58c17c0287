"""What people decided about verdicts. Rows are added, never changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.model.decisions import Decision, DecisionKind, made_since
from bot.store import batches, outbox
from bot.store.forgotten import refuse_forgotten
from bot.store.tables import batch_item, decision
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
    seen: int | None = None,
    tell: timedelta | None = timedelta(0),
) -> Decision:
    """Adds a decision about the text with the fingerprint `sha256`, the one the person saw; the same again adds none.

    `seen`: how many decisions the person saw; None where that is not known. `tell`: after which time its author is
    told, or None where another one's news tells of this one too.
    Raises Problem for an unknown number (a private self-check is unknown: nobody decides about it), for a forgotten
    influencer, where that text is not the draft's newest, where somebody else has decided since what the person saw,
    and where there is nothing to withdraw.
    """
    found = await find_verdict(conn, guild_id, number, viewer_id=None)
    if found is None:
        raise Problem("lookup_problem.no_verdict", number=number)
    await refuse_forgotten(conn, found.influencer.id)
    if found.newer is not None or sha256 != found.revision.sha256:
        raise Problem("decide_problem.text_changed", number=found.number)
    if tell is not None:
        await outbox.refresh(conn, found.revision.id, now + tell)
    await batches.reopen(conn, found.revision.id)
    if (last := found.decisions[-1:]) and (last[0].kind, last[0].person_id, last[0].reason) == (
        kind,
        person_id,
        reason,
    ):
        return last[0]  # a second click says nothing new
    if since := made_since(found.decisions, seen, person_id):
        raise Problem("decide_problem.decided_meanwhile", number=found.number, who=since[-1].person_name)
    if kind is DecisionKind.WITHDRAW and not found.standing:
        raise Problem("decide_problem.none_stands", number=found.number)
    row = {
        "revision_id": found.revision.id,
        "kind": kind,
        "person_id": person_id,
        "person_name": person_name,
        "reason": reason,
        "sha256": sha256,
        "created_at": now,
    }
    its_id = (await conn.execute(insert(decision).values(row).returning(decision.c.id))).scalar_one()
    if tell is None:
        await outbox.mark_known(conn, found.revision.id, its_id)
    return Decision(its_id, found.revision.id, kind, person_id, person_name, reason, sha256, now)


async def approved_with(conn: AsyncConnection, one: Decision) -> int:
    """How many drafts of its batch were approved together with this one, itself too; 0 where it came in none."""
    its = select(batch_item.c.batch_id).where(batch_item.c.revision_id == one.revision_id)
    together = (
        select(func.count())
        .select_from(decision.join(batch_item, batch_item.c.revision_id == decision.c.revision_id))
        .where(
            batch_item.c.batch_id.in_(its),
            decision.c.kind == DecisionKind.APPROVE,
            decision.c.person_id == one.person_id,
            decision.c.created_at == one.created_at,
        )
    )
    return int(await conn.scalar(together) or 0)
