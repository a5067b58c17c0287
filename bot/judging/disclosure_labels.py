"""Find disclosure labels, denials and sensitive words in a folded text, all in one scan.

A label is never a substring: as a tag it ends with the tag, as a phrase it has two words or more, and a single word
counts only between edges (line ends, brackets, bars, dashes), because `ad` in a sentence is no disclosure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bot.judging.disclosure_text import URL_MARK, fold

DENIAL = "denial:"
SENSITIVE = "sensitive:"
NEAR_MISS = "near:"

_EDGES = frozenset("\n()[]{}<>|:/\\·•–—―*・【】〔〕《》〈〉※~〜=+;→…" + URL_MARK)
_SPACED = r"[ ._·•|/*-]{1,2}"
_HANDLE_GAP = re.compile(r"[ ]?(?:[:\-–—] ?)?(?:the )?[@#]?[\"'«“]?")
_LINK_GAP = re.compile(rf"[ \n:\-–—→👉⬇️↓]{{0,6}}(?:{URL_MARK}|[\w-]+\.[a-z]{{2,}})")
_TAG = re.compile(r"#(\w+)")
_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
# What may not follow a word of the Latin script: more of that word.
_LATIN_END = "(?![a-z0-9_\u00df-\u024f\u0370-\u052f])"


class Pattern(NamedTuple):
    """One way to write a label, as scanned for: `phrase`, then what must stand beside it."""

    key: str  # the label as its rule spells it
    phrase: str  # folded
    spelled: str  # as written in the rule, lower case
    beside: str = ""  # "", "brand", "link", or "before" for a brand in front
    joined: bool = False  # only as one tag
    spaced: bool = False  # letters set apart: only to be called obfuscated


class Hit(NamedTuple):
    """A label found. `form` is tag, bare, phrase, word, start or beside; the span lies in the folded text."""

    key: str
    form: str
    start: int
    end: int
    spelled: str
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All patterns of a rulebook and the one expression that finds them."""

    expression: re.Pattern[str]
    patterns: Mapping[str, tuple[Pattern, ...]]  # phrase -> patterns, those of its own beginning included
    brand_tags: Mapping[str, str]  # tag with {brand} in it -> key

    def scan(self, text: str, brands: tuple[str, ...]) -> list[Hit]:
        """Every hit in `text`; `brands` are folded names, aliases and handles (empty if the brand is unknown)."""
        found: list[Hit] = []
        search = self.expression.search
        match = search(text)
        while match:
            start = match.start()
            if start == 0 or not _inside_word(text, start):
                for pattern in self._patterns_at(match[0]):
                    end = start + len(pattern.phrase) if not pattern.spaced else match.end()
                    if hit := _hit(text, start, end, pattern, brands):
                        found.append(hit)
            match = search(text, start + 1)
        if self.brand_tags and any(brand in text for brand in brands):
            found.extend(self._brand_tag_hits(text, brands))
        return found

    def _patterns_at(self, matched: str) -> tuple[Pattern, ...]:
        if matched in self.patterns:
            return self.patterns[matched]
        return self.patterns.get(re.sub(_SPACED, "", matched) + "\0", ())

    def _brand_tag_hits(self, text: str, brands: tuple[str, ...]) -> Iterator[Hit]:
        for tag in _TAG.finditer(text):
            for brand in brands:
                if brand in tag[1] and (key := self.brand_tags.get(tag[1].replace(brand, "{brand}", 1))):
                    yield Hit(key, "tag", tag.start(), tag.end(), tag[1])
                    break


def _inside_word(text: str, start: int) -> bool:
    """Whether a Latin letter at `start` has more of its word, or a handle, before it."""
    before, first = text[start - 1], text[start]
    if first >= "\u0250":
        return False
    if before == "-":
        return start > 1 and text[start - 2].isalnum()
    return before in "_@&'$" or (before.isalnum() and before < "\u2e80")


def _hit(text: str, start: int, end: int, pattern: Pattern, brands: tuple[str, ...]) -> Hit | None:
    after = text[end : end + 1]
    if pattern.beside and not (end := _beside(text, start, end, pattern, brands)):
        return None
    tag = text[start - 1 : start] == "#"
    if tag and not pattern.beside:
        if after == "_" or (after.isalnum()):
            return None
        return Hit(pattern.key, "tag", start - 1, end, pattern.spelled, pattern.spaced)
    if pattern.joined:
        return None
    form = "beside" if pattern.beside and " " not in pattern.phrase else _form(text, start, end, pattern)
    return Hit(pattern.key, form, start - tag, end, pattern.spelled, pattern.spaced) if form else None


def _form(text: str, start: int, end: int, pattern: Pattern) -> str:
    if " " in pattern.phrase or pattern.beside:
        return "phrase"
    left = _left_edge(text, start)
    if left and _right_edge(text, end):
        return "bare"
    if left and _japanese_start(text, end, pattern.phrase):
        return "start"
    if text[end : end + 1] == "-" and text[end + 1 : end + 2].isalnum():
        return ""  # ad-free
    return "word"


