"""The sample workspace: invented influencers, brands, campaigns and drafts. For the demo, the tests, and as background
against which the first real influencers of an empty store are measured."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path


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


@cache
def drafts() -> tuple[SampleDraft, ...]:
    rows = tomllib.loads((folder() / "drafts.toml").read_text("utf-8"))["draft"]
    return tuple(SampleDraft(**row | {"expect": tuple(row["expect"])}) for row in rows)


@cache
def posts() -> Mapping[str, tuple[str, ...]]:
    """Texts by handle, oldest first."""
    found = {}
    for path in sorted((folder() / "posts").glob("*.jsonl")):
        found[path.stem] = tuple(json.loads(line)["text"] for line in path.read_text("utf-8").splitlines())
    return found
