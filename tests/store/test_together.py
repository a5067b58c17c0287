"""Transactions made one: each work stands or falls alone, and is stored when its caller hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.store import guilds
from bot.store.database import Store, StoreUnavailable, open_store
from bot.store.tables import guild
from bot.store.together import AT_ONCE, Together


def adding(number: int) -> Callable[[AsyncConnection], Awaitable[int]]:
    async def work(conn: AsyncConnection) -> int:
        await guilds.upsert_guild(conn, number)
        if number % 5 == 0:
            raise Problem("name_problem.no_campaigns")
        return number

    return work


async def stored(store: Store) -> set[int]:
    async with store.read() as conn:
        return set((await conn.execute(select(guild.c.id))).scalars())


async def test_one_that_fails_takes_back_its_own_and_nothing_else(store: Store) -> None:
    before, numbers = await stored(store), range(1, 3 * AT_ONCE)
    ends = await asyncio.gather(*(store.write_together(adding(one)) for one in numbers), return_exceptions=True)
    for number, end in zip(numbers, ends, strict=True):
        assert isinstance(end, Problem) if number % 5 == 0 else end == number
    assert await stored(store) - before == {number for number in numbers if number % 5}


async def test_those_of_one_moment_share_a_commit(store: Store) -> None:
    begun = []

    def begin() -> AbstractAsyncContextManager[AsyncConnection]:
        begun.append(1)
        return store.write()

    together = Together(begin)
    await asyncio.gather(*(together.write(adding(5 * number + 1)) for number in range(2 * AT_ONCE)))
    assert len(begun) == 2


async def test_what_is_heard_of_is_stored(store: Store) -> None:
    assert await store.write_together(adding(7)) == 7
    assert 7 in await stored(store)


async def test_a_caller_that_goes_away_harms_nobody(store: Store) -> None:
    tasks = [asyncio.create_task(store.write_together(adding(number))) for number in (1, 2, 3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert (ends[0], ends[2]) == (1, 3)
    assert await store.write_together(adding(4)) == 4


async def test_a_database_that_is_held_is_told_to_all(tmp_path: Path) -> None:
    store, other = [await open_store(tmp_path / "bot.sqlite3", patience=0.2) for _ in range(2)]
    async with other.write():
        ends = await asyncio.gather(*(store.write_together(adding(one)) for one in (1, 2)), return_exceptions=True)
    assert all(isinstance(end, StoreUnavailable) for end in ends)
    assert await store.write_together(adding(3)) == 3
    await store.close()
    await other.close()
