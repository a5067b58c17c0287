"""The SQLite driver: statements run where the event loop runs, what may wait for a lock or for the disk runs beside it.

A statement takes some ten microseconds; a way to another thread and back takes ten times that, and up to five
milliseconds while the interpreter is busy. The driver underneath goes that way four times a statement.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite

AT_ONCE = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "BEGIN")
WAITS = "BEGIN IMMEDIATE"


class Connection(aiosqlite.Connection):
    """Made by `connected`. Its own thread is left for what may wait."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._connection is None or not self._is_quick(fn, args):
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call] # the library's own hook
        return fn(*args, **kwargs)

    def _is_quick(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        name = getattr(fn, "__name__", "")
        if name == "execute":
            sql = str(args[0]).lstrip()
            return sql.startswith(AT_ONCE) and sql != WAITS
        if name == "commit":  # what has written nothing waits for no disk
            return not (self._connection and self._connection.in_transaction and self._connection.total_changes)
        return name in ("cursor", "close", "fetchall", "rollback") and fn != self._conn.close


async def connected(path: Path, busy_seconds: float) -> aiosqlite.Connection:
    """An open connection that begins no transaction by itself."""
    connect = partial(sqlite3.connect, path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    return await Connection(connect, iter_chunk_size=64)
