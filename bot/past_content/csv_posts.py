"""CSV: one post a row under a header, separated by comma, semicolon or tab; cells may hold line breaks in quotes."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot.errors import Problem
from bot.model.messages import Message
from bot.past_content.columns import columns, fields_of, shown
from bot.past_content.encoding import lines, text_of
from bot.past_content.rows import BadRow, Reader, Row

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_SEPARATOR_LINES = frozenset(f"sep={mark}{end}" for mark in _DELIMITERS for end in ("\n", "\r\n"))
_LINE_LIMIT = 1_000_000  # characters; the csv module itself refuses cells of more than 131,072


@dataclass(frozen=True, slots=True)
class Table:
    """How a CSV file is laid out: its delimiter, and the names in its header."""

    delimiter: str
    header: tuple[str, ...]

    def layout(self, codec: str) -> Message:
        named = [self.header[positions[0]] for positions in columns(self.header).values()]
        delimiter = Message(f"import_layout.{_DELIMITERS[self.delimiter]}")
        return Message("import_layout.csv", {"encoding": codec, "delimiter": delimiter, "columns": shown(named)})


def recognise(path: Path, codec: str) -> Reader:
    """Reads the file at `path` as CSV, with the delimiter under which most columns of its header are known.

    Raises Problem when the file has no rows, or no column that holds texts.
    """
    tables = [Table(delimiter, _header(path, codec, delimiter)) for delimiter in _DELIMITERS]
    table = max(tables, key=lambda table: (len(columns(table.header)), len(table.header)))
    if table.header[0].lower().startswith(("<!doctype", "<html")):
        raise Problem("import_problem.web_page", name=path.name)
    if "text" not in columns(table.header):
        raise Problem("import_problem.no_text_column", name=path.name, found=shown(table.header))
    return Reader(table.layout(codec), lambda file: _rows(text_of(file, codec), table))


def _header(path: Path, codec: str, delimiter: str) -> tuple[str, ...]:
    with path.open("rb") as file:
        for record in records(text_of(file, codec), delimiter):
            if isinstance(record, tuple):
                return tuple(cell.strip() for cell in record[1])
    raise Problem("import_problem.empty", name=path.name)


def _rows(stream: TextIO, table: Table) -> Iterator[Row | BadRow]:
    """The rows below the header. A row that cannot be read whole is bad: half a text must not be quoted."""
    found = records(stream, table.delimiter)
    next(record for record in found if isinstance(record, tuple))  # the header
    width = len(table.header)
    for record in found:
        if isinstance(record, BadRow):
            yield record
            continue
        line, cells = record
        if any(cells[width:]):
            yield BadRow(line, Message("import_row.too_many_cells", {"cells": len(cells), "columns": width}))
        else:
            yield Row(line, fields_of(table.header, cells))


class _Feed:
    """Hands lines to the csv reader and can take a record's lines back: one stray quote then costs one line."""

    def __init__(self, stream: TextIO) -> None:
        self._lines = lines(stream, _LINE_LIMIT)
        self._again: deque[tuple[int, str | None]] = deque()
        self.record: list[tuple[int, str | None]] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        item = self._again.popleft() if self._again else next(self._lines)
        self.record.append(item)
        if item[1] is None:
            raise csv.Error("line too long")
        return item[1]

    def give_up_first_line(self) -> int:
        """Number of the line given up; those after it are read again."""
        self._again.extendleft(reversed(self.record[1:]))
        return self.record[0][0]


def records(stream: TextIO, delimiter: str) -> Iterator[tuple[int, list[str]] | BadRow]:
    """Line number and cells of each record that is not blank; the `sep=` line of spreadsheets is no record."""
    feed = _Feed(stream)
    reader = csv.reader(feed, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        feed.record = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield BadRow(feed.give_up_first_line(), Message("import_row.broken_quotes"))
            continue
        line = feed.record[0][0]
        if any(cell.strip() for cell in cells) and not (line == 1 and feed.record[0][1] in _SEPARATOR_LINES):
            yield line, cells
