"""Find labels, denials and sensitive words in a folded text, all in one scan."""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bot.judging.disclosure.labels import Hit, hit, hit_at, is_among_words
from bot.judging.disclosure.patterns import DENIAL, SENSITIVE, Pattern, patterns_of
from bot.judging.disclosure.rulebook import Ordinary
from bot.judging.disclosure.text import code_points

_PAIR = 2  # characters beside an anchor, or at the start of a phrase without one, that rule out most patterns
_MANY = 8  # hits
_REACH = 24  # characters before a word
_SPACED = r"[ ._·•|/*-]{1,2}"
_TAG = re.compile(r"#(\w+)")
_WORD = re.compile(r"[a-z0-9]+")
_WORD_BYTES = bytes(code if chr(code) in string.ascii_lowercase + string.digits else 0x20 for code in range(256))
_COMMON_WORDS = """
    a am an and are at by can da das der di did die do du en es et for from i il in is it la le les me mi mit my no non
    not of on par pas por so the this to und un una une van von was with you your
    about contains content free kids lip lose nose own post product reel story they video
"""


class _Anchored(NamedTuple):
    """A pattern and how far before its anchor word it starts."""

    offset: int
    pattern: Pattern


class _Group(NamedTuple):
    """Patterns with the same characters right beside their anchor word."""

    beside: tuple[str, ...]  # all that they have on that side
    patterns: tuple[_Anchored, ...]


class _Around(NamedTuple):
    """The patterns of an anchor word: it alone, and those told apart by what stands right behind it or before it."""

    words: tuple[Pattern, ...]  # labels that are the word alone
    alone: tuple[_Anchored, ...]  # other patterns without two characters more, such as denials
    branded: tuple[_Anchored, ...]  # and what asks for a brand
    behind: Mapping[str, _Group]
    before: Mapping[str, _Group]
    ordinary: tuple[re.Pattern[str], re.Pattern[str]] | None  # what is before or behind the word where it is no label


class _Unspaced(NamedTuple):
    """The patterns of a phrase without a Latin word."""

    words: tuple[Pattern, ...]  # labels that are the phrase alone
    others: tuple[Pattern, ...]


