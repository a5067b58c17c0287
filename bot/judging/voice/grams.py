"""Turns a batch of posts into numbers: hashed n-grams of characters and words, and surface habits.

Everything is vectorised over the batch, so that a thousand posts cost milliseconds.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.judging.voice.text import END, HASHTAG, START, Kind, kinds_of, words

Ints = NDArray[np.int64]
Keys = NDArray[np.int32]
Floats = NDArray[np.float64]

CHAR_ORDERS, CHAR_BITS = 5, 22
WORD_ORDERS, WORD_BITS = 2, 18


def sums(group: Ints, values: NDArray[np.floating] | NDArray[np.bool_], n: int) -> Floats:
    """Sum of `values` in each of `n` groups."""
    return np.bincount(group, weights=values, minlength=n).astype(float)


@dataclass(frozen=True, slots=True)
class Sparse:
    """A count table that holds only what occurs: sorted `keys` and their `counts`."""

    keys: Keys
    counts: NDArray[np.int32]

    def look_up(self, keys: Keys) -> NDArray[np.int32]:
        """Counts of `keys`, zero where unknown, in the shape of `keys`."""
        if not len(self.keys):
            return np.zeros(keys.shape, np.int32)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.counts[at], np.int32(0))


@dataclass(frozen=True, slots=True)
class Packed:
    """A count table of 2 ** n slots, most of them empty: a bit for each slot, and the counts of those that hold one.

    `before` is how many counts stand before each 64 slots; behind the last count stands a zero.
    """

    bits: NDArray[np.uint64]
    before: NDArray[np.int32]
    counts: NDArray[np.int32]

    @classmethod
    def empty(cls, n: int) -> "Packed":
        """With 2 ** n slots."""
        words = 1 << (n - 6)
        return cls(np.zeros(words, "<u8"), np.zeros(words, np.int32), np.zeros(1, np.int32))

    @classmethod
    def of(cls, table: NDArray[np.int32]) -> "Packed":
        held = table > 0
        bits = np.packbits(held, bitorder="little").view("<u8")
        here = np.bitwise_count(bits)
        return cls(bits, (np.cumsum(here) - here).astype(np.int32), np.append(table[held], np.int32(0)))

    def table(self) -> NDArray[np.int32]:
        """A count for each slot."""
        table = np.zeros(64 * len(self.bits), np.int32)
        table[np.unpackbits(self.bits.view(np.uint8), bitorder="little").view(bool)] = self.counts[:-1]
        return table

    def look_up(self, keys: Keys) -> NDArray[np.int32]:
        """Counts of `keys`, in their shape."""
        word, slot = keys >> 6, np.uint64(1) << (keys & 63).astype(np.uint64)
        bits = self.bits[word]
        counts = self.counts[self.before[word] + np.bitwise_count(bits & (slot - np.uint64(1)))]
        return np.where(bits & slot, counts, np.int32(0))


@dataclass(frozen=True, slots=True)
class Grams:
    """Hashed n-grams of a batch: `keys[n - 1, i]` is the n-gram that ends at position i.

    `scored` are the positions to score, `counted` those that enter a count table (the start mark too, as a context);
    `post[i]` is the post a position belongs to, `lengths` the number of scored positions of each post.
    """

    keys: Keys
    scored: Ints
    counted: Ints
    post: Ints
    group: NDArray[np.int8]
    lengths: Ints

    @property
    def n_posts(self) -> int:
        return len(self.lengths)

    def counts(self) -> "Sparse":
        """How often each n-gram of any order stands in the batch."""
        keys, counts = np.unique(self.keys[:, self.counted], return_counts=True)
        return Sparse(keys, counts.astype(np.int32))

    def own_counts(self) -> NDArray[np.int32]:
        """How often each n-gram stands in its own post, shape of `keys`; what leave-one-out takes away."""
        counted = np.zeros(self.keys.shape[1])
        counted[self.counted] = 1
        counts = np.empty(self.keys.shape, np.int32)
        for order, keys in enumerate(self.keys):
            _, inverse = np.unique((self.post << 32) | keys, return_inverse=True)
            counts[order] = np.bincount(inverse, weights=counted)[inverse]
        return counts


_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_FINAL = np.uint64(0xD6E8FEB86659FD93)


def _scramble(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return values ^ (values >> np.uint64(29))


def _ngram_keys(symbols: NDArray[np.uint64], orders: int, bits: int) -> Keys:
    """Rolling hashes of the n-grams ending at each position, cut to `bits`."""
    keys = np.empty((orders, len(symbols)), np.int32)
    mixed = _scramble(symbols + np.uint64(7))
    rolling = np.zeros_like(mixed)
    for order in range(orders):
        shifted = np.zeros_like(rolling)
        if order:
            shifted[1:] = rolling[:-1]
        rolling = shifted * _MULTIPLIER + mixed + np.uint64(order + 1)
        hashed = rolling * _FINAL
        hashed = (hashed ^ (hashed >> np.uint64(32))) * _FINAL
        keys[order] = (hashed >> np.uint64(64 - bits)).astype(np.int32)
    return keys


# Groups of characters scored apart: what the author says, how it is set, and what can be pasted on at the end.
CHAR_GROUPS = ("lower", "upper", "letter", "digit", "space", "mark", "mask", "end", "emoji", "hashtag")
_GROUP_OF_KIND = np.array(
    [0, 1, 2, 2, 2, 2, 3, 4, 8, 6, 6, 6, 9, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 7, 7], np.int8
)
EMOJI_GROUP, HASHTAG_GROUP = 8, 9
WORD_GROUPS = ("word", "hashtag", "emoji")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A batch of posts as numbers: character grams, word grams and one row of habits for each post."""

    chars: Grams
    words: Grams
    habits: Floats

    def __len__(self) -> int:
        return self.chars.n_posts


