"""Find disclosure labels, denials and sensitive words in a folded text, all in one scan.

A label is never a substring: as a tag it ends with the tag, as a phrase it has two words or more, and a single word
counts only between edges (line ends, brackets, bars, dashes), because `ad` in a sentence is no disclosure.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bot.judging.disclosure.text import URL_MARK, code_points, fold

DENIAL = "denial:"
SENSITIVE = "sensitive:"
NEAR_MISS = "near:"

_EDGES = frozenset("\n()[]{}<>|:/\\·•–—―*・【】〔〕《》〈〉※→~〜+;…¡" + URL_MARK)
_FREE = re.compile("[-‐](?:free|frei)")  # behind a tag it says the opposite: #ad-free
_SPACED = r"[ ._·•|/*-]{1,2}"
_HANDLE_GAP = re.compile(r"[ ]?(?:[:\-–—] ?)?(?:the )?[@#]?[\"'«“]?")
_LONGEST_GAP = 9  # characters
_LINK_GAP = re.compile(rf"[ \n:\-–—→👉⬇️↓]{{0,6}}(?:{URL_MARK}|[\w-]+\.[a-z]{{2,}})")
_CJK = "\u2e80"  # from here on scripts have no spaces between words
_LEAD, _PAIR = (
    4,
    2,
)  # characters before an anchor, and at the start of a phrase without one, that rule out most patterns
_MANY = 8  # hits
_TAG = re.compile(r"#(\w+)")
_NAME = re.compile(r"\w+(?:\.\w+)*")
_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
_NOT_IN_TAGS = dict.fromkeys(map(ord, " '-*."))
_WORD = re.compile(r"[a-z0-9]+")
_WORD_BYTES = bytes(code if chr(code) in string.ascii_lowercase + string.digits else 0x20 for code in range(256))
_COMMON_WORDS = """
    a am an and are at by can da das der di did die do du en es et for from i il in is it la le les me mi mit my no non
    not of on par pas por so the this to und un una une van von was with you your
    about contains content free kids lip lose nose own post product reel story they video
"""


class Pattern(NamedTuple):
    """One way to write a label, as scanned for: `phrase`, then what must stand beside it."""

    key: str  # the label as its rule spells it
    phrase: str  # folded
    spelled: str  # as written in the rule, lower case
    beside: str = ""  # "", "brand", "link", or "before" for a brand in front
    joined: bool = False  # only as one tag
    spaced: bool = False  # letters set apart: only to be called obfuscated
    any_handle: bool = False  # where no brand is known, any handle stands for it
    rest: str = ""  # what must follow the brand


class Hit(NamedTuple):
    """A label found. `form` is tag, bare, phrase, word, start or beside; the span lies in the folded text."""

    key: str
    form: str
    start: int
    end: int
    spelled: str
    spaced: bool = False


class _Anchored(NamedTuple):
    """A pattern and how far before its anchor word it starts."""

    offset: int
    pattern: Pattern

    def lead(self) -> str:
        """The last characters before the anchor, by which most patterns are ruled out at once."""
        return self.pattern.phrase[max(0, self.offset - _LEAD) : self.offset]


class _Around(NamedTuple):
    """The patterns of an anchor word, by what stands before it and behind it."""

    lengths: tuple[int, ...]  # of what stands before
    patterns: Mapping[str, Mapping[str, Sequence[_Anchored]]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All patterns of a rulebook, found by their rarest word: a caption without such a word costs next to nothing.

    Words are looked up as bytes, for cutting bytes into words is several times faster than cutting text.
    """

    anchors: Mapping[bytes, _Around]  # by the anchor word
    words: frozenset[bytes]  # all anchors, and the letters of `spaced`
    unspaced: Mapping[str, Sequence[Pattern]]  # phrases without a Latin word, by their first three letters
    pairs: npt.NDArray[np.bool_]  # by `_pair_numbers`: whether such a phrase may begin with the two letters
    spaced: tuple[tuple[frozenset[bytes], tuple[bytes, bytes], re.Pattern[str], Pattern], ...]
    brand_tags: Mapping[str, str]  # tag with {brand} in it -> key

    def scan(self, text: str, brands: tuple[str, ...], *, is_latin: bool = False) -> list[Hit]:
        """Every hit in `text`; `brands` are folded names, aliases and handles (empty if the brand is unknown).

        `is_latin` says that the text has letters of no other script.
        """
        written = b" %b " % text.encode("ascii", "replace").translate(_WORD_BYTES)
        words = self.words.intersection(written.split())
        found = [] if is_latin else list(self._unspaced_hits(text, brands))
        for word in words:
            if word in self.anchors:
                found += _anchored_hits(text, len(word), _places(written, word), self.anchors[word], brands)
        for letters, starts, expression, pattern in self.spaced:
            if letters <= words and (starts[0] in written or starts[1] in written):
                found += filter(
                    None, (_hit(text, *place.span(), pattern, brands) for place in expression.finditer(text))
                )
        if self.brand_tags and "#" in text and any(brand in text for brand in brands):
            found += self._brand_tag_hits(text, brands)
        found.sort(key=_in_order)
        return found if len(found) < _MANY else _without_repeated_words(found)

    def _unspaced_hits(self, text: str, brands: tuple[str, ...]) -> Iterator[Hit]:
        for start in np.flatnonzero(self.pairs.take(_pair_numbers(text))).tolist():
            for length in (_PAIR, _PAIR + 1):
                for pattern in self.unspaced.get(text[start : start + length], ()):
                    if not text.startswith(pattern.phrase, start) or _inside_word(text, start):
                        continue
                    if hit := _phrase_hit(text, start, pattern, brands):
                        yield hit

    def _brand_tag_hits(self, text: str, brands: tuple[str, ...]) -> Iterator[Hit]:
        for tag in _TAG.finditer(text):
            for brand in brands:
                if brand in tag[1] and (key := self.brand_tags.get(tag[1].replace(brand, "{brand}", 1))):
                    yield Hit(key, "tag", tag.start(), tag.end(), tag[1])
                    break


