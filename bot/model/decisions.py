"""What people make of a verdict: decisions, answers to findings, and what was published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.verdicts import CriterionKey


class DecisionKind(StrEnum):
    APPROVE = "approve"
    ASK_FOR_CHANGES = "ask_for_changes"
    DISAGREE = "disagree"
    WITHDRAW = "withdraw"  # takes back all that was decided about this text before


# Who overrules a verdict still has to do one of these.
SETTLES = (DecisionKind.APPROVE, DecisionKind.ASK_FOR_CHANGES)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one exact text."""

    id: int
    revision_id: int
    kind: DecisionKind
    person_id: int
    person_name: str
    reason: str
    sha256: str
    created_at: datetime


def standing(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Those of one text, oldest first, that nobody has withdrawn since."""
    ends = [at for at, one in enumerate(decisions, 1) if one.kind is DecisionKind.WITHDRAW]
    return tuple(decisions[ends[-1] if ends else 0 :])


def made_since(decisions: Sequence[Decision], seen: int | None, person_id: int) -> tuple[Decision, ...]:
    """Those that others made after the first `seen`, which the person saw; none where that is not known."""
    later = () if seen is None else decisions[seen:]
    return tuple(one for one in later if one.person_id != person_id)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the influencer a finding is about, or the draft's author, answered to it."""

    id: int
    revision_id: int
    criterion: CriterionKey | None  # None: to the whole verdict
    person_id: int
    person_name: str
    text: str
    created_at: datetime


class PublishedResult(StrEnum):
    """How a live text compares with what was approved; the worst that holds."""

    SAME = "same"
    CHANGED = "changed"
    LABEL_LOST = "label_lost"
    NOT_APPROVED = "not_approved"  # no approval stands for any text of the draft


@dataclass(frozen=True, slots=True)
class Published:
    """A live text as somebody brought it in, compared with the text of `revision_id`."""

    id: int
    revision_id: int
    person_id: int
    person_name: str
    text: str
    sha256: str
    result: PublishedResult
    created_at: datetime
