"""The SQLite file: opened once, written by one transaction at a time, read by others meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import Problem
from bot.store.migrate import Migration, UnknownSchemaError, migrate, shipped

BUSY_SECONDS = 10  # how long another process may hold the file before a statement gives up
READERS = 4

PROBLEM_OF_CODE = {
    sqlite3.SQLITE_NOTADB: "store_problem.not_a_database",
    sqlite3.SQLITE_CORRUPT: "store_problem.damaged",
    sqlite3.SQLITE_BUSY: "store_problem.busy",
    sqlite3.SQLITE_CANTOPEN: "store_problem.cannot_open",
    sqlite3.SQLITE_READONLY: "store_problem.cannot_open",
    sqlite3.SQLITE_PERM: "store_problem.cannot_open",
    sqlite3.SQLITE_IOERR: "store_problem.cannot_open",
    sqlite3.SQLITE_FULL: "store_problem.cannot_open",
}


class Store:
    """Both ways into the database. Made by `open_store`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = _engine(path, writes=True)
        self._reader = _engine(path, writes=False)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that holds the write lock from its start: what it reads stays true until it commits.

        Commits at the end, rolls back on any exception. Keep it short, others wait for it; never open one in another.
        """
        async with self._writer.begin() as conn:
            yield conn

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view of the database. Writing through it is refused; it never waits for writers."""
        async with self._reader.begin() as conn:
            yield conn

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()


async def open_store(path: Path, migrations: Sequence[Migration] | None = None) -> Store:
    """The store in the file `path`, made with its folder where missing, checked, and brought to this schema.

    Raises Problem, in one sentence: not writable, not a database, damaged, another program's, a newer version's, busy.
    """
    path = _made(path)
    store = Store(path)
    try:
        async with store.read() as conn:
            check = (await conn.exec_driver_sql("PRAGMA quick_check(1)")).scalar_one()
            if check != "ok":
                raise Problem("store_problem.damaged", path=str(path))
        async with store.write() as conn:
            await migrate(conn, shipped() if migrations is None else migrations)
    except BaseException as error:
        await store.close()
        if (problem := _problem(path, error)) is not None:
            raise problem from None
        raise
    return store


def _made(path: Path) -> Path:
    """The absolute path of the file, which is there afterwards."""
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # drafts are nobody else's on this machine
    except OSError as error:
        raise Problem("store_problem.cannot_open", path=str(path), why=error.strerror) from None
    return path


def _problem(path: Path, error: BaseException) -> Problem | None:
    """What to tell people about a failure to open; None for a defect of the program."""
    if isinstance(error, UnknownSchemaError):
        return Problem(error.problem, path=str(path))
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return None
    key = PROBLEM_OF_CODE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)  # the low byte names the kind
    return Problem(key, path=str(path), why=str(cause)) if key else None


def _engine(path: Path, *, writes: bool) -> AsyncEngine:
    """An engine each of whose transactions is opened before its first statement, a SELECT too.

    Left to itself the driver opens none before a SELECT, and of two tasks that read and then update one loses.
    """
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},
        pool_size=1 if writes else READERS,
        max_overflow=0,
        hide_parameters=True,  # error texts go to the log, drafts do not
    )

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(dbapi_connection: Any, _record: object) -> None:
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine.sync_engine, "invalidate")
    def end_transaction(dbapi_connection: Any, _record: object, _error: object) -> None:
        # A task cancelled within a statement has its connection closed, but SQLite keeps the write lock for as long as
        # a cursor in the task's traceback lives.
        dbapi_connection.rollback()

    return engine
