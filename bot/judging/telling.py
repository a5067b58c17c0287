"""How much each post tells about its author, whatever a draft is about: a guess at which posts may decide a case.

Counted in rare words, which are what a post says rather than how it is said, and in kinds of words by which people
speak of themselves: refusing, promising, having changed, owing and being paid. Reach plays no part.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from bot.judging.words import fold
from bot.model.posts import PastPost

Scores = NDArray[np.float64]

RARE_WORDS, KINDS = 2.0, 1.0  # what a standard deviation of each is worth


def telling(posts: Sequence[PastPost], words: Sequence[Mapping[str, int]], in_posts: Mapping[str, int]) -> Scores:
    """One standardised number a post. `words` are those of each post, `in_posts` in how many posts a word stands."""
    rarity = {word: math.log(len(posts) / number) for word, number in in_posts.items()}
    said = np.array([math.log1p(sum(map(rarity.__getitem__, each))) for each in words])
    kinds = np.array([_kinds(post.text, each) for post, each in zip(posts, words, strict=True)], float)
    parts = sum((standardised(kind) for kind in kinds.T), np.zeros(len(posts)))
    return standardised(RARE_WORDS * standardised(said) + KINDS * standardised(parts))


def standardised(values: Scores) -> Scores:
    """With mean 0 and standard deviation 1; zeros where all are alike."""
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else np.zeros(len(values))


def _kinds(text: str, words: Mapping[str, int]) -> list[int]:
    """How many different words of each kind a post holds."""
    kind_of, number = _listed()
    counts = [0] * number
    for word in (words.keys() & kind_of.keys()) | (kind_of.keys() & set(text)):
        counts[kind_of[word]] += 1
    return counts


@cache
def _listed() -> tuple[Mapping[str, int], int]:
    """The kind of each listed word, and how many kinds there are; of two kinds the one that is listed first."""
    kinds = tomllib.loads(files(__package__ or __name__).joinpath("telling.toml").read_text("utf-8"))
    kind_of: dict[str, int] = {}
    for number, by_language in enumerate(kinds.values()):
        for word in (word for listed in by_language.values() for word in listed):
            kind_of.setdefault(fold(word), number)
    return kind_of, len(kinds)
