"""Scores a set of labelled drafts and measures the scores: AUC, calibration, abstention, cost, with intervals."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bot.evaluation.labelled import Creator, LabelledDraft, is_fitted, read_labelled
from bot.evaluation.scorers import Cost, OfflineScorer, Scorer
from bot.judging.voice.grams import Floats

GENUINE, SPONSORED_OWN, SPONSORED_OTHER = "genuine", "sponsored_own", "sponsored_other"
# Names under which the usual kinds are reported; any other kind with label 0 keeps its own name.
KINDS = {"random": "random_other", "hard": "hard_same_field", "sponsored": SPONSORED_OTHER}
PLAIN = (GENUINE, KINDS["random"], KINDS["hard"])
ABSTAIN_FROM, ABSTAIN_TO = 0.2, 0.8
_BOOTSTRAPS = 500

Fold = Literal["all", "fitted", "unfitted"]


def auc(positive: Floats, negative: Floats) -> float | None:
    """Area under the ROC curve: how often a positive ranks above a negative, ties half; None if either is missing."""
    if not len(positive) or not len(negative):
        return None
    _, inverse, counts = np.unique(np.concatenate([positive, negative]), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse][: len(positive)]
    return float((ranks.sum() - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative)))


def calibration_error(probabilities: Floats, labels: Floats, bins: int = 10) -> float:
    """Expected calibration error over equal bins: mean gap between probability and share of positives."""
    at = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = np.bincount(at, weights=probabilities - labels, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


@dataclass(frozen=True, slots=True)
class Report:
    """What `eval` prints; a measure that the drafts do not allow is None."""

    auc: Mapping[str, float | None]
    ece: float | None
    brier: float | None
    coverage: float | None
    accuracy_decided: float | None
    ms_per_draft: float
    calls: int
    tokens: int
    n: int
    ece_sponsored: float | None = None
    auc_interval: Mapping[str, tuple[float, float] | None] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Scored:
    """One column for each thing known of a scored draft; NaN where the scorer abstained."""

    probability: Floats
    label: Floats
    kind: NDArray[np.str_]
    creator: NDArray[np.str_]

    def of(self, *kinds: str) -> Scored:
        return self.at(np.flatnonzero(np.isin(self.kind, kinds)))

    def at(self, rows: NDArray[np.intp]) -> Scored:
        return Scored(self.probability[rows], self.label[rows], self.kind[rows], self.creator[rows])


async def evaluate(
    directory: Path,
    *,
    prefix: str = "",
    newest: int | None = None,
    fold: Fold = "all",
    limit: int | None = None,
    make_scorer: Callable[[Sequence[Creator]], Scorer] = OfflineScorer,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Scores the labelled drafts of a directory and measures the scores.

    `newest` cuts every store, `fold` keeps the drafts of creators the weights were fitted on or not, `limit` takes that
    many drafts spread evenly. All creators serve as background whatever the fold. Raises ValueError for bad input.
    """
    labelled = read_labelled(directory, prefix)
    creators = tuple(_cut(creator, newest) for creator in labelled.creators)
    drafts = sorted(_chosen(labelled.drafts, fold, limit), key=lambda draft: draft.creator)
    if not drafts:
        raise ValueError(f"{directory} holds no draft to score for this choice of creators.")
    by_name = {creator.name: creator for creator in creators}
    scorer = make_scorer(creators)
    started = time.perf_counter()
    done = 0

    async def score(draft: LabelledDraft) -> float:
        nonlocal done
        sponsored = draft.kind in (SPONSORED_OWN, SPONSORED_OTHER)
        probability = await scorer(by_name[draft.creator], draft.text, sponsored=sponsored)
        done += 1
        on_progress(done, len(drafts))
        return float("nan") if probability is None else probability

    scores = await asyncio.gather(*map(score, drafts))
    spent = time.perf_counter() - started
    scored = Scored(
        np.array(scores),
        np.array([draft.label for draft in drafts], float),
        np.array([draft.kind for draft in drafts]),
        np.array([draft.creator for draft in drafts]),
    )
    return _report(scored, scorer.cost, 1000 * spent / len(drafts))


def _cut(creator: Creator, newest: int | None) -> Creator:
    return creator if newest is None else Creator(creator.name, creator.stored[-newest:])


def _chosen(drafts: Sequence[LabelledDraft], fold: Fold, limit: int | None) -> list[LabelledDraft]:
    chosen = [draft for draft in drafts if fold == "all" or is_fitted(draft.creator) == (fold == "fitted")]
    if limit is None or limit >= len(chosen):
        return chosen
    return [chosen[at] for at in np.linspace(0, len(chosen) - 1, max(limit, 0)).astype(int).tolist()]


def _report(scored: Scored, cost: Cost, ms_per_draft: float) -> Report:
    plain, sponsored = scored.of(*PLAIN), scored.of(SPONSORED_OWN, SPONSORED_OTHER)
    p, label = plain.probability, plain.label
    answered = ~np.isnan(p)
    decided = (p < ABSTAIN_FROM) | (p > ABSTAIN_TO)
    pairs = _pairs(scored)
    return Report(
        auc={name: _auc(scored, *pair) for name, pair in pairs.items()},
        ece=_error(plain),
        brier=float(np.mean((p - label)[answered] ** 2)) if answered.any() else None,
        coverage=float(decided.mean()) if len(p) else None,
        accuracy_decided=float(((p > ABSTAIN_TO) == (label == 1))[decided].mean()) if decided.any() else None,
        ms_per_draft=ms_per_draft,
        calls=cost.calls,
        tokens=cost.tokens,
        n=len(scored.label),
        ece_sponsored=_error(sponsored),
        auc_interval=_intervals(scored, pairs),
    )


def _pairs(scored: Scored) -> dict[str, tuple[str, str]]:
    """Kinds to set against each other, by the name of the pair."""
    known = {name: (SPONSORED_OWN if name == "sponsored" else GENUINE, kind) for name, kind in KINDS.items()}
    others = sorted(set(scored.kind[scored.label == 0].tolist()) - set(KINDS.values()))
    return known | {kind: (GENUINE, kind) for kind in others}


def _auc(scored: Scored, own: str, other: str) -> float | None:
    answered = scored.at(np.flatnonzero(~np.isnan(scored.probability)))
    return auc(answered.of(own).probability, answered.of(other).probability)


def _error(scored: Scored) -> float | None:
    answered = scored.at(np.flatnonzero(~np.isnan(scored.probability)))
    return calibration_error(answered.probability, answered.label) if len(answered.label) else None


def _intervals(scored: Scored, pairs: Mapping[str, tuple[str, str]]) -> dict[str, tuple[float, float] | None]:
    """95 % intervals of each AUC by bootstrap over creators: their drafts stand or fall together."""
    rng = np.random.default_rng(0)
    rows = [np.flatnonzero(scored.creator == name) for name in np.unique(scored.creator)]
    draws: dict[str, list[float]] = {name: [] for name in pairs}
    for _ in range(_BOOTSTRAPS):
        drawn = scored.at(np.concatenate([rows[at] for at in rng.integers(len(rows), size=len(rows))]))
        for name, pair in pairs.items():
            if (value := _auc(drawn, *pair)) is not None:
                draws[name].append(value)
    return {
        name: (float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))) if values else None
        for name, values in draws.items()
    }
