"""Scored drafts as columns, without a text or a name: what is measured, drawn, saved and compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.evaluation.labelled import LabelledDraft
from bot.judging.voice.grams import Floats

_BOOTSTRAPS = 500


def pseudonym(name: str) -> str:
    """The first 16 hexadecimal digits of the sha256. Who has the name can find it again; it cannot be read off."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Scored:
    """One column for each thing known of a scored draft; `probability` is NaN where the scorer abstained.

    `draft` and `creator` are pseudonyms: ids of drafts often hold their creator's name.
    """

    draft: NDArray[np.str_]
    creator: NDArray[np.str_]
    kind: NDArray[np.str_]
    label: Floats
    probability: Floats

    @classmethod
    def of_drafts(cls, drafts: Sequence[LabelledDraft], scores: Sequence[float | None]) -> Scored:
        return cls(
            np.array([pseudonym(draft.id) for draft in drafts], str),
            np.array([pseudonym(draft.creator) for draft in drafts], str),
            np.array([draft.kind for draft in drafts], str),
            np.array([draft.label for draft in drafts], float),
            np.array(scores, float),
        )

    def at(self, rows: NDArray[np.intp]) -> Scored:
        return Scored(self.draft[rows], self.creator[rows], self.kind[rows], self.label[rows], self.probability[rows])

    def of(self, *kinds: str) -> Scored:
        wanted = np.zeros(len(self.kind), bool)
        for kind in kinds:
            wanted |= self.kind == kind
        return self.at(np.flatnonzero(wanted))

    def answered(self) -> Scored:
        return self.at(np.flatnonzero(~np.isnan(self.probability)))


def resamples(creator: NDArray[np.str_]) -> Iterator[NDArray[np.intp]]:
    """Rows drawn by bootstrap over creators: their drafts stand or fall together. The same draws every time."""
    rng = np.random.default_rng(0)
    rows = [np.flatnonzero(creator == name) for name in np.unique(creator)]
    for _ in range(_BOOTSTRAPS):
        yield np.concatenate([rows[at] for at in rng.integers(len(rows), size=len(rows))])


def interval(values: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % interval that bootstrapped values span; None without any."""
    return (float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))) if values else None
