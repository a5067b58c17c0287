"""Answers stay due until they are delivered or given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import BudgetSpent
from bot.model.drafts import AnswerAddress, AnswerKind, RevisionState
from bot.store import drafts, outbox
from bot.store.database import Store
from bot.store.drafts import get_work
from bot.store.tables import outbox as outbox_table
from bot.store.verdicts import record_verdict
from tests.store.values import GUILD, NOW, Place, a_verdict, judged, make_place

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


async def test_what_was_tried_in_vain_is_still_known_to_be_tried_when_its_card_gets_news(
    store: Store, place: Place
) -> None:
    """Such an attempt may have posted it all the same."""
    async with store.write() as conn:
        revision_id = await waiting(conn, place)
        await outbox.retry_later(conn, revision_id, NOW, "ServerDisconnectedError")
        await outbox.refresh(conn, revision_id, NOW + MINUTE)
        assert await due(conn, MINUTE) == [(revision_id, 1)]
        await outbox.mark_delivered(conn, revision_id, 11, 99, NOW + MINUTE)
        await outbox.refresh(conn, revision_id, NOW + MINUTE)
        assert await due(conn, MINUTE) == [(revision_id, 0)]


async def test_what_was_put_off_can_be_recalled(store: Store, place: Place) -> None:
    async with store.write() as conn:
        put_off, delivered = [await waiting(conn, place) for _ in range(2)]
        await outbox.retry_later(conn, put_off, NOW + 60 * MINUTE, "403/50013")
        await outbox.mark_delivered(conn, delivered, 11, 99, NOW)
        await outbox.recall(conn, NOW)
        assert await due(conn) == [(put_off, 1)]


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


async def test_guilds_take_turns(store: Store, place: Place) -> None:
    async with store.write() as conn:
        quiet = await make_place(conn, GUILD + 1)
        loud = [await waiting(conn, place) for _ in range(9)]
        one = await waiting(conn, quiet)
        assert await due(conn, MINUTE) == [(revision_id, 0) for revision_id in (loud[0], one, *loud[1:])]


async def test_notices_take_turns_too(store: Store, place: Place) -> None:
    async with store.write() as conn:
        quiet = await make_place(conn, GUILD + 1)
        revision_ids = [(await drafts.receive(conn, at.draft())).revision_id for at in (place, place, place, quiet)]
        await drafts.note_why(conn, "away")
        assert [notice.revision_id for notice in await outbox.due_notices(conn, 2)] == [
            revision_ids[0],
            revision_ids[3],
        ]


async def told(conn: AsyncConnection) -> list[tuple[int, str]]:
    return [(notice.revision_id, notice.kind) for notice in await outbox.due_notices(conn, 10)]


async def test_an_author_is_told_once_that_it_waits_and_once_that_it_failed(store: Store, place: Place) -> None:
    async with store.write() as conn:
        revision_id = (await drafts.receive(conn, place.draft("Tea."))).revision_id
        assert await told(conn) == []  # on its way, nothing to say
        await drafts.claim(conn, revision_id)
        await drafts.put_back(conn, revision_id, NOW, "busy", is_failure=False)
        assert await told(conn) == [(revision_id, "waiting")]
        [waiting] = await outbox.due_notices(conn, 10)
        await outbox.mark_told(conn, waiting)
        assert await told(conn) == []
        await drafts.claim(conn, revision_id)
        await drafts.put_back(conn, revision_id, NOW, "busy", is_failure=False)
        assert await told(conn) == []
        await drafts.claim(conn, revision_id)
        await drafts.fail(conn, revision_id, "defect")
        assert await told(conn) == [(revision_id, "failed")]
        [failed] = await outbox.due_notices(conn, 10)
        assert failed.nonce != waiting.nonce
        await outbox.mark_told(conn, failed)
        assert await told(conn) == []


@pytest.mark.parametrize(
    ("why", "is_failure", "kind"),
    [
        ("The endpoint is busy.", False, "waiting"),
        (drafts.DATABASE, False, "slow"),
        ("ValueError", True, "slow"),
        (BudgetSpent.WHY, False, "budget"),
    ],
)
async def test_an_author_is_told_what_a_draft_waits_for(
    store: Store, place: Place, why: str, kind: str, *, is_failure: bool
) -> None:
    async with store.write() as conn:
        revision_id = (await drafts.receive(conn, place.draft("Tea."))).revision_id
        await drafts.claim(conn, revision_id)
        await drafts.put_back(conn, revision_id, NOW, why, is_failure=is_failure)
        assert await told(conn) == [(revision_id, kind)]


@pytest.mark.parametrize("died_again", [True, False])
@pytest.mark.parametrize("is_noted", [True, False])
async def test_an_answer_knows_that_slowness_may_have_been_told(
    store: Store, place: Place, *, is_noted: bool, died_again: bool
) -> None:
    async with store.write() as conn:
        revision_id = (await drafts.receive(conn, place.draft("Tea."))).revision_id
        await drafts.claim(conn, revision_id)
        await drafts.note_slow(conn, [revision_id], NOW)
        [notice] = await outbox.due_notices(conn, 10)
        if is_noted:
            await outbox.mark_told(conn, notice)
        for _ in range(2 * died_again):
            await drafts.release_claims(conn, lambda _: NOW)
            await drafts.claim(conn, revision_id)
        await record_verdict(conn, revision_id, a_verdict(), NOW, answer_needed=True)
        [answer] = await outbox.due_answers(conn, NOW, 10)
        assert answer.was_slow
        other = await waiting(conn, place)
        assert [(one.revision_id, one.was_slow) for one in await outbox.due_answers(conn, NOW, 10)] == [
            (revision_id, True),
            (other, False),
        ]


async def test_nobody_is_told_on_the_command_line_or_beside_a_verdict(store: Store, place: Place) -> None:
    async with store.write() as conn:
        nowhere = replace(place.draft("Tea."), answer=AnswerAddress(AnswerKind.NONE))
        revision_id = (await drafts.receive(conn, nowhere)).revision_id
        await drafts.claim(conn, revision_id)
        await drafts.put_back(conn, revision_id, NOW, "busy", is_failure=False)
        stored = await judged(conn, place.draft("Coffee."))
        await outbox.give_up(conn, stored.revision.id, "no channel")
        assert await told(conn) == []


async def test_what_changed_while_an_answer_was_being_sent_is_sent_after_it(store: Store, place: Place) -> None:
    async with store.write() as conn:
        revision_id = await waiting(conn, place)
        (read,) = await outbox.due_answers(conn, NOW, 10)
        await outbox.refresh(conn, revision_id, NOW + MINUTE)
        assert await outbox.mark_delivered(conn, revision_id, 11, 99, NOW, due=read.due)
        (again,) = await outbox.due_answers(conn, NOW + MINUTE, 10)
        assert (again.channel_id, again.message_id, again.delivered_at) == (11, 99, NOW)
        assert await outbox.mark_delivered(conn, revision_id, 11, 99, NOW + MINUTE, due=again.due)
        assert await due(conn, 2 * MINUTE) == []
        assert (await get_work(conn, revision_id)).state is RevisionState.ANSWERED


async def test_an_answer_given_up_or_put_off_is_not_hurried_by_news(store: Store, place: Place) -> None:
    async with store.write() as conn:
        lost, late = await waiting(conn, place), await waiting(conn, place)
        await outbox.give_up(conn, lost, "gone")
        await outbox.retry_later(conn, late, NOW + 5 * MINUTE, "503")
        for revision_id in (lost, late):
            await outbox.refresh(conn, revision_id, NOW + MINUTE)
        assert await due(conn, MINUTE) == []


async def test_a_card_that_cannot_be_edited_any_more_is_let_go(store: Store, place: Place) -> None:
    async with store.write() as conn:
        revision_id = await waiting(conn, place)
        await outbox.mark_delivered(conn, revision_id, 11, 99, NOW)
        await outbox.refresh(conn, revision_id, NOW)
        assert await due(conn) == [(revision_id, 0)]
        await outbox.give_up(conn, revision_id, "404/10008")
        assert await due(conn, MINUTE) == []
        assert (await get_work(conn, revision_id)).state is RevisionState.ANSWERED


async def test_the_card_of_a_new_text_has_those_of_the_earlier_ones_name_it(store: Store, place: Place) -> None:
    async with store.write() as conn:
        first = await judged(conn, place.draft())
        await outbox.mark_delivered(conn, first.revision.id, 11, 98, NOW)
        second = await judged(conn, place.draft("another", draft_id=first.draft.id))
        await outbox.mark_delivered(conn, first.revision.id, 11, 98, NOW, due=NOW)
        await outbox.mark_delivered(conn, second.revision.id, 11, 99, NOW)
        assert await due(conn) == [(first.revision.id, 0)]
