"""The daily round: what nobody can want goes, everything else stays, and damage ends the bot with one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import Problem
from bot.jobs import upkeep
from bot.model.dossiers import ReadChunk
from bot.store import outbox
from bot.store.database import Store, open_store
from bot.store.dossiers import Maker, keep_chunk, read_chunks
from bot.store.drafts import claim_next
from tests.store.outages import held_by_another
from tests.store.values import NOW, Place, judged, make_place

LATER = NOW + upkeep.DELIVERIES_KEPT + timedelta(days=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "bot.sqlite3", patience=1.0)
    yield opened
    await opened.close()


@pytest.fixture
async def place(store: Store) -> Place:
    async with store.write() as conn:
        return await make_place(conn)


async def delivered(store: Store, place: Place, when: datetime) -> int:
    async with store.write() as conn:
        revision_id = (await judged(conn, place.draft())).revision.id
        await outbox.mark_delivered(conn, revision_id, 1, 2, when)
    return revision_id


async def answers(store: Store) -> set[int]:
    async with store.read() as conn:
        return set((await conn.exec_driver_sql("SELECT revision_id FROM outbox")).scalars())


async def test_old_deliveries_go_and_are_not_made_again(store: Store, place: Place) -> None:
    old = [await delivered(store, place, NOW) for _ in range(3)]
    new = await delivered(store, place, LATER - timedelta(days=1))
    async with store.write() as conn:
        waiting = (await judged(conn, place.draft())).revision.id
        given_up = (await judged(conn, place.draft())).revision.id
        await outbox.give_up(conn, given_up, "nobody takes it")
    assert await answers(store) == {*old, new, waiting, given_up}
    await upkeep.prune(store, LATER, None)
    assert await answers(store) == {new, waiting, given_up}
    async with store.write() as conn:
        assert [due.revision_id for due in await outbox.due_answers(conn, LATER, 10)] == [waiting]
        assert await outbox.due_notices(conn, 10) == ()
        assert await claim_next(conn, LATER) is None


async def test_more_than_a_batch_goes_too(store: Store, place: Place) -> None:
    async with store.write() as conn:
        await conn.exec_driver_sql(
            "INSERT INTO dossier_chunk (influencer_id, chunk_sha256, prompt_hash, model, body) "
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "SELECT ?, i, 'old prompts', 'm', '' FROM n",
            (2 * upkeep.BATCH, place.influencer.id),
        )
    await upkeep.prune(store, NOW, "prompts")
    async with store.read() as conn:
        assert (await conn.exec_driver_sql("SELECT count(*) FROM dossier_chunk")).scalar_one() == 0


async def test_notes_of_other_prompts_go_those_of_other_models_stay(store: Store, place: Place) -> None:
    person = place.influencer.id
    makers = [Maker(person, prompts, model) for prompts in ("old", "new") for model in ("m1", "m2")]
    async with store.write() as conn:
        for maker in makers:
            await keep_chunk(conn, maker, "aa", ReadChunk())
    await upkeep.prune(store, NOW, None)  # a judge that reads no histories says nothing about them
    async with store.read() as conn:
        assert all([await read_chunks(conn, maker) for maker in makers])
    await upkeep.prune(store, NOW, "new")
    async with store.read() as conn:
        assert [bool(await read_chunks(conn, maker)) for maker in makers] == [False, False, True, True]


async def test_a_held_database_only_puts_it_off(store: Store, place: Place) -> None:
    old = await delivered(store, place, NOW)
    stop = asyncio.Event()
    async with held_by_another(store.path):
        task = asyncio.create_task(upkeep.run_upkeep(store, lambda: LATER, stop, prompt_hash=None))
        await asyncio.sleep(0.3)
    stop.set()
    async with asyncio.timeout(30):
        await task
    assert await answers(store) <= {old}


async def test_damage_ends_the_upkeep_with_the_way_to_restore(store: Store, place: Place) -> None:
    for _ in range(5):
        await delivered(store, place, NOW)
    await store.close()
    whole = store.path.read_bytes()
    store.path.write_bytes(whole[:40_960] + b"\xff" * 8192 + whole[49_152:])
    with pytest.raises(Problem) as caught:
        await upkeep.run_upkeep(store, lambda: NOW, asyncio.Event(), prompt_hash=None)
    assert caught.value.message.key == "store_problem.damaged"


@pytest.mark.parametrize("moved", [True, False])
async def test_a_database_that_is_no_longer_in_its_place_ends_the_bot(
    store: Store, tmp_path: Path, moved: bool
) -> None:
    running = asyncio.create_task(upkeep.run_upkeep(store, lambda: NOW, asyncio.Event(), prompt_hash=None, look=0.01))
    await asyncio.sleep(0.1)
    assert not running.done()
    store.path.rename(tmp_path / "elsewhere.sqlite3")
    if not moved:
        store.path.write_bytes((tmp_path / "elsewhere.sqlite3").read_bytes())
    with pytest.raises(Problem) as ended:
        async with asyncio.timeout(30):
            await running
    assert ended.value.message.key == "store_problem.replaced"
