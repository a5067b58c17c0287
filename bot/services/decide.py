"""People decide; each decision binds to the sha256 of the exact text it was made on."""

from __future__ import annotations

from datetime import datetime

from bot.errors import Problem
from bot.model.decisions import Decision, DecisionKind
from bot.services.lookup import show
from bot.store import decisions
from bot.store.database import Store

MIN_REASON = 3  # characters; "no" explains nothing


async def decide(
    store: Store,
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
    """Appends a decision on the text with fingerprint `sha256`.

    Raises Problem: no such verdict, a text that has changed since it was shown, or a missing reason.
    """
    if kind is not DecisionKind.APPROVE and len(reason.strip()) < MIN_REASON:
        raise Problem(f"decide_problem.{'no_why' if kind is DecisionKind.DISAGREE else 'no_reason'}")
    stored = await show(store, guild_id, number, viewer_id=None)
    if not stored.revision.sha256.startswith(sha256):
        raise Problem("decide_problem.text_changed", number=number)
    async with store.write() as conn:
        return await decisions.add_decision(
            conn,
            guild_id,
            number,
            kind,
            person_id=person_id,
            person_name=person_name,
            reason=reason.strip(),
            sha256=stored.revision.sha256,
            now=now,
        )
