"""Text from outside as Discord shows it: no mention, no markdown, no link of its own, never longer than its budget."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote, urlsplit

ELLIPSIS = "…"
LONGEST_URL = 160  # characters; a link costs as much of the card as the words it stands beside
_PING = re.compile(r"@(?=everyone|here|[!&]?\d)", re.IGNORECASE)
_SPECIAL = frozenset("\\*_~|`<>[]")
_LINE_START = frozenset("#-+>")
# Control characters but blanks, halves of characters, and marks that turn the direction of what follows.
_DROPPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?")
_URL_SAFE = "/:?#@!$&'+,;=%~-._"


def width(text: str) -> int:
    """Length in UTF-16 units: never less than what any counting of Discord's comes to."""
    return len(text.encode("utf-16-le")) // 2


def plain(text: str, limit: int) -> str:
    """`text` as one line that shows exactly these words; cut with an ellipsis where it is longer than `limit` units."""
    line = " ".join(_DROPPED.sub("", text[: 4 * limit]).split())
    pieces = [_escaped(line, index) for index in range(min(len(line), limit + 1))]
    if len(text) <= 4 * limit and len(pieces) == len(line) and sum(map(_units, pieces)) <= limit:
        return "".join(pieces)
    return "".join(_within(pieces, limit - 1)).rstrip() + ELLIPSIS


def code_block(text: str, limit: int) -> str:
    """`text` to copy, with its line breaks; at most `limit` units with its fences."""
    body = _DROPPED.sub("", text[: 4 * limit]).replace("\r\n", "\n").strip().replace("`", "`\u200b")
    return "```\n" + "".join(_within(list(body), limit - 9)) + "\n```"


def link(label: str, url: str | None) -> str:
    """`[label](url)`, or "" for an address that is no plain web address. `label` is the bot's own words."""
    try:
        safe = quote(url or "", safe=_URL_SAFE)
        parts = urlsplit(safe)
        is_web = parts.scheme in ("http", "https") and bool(_HOST.fullmatch(parts.netloc))
    except ValueError:  # half a character
        return ""
    return f"[{label}]({safe})" if is_web and len(safe) <= LONGEST_URL else ""


def day(moment: datetime) -> str:
    """A date in the reader's own language and time zone."""
    return f"<t:{int(moment.timestamp())}:D>"


def ago(moment: datetime) -> str:
    """A moment as the reader's 'two hours ago'."""
    return f"<t:{int(moment.timestamp())}:R>"


def _escaped(line: str, index: int) -> str:
    """The character at `index` so that it stands for itself, whatever stands around it."""
    sign = line[index]
    if sign == "@" and _PING.match(line, index):
        return "@\u200b"
    is_address = sign == "/" and line[index - 1 : index] == ":" and line[index + 1 : index + 2] == "/"
    if sign in _SPECIAL or is_address or (index == 0 and sign in _LINE_START):
        return "\\" + sign
    return sign


def _units(piece: str) -> int:
    """Width of one character, escaped or not."""
    return len(piece) + (piece[-1] > "\uffff")


def _within(pieces: list[str], limit: int) -> Iterable[str]:
    left = limit
    for piece in pieces:
        left -= _units(piece)
        if left < 0:
            return
        yield piece