class _Apart(NamedTuple):
    """A label whose letters may be set apart."""

    letters: frozenset[bytes]
    starts: tuple[bytes, bytes]  # its first two letters among the words, where all other signs are spaces
    expression: re.Pattern[str]
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All patterns of a rulebook, found by their rarest word: a caption without such a word costs next to nothing.

    Words are looked up as bytes, for cutting bytes into words is several times faster than cutting text.
    """

    anchors: Mapping[bytes, _Around]  # by the anchor word
    words: frozenset[bytes]  # all anchors, and the letters of `apart`
    letters: frozenset[bytes]
    unspaced: Mapping[str, Sequence[int]]  # lengths of phrases without a Latin word, by their first letters
    phrases: Mapping[str, _Unspaced]  # these phrases
    pairs: npt.NDArray[np.bool_]  # by `_pair_numbers`: whether such a phrase may begin with the two letters
    apart: tuple[_Apart, ...]  # those with the fewest letters first
    brand_tags: Mapping[str, str]  # tag with {brand} in it -> key

    def scan(self, text: str, brands: tuple[str, ...], *, is_latin: bool, is_branded: bool) -> list[Hit]:
        """Every hit in `text`; `brands` are folded names, aliases and handles (empty if the brand is unknown).

        `is_latin` says that the text has letters of no other script, `is_branded` that one of the brands may be in it.
        """
        written = b" %b " % text.encode("ascii", "replace").translate(_WORD_BYTES)
        words = self.words.intersection(written.split())
        found = [] if is_latin else list(self._unspaced_hits(text, brands))
        for word in words:
            if around := self.anchors.get(word):
                alone = around.alone + around.branded if is_branded or not brands else around.alone
                found += _anchored_hits(text, written, word, around, alone, brands)
        if len(letters := words & self.letters) > 1:
            found += self._apart_hits(text, written, letters, brands)
        if is_branded and _ends_words(text, brands):
            found += self._brand_tag_hits(text, brands)
        if len(found) > 1:
            found.sort(key=_in_order)
        return found if len(found) < _MANY else _without_repeated_words(found)

    def _unspaced_hits(self, text: str, brands: tuple[str, ...]) -> Iterator[Hit]:
        told: set[str] = set()
        for start in self.pairs.take(_pair_numbers(text)).nonzero()[0].tolist():
            lead = text[start : start + _PAIR + 1]
            for length in self.unspaced.get(lead) or self.unspaced.get(lead[:_PAIR], ()):
                phrase, end = text[start : start + length], start + length
                if not (patterns := self.phrases.get(phrase)):
                    continue
                words, others = patterns
                is_word = bool(words) and is_among_words(text, start, end)
                if is_word and phrase not in told:
                    told.add(phrase)
                    yield Hit(words[0].key, "word", start, end, words[0].spelled)
                for pattern in others if is_word else words + others:
                    if found := hit_at(text, start, pattern, brands):
                        yield found

    def _apart_hits(
        self, text: str, written: bytes, letters: frozenset[bytes], brands: tuple[str, ...]
    ) -> Iterator[Hit]:
        for one in self.apart:
            if len(one.letters) > len(letters):
                return
            if one.letters <= letters and (one.starts[0] in written or one.starts[1] in written):
                for place in one.expression.finditer(text):
                    if found := hit(text, *place.span(), one.pattern, brands):
                        yield found

    def _brand_tag_hits(self, text: str, brands: tuple[str, ...]) -> Iterator[Hit]:
        for tag in _TAG.finditer(text):
            for brand in brands:
                if brand in tag[1] and (key := self.brand_tags.get(tag[1].replace(brand, "{brand}", 1))):
                    yield Hit(key, "tag", tag.start(), tag.end(), tag[1])
                    break


def _ends_words(text: str, brands: Iterable[str]) -> bool:
    """Whether one of the brands stands in a tag, or behind other letters of one."""
    for brand in brands:
        at = text.find(brand, 1)
        while at > 0:
            if text[at - 1] in "#_" or text[at - 1].isalnum():
                return True
            at = text.find(brand, at + 1)
    return False


def _pair_numbers(text: str) -> npt.NDArray[np.uint16]:
    """A number for each two letters that stand side by side; now and then two pairs share one."""
    codes = code_points(text).astype(np.uint16)
    return codes[:-1] * np.uint16(31) + codes[1:]


def _without_repeated_words(found: Iterable[Hit]) -> list[Hit]:
    """Once is enough for a label that is but a word of a sentence, wherever it stands."""
    kept: list[Hit] = []
    words: set[str] = set()
    for one in found:
        if one.form != "word" or one.key.startswith((DENIAL, SENSITIVE)) or one.key not in words:
            kept.append(one)
            words.add(one.key)
    return kept


def _in_order(found: Hit) -> tuple[int, int]:
    """By place, the longer first."""
    return found.start, -found.end


def _anchored_hits(
    text: str, written: bytes, word: bytes, around: _Around, alone: tuple[_Anchored, ...], brands: tuple[str, ...]
) -> Iterator[Hit]:
    """The hits of an anchor word, wherever it stands in `text`, of which `written` are the words."""
    sought, size, told = b" %b " % word, len(word), False
    words, behind, before = around.words, around.behind, around.before
    at = written.find(sought)
    while at >= 0:
        end = at + size
        fitting = alone
        if (group := behind.get(text[end : end + _PAIR])) and text.startswith(group.beside, end):
            fitting += group.patterns
        if (group := before.get(text[at - _PAIR : at])) and text.endswith(group.beside, 0, at):
            fitting += group.patterns
        for offset, pattern in fitting:
            start = at - offset
            is_there = start >= 0 and text.startswith(pattern.phrase, start)
            if is_there and (found := hit_at(text, start, pattern, brands)):
                yield found
        is_word = bool(words) and is_among_words(text, at, end)
        for pattern in () if told and is_word else words:
            found = Hit(pattern.key, "word", at, end, pattern.spelled) if is_word else hit_at(text, at, pattern, brands)
            if found and not (around.ordinary and _is_ordinary(text, found, around.ordinary)):
                told = told or is_word
                yield found
        at = written.find(sought, end)


def _is_ordinary(text: str, found: Hit, use: tuple[re.Pattern[str], re.Pattern[str]]) -> bool:
    """Whether a word of a sentence means something else there: `my partner`, `gifted people`."""
    before, behind = use
    reach = max(0, found.start - _REACH)
    return found.form == "word" and bool(before.search(text, reach, found.start) or behind.match(text, found.end))


def build(labels: Iterable[tuple[str, str]], accepted: Collection[str], ordinary: Iterable[Ordinary] = ()) -> Lexicon:
    """The lexicon of `labels`, pairs of spelling and key. Words in `accepted` are also found with letters apart."""
    anchors: dict[bytes, list[_Anchored]] = {}
    phrases: dict[str, list[Pattern]] = {}
    brand_tags: dict[str, str] = {}
    found: list[Pattern] = []
    for spelled, key in labels:
        patterns, tags = patterns_of(spelled, key, key in accepted)
        found += patterns
        brand_tags.update(dict.fromkeys(tags, key))
    single = {pattern.phrase for pattern in found}
    for pattern in found:
        if anchor := _anchor(pattern.phrase, single):
            anchors.setdefault(anchor[0].encode(), []).append(_Anchored(anchor.start(), pattern))
        else:
            phrases.setdefault(pattern.phrase, []).append(pattern)
    apart = sorted(
        map(_apart, sorted(key for key in accepted if key.isalpha() and key.isascii())),
        key=lambda one: len(one.letters),
    )
    letters: frozenset[bytes] = frozenset().union(*(one.letters for one in apart))
    uses = {one.label.encode(): one for one in ordinary}
    return Lexicon(
        anchors={word: _around(len(word), patterns, uses.get(word)) for word, patterns in anchors.items()},
        words=letters.union(anchors),
        letters=letters,
        unspaced=_lengths(phrases),
        phrases={phrase: _unspaced(patterns) for phrase, patterns in phrases.items()},
        pairs=_pairs(phrases),
        apart=tuple(apart),
        brand_tags=brand_tags,
    )


def _around(size: int, patterns: Iterable[_Anchored], ordinary: Ordinary | None) -> _Around:
    """The patterns of an anchor word of `size` letters, by where they reach beyond it."""
    words, alone, branded = [], [], []
    behind: dict[str, list[_Anchored]] = {}
    before: dict[str, list[_Anchored]] = {}
    for one in patterns:
        offset, pattern = one
        tail = pattern.phrase[offset + size :]
        if len(tail) >= _PAIR:
            behind.setdefault(tail[:_PAIR], []).append(one)
        elif offset >= _PAIR:
            before.setdefault(pattern.phrase[offset - _PAIR : offset], []).append(one)
        elif pattern.is_word and len(pattern.phrase) == size:
            words.append(pattern)
        elif pattern.beside in ("brand", "before"):
            branded.append(one)
        else:
            alone.append(one)
    return _Around(
        tuple(words),
        tuple(alone),
        tuple(branded),
        {key: _group([one.phrase[at + size :] for at, one in group], group) for key, group in behind.items()},
        {key: _group([one.phrase[:at] for at, one in group], group) for key, group in before.items()},
        _ordinary_use(ordinary) if ordinary else None,
    )


def _ordinary_use(use: Ordinary) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What ends right before the word, and what begins right behind it."""
    return re.compile(rf"(?<!\w){_any_of(use.before)} $"), re.compile(rf" {_any_of(use.behind)}(?!\w)")


