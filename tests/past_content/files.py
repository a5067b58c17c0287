"""Writes files as people hand them over, and reads them with the real reader."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.model.posts import PastPost
from bot.past_content.reading import read_posts
from bot.past_content.rows import BadRow, Note


def read(path: Path, data: str | bytes, *, handle: str | None = None) -> list[PastPost | BadRow | Note]:
    """What `data` gives when it lies at `path`."""
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read_posts(path, handle=handle))


def texts(items: Iterable[PastPost | BadRow | Note]) -> list[str]:
    return [item.text for item in items if isinstance(item, PastPost)]


def bad(items: Iterable[PastPost | BadRow | Note]) -> list[tuple[int, str]]:
    """Line and last part of the reason's key."""
    return [(item.line, item.reason.key.split(".")[1]) for item in items if isinstance(item, BadRow)]


COLUMNS = ("id", "text", "created_at", "url", "platform", "kind", "language", "sponsored", "likes", "comments")


def cells(post: PastPost) -> dict[str, object]:
    """The post as a row has it; what it does not say is left empty."""
    row = {name: getattr(post, name) for name in COLUMNS}
    return row | {"created_at": post.created_at.isoformat() if post.created_at else None}


def write_csv(path: Path, posts: Sequence[PastPost], *, delimiter: str = ",", encoding: str = "utf-8") -> None:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(cells(post) for post in posts)


def write_jsonl(path: Path, posts: Sequence[PastPost], *, as_array: bool = False, ascii_only: bool = False) -> None:
    rows = [cells(post) for post in posts]
    with path.open("w", encoding="utf-8") as file:
        if as_array:
            json.dump(rows, file, ensure_ascii=ascii_only, indent=1)
        else:
            file.writelines(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows)
