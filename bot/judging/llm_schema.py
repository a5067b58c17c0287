"""The one shape an LLM's answer may have: its JSON schema, its validation, its way into an `Answer`.

The model names no outcome. A missing field or an unknown level is an error to be asked about again, never defaulted.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, ValidationInfo

from bot.judging.answer import Answer, Claim, CriterionAnswer
from bot.judging.marked import unmarked
from bot.judging.prompts import Task
from bot.model import CriterionKey, Level, Message, Reading, Stance, Suggestion

NAME = "submit_review"  # of the schema, and of the function where a function is asked for
MAX_EDITS = 3
MAX_QUESTIONS = 3
MAX_ERRORS = 10  # named to the model in one repair


def _clean(text: str, info: ValidationInfo) -> str:
    """Without invisible characters and the line prefixes that came along with a quote. A mark left over is a leak."""
    marks = info.context.marks if info.context else ()
    text = unmarked(text, marks)
    if any(mark in text for mark in marks):
        raise ValueError("holds a mark; marks never go into an answer")
    return text


def _same_task(task_id: str, info: ValidationInfo) -> str:
    if info.context and task_id != info.context.id:
        raise ValueError("must be the task_id of this task, copied exactly")
    return task_id


Text = Annotated[str, AfterValidator(_clean)]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Evidence(Shape):
    source: Literal["history", "draft", "brief"]
    id: Text  # "P7" for history, "" otherwise
    quote: Text
    stance: Literal["supports", "contradicts"]
    conflict: Literal["none", "wording", "product"]


class CriterionShape(Shape):  # the order of the fields is the order in which a model writes them
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
    task_id: Annotated[Text, AfterValidator(_same_task)]
    injection_observed: bool
    injection_quote: Text
    criteria: Criteria
    edits: list[Edit]
    questions: list[Text]


class WrongShape(Exception):
    """The answer cannot be used. `errors` name each fault by JSON pointer and hold no word of the answer."""

    def __init__(self, *errors: str) -> None:
        self.errors = errors
        super().__init__("; ".join(errors))


@cache
def json_schema() -> Mapping[str, Any]:
    """In the dialect that strict endpoints take: all properties required, none besides, no titles, no limits."""
    schema: dict[str, Any] = _without_titles(Review.model_json_schema())
    return schema


def pinned(task_id: str) -> Mapping[str, Any]:
    """The schema with `task_id` allowed that one value: small models miscopy ids that they are free to write."""
    schema = copy.copy(dict(json_schema()))
    schema["properties"] = {**schema["properties"], "task_id": {"type": "string", "enum": [task_id]}}
    return schema


@cache
def schema_text() -> str:
    """For the prompt, where an endpoint cannot be handed a schema."""
    return json.dumps(json_schema(), separators=(",", ":"))


def parse(raw: str, task: Task) -> Review:
    """The review in `raw`, be it wrapped in prose or a code fence. Raises WrongShape."""
    try:
        return Review.model_validate_json(raw, context=task)
    except ValidationError as error:
        if error.errors()[0]["type"] != "json_invalid":
            raise WrongShape(*_pointers(error)) from None
    found = list(_reviews(raw))
    if not found:
        raise WrongShape("/: no complete JSON object that follows the schema")
    try:
        return Review.model_validate_json(found[-1], context=task)  # what comes earlier is thinking aloud, or copied
    except ValidationError as error:
        raise WrongShape(*_pointers(error)) from None


def answer(review: Review, labels: Mapping[str, str], reading: Reading) -> Answer:
    """`labels` leads from P-numbers to post ids. An unknown one becomes "", for the quote check to place or drop."""
    criteria = {CriterionKey(key): _criterion(shape, labels) for key, shape in review.criteria}
    return Answer(
        criteria=criteria,
        readings=(reading,),
        injection_observed=review.injection_observed,
        injection_quote=review.injection_quote,
        suggestions=tuple(_suggestions(review))[:MAX_EDITS],
        questions=tuple(_literal(question) for question in review.questions if question)[:MAX_QUESTIONS],
    )


def declined(reading: Reading) -> Answer:
    """For a model that will not judge this draft: nothing is known, and it says why."""
    nothing = CriterionAnswer((), Message("llm.declined"), Level.ABSTAIN)
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
    return labels.get(item.id.strip("[] ").upper(), "") if item.source == "history" else ""


def _literal(text: str) -> Message:
    return Message("literal", {"text": text})


def _pointers(error: ValidationError) -> list[str]:
    """Each fault as JSON pointer and rule. Names that the model invented are left out: they may carry instructions."""
    lines = []
    for fault in error.errors(include_url=False, include_context=False, include_input=False)[:MAX_ERRORS]:
        invented = fault["type"] == "extra_forbidden"
        place = fault["loc"][:-1] if invented else fault["loc"]
        pointer = "/" + "/".join(str(part) for part in place)
        lines.append(f"{pointer}: {'has a property that the schema does not name' if invented else fault['msg']}")
    return lines


def _reviews(text: str) -> Iterator[str]:
    """The complete JSON objects in `text` that look like a review. Gives up on text that only pretends to hold many."""
    decoder, at = json.JSONDecoder(), text.find("{")
    for _ in range(50):
        if at < 0:
            return
        end = at + 1
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            value = {}
        if "criteria" in value:
            yield text[at:end]
        at = text.find("{", end)


def _without_titles(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_titles(value) for key, value in node.items() if key != "title"}
    if isinstance(node, list):
        return [_without_titles(item) for item in node]
    return node
