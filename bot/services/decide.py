"""People decide; each decision binds to the sha256 of the exact text it was made on."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from bot.errors import Problem
from bot.judging.label import is_fine
from bot.model.decisions import Decision, DecisionKind, made_since
from bot.model.verdicts import Outcome
from bot.services.lookup import show
from bot.services.submit import storable
from bot.store import decisions
from bot.store.database import Store
from bot.store.verdicts import StoredVerdict

MIN_REASON = 3  # characters; "no" explains nothing
MISSING = {
    DecisionKind.APPROVE: "no_anyway",
    DecisionKind.ASK_FOR_CHANGES: "no_reason",
    DecisionKind.DISAGREE: "no_why",
    DecisionKind.WITHDRAW: "no_cause",
}


def speaks_against(stored: StoredVerdict) -> bool:
    """Whether the verdict speaks against publishing: the draft does not fit, or its label has to be mended."""
    return stored.verdict.outcome is Outcome.DOES_NOT_FIT or not is_fine(stored.verdict.disclosure)


def needs_reason(stored: StoredVerdict) -> bool:
    """Whether an approval has to say why: the verdict speaks against it, and nobody has overruled that yet."""
    is_overruled = any(one.kind is DecisionKind.DISAGREE for one in stored.standing)
    return speaks_against(stored) and not is_overruled


def require_open(stored: StoredVerdict, person_id: int, seen: int | None) -> None:
    """Raises Problem where the texts were taken out, where there is a newer one, and where somebody else has decided
    since this person saw `seen` decisions."""
    if stored.is_erased:
        raise Problem("decide_problem.erased", number=stored.number)
    if stored.newer is not None:
        raise Problem("decide_problem.text_changed", number=stored.number)
    if since := made_since(stored.decisions, seen, person_id):
        raise Problem("decide_problem.decided_meanwhile", number=stored.number, who=since[-1].person_name)


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
    seen: int | None = None,
) -> Decision:
    """Appends a decision on the text with fingerprint `sha256`, made by somebody who saw `seen` decisions on it.

    An approval that the verdict speaks against is an overruling and an approval, and the reason is that of the
    overruling. Raises Problem: no such verdict, a text that has changed since it was shown, another person's decision
    made meanwhile, a missing reason, or nothing to withdraw.
    """
    stored = await show(store, guild_id, number, viewer_id=None)
    require_open(stored, person_id, seen)
    if not stored.revision.sha256.startswith(sha256):
        raise Problem("decide_problem.text_changed", number=number)
    reason = storable(reason).strip()
    if len(reason) < MIN_REASON and (kind is not DecisionKind.APPROVE or needs_reason(stored)):
        raise Problem(f"decide_problem.{MISSING[kind]}")
    async with store.write() as conn:
        add = partial(
            decisions.add_decision,
            conn,
            guild_id,
            number,
            person_id=person_id,
            person_name=person_name,
            sha256=stored.revision.sha256,
            now=now,
            seen=seen,
        )
        if kind is DecisionKind.APPROVE and reason and speaks_against(stored):
            overruling, reason = reason, ""
            said = {(one.kind, one.person_id, one.reason) for one in stored.standing}
            if (DecisionKind.DISAGREE, person_id, overruling) not in said:
                await add(DecisionKind.DISAGREE, reason=overruling)
        return await add(kind, reason=reason)
