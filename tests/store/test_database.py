"""Opening, transactions and what happens when a file is not what it should be."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.errors import Problem
from bot.store import drafts, library
from bot.store.database import Store, open_store
from bot.store.tables import revision
from tests.store.values import GUILD, Place


async def add_follower(store: Store, influencer_id: int) -> None:
    async with store.write() as conn:
        found = await library.get_influencer(conn, GUILD, influencer_id)
        assert found is not None
        assert found.followers is not None
        await asyncio.sleep(0)  # lets the others in between reading and writing, where they can
        await library.upsert_influencer(conn, replace(found, followers=found.followers + 1))


async def test_concurrent_read_modify_write_loses_nothing(store: Store, place: Place) -> None:
    other = await open_store(store.path)  # as a second process would

    async def work(through: Store) -> None:
        for _ in range(10):
            await add_follower(through, place.influencer.id)

    await asyncio.gather(*(work(through) for through in (store, other) for _ in range(4)))
    await other.close()
    async with store.read() as conn:
        found = await library.get_influencer(conn, GUILD, place.influencer.id)
    assert found is not None
    assert found.followers == 12_000 + 80


async def test_a_reader_does_not_wait_for_a_writer_and_sees_one_moment(store: Store, place: Place) -> None:
    async with store.read() as reading:
        before = await library.influencers(reading, GUILD)
        async with store.write() as writing:
            await library.upsert_influencer(writing, replace(place.influencer, handle="second"))
            async with asyncio.timeout(2):
                assert await library.influencers(reading, GUILD) == before
        assert await library.influencers(reading, GUILD) == before
    async with store.read() as reading:
        assert len(await library.influencers(reading, GUILD)) == 2


async def test_reading_connections_refuse_to_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match="readonly"):
        async with store.read() as conn:
            await library.upsert_guild(conn, 5)


async def test_an_exception_rolls_everything_back(store: Store) -> None:
    async def break_off() -> None:
        async with store.write() as conn:
            await library.upsert_guild(conn, 5)
            raise KeyError

    with pytest.raises(KeyError):
        await break_off()
    async with store.read() as conn:
        assert await library.guild_ids(conn) == ()


async def test_a_cancelled_writer_lets_go_of_the_lock(store: Store, place: Place) -> None:
    kept: list[object] = []  # the exceptions: as long as they live, so do the cursors in their tracebacks
    for step in range(16):
        tasks = [asyncio.create_task(add_follower(store, place.influencer.id)) for _ in range(2)]
        await asyncio.sleep(step * 0.000_25)  # cancels at another place each time
        for task in tasks:
            task.cancel()
        kept += await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(2):
            await add_follower(store, place.influencer.id)
    assert any(isinstance(one, asyncio.CancelledError) for one in kept)


async def test_every_connection_is_durable_and_checks_references(store: Store) -> None:
    for connect in (store.write, store.read):
        async with connect() as conn:
            held = [
                (await conn.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
        assert held == ["wal", 2, 1, 10_000]


async def test_a_row_of_one_guild_cannot_refer_to_another(store: Store, place: Place) -> None:
    stranger = replace(place.draft(), guild_id=GUILD + 1)
    async with store.write() as conn:
        await library.upsert_guild(conn, GUILD + 1)
        with pytest.raises(IntegrityError):
            await drafts.receive(conn, stranger)


async def test_errors_do_not_tell_what_was_to_be_stored(store: Store) -> None:
    async with store.write() as conn:
        with pytest.raises(IntegrityError) as caught:
            await conn.execute(insert(revision).values(text="secret words"))
    assert "secret words" not in str(caught.value)


async def test_the_file_and_its_folder_are_made_for_this_user_alone(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "new" / "deep" / "b ot?.sqlite3")
    await store.close()
    assert store.path.stat().st_mode & 0o077 == 0
    assert store.path == tmp_path / "new" / "deep" / "b ot?.sqlite3"


async def problem_of(path: Path) -> str:
    with pytest.raises(Problem) as caught:
        await open_store(path)
    assert str(path) in str(caught.value)
    assert str(path) in caught.value.in_language("ja")
    return caught.value.message.key


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database at all, " * 100)
    assert await problem_of(path) == "store_problem.not_a_database"
    assert path.read_text() == "not a database at all, " * 100


async def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    assert await problem_of(tmp_path) == "store_problem.cannot_open"


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert await problem_of(tmp_path / "file" / "bot.sqlite3") == "store_problem.cannot_open"


async def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite3"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipe (id INTEGER)")
    assert await problem_of(path) == "store_problem.other_program"
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("recipe",)]


async def test_a_damaged_database(store: Store) -> None:
    await store.close()
    whole = store.path.read_bytes()
    store.path.write_bytes(whole[:8192] + b"\xff" * 20_000 + whole[28_192:])
    assert await problem_of(store.path) == "store_problem.damaged"
