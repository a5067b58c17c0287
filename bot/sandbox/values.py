"""Files to send and messages to look at, for scripts that play the people."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.sandbox.errors import Json
from bot.sandbox.text import as_text


@dataclass(frozen=True)
class File:
    """A file to send."""

    name: str
    content: bytes
    content_type: str | None = None


@dataclass(frozen=True)
class Message:
    """A message as somebody sees it; `data` is Discord's payload."""

    data: Json

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def channel_id(self) -> str:
        return str(self.data["channel_id"])

    @property
    def content(self) -> str:
        return str(self.data["content"])

    @property
    def author(self) -> str:
        return str(self.data["author"]["username"])

    @property
    def ephemeral(self) -> bool:
        return bool(self.data["flags"] & 64)

    @property
    def text(self) -> str:
        """Everything readable in the message, as in a terminal."""
        return as_text(self.data)


def plain(value: Any) -> Any:
    """A value as JSON: files become name and base64."""
    if isinstance(value, Path):
        value = File(value.name, value.read_bytes())
    if isinstance(value, File):
        data = base64.b64encode(value.content).decode()
        return {"name": value.name, "data": data, "content_type": value.content_type}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
