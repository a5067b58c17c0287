"""How much of a draft is its author's own words, and how much of it says the same once more.

Nothing can be told of a handful of words, nor gained by repeating them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.judging.phrases import phrase_pattern
from bot.judging.words import UNSPACED, fold, found_words, word_count
from bot.model.messages import Message
from bot.model.verdicts import Signal

ENOUGH = 8  # own words, twice as many characters in a script without spaces
MOSTLY = 0.5  # of the letters say what stands before: it is no text that anybody would publish
TOLD_FROM = 0.2  # repeated: below are turns of phrase and lines taken up on purpose
_RUN = 16  # letters: so long a run does not return by chance
_UNIT = re.compile(f"[{UNSPACED}ー]|[^\\W\\d_{UNSPACED}]+")
_NOT_OWN = re.compile(r"(?:https?://|www\.)\S+|<\w+>|[#@][\w.]+|\d+")


def said_once(text: str) -> tuple[str, float]:
    """`text` without what stands in it before, numbers and marks left aside, and how much of it that was: 0 to 1.

    As it is where that is next to nothing.
    """
    units = list(_UNIT.finditer(text))
    words = [fold(unit[0]) for unit in units]
    again = _again("".join(words))
    share = sum(again) / max(1, len(again))
    if share < TOLD_FROM:
        return text, share
    kept, at, letter, is_cut = [], 0, 0, False
    for unit, word in zip(units, words, strict=True):
        was_cut, is_cut = is_cut, all(again[letter : letter + len(word)])
        if is_cut and not was_cut:
            kept.append(text[at : unit.start()])
        if is_cut:  # with the marks before it
            at = unit.end()
        letter += len(word)
    return "".join((*kept, text[at:])), share


def _again(letters: str) -> bytearray:
    """For each letter whether it is within a run that stood before."""
    again, seen = bytearray(len(letters)), set()
    for start in range(len(letters) - _RUN + 1):
        run = letters[start : start + _RUN]
        if run in seen:
            again[start : start + _RUN] = b"\1" * _RUN
        seen.add(run)
    return again


def own_words(text: str, brand: Sequence[str]) -> int:
    """Words besides advertising labels, handles, hashtags, links, numbers and `brand`, the words that name it."""
    left = phrase_pattern("label").sub(" ", _NOT_OWN.sub(" ", fold(text)))
    return word_count(left) - sum(map(word_count, found_words(left, brand)))


def signals(text: str, brand: Sequence[str]) -> tuple[Signal, ...]:
    """What is out of the ordinary: too few own words, each counted once, and what is said again."""
    once, share = said_once(text)
    count = own_words(once, brand)
    few = (Signal("own_words", count, "count"),) if count < ENOUGH else ()
    return (*few, Signal("repeated_share", round(share, 3), "share")) if share >= TOLD_FROM else few


def nothing_to_judge(value: dict[str, float]) -> Message | None:
    """Why no outcome that speaks for a draft can be had, by its signals."""
    if "own_words" in value:
        return Message("because.few_words", {"n": int(value["own_words"])})
    if value.get("repeated_share", 0) > MOSTLY:
        return Message("because.repeats", {"percent": round(100 * value["repeated_share"])})
    return None