def _char_grams(texts: Sequence[str]) -> tuple[Grams, NDArray[np.int8], NDArray[np.uint32], Ints]:
    pad = CHAR_ORDERS - 1
    joined = "".join(START * pad + text + END for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32)
    sizes = np.array([len(text) + pad + 1 for text in texts], np.int64)
    post = np.repeat(np.arange(len(texts)), sizes)
    offset = np.arange(len(codes)) - (np.cumsum(sizes) - sizes)[post]
    kinds = kinds_of(codes)
    group = _GROUP_OF_KIND[kinds]
    in_tag = np.zeros(len(codes), bool)
    for match in HASHTAG.finditer(joined):
        in_tag[match.start() : match.end()] = True
    group = np.where(in_tag, np.int8(HASHTAG_GROUP), group)
    keys = _ngram_keys(codes.astype(np.uint64), CHAR_ORDERS, CHAR_BITS)
    scored, counted = np.flatnonzero(offset >= pad), np.flatnonzero(offset >= pad - 1)
    return Grams(keys, scored, counted, post, group, sizes - pad), kinds, codes, offset


def _word_grams(texts: Sequence[str]) -> Grams:
    tokens = [[START, *words(text.lower())] for text in texts]
    flat = [token for post in tokens for token in post]
    symbols = np.array([zlib.crc32(token.encode("utf-8", "replace")) for token in flat], np.uint64)
    sizes = np.array([len(post) for post in tokens], np.int64)
    post = np.repeat(np.arange(len(texts)), sizes)
    first = np.zeros(len(flat), bool)
    first[np.cumsum(sizes) - sizes] = True
    kinds = kinds_of(np.frombuffer("".join(token[0] for token in flat).encode("utf-32-le", "replace"), np.uint32))
    group = np.where(kinds == Kind.HASH, 1, np.where(kinds == Kind.EMOJI, 2, 0)).astype(np.int8)
    keys = _ngram_keys(symbols, WORD_ORDERS, WORD_BITS)
    return Grams(keys, np.flatnonzero(~first), np.arange(len(flat)), post, group, sizes - 1)


def encode(texts: Sequence[str]) -> Encoded:
    """Encodes normalised texts; raises ValueError for an empty batch."""
    if not texts:
        raise ValueError("encode needs at least one text")
    chars, kinds, codes, offset = _char_grams(texts)
    return Encoded(chars, _word_grams(texts), _habits(chars, kinds, codes, offset))


HABIT_GROUPS: dict[str, tuple[str, ...]] = {
    "length": ("length", "word_length", "spaces"),
    "case": ("upper", "first_upper", "upper_pairs", "first_lower"),
    "sentence": ("ends_stop", "stops", "commas", "exclamations", "questions", "ellipses", "double_stops"),
    "quotes": ("quotes", "apostrophes", "curly"),
    "marks": ("dashes", "colons", "brackets", "slashes", "waves", "punctuation", "marks_share"),
    "hashtags": ("hashtags", "ends_hashtag", "hashtag_share"),
    "links": ("users", "urls", "ends_url", "starts_user", "names"),
    "emoji": ("emoji", "emoji_share", "ends_emoji", "emoji_runs"),
    "letters": ("digits", "repeats", "hiragana", "katakana", "han", "letters"),
}
HABITS = tuple(name for names in HABIT_GROUPS.values() for name in names)


