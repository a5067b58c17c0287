"""The one shape that an LLM's answer to one kind of task may have: its JSON schema, and its validation.

A missing field or an unknown value is an error to be asked about again, never defaulted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, ValidationInfo

from bot.judging.marked import unmarked
from bot.judging.prompts import Task

MAX_ERRORS = 10  # named to the model in one repair


class WrongShape(Exception):
    """The answer cannot be used. `errors` name each fault by JSON pointer and hold no word of the answer."""

    def __init__(self, *errors: str) -> None:
        self.errors = errors
        super().__init__("; ".join(errors))


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
TaskId = Annotated[Text, AfterValidator(_same_task)]


class Shape(BaseModel):
    """The order of the fields is the order in which a model writes them."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Answered = TypeVar("Answered", bound=Shape)


@dataclass(frozen=True, slots=True)
class Form(Generic[Answered]):
    """What one kind of task is answered with. `telling` is a property by which such an answer is known in prose."""

    name: str  # of the schema, and of the function where a function is asked for
    purpose: str
    shape: type[Answered]
    telling: str

    @property
    def schema(self) -> Mapping[str, Any]:
        """In the dialect that strict endpoints take: all properties required, none besides, no titles, no limits."""
        return _schema(self.shape)

    @property
    def schema_text(self) -> str:
        """For the prompt, where an endpoint cannot be handed a schema."""
        return json.dumps(self.schema, separators=(",", ":"))

    def pinned(self, task_id: str) -> Mapping[str, Any]:
        """The schema with `task_id` allowed that one value: small models miscopy ids that they are free to write."""
        properties = {**self.schema["properties"], "task_id": {"type": "string", "enum": [task_id]}}
        return {**self.schema, "properties": properties}

    def parse(self, raw: str, task: Task) -> Answered:
        """The answer in `raw`, be it wrapped in prose or a code fence. Raises WrongShape."""
        try:
            return self.shape.model_validate_json(raw, context=task)
        except ValidationError as error:
            if error.errors()[0]["type"] != "json_invalid":
                raise WrongShape(*_pointers(error)) from None
        found = list(_objects(raw, self.telling))
        if not found:
            raise WrongShape("/: no complete JSON object that follows the schema")
        try:  # what comes earlier is thinking aloud, or copied
            return self.shape.model_validate_json(found[-1], context=task)
        except ValidationError as error:
            raise WrongShape(*_pointers(error)) from None


@cache
def _schema(shape: type[Shape]) -> Mapping[str, Any]:
    schema: dict[str, Any] = _without_titles(shape.model_json_schema())
    return schema


def _pointers(error: ValidationError) -> list[str]:
    """Each fault as JSON pointer and rule. Names that the model invented are left out: they may carry instructions."""
    lines = []
    for fault in error.errors(include_url=False, include_context=False, include_input=False)[:MAX_ERRORS]:
        invented = fault["type"] == "extra_forbidden"
        place = fault["loc"][:-1] if invented else fault["loc"]
        pointer = "/" + "/".join(str(part) for part in place)
        lines.append(f"{pointer}: {'has a property that the schema does not name' if invented else fault['msg']}")
    return lines


def _objects(text: str, telling: str) -> Iterator[str]:
    """The complete JSON objects in `text` with that property. Gives up on text that only pretends to hold many."""
    decoder, at = json.JSONDecoder(), text.find("{")
    for _ in range(50):
        if at < 0:
            return
        end = at + 1
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            value = {}
        if telling in value:
            yield text[at:end]
        at = text.find("{", end)


def _without_titles(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_titles(value) for key, value in node.items() if key != "title"}
    if isinstance(node, list):
        return [_without_titles(item) for item in node]
    return node
