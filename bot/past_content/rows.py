"""From one row, of whatever format, to one post: the values every format module speaks in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from bot.model.messages import Message
from bot.model.posts import PastPost
from bot.past_content.dates import read_date
from bot.past_content.encoding import BAD_BYTE
from bot.past_content.repair import repair

DATE_AHEAD = "import_row.date_ahead"
_DAMAGED_ID = re.compile(r"\d(\.\d+)?[eE]\+\d+")  # spreadsheets write long ids as 1.23E+17: no longer an identity
_ROW_NUMBER = re.compile(r"\d{1,6}(?:\.0)?")  # another file begins anew at 1; platforms' ids are longer
_COUNT = re.compile(r"(\d+|\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+)(?:\.0)?")
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_].*)?")
_YES = re.compile("true|yes|y|1|ad|pr|x|はい|あり|有|○|広告|sí|si|oui|ja|sì|sim|wahr|vrai")
_NO = re.compile("false|no|n|0|none|organic|いいえ|なし|無|×|non|nein|não|falsch|faux")
_KINDS = {
    **dict.fromkeys(("reel", "reels", "clips", "short", "shorts", "リール", "ショート"), "reel"),
    **dict.fromkeys(("story", "stories", "ストーリー", "ストーリーズ"), "story"),
    **dict.fromkeys(("video", "igtv", "動画"), "video"),
    **dict.fromkeys(("reply", "replied_to", "返信", "リプライ"), "reply"),
}
_REPOSTS = frozenset({"retweet", "retweeted", "repost", "reposted", "reblog", "boost", "リツイート", "リポスト"})


@dataclass(frozen=True, slots=True)
class Row:
    """One post as a file has it: raw values by field (see `columns`)."""

    line: int
    values: Mapping[str, object]

    @property
    def account(self) -> str:
        """Whose post it is; empty where the file does not say."""
        return repair(_text(self.values.get("account")))

    @property
    def is_numbered(self) -> bool:
        """Whether its id is a row's number, which tells no post from another: its date and text do then."""
        return bool(_ROW_NUMBER.fullmatch(_text(self.values.get("id"))))

    @property
    def date(self) -> str:
        """When it was posted, as the file writes it; empty where it does not say."""
        return _text(self.values.get("created_at"))


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that gave no post, and why."""

    line: int
    reason: Message


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a row that did give a post, e.g. that its date could not be read."""

    line: int
    reason: Message


@dataclass(frozen=True, slots=True)
class Reader:
    """A recognised file: what it is, in words for people, and how its rows are read from an open binary file."""

    layout: Message
    rows: Callable[[BinaryIO], Iterator[Row | BadRow]]


def to_post(
    row: Row, *, day_first: bool | None = None, latest: datetime | None = None
) -> tuple[PastPost, Note | None] | BadRow:
    """The post in `row`, and a note where its date could not be read (see `read_date` for `day_first`).

    BadRow: no whole text, not their own, or dated after `latest`.
    """
    values = row.values
    raw_text, raw_id = _text(values.get("text")), _text(values.get("id"))
    text = repair(raw_text)
    kind = _text(values.get("kind")).casefold()
    if any(mark in raw for mark in (BAD_BYTE, "\0") for raw in (raw_text, raw_id)):
        return BadRow(row.line, Message("import_row.bad_bytes"))
    if not text:
        return BadRow(row.line, Message("import_row.no_text"))
    if kind in _REPOSTS or text.startswith("RT @"):
        return BadRow(row.line, Message("import_row.repost"))
    created_at, problem = read_date(row.date, day_first=day_first)
    if latest and created_at and created_at > latest:
        return BadRow(row.line, Message(DATE_AHEAD, {"date": f"{created_at:%Y-%m-%d}"}))
    post = PastPost(
        id=_given_id(raw_id) or _made_id(created_at, values, text),
        text=text,
        created_at=created_at,
        url=repair(_text(values.get("url"))) or None,
        platform=repair(_text(values.get("platform"))).casefold() or "unknown",
        kind=_KINDS.get(kind, "post"),
        language=_language(values.get("language")),
        sponsored=_truth(values.get("sponsored")),
        likes=_count(values.get("likes")),
        comments=_count(values.get("comments")),
    )
    return post, Note(row.line, problem) if problem else None


def _text(value: object) -> str:
    """A cell as text; lists and objects are no text."""
    return str(value).strip() if isinstance(value, (str, int, float)) else ""


def _given_id(raw: str) -> str:
    text = repair(raw)
    return "" if len(text) > 200 or _DAMAGED_ID.fullmatch(text) or _ROW_NUMBER.fullmatch(text) else text


def _made_id(created_at: datetime | None, values: Mapping[str, object], text: str) -> str:
    """`x:` and sha256 over length-prefixed time, text and first media address (or the post's own address)."""
    moment = created_at.isoformat() if created_at else _text(values.get("created_at"))
    digest = hashlib.sha256()
    for part in (moment, text, _first_media(values.get("media")) or _text(values.get("url"))):
        data = part.encode("utf-8", "replace")
        digest.update(len(data).to_bytes(8, "big") + data)
    return f"x:{digest.hexdigest()}"


def _first_media(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("uri") or value.get("url")
    return _text(value)


def _language(value: object) -> str | None:
    match = _LANGUAGE.fullmatch(_text(value).lower())
    return match[1] if match else None


def _truth(value: object) -> bool | None:
    word = _text(value).casefold().removesuffix(".0")  # as spreadsheets write 1 and 0
    return True if _YES.fullmatch(word) else False if _NO.fullmatch(word) else None


def _count(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    match = _COUNT.fullmatch(_text(value))
    return int(re.sub(r"\D", "", match[1])) if match else None
