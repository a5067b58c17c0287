"""Likeness in runs of characters, which meets inflected words and scripts without spaces where words do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.judging.words import fold

SIZES = (3, 4)  # characters
_BITS = 18  # of a hash; too few runs share one to matter
_K1, _B = 1.2, 0.75  # the usual BM25 constants
_END = ord("\n")
_MULTIPLIER, _FINAL = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)

Ints = NDArray[np.int64]
Scores = NDArray[np.float64]


class CharacterIndex:
    """BM25 over hashed runs of characters, for all texts at once."""

    def __init__(self, texts: Sequence[str]) -> None:
        codes = _codes(texts)
        ends = codes == _END
        text_of = np.cumsum(ends) - ends
        lengths = np.bincount(text_of, minlength=len(texts))
        self._norms = _K1 * (1 - _B + _B * lengths / max(1.0, lengths.mean()))
        self._runs = [(hashes, text_of[at]) for hashes, at in (_runs(codes, size) for size in SIZES)]

    def scores(self, queries: Iterable[str]) -> Scores:
        """How much each text shares with all of `queries`; 0 for one that shares nothing."""
        total, codes, number = np.zeros(len(self._norms)), _codes(queries), len(self._norms)
        for size, (hashes, text_of) in zip(SIZES, self._runs, strict=True):
            wanted = np.unique(_runs(codes, size)[0])
            place = np.full(1 << _BITS, -1, np.int32)
            place[wanted] = np.arange(len(wanted))
            found = place[hashes]
            pairs, counts = np.unique(text_of[found >= 0] * (len(wanted) + 1) + found[found >= 0], return_counts=True)
            text, run = np.divmod(pairs, len(wanted) + 1)
            in_texts = np.bincount(run, minlength=len(wanted))
            weights = np.log(1 + (number - in_texts + 0.5) / (in_texts + 0.5))
            values = weights[run] * counts * (_K1 + 1) / (counts + self._norms[text])
            total += np.bincount(text, weights=values, minlength=number)
        return total


def _codes(texts: Iterable[str]) -> NDArray[np.uint64]:
    """Code points of the folded texts, a line end after each."""
    joined = "".join(f"{fold(text).replace(chr(_END), ' ')}\n" for text in texts)
    return np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)


def _runs(codes: NDArray[np.uint64], size: int) -> tuple[Ints, Ints]:
    """Hashes of all runs of `size` characters that cross no end of a text, and where each begins."""
    number = max(0, len(codes) - size + 1)
    hashes, crosses = np.zeros(number, np.uint64), np.zeros(number, bool)
    for offset in range(size):
        window = codes[offset : offset + number]
        hashes = hashes * _MULTIPLIER + window
        crosses |= window == _END
    at = np.flatnonzero(~crosses)
    return ((hashes[at] * _FINAL) >> np.uint64(64 - _BITS)).astype(np.int64), at
