"""Normalise a caption for the disclosure check, keeping the way back to the raw text.

Letters are folded (NFKC, case, accents of Latin letters), invisible characters are dropped, runs of spaces are
collapsed and URLs are blanked out. Kana and kanji keep their marks: folding those would turn one letter into another.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase
from typing import NamedTuple

URL_MARK = "\ufffc"  # stands where a URL was, one for each of its characters
OVERRIDES = frozenset("\u202d\u202e")  # text after these is shown back to front
STRIKES = frozenset(map(chr, range(0x334, 0x339)))  # drawn through a letter

_SPACES = "\\t\\r \u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000"
_INVISIBLE_BASIC = (
    "\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
_INVISIBLE = f"{_INVISIBLE_BASIC}\U000e0000-\U000e0fff"
# What may fold to something else. Scripts left out here (Greek, Cyrillic, Thai, kana, kanji, Hangul, emoji) fold to
# themselves, so a caption in them costs little more than one in ASCII. Letters above U+FFFF are looked for apart: with
# them in the class, `re` would try each range in turn for every character.
_BASIC = (
    f"{_INVISIBLE_BASIC}\u0080-\u036f\u1680\u1ab0-\u1aff\u1d00-\u1eff\u2000-\u2012\u2015-\u2021\u2023-\u2025\u2027-\u25ff"
    "\u2800\u2c60-\u2fff\u3000\u3131-\u33ff\ua640-\ua7ff\uab30-\uab6f\uf900-\uffff"
)
_ASTRAL = "\U0001d400-\U0001d7ff\U0001f100-\U0001f2ff\U000e0000-\U000e0fff"
_BASIC_UNIT = re.compile(f"[{_BASIC}]")
_ASTRAL_UNIT = re.compile(f"[{_ASTRAL}]")
_ANY_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_UNIT = re.compile(f"[{_BASIC}{_ASTRAL}]")
_WIDE_UNIT = re.compile(
    f"[{_SPACES}][{_SPACES}{_INVISIBLE}]*|[\u3041-\u30ff][\u3099\u309a]|[\uff66-\uff9d][\uff9e\uff9f]|[{_BASIC}{_ASTRAL}]"
)
_IS_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
_IS_SPACE = re.compile(f"[{_SPACES}]")
_URL = re.compile(r"https?://[!-~]+|www\.[!-~]+|\.[a-z]{2,}/[!-~]+")
_SPELLED_OUT = {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'", "œ": "oe", "æ": "ae"}


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
    if first in _SPELLED_OUT:
        return _SPELLED_OUT[first]
    folded = unicodedata.normalize("NFKC", unit).casefold()
    if folded < "\u0250" or "\u1e00" <= folded < "\u1f00" or unicodedata.combining(first):
        return "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return folded


_UNITS = _Units()


class Edit(NamedTuple):
    """`text[start:end]` stands for `raw[raw_start:raw_end]`, which has another length."""

    start: int
    end: int
    raw_start: int
    raw_end: int


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """A raw text and its folded form. Compared by identity, so that it is a cheap key."""

    raw: str
    text: str
    wide: bool  # runs of spaces or letters with separate marks were folded

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the raw text that folded to `text[start:end]`; the span is not empty."""
        if self.raw.isascii() and not self.wide:
            return start, end
        edits = _edits(self.raw, self.wide)
        return _raw(edits, start)[0], _raw(edits, end - 1)[1]

    def shown_length(self, raw_end: int) -> int:
        """How many characters a reader sees before `raw_end`: invisible ones do not count towards a fold."""
        if self.raw.isascii():
            return raw_end
        return raw_end - sum(1 for _ in _IS_INVISIBLE.finditer(self.raw, 0, raw_end))


def fold(raw: str) -> Folded:
    """Fold `raw`; the result is lower case, with single spaces, without invisible characters and URLs."""
    text = lowered = _lower(raw)
    if not raw.isascii():
        units = set(_BASIC_UNIT.findall(text))
        if _ANY_ASTRAL.search(text):
            units.update(_ASTRAL_UNIT.findall(text))
        for unit in units:
            text = text.replace(unit, _UNITS[unit])
    # Half-width voicing marks have been folded to the last two.
    wide = "  " in text or "\t" in text or "\r" in text or "\u3099" in text or "\u309a" in text
    if wide:
        text = _WIDE_UNIT.sub(lambda unit: _UNITS[unit[0]], lowered)
    if "/" in text or "www." in text:
        text = _URL.sub(lambda url: URL_MARK * len(url[0]), text)
    return Folded(raw, text, wide)