def _habits(chars: Grams, kinds: NDArray[np.int8], codes: NDArray[np.uint32], offset: Ints) -> Floats:
    """Counts and shares of surface habits, shape (posts, len(HABITS))."""
    n, at, post = chars.n_posts, chars.scored, chars.post
    counts = np.bincount(post[at] * 32 + kinds[at], minlength=n * 32).reshape(n, 32).astype(float)
    length = np.maximum(chars.lengths - 1, 1).astype(float)
    first = np.flatnonzero(offset == CHAR_ORDERS - 1)
    final = np.append(first[1:] - CHAR_ORDERS - 1, len(codes) - 2)  # the last character before the end mark
    same = (codes[at] == codes[at - 1]) & (offset[at] >= CHAR_ORDERS)
    in_run = same & (codes[at - 1] == codes[at - 2])

    def per_post(mask: NDArray[np.bool_]) -> Floats:
        return sums(post[at], mask, n)

    def total(*wanted: Kind) -> Floats:
        return np.asarray(counts[:, list(wanted)].sum(1), float)

    letters = np.maximum(total(Kind.LOWER, Kind.UPPER), 1)
    spaces, marks = total(Kind.SPACE), counts[:, Kind.EXCLAMATION : Kind.END].sum(1)
    tagged = per_post(chars.group[at] == HASHTAG_GROUP)
    ends = kinds[final]
    last_group, hundred = chars.group[final], 100 / length
    values: dict[str, Floats | NDArray[np.bool_]] = {
        "length": np.log1p(length),
        "word_length": (length - spaces) / (spaces + 1),
        "spaces": spaces / length,
        "upper": total(Kind.UPPER) / letters,
        "first_upper": kinds[first] == Kind.UPPER,
        "first_lower": kinds[first] == Kind.LOWER,
        "upper_pairs": per_post((kinds[at] == Kind.UPPER) & (kinds[at - 1] == Kind.UPPER)) / letters,
        "ends_stop": np.isin(ends, (Kind.EXCLAMATION, Kind.QUESTION, Kind.STOP, Kind.ELLIPSIS)) * (ends + 1.0),
        "stops": total(Kind.STOP) * hundred,
        "commas": total(Kind.COMMA) * hundred,
        "exclamations": total(Kind.EXCLAMATION),
        "questions": total(Kind.QUESTION),
        "ellipses": total(Kind.ELLIPSIS),
        "double_stops": per_post(same & (kinds[at] == Kind.STOP)),
        "quotes": total(Kind.QUOTE),
        "apostrophes": total(Kind.APOSTROPHE, Kind.CURLY_APOSTROPHE) * hundred,
        "curly": total(Kind.CURLY_APOSTROPHE),
        "dashes": total(Kind.DASH),
        "colons": total(Kind.COLON),
        "brackets": total(Kind.BRACKET),
        "slashes": total(Kind.SLASH),
        "waves": total(Kind.WAVE),
        "punctuation": total(Kind.PUNCTUATION),
        "marks_share": marks / length,
        "hashtags": total(Kind.HASH),
        "ends_hashtag": last_group == HASHTAG_GROUP,
        "hashtag_share": tagged / length,
        "users": total(Kind.USER),
        "urls": total(Kind.URL),
        "ends_url": ends == Kind.URL,
        "starts_user": (kinds[first] == Kind.USER) * 1.0 + (kinds[first] == Kind.HASH) * 2.0,
        "names": total(Kind.NAME),
        "emoji": total(Kind.EMOJI),
        "emoji_share": total(Kind.EMOJI) / length,
        "ends_emoji": ends == Kind.EMOJI,
        "emoji_runs": per_post((kinds[at] == Kind.EMOJI) & (kinds[at - 1] == Kind.EMOJI)),
        "digits": total(Kind.DIGIT) * hundred,
        "repeats": per_post(in_run),
        "hiragana": total(Kind.HIRAGANA) / length,
        "katakana": total(Kind.KATAKANA) / length,
        "han": total(Kind.HAN) / length,
        "letters": total(Kind.LETTER) / length,
    }
    return np.stack([np.asarray(values[name], float) for name in HABITS], axis=1)
