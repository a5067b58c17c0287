"""The way in: recognises what file somebody handed over and streams its posts, whatever the format."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.errors import Problem
from bot.model.messages import Message
from bot.model.posts import PastPost
from bot.past_content import csv_posts, jsonl_posts
from bot.past_content.columns import shown
from bot.past_content.dates import day_comes_first
from bot.past_content.encoding import detect
from bot.past_content.rows import BadRow, Note, Reader, Row, to_post

FORMATS = ("auto", "csv", "jsonl")
Progress = Callable[[int, int], None]  # bytes done, bytes in all
_PROGRESS_EVERY = 500  # rows
_CHOICES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class PostFile:
    """A recognised file. Each iteration reads it anew from the start and holds one row at a time.

    `account` is the one account whose rows are taken; None where the file does not name accounts.
    """

    path: Path
    size: int  # bytes
    reader: Reader
    account: str | None = None
    day_first: bool | None = None  # how the file writes dates such as 03/04/2025, where it shows that
    latest: datetime | None = None  # posts dated later are left out
    on_progress: Progress | None = None

    @property
    def layout(self) -> Message:
        """What was recognised, for people."""
        if self.account is None:
            return self.reader.layout
        return Message("import_layout.account", {"layout": self.reader.layout, "account": self.account})

    def __iter__(self) -> Iterator[PastPost | BadRow | Note]:
        """Posts in the order of the file, bad rows among them; a note follows the post it is about."""
        is_told = False
        for row in self.rows():
            if isinstance(row, BadRow):
                yield row
            elif self.account is None or _key(row.account) == _key(self.account):
                post = to_post(row, day_first=self.day_first, latest=self.latest)
                if isinstance(post, BadRow):
                    yield post
                else:
                    yield from (value for value in post if value is not None)
                    if row.is_numbered and not is_told:
                        is_told = True
                        yield Note(row.line, Message("import_row.numbered"))

    def rows(self) -> Iterator[Row | BadRow]:
        """The rows of all accounts. Raises Problem where the file cannot be read any further."""
        try:
            with self.path.open("rb") as file:
                for number, row in enumerate(self.reader.rows(file), start=1):
                    yield row
                    if self.on_progress and number % _PROGRESS_EVERY == 0:
                        self.on_progress(file.tell(), self.size)
        except OSError:
            raise Problem("import_problem.unreadable", path=str(self.path)) from None
        except UnicodeError:  # ISO-2022-JP alone: after a damaged shift its decoder cannot go on
            raise Problem("import_problem.encoding", name=self.path.name) from None
        if self.on_progress:
            self.on_progress(self.size, self.size)


def read_posts(
    path: Path,
    *,
    format: str = "auto",
    handle: str | None = None,
    latest: datetime | None = None,
    on_progress: Progress | None = None,
) -> PostFile:
    """The posts in the file at `path` that are not dated after `latest`. Of several accounts, those of `handle`.

    Raises Problem: no such file, empty, not text, unknown format, no column of texts, or `handle` not among the
    accounts. `on_progress` is called in the thread that iterates.
    """
    if format not in FORMATS:
        raise Problem("import_problem.unknown_format", format=format[:40], known=FORMATS)
    if not path.exists():
        raise Problem("import_problem.missing", path=str(path))
    if not path.is_file():
        raise Problem("import_problem.not_a_file", path=str(path))
    try:
        file = PostFile(path, path.stat().st_size, _recognised(path, format))
        account = _account(file, handle)
        day_first = day_comes_first(row.date for row in file.rows() if isinstance(row, Row))
        return replace(file, account=account, day_first=day_first, latest=latest, on_progress=on_progress)
    except OSError:
        raise Problem("import_problem.unreadable", path=str(path)) from None
    except UnicodeError:
        raise Problem("import_problem.encoding", name=path.name) from None


@dataclass(frozen=True, slots=True)
class Accounts:
    """Whose posts a file holds: each account as it was first written, and the rows that tell of none."""

    names: tuple[str, ...]
    unnamed: int  # rows
    unreadable: int  # rows


def accounts_in(path: Path) -> Accounts:
    """Raises Problem as `read_posts` does."""
    names: dict[str, str] = {}
    unnamed = unreadable = 0
    try:
        for row in PostFile(path, path.stat().st_size, _recognised(path, "auto")).rows():
            if isinstance(row, BadRow):
                unreadable += 1
            elif row.account:
                names.setdefault(_key(row.account), row.account)
            else:
                unnamed += 1
    except OSError:
        raise Problem("import_problem.unreadable", path=str(path)) from None
    except UnicodeError:
        raise Problem("import_problem.encoding", name=path.name) from None
    return Accounts(tuple(names.values()), unnamed, unreadable)


def _recognised(path: Path, format: str) -> Reader:
    if path.stat().st_size == 0:
        raise Problem("import_problem.empty", name=path.name)
    with path.open("rb") as file:
        codec = detect(file, path.name)
    json_reader = None
    if format == "jsonl" or (format == "auto" and path.suffix.lower() not in {".csv", ".tsv"}):
        json_reader = jsonl_posts.recognise(path, codec)
    if json_reader is None and format == "jsonl":
        raise Problem("import_problem.not_json", name=path.name)
    return json_reader or csv_posts.recognise(path, codec)


def _account(file: PostFile, handle: str | None) -> str | None:
    """The account whose rows are meant: the one called `handle`, else the only one."""
    names: dict[str, str] = {}
    for row in file.rows():
        if isinstance(row, BadRow):
            continue
        if not row.account:
            if not names:
                return None  # the first row names none: the file is about one account
            continue
        key = _key(row.account)
        if handle is not None and key == _key(handle):
            return row.account
        if len(names) <= _CHOICES_SHOWN:
            names.setdefault(key, row.account)
    if len(names) > 1:
        key = "import_problem.choose_account" if handle is None else "import_problem.account_not_found"
        raise Problem(key, name=file.path.name, handle=handle, accounts=shown(tuple(names.values()), _CHOICES_SHOWN))
    return next(iter(names.values()), None)


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().lstrip("@").casefold()
