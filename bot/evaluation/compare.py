"""Saving a run's scores, and setting a later run against them: differences on the drafts that both scored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError

from bot.errors import Problem
from bot.evaluation import measures
from bot.evaluation.labelled import LabelledDraft
from bot.evaluation.measures import PLAIN, SPONSORED
from bot.evaluation.scored import Scored, interval, pseudonym, resamples
from bot.evaluation.scoring import Run

Key = tuple[str, str, str, int]  # of a draft in two runs: draft, creator, kind, label


class SavedDraft(BaseModel):
    """A draft of a saved run: pseudonyms, what it was, and its probability (None: abstained)."""

    draft: str
    creator: str
    kind: str
    label: Literal[0, 1]
    probability: Annotated[float, Field(ge=0, le=1)] | None


class Saved(BaseModel):
    """What is read of a saved run; the report's measures are computed anew from the shared drafts."""

    drafts: Annotated[list[SavedDraft], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure in both runs; `interval` 95 % of new minus old. None where the drafts do not allow it."""

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
    """Writes report and scores as JSON, without texts and names. Raises Problem where it cannot be written."""
    scored = run.scored
    columns = {
        "draft": scored.draft.tolist(),
        "creator": scored.creator.tolist(),
        "kind": scored.kind.tolist(),
        "label": scored.label.astype(int).tolist(),
        "probability": [None if np.isnan(p) else p for p in scored.probability.tolist()],
    }
    drafts = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    try:
        path.write_text(json.dumps(run.report.to_json() | {"drafts": drafts}, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise Problem("eval.not_writable", path=str(path), why=error.strerror) from None


def read_saved(path: Path) -> Scored:
    """The scores of a saved run. Raises Problem for a file that is none."""
    try:
        drafts = Saved.model_validate_json(path.read_bytes()).drafts
    except OSError as error:
        raise Problem("eval.not_readable", path=str(path), why=error.strerror) from None
    except ValidationError:
        raise Problem("eval.no_report", path=str(path)) from None
    return Scored(
        np.array([one.draft for one in drafts], str),
        np.array([one.creator for one in drafts], str),
        np.array([one.kind for one in drafts], str),
        np.array([one.label for one in drafts], float),
        np.array([one.probability for one in drafts], float),
    )


def shares_any(saved: Scored, drafts: Iterable[LabelledDraft]) -> bool:
    """Whether the saved run has scored any of these drafts, to be known before a new run is paid for."""
    keys = _rows(saved)
    return any((pseudonym(one.id), pseudonym(one.creator), one.kind, one.label) in keys for one in drafts)


def compare(old: Scored, new: Scored) -> Comparison:
    """Sets `new` against `old` on the drafts that both hold, with intervals by paired bootstrap over creators."""
    old_rows, new_rows = _rows(old), _rows(new)
    shared = [key for key in new_rows if key in old_rows]
    old = old.at(np.array([old_rows[key] for key in shared], np.intp))
    new = new.at(np.array([new_rows[key] for key in shared], np.intp))
    answered = ~np.isnan(old.probability + new.probability)
    named = measures.pairs(new)

    def measured(scored: Scored, rows: NDArray[np.intp]) -> dict[str, float | None]:
        both, all_ = scored.at(rows[answered[rows]]), scored.at(rows)
        return {
            **{f"auc_{name}": measures.pair_auc(both, pair) for name, pair in named.items()},
            "ece": measures.error_of(both, PLAIN),
            "ece_sponsored": measures.error_of(both, SPONSORED),
            "brier": measures.brier(both),
            "coverage": measures.coverage(all_),
            "accuracy_decided": measures.accuracy_decided(all_),
        }

    everything = np.arange(len(shared))
    before, after = measured(old, everything), measured(new, everything)
    draws: dict[str, list[float]] = {name: [] for name in before}
    for rows in resamples(new.creator):
        for name, (one, other) in _zipped(measured(old, rows), measured(new, rows)).items():
            if (drawn := _minus(other, one)) is not None:
                draws[name].append(drawn)
    found = {
        name: Difference(one, other, _minus(other, one), interval(draws[name]))
        for name, (one, other) in _zipped(before, after).items()
    }
    return Comparison(len(shared), int(answered.sum()), found)


def _rows(scored: Scored) -> dict[Key, int]:
    """Row of each draft. Another kind or label makes it another draft: the two would not measure the same."""
    columns = (scored.draft.tolist(), scored.creator.tolist(), scored.kind.tolist(), scored.label.astype(int).tolist())
    return {key: row for row, key in enumerate(zip(*columns, strict=True))}


def _zipped(
    old: Mapping[str, float | None], new: Mapping[str, float | None]
) -> dict[str, tuple[float | None, float | None]]:
    return {name: (old[name], new[name]) for name in old}


def _minus(new: float | None, old: float | None) -> float | None:
    return None if new is None or old is None else new - old
