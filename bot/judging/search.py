"""Which past posts bear on a draft: BM25 over words, for histories too long to be read whole and for the offline judge.

Search alone finds a quarter to a third of the posts that decide a subtle case; it is what there is without a model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from bot.judging.words import tokens
from bot.model import PastPost

_K1, _B = 1.2, 0.75  # the usual BM25 constants


class PostSearch:
    """An index over one history."""

    def __init__(self, posts: Sequence[PastPost]) -> None:
        self.posts = tuple(posts)
        self._counts = [Counter(tokens(post.text)) for post in self.posts]
        self._lengths = [counts.total() for counts in self._counts]
        self._mean = max(1.0, sum(self._lengths) / max(1, len(self._lengths)))
        self._in_posts = Counter(word for counts in self._counts for word in counts)

    def nearest(self, texts: Iterable[str], limit: int) -> tuple[PastPost, ...]:
        """Up to `limit` posts that share most with any of `texts`, best first; none that share nothing."""
        query = {word for text in texts for word in tokens(text)}
        weights = {word: self._weight(word) for word in query if word in self._in_posts}
        scored = [(self._score(i, weights), i) for i in range(len(self.posts))]
        best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], -pair[1]))[:limit]
        return tuple(self.posts[i] for _, i in best)

    def _weight(self, word: str) -> float:
        n = self._in_posts[word]
        return math.log(1 + (len(self.posts) - n + 0.5) / (n + 0.5))

    def _score(self, i: int, weights: dict[str, float]) -> float:
        counts, norm = self._counts[i], _K1 * (1 - _B + _B * self._lengths[i] / self._mean)
        return sum(
            w * counts[word] * (_K1 + 1) / (counts[word] + norm) for word, w in weights.items() if word in counts
        )
