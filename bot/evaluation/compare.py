"""Saving a run's scores, and setting a later run against them on the drafts that both scored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError

from bot.errors import Problem
from bot.evaluation import measures
from bot.evaluation.measures import PLAIN, SPONSORED, Pair
from bot.evaluation.scored import Scored, ScoredDraft, interval, resamples
from bot.evaluation.scoring import Run

Measured = Mapping[str, float | None]


class Saved(BaseModel):
    """What is read of a saved run; its measures are taken anew on the shared drafts."""

    drafts: Annotated[tuple[ScoredDraft, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure in both runs, and the 95 % interval of new minus old; None where the drafts do not allow it."""

    old: float | None
    new: float | None
    difference: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`n` drafts that both runs scored; AUC, ECE and Brier rest on the `answered` ones that neither abstained on."""

    n: int
    answered: int
    measures: Mapping[str, Difference]

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def save(run: Run, path: Path) -> None:
    """Writes report and scored drafts as JSON. Raises Problem where it cannot be written."""
    content = run.report.to_json() | {"drafts": [asdict(draft) for draft in run.drafts]}
    try:
        path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise Problem("eval.not_writable", path=str(path), why=error.strerror) from None


def read_saved(path: Path) -> tuple[ScoredDraft, ...]:
    """The scored drafts of a saved run. Raises Problem for a file that is none."""
    try:
        return Saved.model_validate_json(path.read_bytes()).drafts
    except OSError as error:
        raise Problem("eval.not_readable", path=str(path), why=error.strerror) from None
    except ValidationError:
        raise Problem("eval.no_report", path=str(path)) from None


def compare(old_drafts: Sequence[ScoredDraft], new_drafts: Sequence[ScoredDraft]) -> Comparison:
    """Sets new against old on the drafts that both hold, with intervals by paired bootstrap over creators.

    Speed and cost are of a whole run, on its own machine, and are not compared.
    """
    earlier = {draft.key: draft for draft in old_drafts}
    shared = [draft for draft in new_drafts if draft.key in earlier]
    old, new = Scored.of_drafts(earlier[draft.key] for draft in shared), Scored.of_drafts(shared)
    both = ~np.isnan(old.probability + new.probability)
    pairs = measures.pairs(new)

    def measured(rows: NDArray[np.intp]) -> tuple[Measured, Measured, Measured]:
        before, after = (_measures(run.at(rows), run.at(rows[both[rows]]), pairs) for run in (old, new))
        return before, after, {name: _minus(after[name], before[name]) for name in after}

    before, after, differences = measured(np.arange(len(shared)))
    drawn = [measured(rows)[2] for rows in resamples(new.creator)]
    intervals = {name: interval([value for one in drawn if (value := one[name]) is not None]) for name in after}
    found = {name: Difference(before[name], after[name], differences[name], intervals[name]) for name in after}
    return Comparison(len(shared), int(both.sum()), found)


def _measures(scored: Scored, answered: Scored, pairs: Mapping[str, Pair]) -> Measured:
    """Every measure by its name; abstaining is measured on all drafts, the rest on those `answered` in both runs."""
    return {
        **{f"auc_{name}": measures.pair_auc(answered, pair) for name, pair in pairs.items()},
        "ece": measures.error_of(answered, PLAIN),
        "ece_sponsored": measures.error_of(answered, SPONSORED),
        "brier": measures.brier(answered),
        "coverage": measures.coverage(scored),
        "accuracy_decided": measures.accuracy_decided(scored),
    }


def _minus(new: float | None, old: float | None) -> float | None:
    return None if new is None or old is None else new - old
