"""What the sandbox remembers, in memory and written through to SQLite, so that a kill at any moment loses nothing."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.errors import Json

DISCORD_EPOCH_MS = 1_420_070_400_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS thing (kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key));
CREATE TABLE IF NOT EXISTS file (key TEXT PRIMARY KEY, value BLOB);
CREATE TABLE IF NOT EXISTS call (id INTEGER PRIMARY KEY AUTOINCREMENT, value TEXT);
"""
SETTINGS: Json = {
    "clock_offset": 0.0,  # seconds added by `advance`
    "clock_held_at": None,  # a time: the clock stands there and moves by `advance` alone
    "nonce_window": 300.0,  # seconds
    "token": None,  # the one bot token accepted; None accepts any
    "allowed_intents": [],  # privileged ones switched on: message_content, members, presences
    "heartbeat_interval": 41_250,  # milliseconds
    "acknowledge_heartbeats": True,
    "identify_limit": 1000,  # IDENTIFYs before the token is no longer taken
    "replay_limit": 1000,  # frames a RESUME can replay
    "rate_limit": None,  # requests a second and bucket; None sends no rate limit headers
    "refuse_identify": None,  # close code for the next IDENTIFY
    "spoiled": {},  # by message id, fields that stand malformed in a page of messages
    "guild_command_creates": 0,
    "commands_opened": False,  # an admin let everybody use every command, whatever its default permissions
}


class Shelf(MutableMapping[str, Any]):
    """Values of one kind by key, in the order they were first put there. Replace a value, never change it in place."""

    def __init__(self, database: sqlite3.Connection, kind: str) -> None:
        self._database, self._kind = database, kind
        rows = database.execute("SELECT key, value FROM thing WHERE kind = ? ORDER BY rowid", (kind,))
        self._values: dict[str, Any] = {key: json.loads(value) for key, value in rows}

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._values[key] = value
        self._database.execute(
            "INSERT INTO thing VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value",
            (self._kind, key, json.dumps(value)),
        )

    def __delitem__(self, key: str) -> None:
        del self._values[key]
        self._database.execute("DELETE FROM thing WHERE kind = ? AND key = ?", (self._kind, key))

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def change(self, key: str, **fields: Any) -> Json:
        """The value under `key` with these fields replaced."""
        self[key] = changed = self._values[key] | fields
        return dict(changed)


class World:
    """Guilds, people, channels, messages, interactions, commands, settings, files and the record of the bot's calls."""

    bot_id = "1000"  # also the application's id

    def __init__(self, path: Path | None = None, record: Path | None = None) -> None:
        """`path`: keeps everything over a restart; `record`: gets each answered call as a line, never cleared."""
        self._kept_record = record
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None)
        # A kill of this process cannot lose what SQLite handed to the system; only a power cut could.
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.executescript(SCHEMA)
        self._last_id = 0
        self.cleared = 0  # times
        self.url = ""  # set by the server once it listens
        self._open()

    def _open(self) -> None:
        self.users, self.guilds, self.roles, self.members, self.channels = self._shelves(
            "user", "guild", "role", "member", "channel"
        )
        self.messages, self.nonces, self.interactions, self.commands, self.settings = self._shelves(
            "message", "nonce", "interaction", "command", "setting"
        )
        for name, value in SETTINGS.items():
            self.settings.setdefault(name, value)

    def clear(self) -> None:
        """Forget everything, settings included."""
        self.cleared += 1
        self._database.executescript("DELETE FROM thing; DELETE FROM file; DELETE FROM call;")
        self._open()

    def _shelves(self, *kinds: str) -> list[Shelf]:
        return [Shelf(self._database, kind) for kind in kinds]

    def now(self) -> float:
        """Seconds since 1970 on the sandbox's clock: tokens, nonces and file addresses age by it."""
        held = self.settings["clock_held_at"]
        return float((time.time() if held is None else held) + self.settings["clock_offset"])

    def snowflake(self) -> str:
        """A new id, larger than all before; its time is real time, so that the client's own clock agrees with it."""
        fresh = int(time.time() * 1000 - DISCORD_EPOCH_MS) << 22
        self._last_id = max(self._last_id + 1, fresh)
        return str(self._last_id)

    def keep_file(self, key: str, blob: bytes) -> None:
        self._database.execute("INSERT INTO file VALUES (?, ?)", (key, blob))

    def file(self, key: str) -> bytes | None:
        row = self._database.execute("SELECT value FROM file WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def record(self, call: Json) -> int:
        """Append a call of the bot to the record; returns its number for `record_answer`."""
        number = self._database.execute("INSERT INTO call (value) VALUES (?)", (json.dumps(call),)).lastrowid
        assert number is not None  # sqlite3 sets it after every INSERT
        return number

    def record_answer(self, number: int, call: Json) -> None:
        line = json.dumps(call)
        self._database.execute("UPDATE call SET value = ? WHERE id = ?", (line, number))
        if self._kept_record is not None:
            with self._kept_record.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")

    def recorded(self, after: int = 0) -> list[Json]:
        """The bot's calls in order, from the one after number `after`; `status` is None while one is unanswered."""
        rows = self._database.execute("SELECT id, value FROM call WHERE id > ? ORDER BY id", (after,))
        return [{"number": number, **json.loads(value)} for number, value in rows]
