"""What is asked at the same moment shares a transaction: each stands or falls alone, and what is heard of is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.store import guilds
from bot.store.database import Store, StoreUnavailable, open_store
from bot.store.tables import guild
from bot.store.together import AT_ONCE, Together

BROKEN = 13  # no multiple of five


async def add(conn: AsyncConnection, numbers: Sequence[int]) -> list[int | Exception]:
    """Makes guilds known, but none whose number five divides; at BROKEN it fails for all."""
    ends: list[int | Exception] = []
    for number in numbers:
        if number % 5 == 0:
            ends.append(Problem("name_problem.no_campaigns"))
            continue
        await guilds.upsert_guild(conn, number)
        assert number != BROKEN
        ends.append(number)
    return ends


async def added(store: Store, numbers: Sequence[int]) -> list[int | BaseException]:
    return await asyncio.gather(*(store.write_together(add, one) for one in numbers), return_exceptions=True)


async def stored(store: Store) -> set[int]:
    async with store.read() as conn:
        return set((await conn.execute(select(guild.c.id))).scalars())


async def test_each_hears_what_came_of_its_own(store: Store) -> None:
    before, numbers = await stored(store), [one for one in range(1, 2 * AT_ONCE) if one != BROKEN]
    for number, end in zip(numbers, await added(store, numbers), strict=True):
        assert isinstance(end, Problem) if number % 5 == 0 else end == number
    assert await stored(store) - before == {number for number in numbers if number % 5}


async def test_a_defect_is_that_of_its_own_item_alone(store: Store) -> None:
    before = await stored(store)
    ends = await added(store, [11, 12, BROKEN, 14, 15])
    assert [type(end) for end in ends] == [int, int, AssertionError, int, Problem]
    assert await stored(store) - before == {11, 12, 14}


async def test_those_of_one_moment_share_a_commit(store: Store) -> None:
    begun = []

    def begin() -> AbstractAsyncContextManager[AsyncConnection]:
        begun.append(1)
        return store.write()

    together = Together(begin, add)
    await asyncio.gather(*(together.do(100 * number + 1) for number in range(2 * AT_ONCE)))
    assert len(begun) == 2


async def test_what_is_heard_of_is_stored(store: Store) -> None:
    assert await store.write_together(add, 7) == 7
    assert 7 in await stored(store)


async def test_a_caller_that_goes_away_harms_nobody(store: Store) -> None:
    tasks = [asyncio.create_task(store.write_together(add, number)) for number in (1, 2, 3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert (ends[0], ends[2]) == (1, 3)
    assert await store.write_together(add, 4) == 4


async def test_a_database_that_is_held_is_told_to_all(tmp_path: Path) -> None:
    store, other = [await open_store(tmp_path / "bot.sqlite3", patience=0.2) for _ in range(2)]
    async with other.write():
        assert all(isinstance(end, StoreUnavailable) for end in await added(store, (1, 2)))
    assert await store.write_together(add, 3) == 3
    await store.close()
    await other.close()


async def test_a_question_of_one_moment_is_asked_once_and_its_problem_told_to_all(store: Store) -> None:
    asked: list[int] = []

    async def language(conn: AsyncConnection, guild_id: int) -> str:
        asked.append(guild_id)
        if guild_id == 5:
            raise Problem("name_problem.no_campaigns")
        return await guilds.guild_language(conn, guild_id)

    async with store.write() as conn:
        await guilds.upsert_guild(conn, 1, language="ja")
    questions = (store.read_together(language, one) for one in (1, 2, 5, 1, 5))
    ends = await asyncio.gather(*questions, return_exceptions=True)
    assert [ends[0], ends[1], ends[3]] == ["ja", "en", "ja"]
    assert isinstance(ends[2], Problem)
    assert isinstance(ends[4], Problem)
    assert sorted(asked) == [1, 2, 5]
