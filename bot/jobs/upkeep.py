"""Once a day in the running bot: looks whether the whole file is sound, and forgets what nobody can want any more.

All the time: whether the file that it works on is still the one that the next start will find.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.store import erasure, pruning
from bot.store.database import Store, StoreUnavailable
from bot.store.integrity import is_damaged
from bot.store.lock import file_at

DAY = 24 * 3600.0  # seconds
LOOK = 5.0  # seconds between two looks at the file's place
DELIVERIES_KEPT = timedelta(days=90)  # no answer is sent again after so long
BATCH = 500  # rows a transaction: others wait no longer than that

Prune = Callable[[AsyncConnection], Awaitable[int]]  # gives how many rows went, BATCH at most

log = structlog.get_logger(__name__)


async def run_upkeep(
    store: Store, clock: Callable[[], datetime], stop: asyncio.Event, *, prompt_hash: str | None, look: float = LOOK
) -> None:
    """At once and then daily, until `stop` is set. `prompt_hash`: of the prompts that histories are read with, if any.

    Raises Problem where the database is damaged: to go on writing would make it worse; and where its file was moved,
    removed or replaced: what is written now would be gone with this process.
    """
    opened = file_at(store.path)
    while not stop.is_set():
        await check(store)
        with suppress(StoreUnavailable):  # is in the log; tomorrow is another day
            await prune(store, clock(), prompt_hash)
        with suppress(TimeoutError):
            async with asyncio.timeout(DAY):
                await _until_stopped(store, stop, opened, look)


async def _until_stopped(store: Store, stop: asyncio.Event, opened: tuple[int, int] | None, look: float) -> None:
    while not stop.is_set():
        if file_at(store.path) != opened:
            raise Problem("store_problem.replaced", path=str(store.path))
        with suppress(TimeoutError):
            async with asyncio.timeout(look):
                await stop.wait()


async def check(store: Store) -> None:
    """Raises Problem where the database is damaged."""
    try:
        found = await is_damaged(store.path)
    except sqlite3.Error as error:
        found = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        if not found:  # such as busy
            log.warning("upkeep.not_checked", why=str(error))
    if found:
        raise Problem("store_problem.damaged", path=str(store.path))


async def prune(store: Store, now: datetime, prompt_hash: str | None) -> None:
    """Raises StoreUnavailable; what is gone by then is gone."""
    prunes: dict[str, Prune] = {
        "deliveries": lambda conn: pruning.forget_deliveries(conn, now - DELIVERIES_KEPT, BATCH),
        "texts": lambda conn: erasure.expire(conn, now, BATCH),
        "batches": lambda conn: erasure.expire_batches(conn, now, BATCH),  # of which no text is left by now
    }
    if prompt_hash is not None:
        prunes["notes"] = lambda conn: pruning.forget_notes(conn, prompt_hash, BATCH)
    for what, prune_batch in prunes.items():
        count = 0
        while True:
            async with store.write() as conn:
                gone = await prune_batch(conn)
            count += gone
            if gone < BATCH:
                break
        if count:
            log.info("upkeep.forgotten", what=what, rows=count)
        if count and what in ("texts", "batches"):
            await store.scrub()
