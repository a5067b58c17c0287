"""Denials that a line break cuts in two: `this is not an` at the end of a line, `ad` at the start of the next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from bot.judging.disclosure.labels import CJK, EDGES, Hit
from bot.judging.disclosure.lexicon import Lexicon
from bot.judging.disclosure.patterns import DENIAL

_REACH = 60  # characters on either side of the line break
_WORD = re.compile(r"#?\w+(?:'\w+)*")
_SETS_OFF = EDGES - {"\n"} | {"-"}


@dataclass(frozen=True, slots=True)
class Joints:
    """Where denials may break: what stands side by side in them."""

    words: frozenset[str]  # two words
    letters: frozenset[str]  # two letters of a script without spaces
    edges: frozenset[str]  # the last two characters of a line and the first two of the next
    lasts: frozenset[str]  # the last character of a line


def joints(denials: Iterable[str]) -> Joints:
    """Those of folded denials."""
    words, letters = set[tuple[str, str]](), set[str]()
    for denial in denials:
        words.update(
            (word, found[0]) for word, following in pairwise(denial.split()) if (found := _WORD.match(following))
        )
        letters.update(denial[at : at + 2] for at in range(len(denial) - 1) if denial[at] >= CJK)
    edges = {end + start for word, following in words for end in _ends(word) for start in _starts(following)}
    lasts = {" ", *(word[-1] for word, _ in words), *(pair[0] for pair in letters)}
    return Joints(frozenset(map(" ".join, words)), frozenset(letters), frozenset(edges), frozenset(lasts - set(".,;!")))


def _ends(word: str) -> tuple[str, ...]:
    """The last two characters of a line that ends with `word`, and perhaps a space."""
    return (f" {word}"[-2:], word[-2:], f"{word[-1]} ")


def _starts(word: str) -> tuple[str, ...]:
    """The first two of a line that starts with `word`, perhaps behind a space."""
    return (f"{word} "[:2], f" {word[0]}")


def broken_denials(text: str, lexicon: Lexicon, breaks: Joints, brands: tuple[str, ...]) -> Iterator[Hit]:
    """The denials in a folded text that go on over one line break. `breaks` are the joints of all denials."""
    lines = text.split("\n")
    if breaks.lasts.isdisjoint([line[-1:] for line in lines]):
        return  # as where every line ends with a full stop
    edges, letters = breaks.edges, frozenset[str]() if text.isascii() else breaks.letters
    for number, (first, second) in enumerate(pairwise(lines)):
        if first[-2:] + second[:2] in edges or (letters and first[-1:] + second[:1] in letters):
            start = sum(map(len, lines[:number])) + number  # of the first of the two lines
            for hit in _over(first[-_REACH:], second[:_REACH], lexicon, breaks, brands):
                shift = start + max(0, len(first) - _REACH)
                yield hit._replace(start=hit.start + shift, end=hit.end + shift)


def _over(first: str, second: str, lexicon: Lexicon, breaks: Joints, brands: tuple[str, ...]) -> Iterator[Hit]:
    """Those over the break between two lines; their spans lie in these."""
    before, after = first.rstrip(" "), second.lstrip(" ")
    gaps = [""] if before[-1:] + after[:1] in breaks.letters else []
    if (word := _WORD.match(after)) and f"{before.rpartition(' ')[2]} {word[0]}" in breaks.words:
        gaps.append(" ")
    for gap in gaps:
        line, cut = before + gap + after, len(before) + len(gap)
        for hit in lexicon.scan(line, brands, is_latin=line.isascii(), is_branded=False):
            is_over = hit.key.startswith(DENIAL) and hit.start < len(before) and hit.end > cut
            if is_over and not _is_label_by_itself(before[hit.start :], after, hit.end - cut):
                yield hit._replace(end=hit.end - cut + len(first) + 1 + len(second) - len(after))


def _is_label_by_itself(before: str, second: str, end: int) -> bool:
    """Whether `Why not` ends a sentence and what follows is a label at the start of its line, set off or a tag."""
    if " " in before or before[-1] >= CJK:
        return False
    return second.startswith("#") or second[end:].lstrip(" ")[:1] in _SETS_OFF
