"""Kept readings of the golden cases: what a careful reader answered who saw nothing but the rendered prompt.

`python -m tests.golden.readings prompts DIR` writes each case's prompt to DIR/NAME.prompt.txt; a reader who knows
neither the case nor the code writes the JSON answer to DIR/NAME.answer.json; `... keep DIR` checks the shape and keeps
the answers in tests/golden/readings/, with the hash of the prompts they answer. Replaying them tests everything after
the model. They were read once each, by a strong reader; they say nothing about a weaker one.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from bot.config import Review as ReviewSettings
from bot.judging import llm_schema
from bot.judging.answer import Answer
from bot.judging.evidence import Evidence
from bot.judging.llm_schema import REVIEW
from bot.judging.marked import history_mark, new_mark
from bot.judging.prompts import Prompts, Task, post_labels
from bot.judging.review import review
from bot.model import Reading
from tests.golden.cases import GoldenCase, golden_cases, review_case
from tests.sample_cases import NOW

KEPT = Path(__file__).with_name("readings")
TASK = Task("t0000000000", "5e0fa11d", "5e0fa11d")


def kept(golden: GoldenCase) -> str | None:
    """The raw answer kept for a case, with the prompt hash it belongs to; None for a case no judge is asked about."""
    path = KEPT / f"{golden.name}.json"
    return json.dumps(json.loads(path.read_text("utf-8"))["answer"]) if path.is_file() else None


class Reader:
    """Satisfies `bot.judging.answer.Judge` with the kept reading of one case."""

    kind, model = "llm", "careful reader"

    def __init__(self, raw: str) -> None:
        self._raw = raw
        self.prompt_hash = Prompts(None).hash

    async def read(self, evidence: Evidence) -> Answer:
        parsed = REVIEW.parse(self._raw, TASK)
        return llm_schema.answer(parsed, post_labels(evidence), Reading(self._raw, self.model))


class _Writer:
    """Writes the prompt down instead of asking anybody; the answer it gives is thrown away."""

    kind, model, prompt_hash = "llm", "careful reader", ""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def read(self, evidence: Evidence) -> Answer:
        task = Task(TASK.id, history_mark(b"golden", evidence.snapshot), new_mark())
        messages = Prompts(None).messages(evidence, task, REVIEW.schema_text)
        text = "\n\n".join(f"##### {message.role} #####\n{message.content}" for message in messages)
        self._path.write_text(text, "utf-8")
        return llm_schema.declined(Reading("", self.model))


async def write_prompts(folder: Path) -> None:
    for golden in golden_cases():
        await review(review_case(golden), _Writer(folder / f"{golden.name}.prompt.txt"), ReviewSettings(), NOW)


def keep(folder: Path) -> None:
    """Raises WrongShape for an answer that the schema does not allow."""
    KEPT.mkdir(exist_ok=True)
    for path in sorted(folder.glob("*.answer.json")):
        parsed = REVIEW.parse(path.read_text("utf-8"), TASK)
        row = {"prompt_hash": Prompts(None).hash, "answer": parsed.model_dump(mode="json")}
        name = path.name.removesuffix(".answer.json")
        (KEPT / f"{name}.json").write_text(json.dumps(row, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    verb, place = sys.argv[1], Path(sys.argv[2])
    if verb == "prompts":
        place.mkdir(parents=True, exist_ok=True)
        asyncio.run(write_prompts(place))
    else:
        keep(place)
