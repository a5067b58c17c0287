"""What scored drafts are measured by: AUC, calibration, abstention; and the report of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.evaluation.scored import Scored, interval, resamples
from bot.judging.voice.grams import Floats

GENUINE, SPONSORED_OWN, SPONSORED_OTHER = "genuine", "sponsored_own", "sponsored_other"
# Names under which the usual kinds are reported; any other kind with label 0 keeps its own name.
KINDS = {"random": "random_other", "hard": "hard_same_field", "sponsored": SPONSORED_OTHER}
PLAIN = (GENUINE, KINDS["random"], KINDS["hard"])
SPONSORED = (SPONSORED_OWN, SPONSORED_OTHER)
ABSTAIN_FROM, ABSTAIN_TO = 0.2, 0.8
BINS = 10  # of equal width, as is usual; over few drafts most of the error is chance: see error_by_chance
_CHANCE_DRAWS = 500

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Bins:
    """Drafts by probability, one row for each bin that holds any: its number, mean probability, share of own drafts."""

    number: NDArray[np.intp]
    probability: Floats
    share: Floats
    count: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Report:
    """What `eval` prints; a measure that the drafts do not allow is None.

    `ms_per_draft` is the time of scoring against ready profiles, `ms_per_profile` that of making one. `ece_by_chance`
    is the calibration error, mean and 95th percentile, that probabilities without any fault would show on these drafts.
    """

    auc: Mapping[str, float | None]
    ece: float | None
    brier: float | None
    coverage: float | None
    accuracy_decided: float | None
    ms_per_draft: float
    ms_per_profile: float | None
    calls: int
    tokens: int
    n: int
    ece_sponsored: float | None
    ece_by_chance: Mapping[str, tuple[float, float] | None]
    auc_interval: Mapping[str, tuple[float, float] | None]

    def to_json(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def auc(positive: Floats, negative: Floats) -> float | None:
    """Area under the ROC curve: how often a positive ranks above a negative, ties half; None if either is missing."""
    if not len(positive) or not len(negative):
        return None
    _, inverse, counts = np.unique(np.concatenate([positive, negative]), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse][: len(positive)]
    return float((ranks.sum() - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative)))


def reliability(probabilities: Floats, labels: Floats) -> Bins:
    """Probabilities against what came true, over equal bins from 0 to 1."""
    at = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    count = np.bincount(at, minlength=BINS)
    filled = np.flatnonzero(count)
    sums = [np.bincount(at, weights=values, minlength=BINS)[filled] for values in (probabilities, labels)]
    return Bins(filled, sums[0] / count[filled], sums[1] / count[filled], count[filled])


def calibration_error(probabilities: Floats, labels: Floats) -> float:
    """Expected calibration error: mean gap between probability and share of own drafts, over the bins."""
    bins = reliability(probabilities, labels)
    return float(np.sum(bins.count * np.abs(bins.probability - bins.share)) / len(labels))


def error_by_chance(probabilities: Floats) -> tuple[float, float]:
    """Calibration error, mean and 95th percentile, of these very probabilities if all were true: labels drawn by them.

    No measure can be expected to have less than that mean: over 50 drafts about .1, over 1,200 about .025.
    """
    rng = np.random.default_rng(0)
    drawn = rng.random((_CHANCE_DRAWS, len(probabilities))) < probabilities
    errors = [calibration_error(probabilities, labels.astype(float)) for labels in drawn]
    return float(np.mean(errors)), float(np.quantile(errors, 0.95))


def pairs(scored: Scored) -> dict[str, Pair]:
    """Kinds to set against each other, by the name of the pair."""
    known = {name: (SPONSORED_OWN if name == "sponsored" else GENUINE, kind) for name, kind in KINDS.items()}
    others = sorted(set(scored.kind[scored.label == 0].tolist()) - set(KINDS.values()))
    return known | {kind: (GENUINE, kind) for kind in others}


def pair_auc(scored: Scored, pair: Pair) -> float | None:
    own, other = (scored.of(kind).answered().probability for kind in pair)
    return auc(own, other)


def error_of(scored: Scored, kinds: tuple[str, ...]) -> float | None:
    """Expected calibration error over the answered drafts of these kinds."""
    answered = scored.of(*kinds).answered()
    return calibration_error(answered.probability, answered.label) if len(answered.label) else None


def chance_of(scored: Scored, kinds: tuple[str, ...]) -> tuple[float, float] | None:
    """`error_by_chance` over the answered drafts of these kinds."""
    answered = scored.of(*kinds).answered()
    return error_by_chance(answered.probability) if len(answered.label) else None


def brier(scored: Scored) -> float | None:
    answered = scored.of(*PLAIN).answered()
    return float(np.mean((answered.probability - answered.label) ** 2)) if len(answered.label) else None


def coverage(scored: Scored) -> float | None:
    """Share of plain drafts with a probability clear enough to decide by."""
    plain = scored.of(*PLAIN)
    return float(_decided(plain.probability).mean()) if len(plain.label) else None


def accuracy_decided(scored: Scored) -> float | None:
    plain = scored.of(*PLAIN)
    right = (plain.probability > ABSTAIN_TO) == (plain.label == 1)
    decided = _decided(plain.probability)
    return float(right[decided].mean()) if decided.any() else None


def _decided(probability: Floats) -> NDArray[np.bool_]:
    return (probability < ABSTAIN_FROM) | (probability > ABSTAIN_TO)


def auc_intervals(scored: Scored) -> dict[str, tuple[float, float] | None]:
    """The 95 % interval of each AUC by bootstrap over creators."""
    named = pairs(scored)
    draws: dict[str, list[float]] = {name: [] for name in named}
    for rows in resamples(scored.creator):
        drawn = scored.at(rows)
        for name, pair in named.items():
            if (value := pair_auc(drawn, pair)) is not None:
                draws[name].append(value)
    return {name: interval(values) for name, values in draws.items()}
