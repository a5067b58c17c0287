"""Posts as a voice is measured on them: masked and normalised, split into words, and what sort each character is."""

import re
import unicodedata
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

USER, URL, NAME = "\ue000", "\ue001", "\ue002"
START, END = "\x02", "\x03"

_DISCLOSURES = "ad|sponsored|paidpartnership|werbung|anzeige|publicidad|pr|広告|提供"
_MASKS = (
    (re.compile(r"https?://\S+|www\.\S+|<url>"), URL),
    (re.compile(r"(?<![\w@])@[\w.]*\w|<user>"), USER),
    (re.compile(r"<name>"), NAME),
    # A disclosure is owed to the law, not to the voice: it says nothing about who wrote the draft.
    (re.compile(rf"<disc>|[#＃](?:{_DISCLOSURES})(?!\w)|【PR】", re.IGNORECASE), " "),
)
_SPACES = re.compile(r"\s+")
# Sentences that differ only in such a number must not differ in likeness; within a text numbers are part of the voice.
_NUMBERED = re.compile(r"(?:(?<=[。！？!?.…])|(?<=\s))\d{1,4}$")
HASHTAG = re.compile(r"[#＃]\w+")
_HIDDEN = re.compile("[\u00ad\u200b\u200c\u2060\ufeff\U000e0000-\U000e007f\x00-\x08\x0e-\x1f]")
# Scripts without spaces: one katakana run is a word; hiragana and Han are taken two at a time.
_CJK = "\u3040-\u30ff\u3400-\u9fff々ー"
_WORD = re.compile(
    rf"[#＃]\w+|[ァ-ヺー]+|[ぁ-ゖ]{{1,2}}|[\u3400-\u9fff々]{{1,2}}|[^\W{_CJK}]+(?:['’][^\W{_CJK}]+)?|[^\w\s]"
)


class Kind(IntEnum):
    """What a character is, as far as habits of writing go."""

    LOWER = 0
    UPPER = 1
    LETTER = 2
    HIRAGANA = 3
    KATAKANA = 4
    HAN = 5
    DIGIT = 6
    SPACE = 7
    EMOJI = 8
    USER = 9
    URL = 10
    NAME = 11
    HASH = 12
    EXCLAMATION = 13
    QUESTION = 14
    STOP = 15
    COMMA = 16
    ELLIPSIS = 17
    QUOTE = 18
    APOSTROPHE = 19
    CURLY_APOSTROPHE = 20
    DASH = 21
    COLON = 22
    BRACKET = 23
    SLASH = 24
    WAVE = 25
    PUNCTUATION = 26
    END = 27
    START = 28


_BY_CHARACTER = {
    **dict.fromkeys("!！‼", Kind.EXCLAMATION),
    **dict.fromkeys("?？", Kind.QUESTION),
    **dict.fromkeys(".。", Kind.STOP),
    **dict.fromkeys(",、，", Kind.COMMA),
    **dict.fromkeys("…‥", Kind.ELLIPSIS),
    **dict.fromkeys('"“”«»„「」『』', Kind.QUOTE),
    **dict.fromkeys("'", Kind.APOSTROPHE),
    **dict.fromkeys("’‘", Kind.CURLY_APOSTROPHE),
    **dict.fromkeys("-–—", Kind.DASH),
    **dict.fromkeys(":;：；", Kind.COLON),
    **dict.fromkeys("()[]（）【】", Kind.BRACKET),
    **dict.fromkeys("&+/|／｜", Kind.SLASH),
    **dict.fromkeys("*~～〜•·・", Kind.WAVE),
    **dict.fromkeys("#＃", Kind.HASH),
    USER: Kind.USER,
    URL: Kind.URL,
    NAME: Kind.NAME,
    START: Kind.START,
    END: Kind.END,
}


def _kind(character: str) -> Kind:
    if character in _BY_CHARACTER:
        return _BY_CHARACTER[character]
    code = ord(character)
    for first, last, kind in (
        (0x3041, 0x309F, Kind.HIRAGANA),
        (0x30A0, 0x30FF, Kind.KATAKANA),
        (0x3400, 0x9FFF, Kind.HAN),
    ):
        if first <= code <= last:
            return kind
    category = unicodedata.category(character)
    by_category = {"Ll": Kind.LOWER, "Lu": Kind.UPPER, "Zs": Kind.SPACE, "Cc": Kind.SPACE}
    if category in by_category:
        return by_category[category]
    by_first = {"L": Kind.LETTER, "M": Kind.LETTER, "N": Kind.DIGIT, "P": Kind.PUNCTUATION}
    if category == "Mn" and 0xFE00 <= code <= 0xFE0F:
        return Kind.EMOJI
    if category in ("Sc", "Sm", "Sk") and code < 0x2000:
        return Kind.PUNCTUATION
    return by_first.get(category[0], Kind.EMOJI)


_UNSEEN = -1
_kinds = np.full(0x110000, _UNSEEN, np.int8)


def kinds_of(codes: NDArray[np.uint32]) -> NDArray[np.int8]:
    """Looks kinds up, filling the table for code points met for the first time."""
    kinds = _kinds[codes]
    if (kinds == _UNSEEN).any():
        for code in np.unique(codes[kinds == _UNSEEN]).tolist():
            _kinds[code] = _kind(chr(code))
        kinds = _kinds[codes]
    return kinds


def normalise(text: str) -> str:
    """Masks handles and links, drops disclosures and hidden characters, collapses spaces."""
    text = _HIDDEN.sub("", text)
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return _SPACES.sub(" ", text).strip()


def without_number(text: str) -> str:
    """A normalised text without a number that stands at its end by itself, as in a list of drafts."""
    return _NUMBERED.sub("", text).rstrip()


def words(text: str) -> list[str]:
    """Words, hashtags, single marks; scripts without spaces fall into short runs."""
    return _WORD.findall(text)