def _left_edge(text: str, start: int) -> bool:
    at = start
    while at and text[at - 1] == " ":
        at -= 1
    if not at:
        return True
    before = text[at - 1]
    if before == "-":
        return at < start and (at == 1 or text[at - 2] in " \n-")
    return before in _EDGES or unicodedata.category(before) == "So"


def _right_edge(text: str, end: int) -> bool:
    at, size = end, len(text)
    while at < size and text[at] == " ":
        at += 1
    if at == size:
        return True
    after = text[at]
    if after == "-":
        return at > end and text[at + 1 : at + 2] in ("", " ", "-", "\n")
    if after in ".!":
        return at == end and (at + 1 == size or text[at + 1] in " \n.!")
    return after in _EDGES or after in "@#" or unicodedata.category(after) in ("So", "Sk")


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
    gap = _HANDLE_GAP.match(text, end)
    at = gap.end() if gap else end
    if pattern.beside == "before":
        return end if any(text[:start].rstrip().endswith(brand) for brand in brands) else 0
    if not brands:  # without a brand any handle or tag will do, any other word may be a mood
        return at + 1 if at and text[at - 1] in "@#" and text[at : at + 1].isalnum() else 0
    for brand in brands:
        if text.startswith(brand, at) and not _continues(text, at + len(brand)):
            return at + len(brand)
    if " " not in pattern.phrase and any(text[:start].rstrip(" #").endswith(brand) for brand in brands):
        return end
    return 0


def _continues(text: str, end: int) -> bool:
    after = text[end : end + 1]
    return after.isalnum() and after < "\u2e80" and text[end - 1] < "\u2e80"


def expand(label: str) -> list[str]:
    """All spellings of a label with `(a|b)` in it.

    >>> expand("thanks (to|) {brand}")
    ['thanks to {brand}', 'thanks {brand}']
    """
    group = _ALTERNATIVES.search(label)
    if not group:
        return [" ".join(label.split())]
    before, after = label[: group.start()], label[group.end() :]
    return [one for choice in group[1].split("|") for one in expand(before + choice + after)]


def fold_label(label: str) -> str:
    return fold(label.strip()).text


def _patterns(spelled: str, key: str) -> tuple[list[Pattern], list[str]]:
    """The patterns of one spelling of a label, and its tags that hold the brand's name."""
    marker = next((m for m in ("{brand}", "{link}") if m in spelled), "")
    if not marker:
        joined = _join(spelled)
        found = [Pattern(key, fold_label(spelled), spelled.lower())]
        if joined != found[0].phrase:
            found.append(Pattern(key, joined, spelled.lower(), joined=True))
        return found, []
    if spelled.endswith(" " + marker):
        words = spelled.removesuffix(" " + marker)
        tags = [_join(words) + marker] if marker == "{brand}" else []
        return [Pattern(key, fold_label(words), words.lower(), beside=marker[1:-1])], tags
    if spelled.startswith(marker + " "):
        words = spelled.removeprefix(marker + " ")
        return [Pattern(key, fold_label(words), words.lower(), beside="before")], []
    return [], [_join(spelled)]


def _join(label: str) -> str:
    return re.sub(r"[ '\-*.]", "", fold_label(label))


def build(labels: Iterable[tuple[str, str]], spaced: Iterable[str]) -> Lexicon:
    """The lexicon of `labels`, pairs of spelling and key; those in `spaced` are also found with their letters apart."""
    by_phrase: dict[str, list[Pattern]] = {}
    brand_tags: dict[str, str] = {}
    for spelled, key in labels:
        patterns, tags = _patterns(spelled, key)
        brand_tags.update(dict.fromkeys(tags, key))
        for pattern in patterns:
            by_phrase.setdefault(pattern.phrase, []).append(pattern)
    expression = _trie(by_phrase)
    apart = []
    for phrase in spaced:
        by_phrase[phrase + "\0"] = [Pattern(phrase, phrase, phrase, spaced=True)]
        apart.append(_SPACED.join(map(re.escape, phrase)) + _LATIN_END)
    complete = {phrase: _with_beginnings(phrase, by_phrase) for phrase in by_phrase}
    return Lexicon(re.compile("|".join([expression, *apart])), complete, brand_tags)


def _with_beginnings(phrase: str, by_phrase: Mapping[str, list[Pattern]]) -> tuple[Pattern, ...]:
    """The patterns of a phrase and of every phrase it begins with, for the scan sees only the longest."""
    found = list(by_phrase[phrase])
    for length in range(1, len(phrase)):
        ends_word = not (phrase[length - 1].isascii() and phrase[length].isascii() and phrase[length].isalnum())
        if ends_word and phrase[:length] in by_phrase and "\0" not in phrase:
            found.extend(by_phrase[phrase[:length]])
    return tuple(found)


def _trie(words: Iterable[str]) -> str:
    """One expression for all words, longest first, sharing beginnings."""
    root: dict[str, dict] = {}
    for word in words:
        node = root
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _render(root, "")


def _render(node: dict[str, dict], before: str) -> str:
    branches = [re.escape(letter) + _render(node[letter], letter) for letter in sorted(node) if letter]
    if "" in node:
        branches.append(_LATIN_END if before < "\u0250" else "")
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
