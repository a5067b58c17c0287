"""The history as a file: CSV for a spreadsheet, in words, JSON for programs. Team verdicts alone, newest first."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.model.decisions import DecisionKind
from bot.model.verdicts import CriterionKey
from bot.services.as_json import verdict_json
from bot.store import verdicts
from bot.store.database import Store
from bot.store.verdicts import HistoryQuery, StoredVerdict
from bot.texts import text

BOM = "\ufeff"  # without it Excel takes the file for one of the local code page
AT_ONCE = 100  # rows read and written
COLUMNS = (
    "number", "outcome", "influencer", "campaign", "brand", "created_at", "version", "author",
    *CriterionKey,
    "label", "decision", "decided_by", "decided_at", "reason", "answers", "published", "published_at", "draft",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Export:
    """`rows` of `total` are in it; the oldest of them is from `oldest`."""

    data: bytes
    rows: int
    total: int
    oldest: datetime | None


async def export(
    store: Store, guild_id: int, query: HistoryQuery, format: str, now: datetime, *, most_bytes: int, language: str
) -> Export:
    """A file of as many of the newest rows as `most_bytes` hold. `format`: csv or json."""
    if query.until is None:  # what comes in meanwhile would move the pages
        query = replace(query, until=now + timedelta(microseconds=1))
    write = _csv_parts if format == "csv" else _json_parts
    head = BOM + csv_text([headings(language)])
    before, between, after = (head, "", "") if format == "csv" else ("[\n", ",\n", "\n]\n")
    parts: list[bytes] = []
    size = len(before.encode()) + len(after)
    oldest, total = None, 1
    while len(parts) < total:
        async with store.read() as conn:
            page = await verdicts.search_verdicts(conn, guild_id, query, limit=AT_ONCE, offset=len(parts))
        total = page.total
        if page.offset < len(parts) or not page.rows:  # some have gone meanwhile
            break
        for row, part in zip(page.rows, await asyncio.to_thread(write, page.rows, language), strict=True):
            size += len(part) + len(between)
            if size > most_bytes:
                return Export(_joined(before, between, after, parts), len(parts), total, oldest)
            parts.append(part)
            oldest = row.created_at
    return Export(_joined(before, between, after, parts), len(parts), total, oldest)


def _joined(before: str, between: str, after: str, parts: Sequence[bytes]) -> bytes:
    return before.encode() + between.encode().join(parts) + after.encode()


def _csv_parts(rows: Sequence[StoredVerdict], language: str) -> list[bytes]:
    return [csv_text([csv_row(row, language)]).encode() for row in rows]


def _json_parts(rows: Sequence[StoredVerdict], language: str) -> list[bytes]:
    return [json.dumps(json_row(row, language), ensure_ascii=False, indent=1).encode() for row in rows]


def headings(language: str) -> list[str]:
    """COLUMNS in words; the names themselves are for programs."""
    questions = tuple(CriterionKey)
    return [text(language, f"{'criterion' if name in questions else 'export_column'}.{name}") for name in COLUMNS]


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Lines as RFC 4180 has them; every cell as it is."""
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()


def csv_row(row: StoredVerdict, language: str) -> list[str]:
    """The cells of one verdict in the order of COLUMNS, in words; none that a spreadsheet takes for a formula."""

    def said(key: str) -> str:
        return text(language, key)

    criteria = row.verdict.criteria
    levels = [said(f"level.{criteria[key].level}") if key in criteria else "" for key in CriterionKey]
    overruled = next((one.reason for one in reversed(row.standing) if one.kind is DecisionKind.DISAGREE), "")
    last, live = row.decisions[-1:], row.published[-1:]
    decision = said(f"history.decided_{last[0].kind}") if last else ""
    if last and row.newer:  # an edit voids what was decided
        decision = text(language, "history.decided_void", decision=decision)
    answers = [
        f"{one.person_name} ({said(f'criterion.{one.criterion}' if one.criterion else 'answer.whole')}): {one.text}"
        for one in row.replies
    ]
    cells = (
        row.number,
        said(f"outcome.{row.verdict.outcome}"),
        row.influencer.handle,
        row.campaign.name,
        row.campaign.brand.name,
        row.created_at.isoformat(),
        row.revision.number,
        row.author_name,
        *levels,
        said(f"label_outcome.{row.verdict.disclosure.outcome}") if row.verdict.disclosure.outcome else "",
        decision,
        *((last[0].person_name, last[0].created_at.isoformat(), last[0].reason or overruled) if last else ("", "", "")),
        "\n".join(answers),
        *((said(f"live.result_{live[0].result}"), live[0].created_at.isoformat()) if live else ("", "")),
        row.revision.text,
    )
    return [safe_cell(str(cell)) for cell in cells]


def json_row(row: StoredVerdict, language: str = "en") -> dict[str, object]:
    """The verdict as `--json` has it, with its text and who sent it in."""
    return verdict_json(row, language) | {"author": row.author_name, "draft": row.revision.text}


def safe_cell(value: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value
