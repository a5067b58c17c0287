"""Measures a batch of posts against one author's counts and everybody else's: log-likelihood ratios, one row a post.

The author's language model is the background's, adapted order by order to the author's own posts; a measure is
the mean log-ratio of the two per character (or word), whole or for one group of characters.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.judging.voice.grams import (
    CHAR_BITS,
    CHAR_GROUPS,
    CHAR_ORDERS,
    EMOJI_GROUP,
    HABIT_GROUPS,
    HABITS,
    HASHTAG_GROUP,
    WORD_BITS,
    WORD_GROUPS,
    WORD_ORDERS,
    Encoded,
    Floats,
    Grams,
    Ints,
    Packed,
    Sparse,
    sums,
)

HABIT_BINS = 6
_KNOWN_ORDERS = (3, 4, 5)
_FREQUENCIES = ("common", "usual", "rare")
_COMMON, _RARE = 2e-3, 2e-4  # a word's share of the background's words

_PASTED = ("char_emoji", "char_hashtag", "word_hashtag", "word_emoji", "habit_hashtags", "habit_emoji")
# Favourite emoji and hashtags are easily pasted on: the right ones count up to these limits, wrong ones in full.
_PASTED_LIMITS = np.array((0.05, 0.05, 0.05, 0.05, 0.5, 0.5))

_WHOLE = (
    *(f"char_{n}" for n in range(1, CHAR_ORDERS + 1)),
    *(f"char_{name}" for name in CHAR_GROUPS),
    *(f"char_known_{n}" for n in _KNOWN_ORDERS),
    *(f"word_{n}" for n in range(1, WORD_ORDERS + 1)),
    *(f"word_{name}" for name in (*_FREQUENCIES, *WORD_GROUPS[1:])),
    "word_known",
    *(f"habit_{name}" for name in HABIT_GROUPS),
)
_AT_PASTED = [_WHOLE.index(name) for name in _PASTED]
MEASURES = (*_WHOLE, *(f"{name}_limited" for name in _PASTED))

_BACKOFF, _HABIT_PRIOR = 3.0, 5.0
_SHORT_CHARS, _SHORT_WORDS = 10, 2  # added to the length of a post: the mean over a few characters is mostly chance


@dataclass(frozen=True, slots=True)
class _Levels:
    """How many own observations outweigh the next lower order, order by order, and how many symbols there are."""

    adaptation: tuple[float, ...]
    symbols: float


_CHAR_LEVELS = _Levels((60, 20, 8, 4, 3), 5_000)
_WORD_LEVELS = _Levels((300, 30), 30_000)


@dataclass(frozen=True, slots=True)
class Own:
    """What one author's posts hold: n-gram counts, habit histograms (len(HABITS), HABIT_BINS), and their sizes."""

    chars: Sparse
    words: Sparse
    habits: Ints
    n_chars: int
    n_words: int
    n_posts: int

    @classmethod
    def of(cls, posts: Encoded, edges: Floats) -> "Own":
        bins = habit_bins(posts.habits, edges)
        habits = np.stack([np.bincount(column, minlength=HABIT_BINS) for column in bins.T])
        chars, words = posts.chars, posts.words
        return cls(chars.counts(), words.counts(), habits, len(chars.counted), len(words.counted), len(posts))


