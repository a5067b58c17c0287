"""What changed between two texts, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

RUN = 3  # pieces in a row that are no coincidence: two words with the blank between, or three characters
MOST_PIECES = 1500  # compared on each side: the time it takes grows with their square
# A word or number, a run of blanks, or one sign; of scripts that set no blanks every character is a word.
_WORD = re.compile(r"[^\W_\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]+|\s+|.", re.DOTALL)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of the old text and what stands in its place; one of the two may be empty."""

    removed: str
    added: str


def changes(before: str, after: str) -> tuple[Change, ...]:
    """From start to end; none where the texts are the same but for line ends and outer blanks.

    What has only one sign or blank between it is one change. Of long texts with little in common whole lines are
    compared, and where these are too many as well, all between the first and the last difference is one change.
    """
    old, new = _plain(before), _plain(after)
    for piece in (_WORD, _LINE):
        olds, news = _between(piece.findall(old), piece.findall(new))
        if max(len(olds), len(news)) <= MOST_PIECES:
            return tuple(_joined(_compared(olds, news)))
    return (Change("".join(olds), "".join(news)),)


def kept_share(before: str, after: str) -> float:
    """How much of `after` stands in `before` in the same order, in runs of a few words or characters; 0..1.

    Of long texts the beginnings are compared.
    """
    olds, news = (_WORD.findall(_plain(text))[:MOST_PIECES] for text in (before, after))
    blocks = SequenceMatcher(None, olds, news).get_matching_blocks()
    kept = sum(len("".join(news[block.b : block.b + block.size])) for block in blocks if block.size >= RUN)
    return kept / max(sum(map(len, news)), 1)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _between(olds: list[str], news: list[str]) -> tuple[list[str], list[str]]:
    """Both without the pieces they begin and end with in common."""
    shorter = min(len(olds), len(news))
    start = next((at for at in range(shorter) if olds[at] != news[at]), shorter)
    left = shorter - start
    end = next((at for at in range(left) if olds[-1 - at] != news[-1 - at]), left)
    return olds[start : len(olds) - end], news[start : len(news) - end]


def _compared(olds: Sequence[str], news: Sequence[str]) -> Iterator[tuple[str, Change]]:
    """Each change, after what stands unchanged between it and the one before."""
    same = ""
    for kind, a, b, c, d in SequenceMatcher(None, olds, news).get_opcodes():
        if kind == "equal":
            same = "".join(olds[a:b])
        else:
            yield same, Change("".join(olds[a:b]), "".join(news[c:d]))
            same = ""


def _joined(found: Iterator[tuple[str, Change]]) -> Iterator[Change]:
    held: Change | None = None
    for same, change in found:
        if held and len(same) <= 1:
            held = Change(held.removed + same + change.removed, held.added + same + change.added)
        else:
            if held:
                yield held
            held = change
    if held:
        yield held
