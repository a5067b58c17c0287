"""Long invented histories (300 posts each, five years) with subtle cases, to measure what a reviewer gets to read.

Written by hand; no real person. The posts that decide a case share hardly a word with its draft. The kept notes in
`long/NAME/notes.json` are what a careful reader answered to the dossier prompts alone, before seeing any draft:
`python -m tests.golden.long_histories prompts DIR` writes those prompts, `... keep DIR` checks and keeps the answers.
"""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.config import Review
from bot.judging.dossier import check, cut, make_dossier, most_statements
from bot.judging.dossier_llm import NOTES, claimed
from bot.judging.prompts import Prompts, Task, chunk_labels
from bot.model.dossiers import Dossier
from bot.model.posts import PastPost
from bot.model.verdicts import Reading
from bot.model.workspace import Campaign, Influencer
from bot.past_content.reading import read_posts
from bot.services.workspace import BrandTable, CampaignTable, InfluencerTable

FOLDER = Path(__file__).with_name("long")
TASK = Task("t0000000000", "5e0fa11d", "5e0fa11d")


@dataclass(frozen=True, slots=True)
class LongCase:
    id: str
    campaign: Campaign
    draft: str
    outcome: str
    deciding: tuple[str, ...]  # post ids


@dataclass(frozen=True, slots=True)
class LongHistory:
    name: str
    influencer: Influencer
    posts: tuple[PastPost, ...]  # oldest first
    cases: tuple[LongCase, ...]

    def dossier(self) -> Dossier:
        """Made from the kept notes by the same code that checks a model's."""
        notes = json.loads((FOLDER / self.name / "notes.json").read_text("utf-8"))["notes"]
        read = []
        for posts, raw in zip(cut(self.posts), notes, strict=True):
            answer = NOTES.parse(json.dumps(raw), TASK)
            labels = chunk_labels(posts)
            read.append((posts, check(claimed(answer, labels), posts)))
        return make_dossier(read, budget_tokens=Review().dossier_tokens, readings=(Reading("", "careful reader"),))


@cache
def long_histories() -> tuple[LongHistory, ...]:
    return tuple(_read(path.parent) for path in sorted(FOLDER.glob("*/cases.toml")))


def _read(folder: Path) -> LongHistory:
    rows = tomllib.loads((folder / "cases.toml").read_text("utf-8"))
    influencer = InfluencerTable.model_validate(rows["influencer"]).influencer(1)
    posts = tuple(row for row in read_posts(folder / "posts.jsonl") if isinstance(row, PastPost))
    return LongHistory(folder.name, influencer, posts, tuple(_case(row) for row in rows["case"]))


def _case(row: dict[str, object]) -> LongCase:
    brand = BrandTable.model_validate(row["brand"]).brand(1)
    campaign = row["campaign"]
    assert isinstance(campaign, dict)
    table = CampaignTable.model_validate(campaign | {"brand": brand.name})
    deciding = row["deciding"]
    assert isinstance(deciding, list)
    return LongCase(
        str(row["id"]),
        table.campaign(1, brand),
        str(row["draft"]).strip(),
        str(row["expect"]),
        tuple(map(str, deciding)),
    )


def write_prompts(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for history in long_histories():
        for number, posts in enumerate(cut(history.posts)):
            messages = Prompts(None).chunk(posts, most_statements(posts), TASK, NOTES.schema_text)
            text = "\n\n".join(f"##### {message.role} #####\n{message.content}" for message in messages)
            (folder / f"{history.name}-{number}.prompt.txt").write_text(text, "utf-8")


def keep(folder: Path) -> None:
    """Raises WrongShape for notes that the schema does not allow."""
    for history in long_histories():
        raws = [(folder / f"{history.name}-{n}.answer.json").read_text("utf-8") for n in range(len(cut(history.posts)))]
        notes = [NOTES.parse(raw, TASK).model_dump(mode="json") for raw in raws]
        row = {"prompt_hash": Prompts(None).chunk_hash, "notes": notes}
        (FOLDER / history.name / "notes.json").write_text(json.dumps(row, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    {"prompts": write_prompts, "keep": keep}[sys.argv[1]](Path(sys.argv[2]))
