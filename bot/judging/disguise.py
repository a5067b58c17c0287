"""Other readings of a text that is written so that a search for words passes it by.

Letters of other alphabets that look alike, single letters with gaps, digits for letters, escapes, base64, rot13: each
is undone, and only where the text shows signs of it.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

MIN_WORDS_DECODED = 3

_ACCENTS = re.compile("[\u0300-\u036f]")
_LOOKALIKES = str.maketrans(
    "авеорсухіјѕһԁкмтнԛԝοαενικρτυχɑıᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯǫʀꜱᴛᴜᴠᴡʏᴢ",
    "abeopcyxijshdkmthqwoaevikptuxaiabcdefghijklmnopqqrstuvwyz",
)
_LOOKALIKE = "".join(map(chr, _LOOKALIKES))
_MIXED = re.compile(f"[a-z][{_LOOKALIKE}]|[{_LOOKALIKE}][a-z]|[ᴀ-ᴢ]{{2}}", re.IGNORECASE)
_SPACED = re.compile(r"(?<!\w)(?:\w([ .·*_-])(?:\w\1){3,}\w)(?!\w)")
_LEET = str.maketrans("0134578@$|!", "oieastbasii")
_IS_LEET = re.compile(r"[a-z][0134578@$|!][a-z]", re.IGNORECASE)
_ESCAPES = re.compile(r"(?:\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|&#x?[0-9a-f]+;|%[0-9a-f]{2})", re.IGNORECASE)
_BACKSLASHED = re.compile(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-f]{2}[ :]?){10,}", re.IGNORECASE)
_TELLING = ("ignore", "disregard", "instruction", "previous", "reviewer", "verdict", "approve", "criterion")
_ROT13 = re.compile("|".join(codecs.encode(word, "rot13") for word in _TELLING), re.IGNORECASE)
_REVERSED = re.compile("|".join(word[::-1] for word in _TELLING), re.IGNORECASE)


def without_accents(text: str) -> str:
    """NFKC without marks over, under or through Latin, Greek and Cyrillic letters; kana keep theirs."""
    decomposed = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))


def undisguised(text: str) -> Iterator[str]:
    """Every other reading of `text` that its letters suggest; mostly none."""
    plain = without_accents(text)
    if _MIXED.search(plain):
        yield plain.lower().translate(_LOOKALIKES)
    if _SPACED.search(plain):
        yield _SPACED.sub(lambda run: run[0][::2], plain)
    if _IS_LEET.search(plain):
        yield plain.lower().translate(_LEET)
    if _ESCAPES.search(text):
        yield _unescaped(text)
    yield from _decoded(text)
    if _ROT13.search(plain):
        yield codecs.encode(plain, "rot13")
    if _REVERSED.search(plain):
        yield plain[::-1]


def _unescaped(text: str) -> str:
    """`&#73;`, `%49`, `\\x49` and `\\u0049` as the letter they stand for."""
    return unquote(html.unescape(_BACKSLASHED.sub(lambda hit: chr(int(hit[1] or hit[2], 16)), text)), errors="ignore")


def _decoded(text: str) -> Iterator[str]:
    """What base64 or hexadecimal runs say, where that is several words."""
    for run in _BASE64.findall(text):
        yield from _words(_base64(run))
    for run in _HEX.finditer(text):
        yield from _words(bytes.fromhex(re.sub("[ :]", "", run[0])))


def _base64(run: str) -> bytes:
    run = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(run + "=" * (-len(run) % 4))
    except binascii.Error:
        return b""


def _words(decoded: bytes) -> Iterator[str]:
    try:
        text = decoded.decode("utf-8")
    except UnicodeDecodeError:
        return
    if text.isprintable() and len(text.split()) >= MIN_WORDS_DECODED:
        yield f"decoded: {text}"