def _any_of(words: Sequence[str]) -> str:
    return rf"(?:{'|'.join(map(re.escape, words))})" if words else "(?!)"  # none match nothing


def _group(beside: Iterable[str], patterns: Sequence[_Anchored]) -> _Group:
    return _Group(tuple(dict.fromkeys(beside)), tuple(patterns))


def _unspaced(patterns: Sequence[Pattern]) -> _Unspaced:
    return _Unspaced(*(tuple(one for one in patterns if one.is_word is is_word) for is_word in (True, False)))


def _lengths(phrases: Iterable[str]) -> dict[str, Sequence[int]]:
    found: dict[str, set[int]] = {}
    for phrase in phrases:
        found.setdefault(phrase[: _PAIR + 1], set()).add(len(phrase))
    return {lead: sorted(lengths | found.get(lead[:_PAIR], set())) for lead, lengths in found.items()}


def _pairs(phrases: Iterable[str]) -> npt.NDArray[np.bool_]:
    pairs = np.zeros(1 << 16, np.bool_)
    for phrase in phrases:
        pairs[_pair_numbers(phrase[:_PAIR])] = True
    return pairs


def _anchor(phrase: str, single: Collection[str]) -> re.Match[str] | None:
    """The word of a phrase to look for: one looked for anyway, or else the longest. None in scripts without spaces."""
    return max(
        _WORD.finditer(phrase),
        key=lambda word: (word[0] not in _common_words(), word[0] in single, len(word[0])),
        default=None,
    )


@cache
def _common_words() -> frozenset[str]:
    return frozenset(_COMMON_WORDS.split())


def _apart(word: str) -> _Apart:
    first, second = word[0].encode(), word[1:2].encode()
    return _Apart(
        frozenset(map(str.encode, word)),
        (b" %b %b " % (first, second), b" %b  %b " % (first, second)),
        re.compile(_SPACED.join(word) + "(?![a-z0-9])"),
        Pattern(word, word, word, spaced=True),
    )
