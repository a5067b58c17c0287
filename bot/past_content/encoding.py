"""Finds out how a text file is encoded and opens it for streaming, so that one bad byte costs one row, not the file."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from typing import BinaryIO, TextIO

from charset_normalizer import CharsetMatch, from_bytes

from bot.errors import Problem

SAMPLE_BYTES = 256 * 1024
BAD_BYTE = "\udc80"  # stands where bytes could not be decoded; no decoder makes it from good bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the same bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY_BEGINNINGS = (
    *(b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!"),
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"%PDF-", b"\xd0\xcf\x11\xe0"),
)
_LEGACY = ("cp932", "euc_jp", "cp1252", "euc_kr", "gb18030", "big5", "cp1251", "cp1250", "mac_roman")  # likely first
# half-width kana, or a Han character inside a word of Latin letters
_ODD = re.compile("[\uff61-\uff9f]|(?<=[A-Za-z])[\u4e00-\u9fff](?=[A-Za-z ])")
_HANDLER = "campaign_review_bot.mark_bad_bytes"


def detect(file: BinaryIO, name: str) -> str:
    """The codec that reads `file`, by a sample from the first non-ASCII byte on.

    Raises Problem for what is not text, or in an encoding that cannot be told.
    """
    sample = file.read(SAMPLE_BYTES)
    for mark, codec in _BOMS:
        if sample.startswith(mark):
            return codec
    if sample.startswith(_BINARY_BEGINNINGS):
        raise Problem("import_problem.binary", name=name)
    if b"\0" in sample:
        return _wide(sample, name)
    while sample.isascii() and b"\x1b$" not in sample:
        sample = file.read(SAMPLE_BYTES)
        if not sample:
            return "utf-8"
    sample += file.read(SAMPLE_BYTES)
    if b"\x1b$" in sample:
        return "iso2022_jp"
    return "utf-8" if _mostly_utf8(sample) else _legacy(sample, name)


def decode_text(data: bytes) -> str | None:
    """`data` as text, U+FFFD for single damaged bytes; None where it is no text."""
    try:
        return data.decode(detect(BytesIO(data), ""), "replace")
    except Problem:
        return None


def text_of(file: BinaryIO, codec: str) -> TextIO:
    """The rest of `file` as text, line ends untouched, with BAD_BYTE wherever bytes do not decode."""
    return TextIOWrapper(file, encoding=codec, errors=_HANDLER, newline="")


def lines(stream: TextIO, limit: int) -> Iterator[tuple[int, str | None]]:
    """Line numbers from 1 and lines with their ends; None for a line of more than `limit` characters."""
    number = 0
    while line := stream.readline(limit):
        number += 1
        whole = _ended(line, limit)
        yield number, line if whole else None
        while not whole:
            whole = _ended(stream.readline(limit), limit)


def _ended(line: str, limit: int) -> bool:
    return len(line) < limit or line.endswith(("\n", "\r"))


def _mark_bad_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return BAD_BYTE, error.end


codecs.register_error(_HANDLER, _mark_bad_bytes)


def _decoded(sample: bytes, codec: str) -> str:
    """The sample as text; a character cut by its end is left out."""
    return codecs.getincrementaldecoder(codec)(_HANDLER).decode(sample)


def _mostly_utf8(sample: bytes) -> bool:
    """A few bad bytes among many good characters are damage; the other way round it is another encoding."""
    text = _decoded(sample, "utf-8")
    bad = text.count(BAD_BYTE)
    good = sum(not character.isascii() for character in text) - bad
    return bad == 0 or good > 4 * bad


def _wide(sample: bytes, name: str) -> str:
    """UTF-16 without a mark: of the two byte orders, the one that gives more ASCII (line ends, commas, digits)."""
    readings = {codec: _decoded(sample, codec) for codec in ("utf-16-le", "utf-16-be")}
    codec = max(readings, key=lambda codec: sum(character.isascii() for character in readings[codec]))
    text = readings[codec]
    strange = sum(not (character.isprintable() or character.isspace()) for character in text)
    if strange > len(text) / 100:
        raise Problem("import_problem.binary", name=name)
    return codec


def _oddity(match: CharsetMatch) -> float:
    """How unlikely this reading is, from 0. Short samples tempt Japanese decoders into reading French as Japanese."""
    text = str(match)
    foreign = sum(not character.isascii() for character in text)
    return round(match.chaos + len(_ODD.findall(text)) / max(1, foreign), 2)


def _legacy(sample: bytes, name: str) -> str:
    matches = from_bytes(sample, cp_isolation=list(_LEGACY))
    readings = {codec: match for match in matches for codec in match.could_be_from_charset}
    if readings:
        return min(readings, key=lambda codec: (_oddity(readings[codec]), _LEGACY.index(codec)))
    damage = {codec: _decoded(sample, codec).count(BAD_BYTE) for codec in _LEGACY[:3]}
    codec = min(damage, key=lambda codec: damage[codec])
    if damage[codec] > len(sample) / 100:
        raise Problem("import_problem.encoding", name=name)
    return codec
