"""Drafts as a table: a CSV file of one draft a row comes in, a CSV file of what became of each goes out."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from pathlib import PurePath

from bot.errors import Problem
from bot.model.messages import Message
from bot.past_content.columns import folded, shown
from bot.past_content.csv_posts import records
from bot.past_content.encoding import BAD_BYTE, detect, text_of
from bot.past_content.rows import BadRow
from bot.services.batches import MOST, Part
from bot.services.export import safe_cell
from bot.store.batches import Row
from bot.texts import render, text

ENDINGS = (".csv", ".tsv")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
_DELIMITERS = ",;\t"
_NAMES: Mapping[str, str] = {
    "handle": """
        handle, influencer, influencer handle, account, account name, username, user name, creator, profile, who,
        ハンドル, ハンドル名, インフルエンサー, インフルエンサー名, アカウント, アカウント名, ユーザー名,
        ユーザーネーム, クリエイター""",
    "campaign": "campaign, campaign name, project, キャンペーン, キャンペーン名, 案件, 案件名, 施策, 施策名",
    "text": """
        text, draft, draft text, caption, post, post text, content, copy, message, body, script,
        本文, 下書き, 原稿, 文面, 文章, テキスト, キャプション, 投稿, 投稿文, 投稿内容, 内容, 台本""",
    "format": "format, type, post type, kind, 形式, フォーマット, 種類, 種別, 投稿タイプ",
}
_FIELDS = {folded(name): field for field, names in _NAMES.items() for name in names.split(",")}
_FORMATS = {
    folded(name): format
    for format, names in {
        "caption": "caption, post, feed, image, photo, キャプション, 投稿, フィード, 画像",
        "video": "video, reel, reels, short, shorts, 動画, リール, ショート",
        "story": "story, stories, ストーリー, ストーリーズ",
    }.items()
    for name in names.split(",")
}
_LINE_END = re.compile("\r\n|\r|\n")


def is_table(name: str) -> bool:
    """Whether a file is called one: nobody sends a single draft as .csv."""
    return PurePath(name).suffix.lower() in ENDINGS


def is_workbook(name: str) -> bool:
    """Whether a file is called like one that only a spreadsheet program reads."""
    return PurePath(name).suffix.lower() in WORKBOOKS


def read_table(name: str, data: bytes, language: str, *, handle: str = "", campaign: str = "") -> list[Part]:
    """One part for each row; `handle` and `campaign` stand where a row names none. `language`: of the rows' labels.

    Raises Problem: no text, no header with columns of texts, handles and campaigns, no rows, more than MOST.
    """
    header, fields, rows = read_rows(name, data, _FIELDS)
    if not header:
        raise Problem("batch_problem.empty")
    given = {"handle": handle, "campaign": campaign, "text": ""}
    if missing := [field for field, default in given.items() if field not in fields and not default]:
        key = "no_campaign_column" if missing == ["campaign"] else "columns"
        raise Problem(f"batch_problem.{key}", file=name, missing=missing, found=shown(header))
    if not rows:
        raise Problem("batch_problem.empty")
    if len(rows) > MOST:
        raise Problem("batch_problem.too_many", count=len(rows), most=MOST)
    defaults = {"handle": handle, "campaign": campaign}
    width = len(header)
    return [_part(text(language, "batch.row", number=number), found, width, fields, defaults) for number, found in rows]


Cells = list[str] | Message  # of one row, or why it cannot be read


def read_rows(
    name: str, data: bytes, known: Mapping[str, str]
) -> tuple[tuple[str, ...], dict[str, int], list[tuple[int, Cells]]]:
    """The header of a CSV file, the column of each field in it, and the rows below with their numbers.

    `known`: field by folded name of a column. Raises Problem for what is no text.
    """
    codec = detect(BytesIO(data), name)
    read = [_read(data, codec, mark) for mark in _DELIMITERS]
    header, rows = max(read, key=lambda found: len(_fields(found[0], known)))
    return header, _fields(header, known), rows


def _read(data: bytes, codec: str, delimiter: str) -> tuple[tuple[str, ...], list[tuple[int, Cells]]]:
    """The header, and below it the rows with their numbers as a spreadsheet counts them."""
    header: tuple[str, ...] = ()
    rows: list[tuple[int, Cells]] = []
    row, end = 0, 0  # number and last line of the row before
    for record in records(text_of(BytesIO(data), codec), delimiter):
        line, cells = (record.line, None) if isinstance(record, BadRow) else record
        row += line - end
        end = line + sum(len(_LINE_END.findall(cell)) for cell in cells or ())
        if isinstance(record, BadRow):
            rows.append((row, record.reason))
        elif not header:
            header = tuple(cell.strip() for cell in record[1])
        else:
            rows.append((row, record[1]))
    return header, rows


def _fields(header: Sequence[str], known: Mapping[str, str]) -> dict[str, int]:
    """Field -> the first column that is called so."""
    found: dict[str, int] = {}
    for position, name in enumerate(header):
        if field := known.get(folded(name)):
            found.setdefault(field, position)
    return found


def _part(label: str, cells: Cells, width: int, fields: Mapping[str, int], defaults: Mapping[str, str]) -> Part:
    """`width`: columns of the header."""
    if isinstance(cells, Message):
        return Part(label, problem=cells)
    values = {field: cells[at].strip() for field, at in fields.items() if at < len(cells)}
    named = {field: values.get(field) or default for field, default in defaults.items()}
    format = values.get("format", "")
    draft = values.get("text", "")
    problem = None
    if any(cells[width:]):  # most likely a draft cut at its commas
        problem = Message("import_row.too_many_cells", {"cells": len(cells), "columns": width})
    elif BAD_BYTE in draft:
        problem = Message("batch_problem.damaged")
    elif format and folded(format) not in _FORMATS:
        problem = Message("batch_problem.format", {"format": format[:40]})
    return Part(label, named["handle"], named["campaign"], draft, _FORMATS.get(folded(format), ""), problem=problem)


def write_table(rows: Sequence[Row], language: str) -> bytes:
    """What became of each draft, for a spreadsheet: no cell of it is a formula there."""
    columns = (
        "row",
        "number",
        "handle",
        "campaign",
        "outcome",
        "because",
        "disclosure",
        "next_step",
        "problem",
        "text",
    )
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow([text(language, f"batch_column.{name}") for name in columns])
    for row in rows:
        writer.writerow([safe_cell(value) for value in _values(row, language)])
    return b"\xef\xbb\xbf" + file.getvalue().encode("utf-8", "replace")


def _values(row: Row, language: str) -> tuple[str, ...]:
    outcome = text(language, f"outcome.{row.outcome}") if row.outcome else text(language, f"batch.{state_of(row)}")
    why, step, problem = (render(language, one) if one else "" for one in (row.because, row.next_step, row.problem))
    shown = row.disclosure.outcome if row.disclosure else ""
    label = text(language, f"label_outcome.{shown}") if shown else ""
    return (row.label, row.number, row.handle, row.campaign, outcome, why, label, step, problem, row.text)


def state_of(row: Row) -> str:
    """Where a row without a verdict stands: refused, failed, waiting."""
    if row.state is None:
        return "refused"
    return "failed" if row.state == "failed" else "waiting"