def _pair_numbers(text: str) -> npt.NDArray[np.uint16]:
    """A number for each two letters that stand side by side; now and then two pairs share one."""
    codes = code_points(text).astype(np.uint16)
    return codes[:-1] * np.uint16(31) + codes[1:]


def _without_repeated_words(found: Iterable[Hit]) -> list[Hit]:
    """Once is enough for a label that is but a word of a sentence, wherever it stands."""
    kept: list[Hit] = []
    words: set[str] = set()
    for hit in found:
        if hit.form != "word" or hit.key.startswith((DENIAL, SENSITIVE)) or hit.key not in words:
            kept.append(hit)
            words.add(hit.key)
    return kept


def _in_order(hit: Hit) -> tuple[int, int]:
    """By place, the longer first."""
    return hit.start, -hit.end


def _anchored_hits(
    text: str, size: int, places: Iterable[int], around: _Around, brands: tuple[str, ...]
) -> Iterator[Hit]:
    for at in places:
        for offset, pattern in _fitting(text, at, at + size, around):
            start = at - offset
            if start < 0 or not text.startswith(pattern.phrase, start) or _inside_word(text, start):
                continue
            if hit := _phrase_hit(text, start, pattern, brands):
                yield hit


def _fitting(text: str, start: int, end: int, around: _Around) -> Iterator[_Anchored]:
    """The patterns of an anchor word that what stands right before and behind it does not rule out."""
    tails = dict.fromkeys([text[end : end + length] for length in range(_PAIR + 1)])
    for length in around.lengths:
        if length <= start and (by_tail := around.patterns.get(text[start - length : start])):
            for tail in tails:
                yield from by_tail.get(tail, ())


def _places(written: bytes, word: bytes) -> Iterator[int]:
    """Where `word` stands in the text that is `written` with a space before and after it."""
    alone = b" %b " % word
    at = written.find(alone)
    while at >= 0:
        yield at
        at = written.find(alone, at + len(word))


def _phrase_hit(text: str, start: int, pattern: Pattern, brands: tuple[str, ...]) -> Hit | None:
    end = start + len(pattern.phrase)
    return None if _goes_on(text, end) else _hit(text, start, end, pattern, brands)


def _goes_on(text: str, end: int) -> bool:
    """Whether a word of a script with spaces has more of its letters at `end`."""
    after = text[end : end + 1]
    if not after or after >= _CJK or text[end - 1] >= _CJK:
        return False
    return after.isalnum() or (after > "\u0300" and unicodedata.category(after)[0] == "M")  # a vowel sign, as of Hindi


def _inside_word(text: str, start: int) -> bool:
    """Whether a letter at `start`, of a script with spaces, has more of its word, a handle or a domain before it."""
    before, first = text[start - 1] if start else " ", text[start]
    if first >= _CJK:
        return False
    if before in "-.":
        return start > 1 and text[start - 2].isalnum()
    return before in "_@&'$" or (before.isalnum() and before < _CJK)


