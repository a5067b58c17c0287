"""Which past posts bear on a draft: for histories too long to be read whole and for the offline judge.

What decides a subtle case often shares no word with the draft. So posts that tell much about their author are read
too, whatever they are about; the more words a post shares with the draft, the less that counts.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from bot.judging.characters import CharacterIndex
from bot.judging.telling import Scores, standardised, telling
from bot.judging.words import tokens
from bot.model.dossiers import Statement
from bot.model.posts import PastPost

_K1, _B = 1.2, 0.75  # the usual BM25 constants
TELLING = 4.0  # how many squared standard deviations of likeness one of telling is worth
NOTED = 16.0  # the same for a post that a reader has noted
REPEATED = 0.8  # of two posts' words in both: one repeats the other
RAREST = 3  # words by which posts that may repeat each other are found


class PostSearch:
    """An index over one history, and over what the statements `noted` say of the posts that they quote."""

    def __init__(self, posts: Sequence[PastPost], noted: Iterable[Statement] = ()) -> None:
        self.posts = tuple(posts)
        notes = _notes(noted)
        self._noted = np.array([post.id in notes for post in self.posts], bool)
        self._texts = [f"{post.text}{notes.get(post.id, '')}" for post in self.posts]
        self._counts = [Counter(tokens(text)) for text in self._texts]
        self._lengths = [counts.total() for counts in self._counts]
        self._mean = max(1.0, sum(self._lengths) / max(1, len(self._lengths)))
        self._in_posts = Counter(word for counts in self._counts for word in counts)

    def nearest(self, texts: Iterable[str], limit: int) -> tuple[PastPost, ...]:
        """Up to `limit` posts that share most words with any of `texts`, best first; none that share nothing."""
        scored = [(score, i) for i, score in enumerate(self._scores(texts)) if score > 0]
        return tuple(self.posts[i] for _, i in sorted(scored, key=lambda pair: (-pair[0], -pair[1]))[:limit])

    def worth_reading(self, texts: Sequence[str]) -> tuple[PastPost, ...]:
        """All posts, first those that a reviewer of `texts` should read: near to them, or telling of their author.

        Likeness is squared, so that the few posts far nearer than all others come before anything that is only telling.
        Where a reader noted some posts, these stand for the telling ones, the nearest by post and note first. A post
        that repeats a better one comes after all that do not.
        """
        if not self.posts:
            return ()
        words = standardised(np.array(self._scores(texts)))
        runs = standardised(CharacterIndex(self._texts).scores(texts))
        near = np.maximum(standardised(words + runs), 0) ** 2
        guessed = telling(self.posts, self._counts, self._in_posts)
        score: Scores = near + TELLING * guessed
        if self._noted.any():  # by somebody who read all posts: no need to guess
            score = np.where(self._noted, NOTED + words + runs + guessed, near)
        newest_first = np.arange(len(self.posts))[::-1]
        best_first = newest_first[np.argsort(-score[newest_first], kind="stable")]
        return tuple(self.posts[i] for i in self._repeats_last(best_first.tolist()))

    def _repeats_last(self, best_first: Iterable[int]) -> list[int]:
        told: defaultdict[str, list[int]] = defaultdict(list)
        first, repeats = [], []
        for i in best_first:
            words = self._counts[i].keys()
            rarest = sorted(words, key=self._in_posts.__getitem__)[:RAREST]
            if any(_alike(words, self._counts[j].keys()) for word in rarest for j in told[word]):
                repeats.append(i)
                continue
            first.append(i)
            for word in rarest:
                told[word].append(i)
        return first + repeats

    def _scores(self, texts: Iterable[str]) -> list[float]:
        query = {word for text in texts for word in tokens(text)}
        weights = {word: self._weight(word) for word in query if word in self._in_posts}
        return [self._score(i, weights) for i in range(len(self.posts))]

    def _weight(self, word: str) -> float:
        n = self._in_posts[word]
        return math.log(1 + (len(self.posts) - n + 0.5) / (n + 0.5))

    def _score(self, i: int, weights: dict[str, float]) -> float:
        counts, norm = self._counts[i], _K1 * (1 - _B + _B * self._lengths[i] / self._mean)
        return sum(
            w * counts[word] * (_K1 + 1) / (counts[word] + norm) for word, w in weights.items() if word in counts
        )


def _notes(noted: Iterable[Statement]) -> dict[str, str]:
    """What is said of each quoted post, by its id."""
    notes: defaultdict[str, str] = defaultdict(str)
    for statement in noted:
        for quote in statement.quotes:
            notes[quote.post_id] += f" {statement.topic} {statement.text}"
    return dict(notes)


def _alike(words: Collection[str], others: Collection[str]) -> bool:
    shared = len(set(words) & set(others))
    return shared >= REPEATED * (len(words) + len(others) - shared)
