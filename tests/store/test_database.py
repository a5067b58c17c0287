"""Opening, transactions and what happens when a file is not what it should be."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.errors import Problem
from bot.store import drafts, guilds, library
from bot.store.database import Store, StoreUnavailable, open_store
from bot.store.integrity import is_damaged
from bot.store.tables import revision
from bot.texts import text
from tests.store.outages import held_by_another, no_room, nothing_more_written
from tests.store.values import GUILD, Place, judged


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
            async with asyncio.timeout(30):
                assert await library.influencers(reading, GUILD) == before
        assert await library.influencers(reading, GUILD) == before
    async with store.read() as reading:
        assert len(await library.influencers(reading, GUILD)) == 2


async def test_reading_connections_refuse_to_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match="readonly"):
        async with store.read() as conn:
            await guilds.upsert_guild(conn, 5)


async def test_an_exception_rolls_everything_back(store: Store) -> None:
    async def break_off() -> None:
        async with store.write() as conn:
            await guilds.upsert_guild(conn, 5)
            raise KeyError

    with pytest.raises(KeyError):
        await break_off()
    async with store.read() as conn:
        assert await guilds.guild_ids(conn) == ()


async def test_a_cancelled_writer_lets_go_of_the_lock(store: Store, place: Place) -> None:
    kept: list[object] = []  # the exceptions: as long as they live, so do the cursors in their tracebacks
    for step in range(16):
        tasks = [asyncio.create_task(add_follower(store, place.influencer.id)) for _ in range(2)]
        await asyncio.sleep(step * 0.000_25)  # cancels at another place each time
        for task in tasks:
            task.cancel()
        kept += await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(30):
            await add_follower(store, place.influencer.id)
    assert any(isinstance(one, asyncio.CancelledError) for one in kept)


async def test_every_connection_is_durable_and_checks_references(store: Store) -> None:
    for connect in (store.write, store.read):
        async with connect() as conn:
            held = [
                (await conn.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        assert held == ["wal", 2, 1]


async def test_a_row_of_one_guild_cannot_refer_to_another(store: Store, place: Place) -> None:
    stranger = replace(place.draft(), guild_id=GUILD + 1)
    async with store.write() as conn:
        await guilds.upsert_guild(conn, GUILD + 1)
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


async def filled(store: Store, place: Place) -> bytes:
    """The file of a closed store with something on every page."""
    async with store.write() as conn:
        for number in range(20):
            await judged(conn, place.draft(f"Draft {number}. " + "A kettle that I really use. " * 40))
    await store.close()
    return store.path.read_bytes()


@pytest.mark.parametrize(
    ("damage", "key"),
    [
        (lambda whole: b"\0" * 100 + whole[100:], "store_problem.not_a_database"),
        (lambda whole: whole[:100] + b"\xff" * 3996 + whole[4096:], "store_problem.damaged"),
        (lambda whole: whole[:40_960] + b"\xff" * 4096 + whole[45_056:], "store_problem.damaged"),
        (lambda whole: whole[: len(whole) // 8192 * 4096], "store_problem.damaged"),
    ],
    ids=["no header", "first page", "middle page", "half is missing"],
)
async def test_a_damaged_database_is_refused_with_the_way_to_restore(
    store: Store, place: Place, damage: Callable[[bytes], bytes], key: str
) -> None:
    broken = damage(await filled(store, place))
    store.path.write_bytes(broken)
    assert await problem_of(store.path) == key
    assert store.path.read_bytes() == broken
    if key == "store_problem.damaged":
        for language in ("en", "ja"):
            assert "python -m bot restore" in text(language, key, path="x")


async def test_rubbish_in_the_log_file_does_no_harm(store: Store, place: Place) -> None:
    whole = await filled(store, place)
    store.path.with_name(store.path.name + "-wal").write_bytes(b"\xff" * 50_000)
    again = await open_store(store.path)
    async with again.read() as conn:
        assert (await conn.exec_driver_sql("SELECT count(*) FROM verdict")).scalar_one() == 20
    await again.close()
    assert len(store.path.read_bytes()) == len(whole)


async def test_looking_for_damage_ends_with_its_time(store: Store, place: Place) -> None:
    async with store.write() as conn:
        await conn.exec_driver_sql(
            "INSERT INTO dossier_chunk (influencer_id, chunk_sha256, prompt_hash, model, body) "
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) "
            "SELECT ?, i, '', '', '' FROM n",
            (place.influencer.id,),
        )
    began = monotonic()
    assert not await is_damaged(store.path)
    whole = monotonic() - began

    async def cancelled() -> float:
        looking = asyncio.create_task(is_damaged(store.path))
        await asyncio.sleep(whole / 10)
        began = monotonic()
        looking.cancel()
        await asyncio.wait({looking})
        return monotonic() - began

    async def limited() -> float:
        began = monotonic()
        assert not await is_damaged(store.path, whole / 10)
        return monotonic() - began

    for look in (cancelled, limited):  # the quickest of some, for the machine may have much else to do
        assert min([await look() for _ in range(5)]) < whole / 2


async def store_a_draft(store: Store, place: Place, **options: float) -> None:
    async with store.write(**options) as conn:
        await drafts.receive(conn, place.draft("A kettle. " * 1000))


async def outage_of(store: Store, place: Place, **options: float) -> str:
    with pytest.raises(StoreUnavailable) as caught:
        await store_a_draft(store, place, **options)
    assert str(store.path) not in str(caught.value)  # a chat reads it
    return caught.value.message.key


async def stored_drafts(store: Store) -> tuple[int, int, int]:
    async with store.read() as conn:
        found = await conn.exec_driver_sql(
            "SELECT (SELECT count(*) FROM draft), (SELECT count(*) FROM revision), "
            "(SELECT count(*) FROM revision_search_docsize)"
        )
        counts = tuple(found.one())
    return counts[0], counts[1], counts[2]


async def test_a_full_disk_stores_nothing_by_halves_and_passes(store: Store, place: Place) -> None:
    async with no_room(store):
        assert await outage_of(store, place) == "store_problem.full"
        assert await stored_drafts(store) == (0, 0, 0)
    await store_a_draft(store, place)
    assert await stored_drafts(store) == (1, 1, 1)


async def test_a_file_that_may_not_grow_stores_nothing_by_halves_and_passes(store: Store, place: Place) -> None:
    with nothing_more_written(store.path):
        assert await outage_of(store, place) in ("store_problem.fails", "store_problem.full")
        assert await stored_drafts(store) == (0, 0, 0)
    await store_a_draft(store, place)
    assert await stored_drafts(store) == (1, 1, 1)


async def test_a_held_database_is_waited_for_and_no_longer(store: Store, place: Place) -> None:
    async with held_by_another(store.path):
        began = monotonic()
        assert await outage_of(store, place, patience=0.3) == "store_problem.held"
        assert 0.3 <= monotonic() - began < 8  # by itself a store waits for ten seconds
        assert await stored_drafts(store) == (0, 0, 0)  # reading goes on
        waiting = [asyncio.create_task(store_a_draft(store, place)) for _ in range(3)]
        await asyncio.sleep(0.5)
    await asyncio.gather(*waiting)
    assert await stored_drafts(store) == (3, 3, 3)


async def test_all_who_wait_for_a_held_database_are_told_in_time(store: Store, place: Place) -> None:
    async with held_by_another(store.path):
        began = monotonic()
        told = await asyncio.gather(*(outage_of(store, place, patience=1.0) for _ in range(10)))
    assert set(told) == {"store_problem.held"}
    assert monotonic() - began < 6  # one after the other would be ten seconds