@dataclass(frozen=True, slots=True)
class Everybody:
    """The same over all authors, in tables of 2 ** CHAR_BITS and 2 ** WORD_BITS slots."""

    chars: Packed
    words: Packed
    habits: Ints
    n_chars: int
    n_words: int
    n_posts: int

    @classmethod
    def empty(cls) -> "Everybody":
        habits = np.zeros((len(HABITS), HABIT_BINS), np.int64)
        return cls(Packed.empty(CHAR_BITS), Packed.empty(WORD_BITS), habits, 0, 0, 0)

    def changed(self, add: Iterable[Own] = (), remove: Iterable[Own] = ()) -> "Everybody":
        """A new total; this one stays as it is, so that profiles made from it stay valid."""
        chars, words, habits = self.chars.table(), self.words.table(), self.habits.copy()
        sizes = np.array([self.n_chars, self.n_words, self.n_posts])
        for sign, parts in ((1, add), (-1, remove)):
            for own in parts:
                chars[own.chars.keys] += sign * own.chars.counts
                words[own.words.keys] += sign * own.words.counts
                habits += sign * own.habits
                sizes += sign * np.array([own.n_chars, own.n_words, own.n_posts])
        return Everybody(Packed.of(chars), Packed.of(words), habits, *sizes.tolist())


