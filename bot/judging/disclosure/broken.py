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
    seam: re.Pattern[str]  # a line break; its groups are two letters right before it, or before a space, and two behind
    edges: frozenset[tuple[str, str, str]]  # what `seam` finds around a break between two words


def joints(denials: Iterable[str]) -> Joints:
    """Those of folded denials."""
    words, letters = set[tuple[str, str]](), set[str]()
    for denial in denials:
        words.update(
            (word, found[0]) for word, following in pairwise(denial.split()) if (found := _WORD.match(following))
        )
        letters.update(denial[at : at + 2] for at in range(len(denial) - 1) if denial[at] >= CJK)
    lasts = {*(word[-1] for word, _ in words), *(pair[0] for pair in letters)}
    firsts = {" ", *(following[0] for _, following in words), *(pair[1] for pair in letters)}
    two = f"(?s:.)[{_listed(lasts)}]"
    return Joints(
        frozenset(map(" ".join, words)),
        frozenset(letters),
        re.compile(f"\n(?:(?<=({two})\n)|(?<=({two}) \n))(?=([{_listed(firsts)}].?))"),
        frozenset((*end, start) for word, following in words for end in _ends(word) for start in _starts(following)),
    )


def _listed(letters: Iterable[str]) -> str:
    return re.escape("".join(sorted(letters)))


def _ends(word: str) -> Iterator[tuple[str, str]]:
    """The last two characters of a line that ends with `word`, and the same in front of a space."""
    for end in (f" {word}"[-2:], f"\n{word}"[-2:]):
        yield from ((end, ""), ("", end))


def _starts(word: str) -> tuple[str, ...]:
    """The first two of a line that starts with `word`, perhaps behind a space."""
    return (f"{word} "[:2], f" {word[0]}")


def broken_denials(
    text: str, lexicon: Lexicon, breaks: Joints, brands: tuple[str, ...], *, is_latin: bool
) -> Iterator[Hit]:
    """The denials in a folded text that go on over one line break. `breaks` are the joints of all denials.

    `is_latin` says that the text has letters of no other script.
    """
    text = f"\n{text}\n"  # so that two characters stand before every break, and every line ends
    edges, letters = breaks.edges, frozenset[str]() if is_latin else breaks.letters
    found = breaks.seam.findall(text)
    if edges.isdisjoint(found) and not (
        letters and any((end or spaced)[1] + start[0] in letters for end, spaced, start in found)
    ):
        return
    for seam in breaks.seam.finditer(text):
        end, spaced, start = seam.groups("")
        if (end, spaced, start) in edges or (end or spaced)[1] + start[0] in letters:
            cut = seam.start()
            begin = max(text.rfind("\n", 0, cut) + 1, cut - _REACH)
            first, second = text[begin:cut], text[cut + 1 : min(text.find("\n", cut + 1), cut + 1 + _REACH)]
            for hit in _over(first, second, lexicon, breaks, brands):
                yield hit._replace(start=hit.start + begin - 1, end=hit.end + begin - 1)


def _over(first: str, second: str, lexicon: Lexicon, breaks: Joints, brands: tuple[str, ...]) -> Iterator[Hit]:
    """Those over the break between two lines; their spans lie in these."""
    before, after = first.rstrip(" "), second.lstrip(" ")
    gaps = [""] if before[-1:] + after[:1] in breaks.letters else []
    if (word := _WORD.match(after)) and f"{before.rpartition(' ')[2]} {word[0]}" in breaks.words:
        gaps.append(" ")
    for gap in gaps:
        line, cut = before + gap + after, len(before) + len(gap)
        for hit in lexicon.scan(line, brands, is_latin=line.isascii(), is_branded=True):
            is_over = hit.key.startswith(DENIAL) and hit.start < len(before) and hit.end > cut
            if is_over and not _is_label_by_itself(before[hit.start :], after, hit.end - cut):
                yield hit._replace(end=hit.end - cut + len(first) + 1 + len(second) - len(after))


def _is_label_by_itself(before: str, second: str, end: int) -> bool:
    """Whether `Why not` ends a sentence and what follows is a label at the start of its line, set off or a tag."""
    if " " in before or before[-1] >= CJK:
        return False
    return second.startswith("#") or second[end:].lstrip(" ")[:1] in _SETS_OFF
