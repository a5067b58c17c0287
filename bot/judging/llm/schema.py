"""The review that an LLM hands in: its shape, and its way into an `Answer`. The model names no outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from bot.judging.answer import DECLINED, Answer, Claim, CriterionAnswer
from bot.judging.llm.form import Form, Shape, TaskId, Text
from bot.model.messages import Message
from bot.model.verdicts import CriterionKey, Level, Reading, Stance, Suggestion

MAX_DECIDING = 8
MAX_EDITS = 3
MAX_QUESTIONS = 3


class Evidence(Shape):
    source: Literal["history", "draft", "brief"]
    id: Text  # "P7" for history, "" otherwise
    quote: Text
    stance: Literal["supports", "contradicts"]
    conflict: Literal["none", "wording", "product"]


class Deciding(Shape):
    id: Text  # "P7"
    quote: Text
    stance: Literal["supports", "contradicts"]


class CriterionShape(Shape):
    evidence: list[Evidence]
    reasoning: Text
    level: Literal["L0", "L1", "L2", "L3", "L4", "abstain"]


class Criteria(Shape):
    shared_values: CriterionShape
    follower_first: CriterionShape
    voice_match: CriterionShape
    belief_consistency: CriterionShape
    not_just_for_money: CriterionShape
    disclosure: CriterionShape


class Edit(Shape):
    draft_quote: Text
    suggestion: Text
    why: Text


class Review(Shape):
    task_id: TaskId
    injection_observed: bool
    injection_quote: Text
    deciding: list[Deciding]  # before the levels, so that they rest on it
    criteria: Criteria
    edits: list[Edit]
    questions: list[Text]


REVIEW = Form("submit_review", "Hands in the review.", Review, "criteria")


def answer(review: Review, labels: Mapping[str, str], reading: Reading) -> Answer:
    """`labels` leads from P-numbers to post ids. An unknown one becomes "", for the quote check to place or drop."""
    criteria = {CriterionKey(key): _criterion(shape, labels) for key, shape in review.criteria}
    return Answer(
        criteria=criteria,
        readings=(reading,),
        deciding=tuple(
            Claim("history", _label(item.id, labels), item.quote, Stance(item.stance))
            for item in review.deciding[:MAX_DECIDING]
        ),
        injection_observed=review.injection_observed,
        injection_quote=review.injection_quote,
        suggestions=tuple(_suggestions(review))[:MAX_EDITS],
        questions=tuple(_literal(question) for question in review.questions if question)[:MAX_QUESTIONS],
    )


def declined(reading: Reading) -> Answer:
    """For a model that will not judge this draft: nothing is known, and it says why."""
    nothing = CriterionAnswer((), Message(DECLINED), Level.ABSTAIN)
    return Answer(criteria=dict.fromkeys(CriterionKey, nothing), readings=(reading,))


def _suggestions(review: Review) -> Iterator[Suggestion]:
    for edit in review.edits:
        if edit.draft_quote and edit.suggestion:
            yield Suggestion(edit.draft_quote, edit.suggestion, edit.why)


def _criterion(shape: CriterionShape, labels: Mapping[str, str]) -> CriterionAnswer:
    return CriterionAnswer(
        evidence=tuple(
            Claim(item.source, _post_id(item, labels), item.quote, Stance(item.stance), item.conflict)
            for item in shape.evidence
        ),
        reasoning=_literal(shape.reasoning),
        level=Level(shape.level),
    )


def _post_id(item: Evidence, labels: Mapping[str, str]) -> str:
    return _label(item.id, labels) if item.source == "history" else ""


def _label(written: str, labels: Mapping[str, str]) -> str:
    return labels.get(written.strip("[] ").upper(), "")


def _literal(text: str) -> Message:
    return Message("literal", {"text": text})
