"""Labelled drafts: creators with their stored posts, and drafts that are theirs or not; read from two files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

Fold = Literal["all", "fitted", "unfitted"]


@dataclass(frozen=True, slots=True)
class Creator:
    """A creator's stored posts, oldest first."""

    name: str
    stored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelledDraft:
    """A draft for a creator's account; label 1 means that the creator wrote it."""

    creator: str
    kind: str
    label: Literal[0, 1]
    text: str
    id: str = ""  # names it among the creator's drafts, from one run to the next
    author: str = ""  # who wrote it, where the file tells


@dataclass(frozen=True, slots=True)
class Labelled:
    """Creators and the drafts to be told apart."""

    creators: tuple[Creator, ...]
    drafts: tuple[LabelledDraft, ...]

    def restricted(self, wanted: Callable[[str], bool]) -> Labelled:
        """Only the creators whose name is `wanted`, and their drafts."""
        return Labelled(
            tuple(creator for creator in self.creators if wanted(creator.name)),
            tuple(draft for draft in self.drafts if wanted(draft.creator)),
        )


def select(labelled: Labelled, *, newest: int | None = None, fold: Fold = "all", limit: int | None = None) -> Labelled:
    """What is to be scored: stores cut to their `newest` posts, drafts of one `fold`, `limit` of them spread evenly.

    A fold keeps the drafts of creators the weights were fitted on, or not; all creators stay, to serve as background.
    Raises ValueError where no draft is left.
    """
    drafts = [draft for draft in labelled.drafts if fold == "all" or is_fitted(draft.creator) == (fold == "fitted")]
    if limit is not None and limit < len(drafts):
        drafts = [drafts[at] for at in np.linspace(0, len(drafts) - 1, limit).astype(int).tolist()]
    if not drafts:
        raise ValueError("there is no draft to score for this choice of creators.")
    return Labelled(tuple(_cut(creator, newest) for creator in labelled.creators), tuple(drafts))


def _cut(creator: Creator, newest: int | None) -> Creator:
    return creator if newest is None else Creator(creator.name, creator.stored[-newest:])


def is_fitted(creator: str) -> bool:
    """Whether the shipped weights may have been fitted on this creator: a half that depends on the name alone."""
    return hashlib.sha256(creator.encode()).digest()[0] % 2 == 0


def _lines(path: Path) -> Iterable[tuple[str, Mapping[str, object]]]:
    """Rows of a JSON-lines file with their place, for messages."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise ValueError(f"{path} is missing: eval reads creators.jsonl and drafts.jsonl of one directory.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}.") from None
    for number, line in enumerate(text.split("\n"), 1):  # splitlines would cut at U+2028, which JSON lets stand
        if not line.strip():
            continue
        place = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except ValueError:
            raise ValueError(f"{place}: not a JSON object.") from None
        if not isinstance(row, dict):
            raise ValueError(f"{place}: not a JSON object.")
        yield place, row


def _text(row: Mapping[str, object], key: str, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{place}: '{key}' must be a text.")
    return value


def _creator(row: Mapping[str, object], place: str) -> Creator:
    stored = row.get("stored")
    if not isinstance(stored, list) or not all(isinstance(post, str) for post in stored):
        raise ValueError(f"{place}: 'stored' must be a list of texts, oldest first.")
    return Creator(_text(row, "creator", place), tuple(stored))


def _draft(row: Mapping[str, object], place: str, number: int) -> LabelledDraft:
    """A row of drafts.jsonl; its number serves as id where it has none."""
    if row.get("label") not in (0, 1):
        raise ValueError(f"{place}: 'label' must be 1 (by the creator) or 0.")
    return LabelledDraft(
        creator=_text(row, "creator", place),
        kind=_text(row, "kind", place),
        label=1 if row["label"] else 0,
        text=_text(row, "text", place),
        id=str(row.get("id", number)),
        author=str(row.get("author", "")),
    )


def read_labelled(directory: Path, prefix: str = "") -> Labelled:
    """Reads {prefix}creators.jsonl and {prefix}drafts.jsonl; raises ValueError that names the place at fault."""
    creators: dict[str, Creator] = {}
    for place, row in _lines(directory / f"{prefix}creators.jsonl"):
        creator = _creator(row, place)
        if creator.name in creators:
            raise ValueError(f"{place}: creator '{creator.name}' stands twice.")
        creators[creator.name] = creator
    drafts: dict[tuple[str, str], LabelledDraft] = {}
    for number, (place, row) in enumerate(_lines(directory / f"{prefix}drafts.jsonl"), 1):
        draft = _draft(row, place, number)
        if draft.creator not in creators:
            raise ValueError(f"{place}: creator '{draft.creator}' is not in {prefix}creators.jsonl.")
        if (draft.creator, draft.id) in drafts:
            raise ValueError(f"{place}: draft '{draft.id}' stands twice.")
        drafts[draft.creator, draft.id] = draft
    return Labelled(tuple(creators.values()), tuple(drafts.values()))
