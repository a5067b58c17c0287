"""Normalise a caption for the disclosure check, keeping the way back to the raw text.

Letters are folded (NFKC, case, accents of Latin letters), invisible characters are dropped, runs of spaces are
collapsed and URLs are blanked out. Kana and kanji keep their marks: folding those would turn one letter into another.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

URL_MARK = "\ufffc"  # stands where a URL was, one for each of its characters
OVERRIDES = frozenset("\u202d\u202e")  # text after these is shown back to front
STRIKES = frozenset(map(chr, range(0x334, 0x339)))  # drawn through a letter

_SPACES = "\\t\\r \u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000"
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0000-\U000e0fff"
)
# What may fold to something else. Scripts left out here (Greek, Cyrillic, Thai, kana, kanji, Hangul, emoji) fold to
# themselves, so a caption in them costs no more than one in ASCII.
_FOLDABLE = (
    f"{_INVISIBLE}\u0080-\u036f\u1ab0-\u1aff\u1d00-\u1eff\u1680\u2000-\u2012\u2015-\u2021\u2023-\u2025\u2027-\u25ff"
    "\u2800\u2c60-\u2fff\u3000\u3131-\u33ff\ua640-\ua7ff\uab30-\uab6f\uf900-\uffff\U0001d400-\U0001d7ff"
    "\U0001f100-\U0001f16f\U0001f190-\U0001f1e5\U0001f200-\U0001f2ff"
)
_HALF_WIDTH = "[\uff66-\uff9d][\uff9e\uff9f]"
_NARROW = re.compile(f"{_HALF_WIDTH}|[{_FOLDABLE}]")
_WIDE = re.compile(f"[{_SPACES}][{_SPACES}{_INVISIBLE}]*|[\u3041-\u30ff][\u3099\u309a]|{_HALF_WIDTH}|[{_FOLDABLE}]")
_IS_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
_IS_SPACE = re.compile(f"[{_SPACES}]")
_URL = re.compile(r"https?://[!-~]+|www\.[!-~]+|\.[a-z]{2,}/[!-~]+")
_NEEDS_WIDE = ("  ", "\t", "\r", "\u3099", "\u309a")


class _Units(dict[str, str]):
    """What one unit (a character, a letter with its mark, a run of spaces) folds to; filled as units are met."""

    def __missing__(self, unit: str) -> str:
        folded = self[unit] = _fold_unit(unit)
        return folded


def _fold_unit(unit: str) -> str:
    first = unit[0]
    if _IS_INVISIBLE.match(first) or first in STRIKES:
        return ""
    if _IS_SPACE.match(first):
        return " "
    if first in "\u2028\u2029\u0085":
        return "\n"
    if first in "\u2018\u2019\u02bc\u00b4":
        return "'"
    folded = unicodedata.normalize("NFKC", unit).casefold()
    if folded < "\u0250" or "\u1e00" <= folded < "\u1f00" or unicodedata.combining(first):
        return "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return folded


_UNITS = _Units()


@dataclass(frozen=True, slots=True)
class Folded:
    """A raw text, its folded form, and the edits `(start, end, raw_start, raw_end)` that changed a length."""

    raw: str
    text: str
    edits: tuple[tuple[int, int, int, int], ...] = ()

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the raw text that folded to `text[start:end]`."""
        if not self.edits:
            return start, end
        return self._raw(start)[0], self._raw(end - 1)[1] if end > start else self._raw(start)[0]

    def _raw(self, index: int) -> tuple[int, int]:
        """Where the folded character at `index` stands in the raw text."""
        at = bisect_right(self.edits, index, key=lambda edit: edit[0]) - 1
        if at < 0:
            return index, index + 1
        _, end, raw_start, raw_end = self.edits[at]
        if index < end:
            return raw_start, raw_end
        return raw_end + index - end, raw_end + index - end + 1

    def shown_length(self, raw_end: int) -> int:
        """How many characters a reader sees before `raw_end`: invisible ones do not count towards a fold."""
        if not self.edits:
            return raw_end
        return raw_end - sum(1 for _ in _IS_INVISIBLE.finditer(self.raw, 0, raw_end))


def fold(raw: str) -> Folded:
    """Fold `raw`; the result is lower case, with single spaces, without invisible characters and URLs."""
    # Of all characters only the dotted capital I grows when lower-cased.
    lowered = raw.replace("\u0130", "i").lower()
    text, edits = (lowered, ()) if raw.isascii() else _substitute(_NARROW, lowered)
    if any(mark in text for mark in _NEEDS_WIDE):
        text, edits = _substitute(_WIDE, lowered)
    if "/" in text or "www." in text:
        text = _URL.sub(lambda url: URL_MARK * len(url[0]), text)
    return Folded(raw, text, edits)


def _substitute(pattern: re.Pattern[str], text: str) -> tuple[str, tuple[tuple[int, int, int, int], ...]]:
    edits: list[tuple[int, int, int, int]] = []
    shift = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal shift
        unit = match[0]
        folded = _UNITS[unit]
        if len(folded) != len(unit):
            start = match.start() + shift
            edits.append((start, start + len(folded), match.start(), match.end()))
            shift += len(folded) - len(unit)
        return folded

    return pattern.sub(replace, text), tuple(edits)


def is_styled(raw_label: str, spelled: str) -> bool:
    """Whether a label has letters in another style, or marks its spelling lacks; full-width forms are ordinary."""
    return any(
        not c.isascii() and c not in spelled and not "\uff01" <= c <= "\uff5e" and _UNITS[c].isascii()
        for c in raw_label.lower()
        if _UNITS[c]
    )


def _look_alikes() -> Iterator[tuple[int, str]]:
    pairs = (
        ("авсԁеёһіїјкӏмнорѕтухԛѡгпԍҽ", "abcdeehiijklmhopstyxqwrnge"),  # Cyrillic
        ("αβεικνορτυχηγωδςϲϳ", "abeikvoptuxnywdscj"),  # Greek
        ("ոօսհցգ", "nouhgg"),  # Armenian
        ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz"),  # small capitals
        ("ɑıɩɡøđłħŧɗɖʋʂɐƅƖǀ", "aiigodlhtddvsabll"),  # Latin
    )
    for look_alikes, letters in pairs:
        yield from ((ord(c), letter) for c, letter in zip(look_alikes, letters, strict=True))
    # Boxed and circled white letters. Flags are left alone: the one of Andorra is spelled with the letters A and D.
    for first in (0x1F150, 0x1F170):
        yield from ((first + i, chr(ord("a") + i)) for i in range(26))


_LOOK_ALIKES = dict(_look_alikes())
_LOOK_ALIKE = re.compile(f"[{re.escape(''.join(map(chr, _LOOK_ALIKES)))}]")


def fold_look_alikes(text: str) -> str | None:
    """`text` with look-alike letters made Latin, of the same length; None if it has none."""
    if text.isascii() or not _LOOK_ALIKE.search(text):
        return None
    return text.translate(_LOOK_ALIKES)