def habit_bins(habits: Floats, edges: Floats) -> Ints:
    """Bin numbers 0..HABIT_BINS-1 of each habit; `edges` has shape (len(HABITS), HABIT_BINS - 1), padded with inf."""
    return np.asarray((habits[:, :, None] >= edges[None]).sum(2), np.int64)


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides compared: the author's own counts, and everybody's (own ones included)."""

    own: Own
    everybody: Everybody
    edges: Floats


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """Own counts of each measured post, to be taken away from the side that holds that post."""

    chars: NDArray[np.int32]
    words: NDArray[np.int32]
    from_own: bool

    @classmethod
    def of(cls, posts: Encoded, *, from_own: bool) -> "LeaveOut":
        return cls(posts.chars.own_counts(), posts.words.own_counts(), from_own)


def measure(posts: Encoded, sides: Sides, leave_out: LeaveOut | None = None) -> Floats:
    """One row of MEASURES for each post; with `leave_out` as if that post were not in its store."""
    own, everybody = sides.own, sides.everybody
    chars = _Side(own.chars, everybody.chars, own.n_chars, everybody.n_chars)
    words = _Side(own.words, everybody.words, own.n_words, everybody.n_words)
    taken = (leave_out.chars, leave_out.words) if leave_out else (None, None)
    from_own = leave_out is not None and leave_out.from_own
    columns = [
        *_char_measures(posts.chars, _adapt(posts.chars, chars, _CHAR_LEVELS, taken[0], from_own)),
        *_word_measures(posts.words, _adapt(posts.words, words, _WORD_LEVELS, taken[1], from_own), words),
        *_habit_measures(posts.habits, sides, leave_out),
    ]
    whole = np.column_stack(columns)
    pasted = whole[:, _AT_PASTED]
    whole[:, _AT_PASTED] = np.minimum(pasted, 0)
    return np.column_stack([whole, np.clip(pasted, -_PASTED_LIMITS, _PASTED_LIMITS)])


@dataclass(frozen=True, slots=True)
class _Side:
    """One kind of n-gram: the author's counts, everybody's, and how many positions each holds."""

    own: Sparse
    everybody: Packed
    n_own: int
    n_everybody: int


@dataclass(frozen=True, slots=True)
class _Ratio:
    """Log-ratios by order at each scored position, with the counts behind them, all (orders, positions)."""

    llr: Floats
    own: Floats
    background: Floats


def _adapt(grams: Grams, side: _Side, levels: _Levels, taken: NDArray[np.int32] | None, from_own: bool) -> _Ratio:
    """Interpolates both models order by order and compares them."""
    own = side.own.look_up(grams.keys).astype(float)
    background = side.everybody.look_up(grams.keys) - own
    at = grams.scored
    n_own = np.full(len(at), float(side.n_own))
    n_background = np.full(len(at), float(side.n_everybody - side.n_own))
    if taken is not None:
        counts, size = (own, n_own) if from_own else (background, n_background)
        np.maximum(counts - taken, 0, out=counts)
        np.maximum(size - np.bincount(grams.post[grams.counted], minlength=grams.n_posts)[grams.post[at]], 0, out=size)
    p_own = p_background = np.full(len(at), 1 / levels.symbols)
    llr = np.empty((len(levels.adaptation), len(at)))
    for order, weight in enumerate(levels.adaptation):
        if order:
            n_own, n_background = own[order - 1, at - 1], background[order - 1, at - 1]
        c_own, c_background = own[order, at], background[order, at]
        # A table shares slots, so a context may seem rarer than what follows it: never let a share exceed one.
        p_background = (c_background + _BACKOFF * p_background) / (np.maximum(n_background, c_background) + _BACKOFF)
        # The author's first order rests on the background's, each further one on the author's own lower order.
        p_own = (c_own + weight * (p_own if order else p_background)) / (np.maximum(n_own, c_own) + weight)
        llr[order] = np.log(p_own / p_background)
    return _Ratio(llr, own[:, at], background[:, at])


def _char_measures(grams: Grams, ratio: _Ratio) -> list[Floats]:
    post, group, n = grams.post[grams.scored], grams.group[grams.scored], grams.n_posts
    # Emoji and hashtags are easily pasted on: they are scored in groups of their own, not with the prose.
    prose = (group != EMOJI_GROUP) & (group != HASHTAG_GROUP)
    length = sums(post, prose, n) + _SHORT_CHARS
    whole = [sums(post, llr * prose, n) / length for llr in ratio.llr]
    cells = sums(post * len(CHAR_GROUPS) + group, ratio.llr[-1], n * len(CHAR_GROUPS))
    groups = cells.reshape(n, -1) / (grams.lengths[:, None] + _SHORT_CHARS)
    known = [sums(post, prose * _known(ratio, order), n) / length for order in _KNOWN_ORDERS]
    return [*whole, *groups.T, *known]


def _known(ratio: _Ratio, order: int) -> Floats:
    """1 where only the author ever wrote the n-gram, -1 where only the others did."""
    own, background = ratio.own[order - 1], ratio.background[order - 1]
    return np.asarray(np.sign(own) - np.sign(background), float)


def _word_measures(grams: Grams, ratio: _Ratio, side: _Side) -> list[Floats]:
    post, group, n = grams.post[grams.scored], grams.group[grams.scored], grams.n_posts
    prose, hashtags, emoji = (group == number for number in range(len(WORD_GROUPS)))
    length = sums(post, prose, n) + _SHORT_WORDS
    share = ratio.background[0] / max(side.n_everybody - side.n_own, 1)
    common, rare = prose & (share > _COMMON), prose & (share <= _RARE)
    whole = [sums(post, llr * prose, n) / length for llr in ratio.llr]
    masks = (common, prose & ~common & ~rare, rare, hashtags, emoji)
    parts = [sums(post, ratio.llr[-1] * mask, n) / (grams.lengths + _SHORT_WORDS) for mask in masks]
    return [*whole, *parts, sums(post, prose * _known(ratio, 1), n) / length]


_HABIT_COLUMNS = [[HABITS.index(name) for name in names] for names in HABIT_GROUPS.values()]


def _habit_measures(habits: Floats, sides: Sides, leave_out: LeaveOut | None) -> list[Floats]:
    own, everybody = sides.own, sides.everybody
    bins, habit = habit_bins(habits, sides.edges), np.arange(len(HABITS))
    one_own, one_background = (0, 0) if leave_out is None else (1, 0) if leave_out.from_own else (0, 1)
    background = np.maximum((everybody.habits - own.habits)[habit, bins] - one_background, 0) + 1.0
    p_background = background / (everybody.n_posts - own.n_posts - one_background + HABIT_BINS)
    c_own, n_own = own.habits[habit, bins] - one_own, own.n_posts - one_own
    llr = np.log((c_own + _HABIT_PRIOR * p_background) / (n_own + _HABIT_PRIOR) / p_background)
    return [np.asarray(llr[:, columns].sum(1), float) for columns in _HABIT_COLUMNS]
