"""The sample workspace: invented influencers, brands, campaigns and drafts. For the demo, the tests, and as background
against which the first real influencers of an empty store are measured."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copy

YEAR = timedelta(weeks=52)  # so that weekdays stay, and seasons nearly


@dataclass(frozen=True, slots=True)
class SampleDraft:
    """`expect` are the outcomes a careful reader accepts, `why` names the posts that decide."""

    title: str
    influencer: str
    campaign: str
    expect: tuple[str, ...]
    why: str
    text: str


def folder() -> Path:
    """Where the files lie."""
    with as_file(files(__name__)) as path:
        return path


def workspace() -> Path:
    return folder() / "workspace.toml"


def recent_workspace(into: Path, now: datetime) -> Path:
    """A copy of it in the folder `into`, in which all posts are moved on by `moved(now)`, for the present to judge."""
    later = moved(now)
    (into / "posts").mkdir(parents=True)
    for path in _post_files():
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        rows = [row | {"created_at": (_time(row) + later).isoformat()} for row in rows]
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (into / "posts" / path.name).write_text("\n".join(lines), "utf-8")
    return Path(copy(workspace(), into))


def moved(now: datetime) -> timedelta:
    """By how much posts are moved on for the newest to be less than a YEAR old: an old history decides nothing."""
    lines = (line for path in _post_files() for line in path.read_text("utf-8").splitlines())
    newest = max(_time(json.loads(line)) for line in lines)
    return max((now - newest) // YEAR, 0) * YEAR


def _time(row: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(row["created_at"])


def _post_files() -> list[Path]:
    return sorted((folder() / "posts").glob("*.jsonl"))


@cache
def drafts() -> tuple[SampleDraft, ...]:
    rows = tomllib.loads((folder() / "drafts.toml").read_text("utf-8"))["draft"]
    return tuple(SampleDraft(**row | {"expect": tuple(row["expect"])}) for row in rows)


@cache
def posts() -> Mapping[str, tuple[str, ...]]:
    """Texts by handle, oldest first."""
    found = {}
    for path in _post_files():
        found[path.stem] = tuple(json.loads(line)["text"] for line in path.read_text("utf-8").splitlines())
    return found
