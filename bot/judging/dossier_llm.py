"""The notes that an LLM hands in on one chunk of a history: their shape, and their way to statements to be checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from bot.judging.answer import Claim
from bot.judging.dossier import Claimed
from bot.judging.llm.form import Form, Shape, TaskId, Text
from bot.model.dossiers import StatementKind
from bot.model.verdicts import Stance


class QuoteShape(Shape):
    id: Text  # "P7"
    quote: Text


class StatementShape(Shape):
    kind: Literal["refusal", "promise", "belief", "changed_mind", "value", "partner", "followers", "habit", "theme"]
    topic: Text
    statement: Text
    quotes: list[QuoteShape]


class Notes(Shape):
    task_id: TaskId
    statements: list[StatementShape]


NOTES = Form("submit_notes", "Hands in the notes.", Notes, "statements")


def claimed(notes: Notes, labels: Mapping[str, str]) -> Iterator[Claimed]:
    """`labels` leads from P-numbers to post ids. An unknown one becomes "", for the quote check to place or drop."""
    for one in notes.statements:
        claims = tuple(
            Claim("history", labels.get(quote.id.strip("[] ").upper(), ""), quote.quote, Stance.SUPPORTS)
            for quote in one.quotes
        )
        yield Claimed(StatementKind(one.kind), one.topic, one.statement, claims)
