"""Whether words in a folded text stand there as a label, and in which form.

A label is never a substring: as a tag it ends with the tag, as a phrase it has two words or more, and a single word
counts only between edges (line ends, brackets, bars, dashes), because `ad` in a sentence is no disclosure.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from bot.judging.disclosure.patterns import Pattern
from bot.judging.disclosure.text import URL_MARK

EDGES = frozenset("\n()[]{}<>|:/\\·•–—―*・【】〔〕《》〈〉※→~〜+;…¡" + URL_MARK)
_FREE = re.compile("[-‐](?:free|frei)")  # behind a tag it says the opposite: #ad-free
_HANDLE_GAP = re.compile(r"[ ]?(?:[:\-–—] ?)?(?:the )?[@#]?[\"'«“]?")
_LONGEST_GAP = 9  # characters
_LINK_GAP = re.compile(rf"[ \n:\-–—→👉⬇️↓]{{0,6}}(?:{URL_MARK}|[\w-]+\.[a-z]{{2,}})")
CJK = "\u2e80"  # from here on scripts have no spaces between words
_IN_SENTENCES = frozenset(",、。")  # no edges
_AFTER_WORDS = " ,.!?\n"
_NAME = re.compile(r"\w+(?:\.\w+)*")


class Hit(NamedTuple):
    """A label found. `form` is tag, bare, phrase, word, start or beside; the span lies in the folded text."""

    key: str
    form: str
    start: int
    end: int
    spelled: str
    spaced: bool = False


def hit_at(text: str, start: int, pattern: Pattern, brands: tuple[str, ...]) -> Hit | None:
    """The hit where `text` has the letters of `pattern` from `start` on; None if they are part of other words."""
    end = start + len(pattern.phrase)
    return None if _inside_word(text, start) or _goes_on(text, end) else hit(text, start, end, pattern, brands)


def _goes_on(text: str, end: int) -> bool:
    """Whether a word of a script with spaces has more of its letters at `end`."""
    after = text[end : end + 1]
    if not after or after >= CJK or text[end - 1] >= CJK:
        return False
    return after.isalnum() or (after > "\u0300" and unicodedata.category(after)[0] == "M")  # a vowel sign, as of Hindi


def _inside_word(text: str, start: int) -> bool:
    """Whether a letter at `start`, of a script with spaces, has more of its word, a handle or a domain before it."""
    before, first = text[start - 1] if start else " ", text[start]
    if first >= CJK:
        return False
    if before in "-.":
        return start > 1 and text[start - 2].isalnum()
    return before in "_@&'$" or (before.isalnum() and before < CJK)


def hit(text: str, start: int, end: int, pattern: Pattern, brands: tuple[str, ...]) -> Hit | None:
    """The hit of `pattern` at `start` to `end`; None if nothing makes it a label there."""
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
    right = _right_edge(text, end)
    left = _left_edge(text, start, at_line_end=right == "line")
    if left and right:
        return "bare"
    if left and _japanese_start(text, end, pattern.phrase):
        return "start"
    if text[end : end + 1] == "-" and text[end + 1 : end + 2].isalnum():
        return ""  # ad-free
    return "word"


def is_among_words(text: str, start: int, end: int) -> bool:
    """Whether what stands right beside it, as most often, shows a word of a sentence: no edge has to be looked for."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == " ":
        before = text[start - 2 : start - 1]
    elif before < CJK and text[start] < CJK:
        return False
    return (before.isalnum() or before in _IN_SENTENCES) and (after >= CJK or after in _AFTER_WORDS)


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
    return before in EDGES or (emoji and at_line_end)


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
        is_edge = after in EDGES or after in "@#" or _is_emoji(after)
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
        if stands and (start == 0 or not text[start - 1].isalnum() or text[start] >= CJK):
            return True
    return False
