"""Notes on chunks of histories: kept as they were, apart by what they were made with, gone with the influencer."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete

from bot.model.dossiers import ReadChunk
from bot.store.database import Store
from bot.store.dossiers import Maker, drop_other_chunks, keep_chunk, read_chunks
from bot.store.tables import dossier_chunk, influencer
from tests.judging.dossier_sample import statement
from tests.store.values import Place

READ = ReadChunk((statement("直す 🫖", day=3), statement(day=None)), unproven=2, addressed=1)


def maker(place: Place) -> Maker:
    return Maker(place.influencer.id, "prompts", "reader-1")


async def test_notes_come_back_as_they_were(store: Store, place: Place) -> None:
    async with store.write() as conn:
        await keep_chunk(conn, maker(place), "aa", READ)
        await keep_chunk(conn, maker(place), "bb", ReadChunk(declined=True))
    async with store.read() as conn:
        assert await read_chunks(conn, maker(place)) == {"aa": READ, "bb": ReadChunk(declined=True)}


async def test_of_two_with_one_hash_the_later_stands(store: Store, place: Place) -> None:
    async with store.write() as conn:
        await keep_chunk(conn, maker(place), "aa", READ)
        await keep_chunk(conn, maker(place), "aa", ReadChunk())
        assert await read_chunks(conn, maker(place)) == {"aa": ReadChunk()}


async def test_other_prompts_models_and_people_have_notes_of_their_own(store: Store, place: Place) -> None:
    own = maker(place)
    others = (
        replace(own, prompt_hash="p2"),
        replace(own, model="m2"),
        replace(own, influencer_id=own.influencer_id + 1),
    )
    async with store.write() as conn:
        for one in (own, *others[:2]):
            await keep_chunk(conn, one, "aa", ReadChunk(unproven=len(one.model + one.prompt_hash)))
        await drop_other_chunks(conn, own, ["bb"])
        assert await read_chunks(conn, own) == await read_chunks(conn, others[2]) == {}
        for one in others[:2]:
            assert (await read_chunks(conn, one))["aa"].unproven == len(one.model + one.prompt_hash)


async def test_chunks_that_are_no_longer_there_are_forgotten(store: Store, place: Place) -> None:
    async with store.write() as conn:
        for name in ("aa", "bb", "cc"):
            await keep_chunk(conn, maker(place), name, READ)
        await drop_other_chunks(conn, maker(place), ["bb", "dd"])
        assert (await read_chunks(conn, maker(place))).keys() == {"bb"}


async def test_nothing_noted_outlives_its_influencer(store: Store, place: Place) -> None:
    async with store.write() as conn:
        await keep_chunk(conn, maker(place), "aa", READ)
        await conn.execute(delete(influencer).where(influencer.c.id == place.influencer.id))
        assert (await conn.execute(dossier_chunk.select())).all() == []
