"""Databases that cannot be used for a while: held by another, no room, no more to be written."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

from bot.store.database import Store


@asynccontextmanager
async def held_by_another(path: Path) -> AsyncIterator[None]:
    """Another connection is within a transaction of its own.

    It waits for its turn in a thread: who has the database now may live in this process, and must be able to end.
    """
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)) as other:
        await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@asynccontextmanager
async def no_room(store: Store) -> AsyncIterator[None]:
    """The database can get no page more: SQLite says that the disk is full as soon as a row needs one."""
    async with store.write() as conn:
        pages = (await conn.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    yield
    async with store.write() as conn:
        await conn.exec_driver_sql("PRAGMA max_page_count = 4294967294")


@contextmanager
def nothing_more_written(path: Path) -> Iterator[None]:
    """The system refuses every further byte of the -wal file, as it does where a quota is used up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name(path.name + "-wal").stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
