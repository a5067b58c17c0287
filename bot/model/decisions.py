"""What people make of a verdict: decisions, answers to findings, and what was published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.verdicts import CriterionKey


class DecisionKind(StrEnum):
    APPROVE = "approve"
    ASK_FOR_CHANGES = "ask_for_changes"
    DISAGREE = "disagree"


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
