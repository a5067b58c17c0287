"""Labelled drafts on disk, and scorers that answer from a table."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bot.evaluation.labelled import Creator, Fold, read_labelled, select
from bot.evaluation.scorers import Cost, OfflineScorer, Scorer
from bot.evaluation.scoring import Run, evaluate
from bot.judging.voice import Profile
from tests.judging.voice.voices import MANNERS, posts_of

Rows = Sequence[Mapping[str, object]]


def write(directory: Path, drafts: Rows, prefix: str = "", stored: int = 12) -> None:
    creators = [{"creator": name, "lang": "en", "stored": posts_of(name, stored)} for name in MANNERS]
    for name, rows in (("creators", creators), ("drafts", drafts)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (directory / f"{prefix}{name}.jsonl").write_text(text, "utf-8")


def drafts(**kinds: str) -> list[dict[str, object]]:
    """Two drafts a kind for the calm author; the value says whose manner they have."""
    return [
        {"id": f"{kind}{n}", "creator": "calm", "kind": kind, "label": int(manner == "calm"), "text": text}
        for kind, manner in kinds.items()
        for n, text in enumerate(posts_of(manner, 2, seed=7))
    ]


def scripted_rows() -> list[dict[str, object]]:
    rows = (("genuine", 1, "a"), ("genuine", 1, "b"), ("random_other", 0, "c"), ("random_other", 0, "d"))
    return [{"id": text, "creator": "calm", "kind": kind, "label": label, "text": text} for kind, label, text in rows]


class Scripted:
    """Scores from a table; None abstains."""

    cost = Cost(calls=3, tokens=70)

    def __init__(self, scores: dict[str, float | None]) -> None:
        self.scores = scores
        self.asked: set[tuple[int, bool]] = set()  # posts stored, draft sponsored

    async def __call__(self, creator: Creator, profile: Profile, draft: str, *, sponsored: bool) -> float | None:
        assert profile.n_posts == len(creator.stored)
        self.asked.add((len(creator.stored), sponsored))
        return self.scores[draft]


async def run(
    directory: Path,
    scorer: Scorer | None = None,
    *,
    prefix: str = "",
    newest: int | None = None,
    fold: Fold = "all",
    limit: int | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Run:
    labelled = select(read_labelled(directory, prefix), newest=newest, fold=fold, limit=limit)
    return await evaluate(labelled, scorer or OfflineScorer(), on_progress)
