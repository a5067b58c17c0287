"""The ways to ask an endpoint for structured output, strictest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.judging.llm.form import Form


class Rung(StrEnum):
    """From what binds a model most to what any endpoint can do."""

    JSON_SCHEMA = "json_schema"
    FUNCTION = "function"
    JSON_OBJECT = "json_object"
    TEXT = "text"

    @property
    def schema_in_prompt(self) -> bool:
        return self in (Rung.JSON_OBJECT, Rung.TEXT)

    def below(self) -> Rung | None:
        rungs = list(Rung)
        return None if self is Rung.TEXT else rungs[rungs.index(self) + 1]

    def other(self) -> Rung:
        return self.below() or Rung.JSON_OBJECT

    def arguments(self, form: Form[Any], schema: Mapping[str, Any]) -> dict[str, Any]:
        """What the request carries for this rung; `schema` is the form's, or that pinned to a task."""
        if self is Rung.JSON_SCHEMA:
            strict = {"name": form.name, "schema": schema, "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": strict}}
        if self is Rung.FUNCTION:
            function = {"name": form.name, "description": form.purpose, "parameters": schema}
            choice = {"type": "function", "function": {"name": form.name}}
            return {"tools": [{"type": "function", "function": function}], "tool_choice": choice}
        return {"response_format": {"type": "json_object"}} if self is Rung.JSON_OBJECT else {}


@dataclass(slots=True)
class Ladder:
    """Where one endpoint and model stand. Found out once, by what is refused and what is not obeyed."""

    rung: Rung = Rung.JSON_SCHEMA
    proven: set[Rung] = field(default_factory=set)

    def step_below(self, refused: Rung) -> None:
        """Many calls may meet the same refusal at once; the ladder goes down one rung all the same."""
        if self.rung is refused:
            self.rung = refused.below() or Rung.JSON_SCHEMA  # nothing held: begin anew another time
