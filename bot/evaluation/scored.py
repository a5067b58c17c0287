"""Scored drafts without a text or a name, as columns: what is measured, drawn, saved and compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from bot.evaluation.labelled import LabelledDraft
from bot.judging.voice.grams import Floats

Key = tuple[str, str, str, Literal[0, 1]]
_BOOTSTRAPS = 500


def pseudonym(name: str) -> str:
    """The first 16 hexadecimal digits of the sha256: who has the name finds it again, but it cannot be read off."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ScoredDraft:
    """One scored draft as it is saved; `probability` is None where the scorer abstained.

    `draft` and `creator` are pseudonyms: the id of a draft often holds its creator's name.
    """

    draft: str
    creator: str
    kind: str
    label: Literal[0, 1]
    probability: Annotated[float, Field(ge=0, le=1)] | None

    @property
    def key(self) -> Key:
        """The same in every run. Another kind or label makes it another draft, for it does not measure the same."""
        return self.draft, self.creator, self.kind, self.label


def key_of(draft: LabelledDraft) -> Key:
    return pseudonym(draft.id), pseudonym(draft.creator), draft.kind, draft.label


@dataclass(frozen=True, slots=True)
class Scored:
    """Columns over scored drafts; `probability` is NaN where the scorer abstained."""

    creator: NDArray[np.str_]
    kind: NDArray[np.str_]
    label: Floats
    probability: Floats

    @classmethod
    def of_drafts(cls, drafts: Iterable[ScoredDraft]) -> Scored:
        rows = list(drafts)
        return cls(
            np.array([row.creator for row in rows], str),
            np.array([row.kind for row in rows], str),
            np.array([row.label for row in rows], float),
            np.array([row.probability for row in rows], float),
        )

    def at(self, rows: NDArray[np.intp]) -> Scored:
        return Scored(self.creator[rows], self.kind[rows], self.label[rows], self.probability[rows])

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
