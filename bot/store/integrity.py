"""Looks for damage in a database file, beside whoever uses it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A plain connection to a file that exists; `mode` is `ro` or `rw`. Transactions are the caller's."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


def is_sound(conn: sqlite3.Connection) -> bool:
    """Reads the whole file: structure, not the order of indexes. Raises sqlite3.Error where it breaks off."""
    [found] = conn.execute("PRAGMA quick_check(1)").fetchone()
    return bool(found == "ok")


async def is_damaged(path: Path, seconds: float | None = None) -> bool:
    """Whether there is damage, as far as was looked in `seconds`. Works in a thread, ends at once when cancelled.

    Raises sqlite3.Error: not a database, damaged beyond reading, held by another process.
    """
    with closing(connect(path, "rw")) as conn:
        looking = asyncio.create_task(asyncio.to_thread(is_sound, conn))
        try:
            await asyncio.wait({looking}, timeout=seconds)
        finally:
            conn.interrupt()  # does nothing once it has ended
            await asyncio.wait({looking})
        try:
            return not looking.result()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                return False
            raise
