"""Normalise a caption for the disclosure check, keeping the way back to the raw text.

Letters are folded (NFKC, case, accents of Latin letters), invisible characters are dropped, runs of spaces are
collapsed and URLs are blanked out. Kana and kanji keep their marks: folding those would turn one letter into another.
"""

import re
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property
from string import ascii_lowercase
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

URL_MARK = "\ufffc"  # stands where a URL was, one for each of its characters
OVERRIDES = frozenset("\u202d\u202e")  # text after these is shown back to front
STRIKES = frozenset(map(chr, range(0x334, 0x339)))  # drawn through a letter

_SPACES = "\\t\\r \u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000"
_INVISIBLE_BASIC = (
    "\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
_DROPPED = "\U0010ffff"  # stands for an invisible character until all of them are dropped; no character itself
_INVISIBLE = f"{_INVISIBLE_BASIC}\U000e0000-\U000e0fff{_DROPPED}"
# What may fold to something else. All other letters are lowered only: those of Greek, Cyrillic, Thai, kana, kanji and
# Hangul mean something else with another mark, and emoji have no other form.
_FOLDING = re.compile(
    f"[{_INVISIBLE_BASIC}\u0080-\u036f\u1680\u1ab0-\u1aff\u1d00-\u1eff\u2000-\u2012\u2015-\u2021\u2023-\u2025\u2027-\u25ff"
    "\u2800\u2c60-\u2fff\u3000\u3131-\u33ff\ua640-\ua7ff\uab30-\uab6f\uf900-\uffff"
    f"\U0001d400-\U0001d7ff\U0001f100-\U0001f2ff\U000e0000-\U000e0fff{_DROPPED}]"
)
_VOICED_KANA = re.compile("[\u3041-\u3096\u309d-\u30ff\uff66-\uff9d][\u3099\u309a\uff9e\uff9f]")  # with its mark apart
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
Codes = npt.NDArray[np.uint32]
_LAST_LETTER = 0x20000  # from here on characters have one case, and but few of them fold
_LAST_SCRIPT = 0x34000  # from here on there are no letters
DROPS, GROWS, MARKS, COMMON, RARE, LATIN, HIDES, FOREIGN = (1 << bit for bit in range(8))  # traits of characters
_TRAITS, _LETTER = 21, np.uint32((1 << 21) - 1)  # where in a number of the table the traits begin, and what is below
_GROWING, _ALIKE = np.uint32(GROWS << _TRAITS), np.uint32((COMMON | LATIN) << _TRAITS)
MIXED = 1 << 8  # trait of a text: a common look-alike stands beside a Latin letter


class _Tables(NamedTuple):
    """What every character becomes, by code point, so that a text is folded in one go."""

    folded: Codes  # one for one: the letter itself where it folds to several, _DROPPED where to none; above it, traits
    sizes: npt.NDArray[np.uint8]  # how many characters it folds to


@cache
def _tables() -> _Tables:
    """Made at the first text that is not ASCII."""
    folded, traits = np.arange(sys.maxunicode + 1, dtype=np.uint32), np.zeros(sys.maxunicode + 1, np.uint8)
    sizes = np.ones(sys.maxunicode + 1, np.uint8)
    for letters, trait in ((ascii_lowercase, LATIN), ("\u3099\u309a", MARKS), *_ALIKE_TRAITS):
        traits[[ord(letter) for letter in letters]] = trait
    is_foreign = np.fromiter(map(str.isalnum, map(chr, range(0x80, _LAST_SCRIPT))), np.bool_)
    traits[0x80:_LAST_SCRIPT][is_foreign] |= FOREIGN
    letters = _lower("".join(map(chr, range(_LAST_LETTER))))
    folded[:_LAST_LETTER] = code_points(letters)
    folded[[ord("\t"), ord("\r")]] = ord(" ")
    for match in _FOLDING.finditer(letters):
        code, letter = match.start(), match[0]
        unit = _UNITS[letter]
        folded[code], sizes[code] = ord(unit if len(unit) == 1 else letter), len(unit)
    sizes[0xE0000:0xE1000] = sizes[ord(_DROPPED)] = 0
    folded[sizes == 0] = ord(_DROPPED)
    for code in np.flatnonzero(sizes > 1).tolist():
        traits[code] = GROWS | np.bitwise_or.reduce(traits[code_points(_UNITS[letters[code]])])
    traits = traits[folded]
    traits[sizes == 0] = DROPS
    traits[[ord(mark) for mark in OVERRIDES | STRIKES]] = DROPS | HIDES
    return _Tables(folded | traits.astype(np.uint32) << np.uint32(_TRAITS), sizes)


def code_points(text: str) -> Codes:
    """The code points of a text that is not empty; several times faster than encoding it."""
    return np.array(text).reshape(1).view(np.uint32)


def _text(codes: Codes) -> str:
    """The text of code points that lie side by side; twice as fast as decoding them."""
    return str(codes.view(f"U{codes.size}").item()).ljust(codes.size, "\0")  # numpy drops NULs from the end


@dataclass(frozen=True, eq=False)
class Folded:
    """A raw text and its folded form. Compared by identity, so that it is a cheap key."""

    raw: str
    even: str  # each character folded by itself to one, so that it is as long as `raw`
    text: str
    traits: int  # of all its characters together
    wide: bool  # runs of spaces were folded

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the raw text that folded to `text[start:end]`; the span is not empty."""
        if not self.wide and not self.traits & (DROPS | GROWS | MARKS):
            return start, end
        if self.even[:end] == self.text[:end]:  # nothing changed its length so far
            return start, end
        shift = len(self.raw) - len(self.text)
        if self.even[max(0, start + shift) :] == self.text[start:]:  # nor from here on
            return start + shift, end + shift
        first, last = np.searchsorted(self._ends, (start, end - 1), side="right").tolist()
        return first, last + (2 if _VOICED_KANA.match(self.raw, last) else 1)

    def shown_length(self, raw_end: int) -> int:
        """How many characters a reader sees before `raw_end`: invisible ones do not count towards a fold."""
        return raw_end - self.even.count(_DROPPED, 0, raw_end) if self.traits & DROPS else raw_end

    @cached_property
    def _ends(self) -> npt.NDArray[np.int64]:
        """Where in the folded text each raw character ends. Only asked for where a span is shown."""
        tables, codes = _tables(), code_points(self.raw)
        sizes = tables.sizes.take(codes)
        for kana in _VOICED_KANA.finditer(self.raw) if self.traits & MARKS else ():
            sizes[kana.start() : kana.end()] = len(_composed(kana)), 0
        if self.wide:
            kept = np.flatnonzero(sizes)
            blank = tables.folded.take(codes[kept]) & _LETTER == ord(" ")
            sizes[kept[1:][blank[1:] & blank[:-1]]] = 0
        return np.cumsum(sizes, dtype=np.int64)


def fold(raw: str) -> Folded:
    """Fold `raw`; the result is lower case, with single spaces, without invisible characters and URLs."""
    traits = 0
    if raw.isascii():
        even = raw.lower()
        if "\t" in even or "\r" in even:
            even = even.replace("\t", " ").replace("\r", " ")
        text = even
    else:
        even, text, traits = _folded_letters(raw)
    wide = (run := text.find("  ")) >= 0
    if wide:
        head, tail = text[:run], text[run:]
        while "  " in tail:
            tail = tail.replace("  ", " ")
        text = head + tail
    if "/" in text or "www." in text:
        text = _URL.sub(lambda url: URL_MARK * len(url[0]), text)
    return Folded(raw, even, text, traits, wide)


def _folded_letters(raw: str) -> tuple[str, str, int]:
    """`raw` with every character folded by itself to one, then to what it stands for; the traits of all of them."""
    tables, codes = _tables(), code_points(raw)
    folded = tables.folded.take(codes)
    traits = int(np.bitwise_or.reduce(folded)) >> _TRAITS
    if traits & COMMON and traits & LATIN:
        kinds = folded & _ALIKE
        if _touch(kinds[folded & _LETTER != ord(_DROPPED)] if traits & DROPS else kinds):
            traits |= MIXED
    text = even = _text(folded & _LETTER)
    if traits & MARKS:
        text = _text(tables.folded.take(code_points(_VOICED_KANA.sub(_composed, raw))) & _LETTER)
    if traits & GROWS:
        for code in set(codes[folded & _GROWING != 0].tolist()):
            letter = _lower(chr(code))
            text = text.replace(letter, _UNITS[letter])
    return even, text.replace(_DROPPED, "") if traits & DROPS else text, traits


def _touch(kinds: Codes) -> bool:
    """Whether a Latin letter stands beside a common look-alike, by the traits of the characters that are seen."""
    return bool((kinds[:-1] | kinds[1:] == _ALIKE).any())


def _composed(kana: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", kana[0])


def _lower(raw: str) -> str:
    """Lower case, of the same length: of all characters only the dotted capital I would grow."""
    return raw.replace("\u0130", "i").lower()


def is_styled(raw_label: str, spelled: str) -> bool:
    """Whether a label has letters in another style, or marks its spelling lacks; full-width forms are ordinary."""
    return any(
        not c.isascii() and c not in spelled and not "\uff01" <= c <= "\uff5e" and _UNITS[c].isascii()
        for c in unicodedata.normalize("NFC", raw_label.lower())
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
_ALIKE_TRAITS = (("".join(_COMMON), COMMON), ("".join(_RARE), RARE))


def fold_look_alikes(folded: Folded) -> str | None:
    """The folded text with look-alike letters made Latin, of the same length; None if none can disguise a label."""
    if not folded.traits & (RARE | MIXED):
        return None
    return _text(_plain_letters().take(code_points(folded.text)))


@cache
def _plain_letters() -> Codes:
    """What every character looks like, by code point. Made at the first disguise."""
    plain = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    for look_alike, letter in _LOOK_ALIKES.items():
        plain[look_alike] = ord(letter)
    return plain
