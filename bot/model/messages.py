"""Sentences for people, kept apart from any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for people: a key of `bot/texts` with its values, so that it can be shown in any language."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