def _hit(text: str, start: int, end: int, pattern: Pattern, brands: tuple[str, ...]) -> Hit | None:
    after = text[end : end + 1]
    if pattern.beside and not (end := _beside(text, start, end, pattern, brands)):
        return None
    tag = text[start - 1 : start] == "#"
    if tag and not pattern.beside:
        if after == "_" or after.isalnum() or _FREE.match(text, end):
            return None
        return Hit(pattern.key, "tag", start - 1, end, pattern.spelled, pattern.spaced)
    if pattern.joined:
        return None
    form = "beside" if pattern.beside and " " not in pattern.phrase else _form(text, start, end, pattern)
    return Hit(pattern.key, form, start - tag, end, pattern.spelled, pattern.spaced) if form else None


def _form(text: str, start: int, end: int, pattern: Pattern) -> str:
    if " " in pattern.phrase or pattern.beside:
        return "phrase"
    if _has_neighbours(text, start, end):
        return "word"
    right = _right_edge(text, end)
    left = _left_edge(text, start, at_line_end=right == "line")
    if left and right:
        return "bare"
    if left and _japanese_start(text, end, pattern.phrase):
        return "start"
    if text[end : end + 1] == "-" and text[end + 1 : end + 2].isalnum():
        return ""  # ad-free
    return "word"


def _has_neighbours(text: str, start: int, end: int) -> bool:
    """Whether words stand right before and behind, as most often, so that there is no edge to look for."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == " ":
        before = text[start - 2 : start - 1]
    if after == " ":
        after = text[end + 1 : end + 2]
    return before.isalnum() and after.isalnum()


def _left_edge(text: str, start: int, *, at_line_end: bool) -> bool:
    """Whether nothing but edges stands before `start`; an emoji after words is one only for the end of a line."""
    at, emoji = start, False
    while at and (text[at - 1] == " " or _is_emoji(text[at - 1])):
        emoji = emoji or text[at - 1] != " "
        at -= 1
    if not at:
        return True
    before = text[at - 1]
    if before == "-":
        return at < start and (at == 1 or text[at - 2] in " \n-")
    return before in _EDGES or (emoji and at_line_end)


def _is_emoji(character: str) -> bool:
    return character > "\u2000" and unicodedata.category(character) in ("So", "Sk")


def _right_edge(text: str, end: int) -> str:
    """What ends the label: "line" for the end of its line, "mark" for any other edge, nothing for a word."""
    at, size = end, len(text)
    while at < size and text[at] == " ":
        at += 1
    if at == size or text[at] == "\n":
        return "line"
    after, following = text[at], text[at + 1 : at + 2]
    if after == "-":
        is_edge = at > end and following in ("", " ", "-", "\n")
    elif after in ".!":
        is_edge = (at == end or after == "!") and following in ("", " ", "\n", ".", "!")  # French sets a space before !
    else:
        is_edge = after in _EDGES or after in "@#" or _is_emoji(after)
    return "mark" if is_edge else ""


def _japanese_start(text: str, end: int, phrase: str) -> bool:
    """Whether a label at the start of a line ends where the Japanese script makes an edge."""
    after = text[end : end + 2]
    if phrase.isascii():
        return "\u3041" <= after.lstrip(" ")[:1] <= "\u9fff" and phrase == "pr"
    return after == "です" or after[:1] in " 、。,.!?！？"


def _beside(text: str, start: int, end: int, pattern: Pattern, brands: tuple[str, ...]) -> int:
    """The end of the hit with the brand or link that must stand beside it; 0 if there is none."""
    if pattern.beside == "link":
        return end if _LINK_GAP.match(text, end) else 0
    if pattern.beside == "before":
        return end if _follows_brand(text, start, brands) else 0
    if not brands:  # any other word may be a mood, and thanks may go to a friend
        gap = _HANDLE_GAP.match(text, end)
        at = gap.end() if gap else end
        name = _NAME.match(text, at) if pattern.any_handle and text[at - 1] in "@#" else None
        return name.end() + len(pattern.rest) if name and text.startswith(pattern.rest, name.end()) else 0
    for brand in brands:
        at = text.find(brand, end, end + _LONGEST_GAP + len(brand))
        after = at + len(brand)
        if at < 0 or _goes_on(text, after) or not text.startswith(pattern.rest, after):
            continue
        if _HANDLE_GAP.fullmatch(text, end, at):
            return after + len(pattern.rest)
    return end if " " not in pattern.phrase and _follows_brand(text, start - 1, brands) else 0


def _follows_brand(text: str, end: int, brands: tuple[str, ...]) -> bool:
    """Whether a brand stands before `end`, with nothing but blanks between."""
    while end > 0 and text[end - 1].isspace():
        end -= 1
    for brand in brands:
        start = end - len(brand)
        stands = start >= 0 and text.startswith(brand, start)
        if stands and (start == 0 or not text[start - 1].isalnum() or text[start] >= _CJK):
            return True
    return False


@lru_cache(maxsize=4096)
def expand(label: str) -> tuple[str, ...]:
    """All spellings of a label with `(a|b)` in it.

    >>> expand("thanks (to|) {brand}")
    ('thanks to {brand}', 'thanks {brand}')
    """
    group = _ALTERNATIVES.search(label)
    if not group:
        return (" ".join(label.split()),)
    before, after = label[: group.start()], label[group.end() :]
    return tuple(one for choice in group[1].split("|") for one in expand(before + choice + after))


@lru_cache(maxsize=8192)  # each set of rules is compiled anew, and most of its labels are the shipped ones
def fold_label(label: str) -> str:
    return fold(label.strip()).text


def _patterns(spelled: str, key: str, any_handle: bool) -> tuple[list[Pattern], list[str]]:
    """The patterns of one spelling of a label, and its tags that hold the brand's name."""
    marker = next((m for m in ("{brand}", "{link}") if m in spelled), "")
    if not marker:
        joined = _join(spelled)
        found = [Pattern(key, fold_label(spelled), spelled.lower())]
        if joined != found[0].phrase:
            found.append(Pattern(key, joined, spelled.lower(), joined=True))
        return found, []
    words, _, rest = spelled.lower().partition(marker)
    if words.endswith(" "):
        beside, rest = marker[1:-1], fold(rest).text
        tags = [] if rest or beside == "link" else [_join(words) + marker]
        return [Pattern(key, fold_label(words), words, beside, any_handle=any_handle, rest=rest)], tags
    if rest.startswith(" "):
        return [Pattern(key, fold_label(rest), rest, beside="before")], []
    return [], [_join(spelled)]


