"""A small file beside the database: what was acknowledged before it could be stored, until it is.

It holds no more than what is under way, and is empty most of the time. A database that is held up or slow is why it is
needed, so it is no table.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

Event = Mapping[str, Any]  # as it came, as JSON has it


class Journal:
    """Events by key, each a line; a line without an event says that its key is done. Any thread may call."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, Lock()
        self._open: set[str] = set()

    def note(self, events: Sequence[tuple[str, Event]]) -> None:
        """All of them, by their keys, are on the disk when it returns. Raises OSError; then none counts as noted."""
        with self._lock:
            new = [{"key": key, "event": event} for key, event in events if key not in self._open]
            if new:
                self._append(new, is_lasting=True)
            self._open.update(key for key, _ in events)

    def done(self, key: str) -> None:
        """Whatever was noted under `key` needs no more work; nothing happens where nothing was."""
        with self._lock:
            if key not in self._open:
                return
            self._open.discard(key)
            try:
                if self._open:
                    self._append([{"key": key}], is_lasting=False)
                else:
                    os.truncate(self._path, 0)
            except OSError:  # done once more by the next start: it finds the same event stored
                pass

    def left(self) -> list[Event]:
        """What a process before noted and did not end; it counts as noted by this one. A line cut short is none."""
        with self._lock:
            found: dict[str, Event] = {}
            for line in self._lines():
                try:
                    entry = json.loads(line)
                    key, event = entry["key"], entry.get("event")
                except (ValueError, TypeError, KeyError):
                    continue
                if event is None:
                    found.pop(key, None)
                else:
                    found[key] = event
            self._open |= set(found)
            return list(found.values())

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return []

    def _append(self, entries: Sequence[Event], *, is_lasting: bool) -> None:
        number = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            before = os.fstat(number).st_size
            lines = b"\n" + b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)
            try:
                if os.write(number, lines) < len(lines):  # begins with a line's end: one before may be cut short
                    raise OSError("the disk is full")
                if is_lasting:
                    os.fsync(number)
            except OSError:
                os.ftruncate(number, before)  # whoever is told so may send it again: the next start must not find it
                raise
        finally:
            os.close(number)
