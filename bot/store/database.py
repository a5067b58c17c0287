"""The SQLite file: opened once, written by one transaction at a time, read by others meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import URL, Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import Problem
from bot.store.integrity import is_damaged
from bot.store.lock import hold_lock
from bot.store.migrate import Migration, UnknownSchemaError, held_version, migrate, shipped
from bot.store.scrubbing import scrub
from bot.store.together import Item, Result, Together, WorkForAll, asked_once

PATIENCE = 10.0  # seconds that another process may hold the file before a transaction gives up
ATTEMPT_MS = 100  # of that, in one go: so long nothing else can be done with the connection
CHECK_SECONDS = 3.0  # of looking for damage before the first use: enough for a gigabyte on a usual disk
KEPT_LOG_BYTES = 64 * 2**20  # what a -wal file may still take once its content is in the database
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
# The same in the middle of the work, where people in a chat read it who know nothing of files.
OUTAGE_OF_CODE = {
    **dict.fromkeys(PROBLEM_OF_CODE, "store_problem.fails"),
    sqlite3.SQLITE_BUSY: "store_problem.held",
    sqlite3.SQLITE_FULL: "store_problem.full",
}

Work = Callable[[AsyncConnection], Awaitable[object]]  # what is done in a transaction

log = structlog.get_logger(__name__)


class StoreUnavailable(Problem):
    """The database cannot be used now: held by another process, disk full, file broken. Nothing was stored."""

    def __init__(self, code: int, why: str) -> None:
        """`code`: SQLite's primary result code."""
        self.code, self.why = code, why
        super().__init__(OUTAGE_OF_CODE[code])


class Store:
    """Both ways into the database. Made by `open_store`."""

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self.path = path
        self._patience = patience
        self._writer = _engine(path, writes=True)
        self._reader = _engine(path, writes=False)
        self._together: dict[Callable[..., Any], Together[Any, Any]] = {}

    @asynccontextmanager
    async def write(self, *, patience: float | None = None) -> AsyncIterator[AsyncConnection]:
        """A transaction that holds the write lock from its start: what it reads stays true until it commits.

        Commits at the end, rolls back on any exception. Keep it short, others wait for it; never open one in another.
        Raises StoreUnavailable, also where another process holds the lock for more than `patience` seconds.
        """
        give_up = monotonic() + (self._patience if patience is None else patience)
        with _outages(writes=True):
            async with AsyncExitStack() as transaction:
                conn = None
                while conn is None:
                    try:
                        conn = await transaction.enter_async_context(self._writer.begin())
                    except DBAPIError as error:
                        if _code(error) != sqlite3.SQLITE_BUSY or monotonic() > give_up:
                            raise
                yield conn

    async def write_together(self, work: WorkForAll[Item, Result], item: Item) -> Result:
        """What `work` gives for `item`, in a transaction it shares with other items of the same moment.

        Raises what `work` says of the item, and StoreUnavailable.
        """
        if (together := self._together.get(work)) is None:
            together = self._together[work] = Together(self.write, work)
        result: Result = await together.do(item)
        return result

    async def read_together(self, ask: Callable[[AsyncConnection, Item], Awaitable[Result]], item: Item) -> Result:
        """What `ask` gives for `item`, in a view it shares with other questions of the same moment.

        Raises what `ask` raises, and StoreUnavailable.
        """
        if (together := self._together.get(ask)) is None:
            together = self._together[ask] = Together(self.read, asked_once(ask))
        result: Result = await together.do(item)
        return result

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view of the database. Writing through it is refused; it never waits for writers.

        Raises StoreUnavailable.
        """
        with _outages(writes=False):
            async with self._reader.begin() as conn:
                yield conn

    async def scrub(self) -> None:
        """Overwrites what was erased also in the search indexes and in the log beside the file.

        To be called after an erasure has committed. Raises StoreUnavailable.
        """
        with _outages(writes=True):
            await asyncio.to_thread(scrub, self.path)

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()


async def open_store(
    path: Path,
    migrations: Sequence[Migration] | None = None,
    *,
    patience: float = PATIENCE,
    is_locked: bool = False,
) -> Store:
    """The store in the file `path`, made with its folder where missing, checked, and brought to this schema.

    `is_locked`: the caller holds the lock of the file, so that no program of an earlier version works on it.
    Raises Problem, in one sentence: not writable, not a database, damaged, another program's, a newer version's, busy,
    in use by an earlier version.
    """
    path = _made(path)
    migrations = shipped() if migrations is None else migrations
    store = Store(path, patience)
    try:
        if await is_damaged(path, CHECK_SECONDS):
            raise Problem("store_problem.damaged", path=str(path))
        async with store.read() as conn:
            found = await held_version(conn, migrations)
        if found < migrations[-1].version:
            is_free = is_locked or not found
            with nullcontext() if is_free else hold_lock(path, "store_problem.earlier_running"):
                async with store.write() as conn:
                    await migrate(conn, migrations)
    except BaseException as error:
        await store.close()
        if (problem := problem_of(path, error)) is not None:
            raise problem from None
        raise
    return store


@contextmanager
def _outages(*, writes: bool) -> Iterator[None]:
    """Turns what an operator must mend, or time will, into StoreUnavailable; a defect of the program stays as it is."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError, sqlite3.Error) as error:
        code, why = _code(error), str(getattr(error, "orig", error))
        if code not in OUTAGE_OF_CODE or (code == sqlite3.SQLITE_READONLY and not writes):
            raise
        log.error("store.unavailable", why=why)
        raise StoreUnavailable(code, why) from None


def _code(error: BaseException) -> int:
    """SQLite's primary result code, 0 for what is none of its errors."""
    if isinstance(error, StoreUnavailable):
        return error.code
    if isinstance(error, PoolTimeoutError):  # too many wait in this process: the one connection never came free
        return sqlite3.SQLITE_BUSY
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the low byte names the kind


def _made(path: Path) -> Path:
    """The absolute path of the file, which is there afterwards."""
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # drafts are nobody else's on this machine
    except OSError as error:
        raise Problem("store_problem.cannot_open", path=str(path), why=error.strerror) from None
    return path


def problem_of(path: Path, error: BaseException) -> Problem | None:
    """What to tell people about a failure to open `path`; None for a defect of the program."""
    if isinstance(error, UnknownSchemaError):
        return Problem(error.problem, path=str(path))
    key = PROBLEM_OF_CODE.get(_code(error))
    why = error.why if isinstance(error, StoreUnavailable) else str(getattr(error, "orig", error))
    return Problem(key, path=str(path), why=why) if key else None


def _engine(path: Path, *, writes: bool) -> AsyncEngine:
    """An engine each of whose transactions is opened before its first statement, a SELECT too.

    Left to itself the driver opens none before a SELECT, and of two tasks that read and then update one loses.
    """
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        connect_args={"isolation_level": None, "timeout": PATIENCE},
        pool_size=1 if writes else READERS,
        max_overflow=0,
        hide_parameters=True,  # error texts go to the log, drafts do not
    )

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(dbapi_connection: Any, _record: object) -> None:
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA journal_size_limit = {KEPT_LOG_BYTES}")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA secure_delete = ON")  # what people have erased is overwritten
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        if writes:  # `write` asks again
            cursor.execute(f"PRAGMA busy_timeout = {ATTEMPT_MS}")
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