def _lower(raw: str) -> str:
    """Lower case, of the same length: of all characters only the dotted capital I would grow."""
    return raw.replace("\u0130", "i").lower()


@lru_cache(maxsize=16)
def _edits(raw: str, wide: bool) -> tuple[Edit, ...]:
    """Where folding changed a length. Only asked for where a span is shown, so that `fold` stays fast."""
    edits: list[Edit] = []
    shift = 0
    for match in (_WIDE_UNIT if wide else _UNIT).finditer(_lower(raw)):
        size, folded_size = match.end() - match.start(), len(_UNITS[match[0]])
        if folded_size != size:
            start = match.start() + shift
            edits.append(Edit(start, start + folded_size, *match.span()))
            shift += folded_size - size
    return tuple(edits)


def _raw(edits: Sequence[Edit], index: int) -> tuple[int, int]:
    """Where the folded character at `index` stands in the raw text."""
    at = bisect_right(edits, index, key=lambda edit: edit.start) - 1
    if at < 0:
        return index, index + 1
    edit = edits[at]
    if index < edit.end:
        return edit.raw_start, edit.raw_end
    return edit.raw_end + index - edit.end, edit.raw_end + index - edit.end + 1


def is_styled(raw_label: str, spelled: str) -> bool:
    """Whether a label has letters in another style, or marks its spelling lacks; full-width forms are ordinary."""
    return any(
        not c.isascii() and c not in spelled and not "\uff01" <= c <= "\uff5e" and _UNITS[c].isascii()
        for c in raw_label.lower()
        if _UNITS[c]
    )


_CIRCLED, _BOXED = range(0x1F150, 0x1F16A), range(0x1F170, 0x1F18A)
# Letters of other alphabets that fill whole captions; they count only beside a Latin letter or a rare look-alike,
# for no label can be written with these alone.
_COMMON = {
    "авеёіїкмнорстухь": "abeeiikmhopctyxb",  # Cyrillic
    "αβεικνορτυχηγως": "abeikvoptuxnyws",  # Greek
}
_RARE = {
    "ԁһјӏѕԛѡҽ": "dhjlsqwe",  # Cyrillic
    "ոօսհցգ": "nouhgg",  # Armenian
    "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ": "abcdefghijklmnoprstuvwyz",  # small capitals
    "ɑıɩɡøđłħŧɗɖʋʂɐƅǀ": "aiigodlhtddvsabl",  # Latin
    # Boxed and circled letters. Flags are left alone: the one of Andorra is spelled with the letters A and D.
    "".join(map(chr, _CIRCLED)): ascii_lowercase,
    "".join(map(chr, _BOXED)): ascii_lowercase,
}
_LOOK_ALIKES = {
    ord(look_alike): letter
    for group in (_COMMON, _RARE)
    for look_alikes, letters in group.items()
    for look_alike, letter in zip(look_alikes, letters, strict=True)
}
_ANY_LOOK_ALIKE = re.compile("[" + "".join(chr(c) for c in _LOOK_ALIKES if c < 0x10000) + "]")
_ANY_BOXED = re.compile("[\U0001f150-\U0001f189]")
_ANY_RARE = re.compile("[" + "".join(c for letters in _RARE for c in letters if c < "\U00010000") + "]")
_ANY_LATIN = re.compile("[a-z]")
_MIXED = re.compile(f"[{''.join(_COMMON)}][a-z]|[a-z][{''.join(_COMMON)}]")


def fold_look_alikes(text: str) -> str | None:
    """A folded text with look-alike letters made Latin, of the same length; None if none can disguise a label."""
    if text.isascii() or not (_disguised(text) or _ANY_BOXED.search(text)):
        return None
    return text.translate(_LOOK_ALIKES)


def _disguised(text: str) -> bool:
    if not _ANY_LOOK_ALIKE.search(text):
        return False
    return bool(_ANY_RARE.search(text) or (_ANY_LATIN.search(text) and _MIXED.search(text)))