def _join(label: str) -> str:
    return fold_label(label).translate(_NOT_IN_TAGS)


def build(labels: Iterable[tuple[str, str]], accepted: Collection[str]) -> Lexicon:
    """The lexicon of `labels`, pairs of spelling and key. Words in `accepted` are also found with letters apart."""
    anchors: dict[bytes, dict[str, dict[str, list[_Anchored]]]] = {}
    unspaced: dict[str, list[Pattern]] = {}
    brand_tags: dict[str, str] = {}
    found: list[Pattern] = []
    for spelled, key in labels:
        patterns, tags = _patterns(spelled, key, key in accepted)
        found += patterns
        brand_tags.update(dict.fromkeys(tags, key))
    single = {pattern.phrase for pattern in found}
    for pattern in found:
        if anchor := _anchor(pattern.phrase, single):
            tail = pattern.phrase[anchor.end() : anchor.end() + _PAIR]
            anchored = _Anchored(anchor.start(), pattern)
            around = anchors.setdefault(anchor[0].encode(), {}).setdefault(anchored.lead(), {})
            around.setdefault(tail, []).append(anchored)
        else:
            unspaced.setdefault(pattern.phrase[: _PAIR + 1], []).append(pattern)
    words = sorted(key for key in accepted if key.isalpha() and key.isascii())
    spaced = tuple(
        (
            frozenset(map(str.encode, word)),
            _starts_apart(word),
            _letters_apart(word),
            Pattern(word, word, word, spaced=True),
        )
        for word in words
    )
    pairs = np.zeros(1 << 16, np.bool_)
    for lead in unspaced:
        pairs[_pair_numbers(lead[:_PAIR])] = True
    letters = frozenset().union(*(letters for letters, *_ in spaced))
    arounds = {word: _Around(tuple(sorted({*map(len, leads)})), leads) for word, leads in anchors.items()}
    return Lexicon(arounds, letters.union(anchors), unspaced, pairs, spaced, brand_tags)


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


def _starts_apart(phrase: str) -> tuple[bytes, bytes]:
    """How the first two letters of a phrase stand apart among the words, where all other signs are spaces."""
    first, second = phrase[:1].encode(), phrase[1:2].encode()
    return b" %b %b " % (first, second), b" %b  %b " % (first, second)


def _letters_apart(phrase: str) -> re.Pattern[str]:
    return re.compile(_SPACED.join(phrase) + "(?![a-z0-9])")
