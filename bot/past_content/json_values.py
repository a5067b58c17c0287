"""Cuts a stream of JSON text into its values without parsing or holding it whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

VALUE_LIMIT = 32_000_000  # characters of one value; an account with all its posts is one value
_CHUNK = 64 * 1024
_IN_STRING = re.compile(r'["\\]')
_OUTSIDE = re.compile(r'["\[\]{},]')
_BETWEEN = ", \t\r\n"


def values(stream: TextIO, depth: int) -> Iterator[tuple[int, str | None]]:
    """Line number and text of each value: of the whole stream (depth 0) or of the array it is (depth 1).

    Values are cut by their brackets and may still be no valid JSON. None, and the end, for one over VALUE_LIMIT.
    """
    text, start, position, line = "", 0, 0, 1
    nesting, quoted = 0, False
    while True:
        mark = (_IN_STRING if quoted else _OUTSIDE).search(text, position)
        if mark is None:
            if len(text) - start > VALUE_LIMIT:
                yield line, None
                return
            more = stream.read(max(_CHUNK, len(text) - start))
            if not more:
                break
            position = max(position, len(text)) - start
            text, start = text[start:] + more, 0
            continue
        position = mark.end()
        end = -1
        match mark[0]:
            case '"':
                quoted = not quoted
            case "\\":
                position += 1  # whatever it escapes, even when that comes with the next chunk
            case "[" | "{":
                nesting += 1
                if nesting == depth:
                    line, start = line + text.count("\n", start, position), position
            case "]" | "}":
                nesting = max(0, nesting - 1)
                end = position if nesting == depth == 0 else mark.start() if nesting < depth else -1
            case ",":
                end = mark.start() if nesting == depth else -1
        if end >= 0:
            yield from _cut(text[start:end], line)
            line, start = line + text.count("\n", start, position), position
    yield from _cut(text[start:], line)


def _cut(piece: str, line: int) -> Iterator[tuple[int, str]]:
    value = piece.lstrip(_BETWEEN)
    if value:
        yield line + piece[: len(piece) - len(value)].count("\n"), value.rstrip(_BETWEEN)
