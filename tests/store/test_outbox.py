"""Answers stay due until they are delivered or given up."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import RevisionState
from bot.store import outbox
from bot.store.database import Store
from bot.store.drafts import get_work
from bot.store.tables import outbox as outbox_table
from tests.store.values import NOW, Place, judged

MINUTE = timedelta(minutes=1)


async def due(conn: AsyncConnection, at: timedelta = timedelta(0)) -> list[tuple[int, int]]:
    return [(one.revision_id, one.attempts) for one in await outbox.due_answers(conn, NOW + at, 10)]


async def waiting(conn: AsyncConnection, place: Place) -> int:
    return (await judged(conn, place.draft())).revision.id


async def test_a_delivered_answer_is_never_due_again(store: Store, place: Place) -> None:
    async with store.write() as conn:
        revision_id = await waiting(conn, place)
        assert await due(conn, -MINUTE) == []
        assert await due(conn) == [(revision_id, 0)]
        assert await outbox.mark_delivered(conn, revision_id, 11, 99, NOW)
        assert await due(conn, MINUTE) == []
        assert (await get_work(conn, revision_id)).state is RevisionState.ANSWERED
        assert not await outbox.mark_delivered(conn, revision_id, 11, 100, NOW)
        assert not await outbox.retry_later(conn, revision_id, NOW, "late")
        assert not await outbox.give_up(conn, revision_id, "late")
        row = (await conn.execute(select(outbox_table))).one()
    assert (row.channel_id, row.message_id, row.delivered_at, row.why) == (11, 99, NOW, "")


async def test_a_failed_delivery_is_tried_again_with_the_same_nonce(store: Store, place: Place) -> None:
    async with store.write() as conn:
        revision_id = await waiting(conn, place)
        (first,) = await outbox.due_answers(conn, NOW, 10)
        assert await outbox.retry_later(conn, revision_id, NOW + MINUTE, "503")
        assert await due(conn) == []
        (again,) = await outbox.due_answers(conn, NOW + MINUTE, 10)
        assert (again.nonce, again.attempts, again.created_at) == (first.nonce, 1, NOW)
        assert len(again.nonce) <= 25
        assert (await get_work(conn, revision_id)).state is RevisionState.JUDGED


async def test_an_answer_given_up_leaves_the_revision_for_a_person(store: Store, place: Place) -> None:
    async with store.write() as conn:
        revision_id = await waiting(conn, place)
        assert await outbox.give_up(conn, revision_id, "channel deleted")
        assert await due(conn, MINUTE) == []
        assert (await get_work(conn, revision_id)).state is RevisionState.FAILED
        assert not await outbox.mark_delivered(conn, revision_id, 11, 99, NOW)


async def test_the_longest_due_come_first_up_to_the_limit(store: Store, place: Place) -> None:
    async with store.write() as conn:
        one, two, three = [await waiting(conn, place) for _ in range(3)]
        await outbox.retry_later(conn, one, NOW + MINUTE, "503")
        assert await due(conn, MINUTE) == [(two, 0), (three, 0), (one, 1)]
        assert len(await outbox.due_answers(conn, NOW + MINUTE, 2)) == 2
