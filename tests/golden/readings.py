"""Kept readings of the golden cases: what a careful reader answered who saw nothing but the rendered prompt.

`python -m tests.golden.readings prompts DIR` writes each case's prompt to DIR/NAME.prompt.txt; a reader who knows
neither the case nor the code writes the JSON answer to DIR/NAME.answer.json; `... keep DIR` checks the shape and keeps
the answers in tests/golden/readings/, with the hash of the prompts they answer. Further readings, where a review takes
them, are written and kept under NAME.2, NAME.3 and NAME.without. Replaying them tests everything after the model. They
were read by a strong reader; they say nothing about a weaker one.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from bot.config import Review as ReviewSettings
from bot.judging.answer import Answer
from bot.judging.evidence import Evidence
from bot.judging.hygiene import clean
from bot.judging.llm.schema import REVIEW, answer, declined
from bot.judging.marked import history_mark, new_mark
from bot.judging.prompts import Prompts, Task, post_labels
from bot.judging.review import review
from bot.model.verdicts import Reading
from tests.golden.cases import GoldenCase, golden_cases, review_case
from tests.sample_cases import NOW

KEPT = Path(__file__).with_name("readings")
TASK = Task("t0000000000", "5e0fa11d", "5e0fa11d")


def reading_name(golden: GoldenCase, evidence: Evidence) -> str:
    """What one reading of a case is called: NAME, NAME.2 and NAME.3, or NAME.without for a draft with its order cut."""
    cut = evidence.draft != clean(golden.draft, max_characters=10**6).text
    return golden.name + (".without" if cut else f".{evidence.reading}" if evidence.reading > 1 else "")


def kept(name: str) -> str | None:
    """The raw answer kept under a name; None where nobody was asked."""
    path = KEPT / f"{name}.json"
    return json.dumps(json.loads(path.read_text("utf-8"))["answer"]) if path.is_file() else None


class Reader:
    """Satisfies `bot.judging.answer.Judge` with the kept readings of one case. Raises LookupError for one not kept."""

    kind, model = "llm", "careful reader"

    def __init__(self, golden: GoldenCase) -> None:
        self._golden = golden
        self.prompt_hash = Prompts(None).hash

    async def read(self, evidence: Evidence) -> Answer:
        name = reading_name(self._golden, evidence)
        if (raw := kept(name)) is None:
            raise LookupError(f"no reading is kept under {name}: write its prompt and have it read")
        return answer(REVIEW.parse(raw, TASK), post_labels(evidence), Reading(raw, self.model))


class _Writer:
    """Writes down the prompt of each reading that the review asks for. It answers with the kept reading or declines."""

    kind, model, prompt_hash = "llm", "careful reader", ""

    def __init__(self, golden: GoldenCase, folder: Path) -> None:
        self._golden, self._folder = golden, folder

    async def read(self, evidence: Evidence) -> Answer:
        task = Task(TASK.id, history_mark(b"golden", evidence.snapshot), new_mark())
        messages = Prompts(None).messages(evidence, task, REVIEW.schema_text)
        text = "\n\n".join(f"##### {message.role} #####\n{message.content}" for message in messages)
        name = reading_name(self._golden, evidence)
        (self._folder / f"{name}.prompt.txt").write_text(text, "utf-8")
        raw = kept(name) or kept(self._golden.name)
        if raw is None:
            return declined(Reading("", self.model))
        return answer(REVIEW.parse(raw, TASK), post_labels(evidence), Reading(raw, self.model))


async def write_prompts(folder: Path) -> None:
    """Further readings are asked for where those kept so far call for them, so a first run may not write them all."""
    for golden in golden_cases():
        await review(review_case(golden), _Writer(golden, folder), ReviewSettings(), NOW)


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
