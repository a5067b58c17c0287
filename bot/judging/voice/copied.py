"""Finds spans of a draft that already stand in a stored post, so that an old post pasted in buys no likeness."""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MIN_TOKENS = 5
# In scripts without spaces five short runs are an everyday phrase: a span must be this long there.
MIN_CHARACTERS_UNSPACED = 16

_HIDDEN = "\u00ad\u200b-\u200d\u2060\ufeff"
_CJK = "\u3040-\u30ff\u3400-\u9fff々ー"
_TOKEN = re.compile(
    rf"https?://\S+|www\.\S+|<\w+>|@[\w.]+|[ァ-ヺー]+|[ぁ-ゖ]{{1,2}}|[\u3400-\u9fff々]{{1,2}}|[^\W{_CJK}](?:['’]?[{_HIDDEN}]*[^\W{_CJK}])*"
)
_STRIP = re.compile(f"[{_HIDDEN}'’]")
_UNSPACED = re.compile(f"[{_CJK}]")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MAX_CANDIDATES = 8
HABIT_POSTS = 3


@dataclass(frozen=True, slots=True)
class Copied:
    """A span of the draft, as offsets into its raw text, and the index of a stored post that holds it.

    `habit` marks a turn of phrase that the author keeps using, rather than one old post pasted in.
    """

    start: int
    end: int
    post: int
    habit: bool = False


def _fold(token: str) -> str:
    token = unicodedata.normalize("NFKC", _STRIP.sub("", token)).casefold()
    if token.startswith(("http", "www.", "<url")):
        return "<url>"
    return "<user>" if token.startswith("@") else token


def _tokens(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _TOKEN.finditer(text)]


def _symbol(token: str, known: dict[str, int]) -> int:
    symbol = known.get(token)
    if symbol is None:
        symbol = known[token] = zlib.crc32(_fold(token).encode("utf-8", "replace"))
    return symbol


def _shingles(symbols: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hashes of every run of MIN_TOKENS symbols; entry i covers symbols i to i + MIN_TOKENS - 1."""
    n = len(symbols) - MIN_TOKENS + 1
    if n <= 0:
        return np.zeros(0, np.uint64)
    rolling = np.zeros(n, np.uint64)
    for offset in range(MIN_TOKENS):
        rolling = (rolling + symbols[offset : offset + n] + np.uint64(1)) * _MULTIPLIER
        rolling ^= rolling >> np.uint64(29)
    return rolling


class CopyIndex:
    """All runs of MIN_TOKENS tokens of an author's posts, sorted for look-up."""

    def __init__(self, posts: Sequence[str]) -> None:
        known: dict[str, int] = {}
        symbols = [[_symbol(token, known) for token in _TOKEN.findall(post)] for post in posts]
        sizes = np.array([len(post) + 1 for post in symbols], np.int64)
        # A mark of its own between posts keeps a run from reaching into the next post.
        flat = [symbol for number, post in enumerate(symbols) for symbol in (*post, (1 << 32) + number)]
        self._symbols = np.array(flat, np.uint64)
        self._post = np.repeat(np.arange(len(posts)), sizes)
        shingles = _shingles(self._symbols)
        order = np.argsort(shingles, kind="stable")
        self._sorted, self._position = shingles[order], order

    def spans(self, draft: str, *, apart_from: int | None = None) -> tuple[Copied, ...]:
        """The longest copied spans from left to right, without overlap; `apart_from` leaves one post out."""
        known: dict[str, int] = {}
        places = _tokens(draft)
        symbols = np.array([_symbol(draft[start:end], known) for start, end in places], np.uint64)
        shingles = _shingles(symbols)
        if not len(shingles) or not len(self._sorted):
            return ()
        first = np.searchsorted(self._sorted, shingles, "left")
        last = np.searchsorted(self._sorted, shingles, "right")
        found: list[Copied] = []
        at = 0
        while at < len(shingles):
            run = self._longest(symbols, at, self._position[first[at] : last[at]], apart_from)
            if run is None:
                at += 1
                continue
            length, post = run
            start, end = places[at][0], places[at + length - 1][1]
            if _long_enough(draft[start:end]):
                often = (last - first)[at : at + length - MIN_TOKENS + 1].min() >= HABIT_POSTS
                found.append(Copied(start, end, post, bool(often)))
                at += length
            else:
                at += 1
        return tuple(found)

    def _longest(
        self, symbols: NDArray[np.uint64], at: int, candidates: NDArray[np.int64], apart_from: int | None
    ) -> tuple[int, int] | None:
        best: tuple[int, int] | None = None
        if apart_from is not None:
            candidates = candidates[self._post[candidates] != apart_from]
        for candidate in candidates[:_MAX_CANDIDATES].tolist():
            n = min(len(symbols) - at, len(self._symbols) - candidate)
            same = symbols[at : at + n] == self._symbols[candidate : candidate + n]
            length = n if same.all() else int(same.argmin())
            if length >= MIN_TOKENS and (best is None or length > best[0]):
                best = length, int(self._post[candidate])
        return best


def _long_enough(span: str) -> bool:
    unspaced = len(_UNSPACED.findall(span))
    return unspaced * 2 <= len(span) or unspaced >= MIN_CHARACTERS_UNSPACED


def without(draft: str, spans: Iterable[Copied]) -> str:
    """The draft with the spans cut out; habits stay, since they are what a voice is made of."""
    kept, at = [], 0
    for span in spans:
        if span.habit:
            continue
        kept.append(draft[at : span.start])
        at = span.end
    return " ".join((*kept, draft[at:])).strip()
