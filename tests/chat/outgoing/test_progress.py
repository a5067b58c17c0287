"""While a long history is read for the first time, its author sees how far that is; the answer comes last, and once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot.chat.outgoing.progress import ProgressNotes
from bot.errors import BudgetSpent
from bot.model.drafts import RevisionState
from bot.sandbox.people import Message, Person
from bot.services.dossiers import DossierProgress
from bot.store import drafts
from bot.store.outbox import NoticeKind
from bot.store.spend import next_month
from bot.store.tables import revision
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House, utc_now

FIRST = DossierProgress(0, 0, 4, 250_000, 2_000)


class Making:
    """A dossier under way in the house, as far as the test says."""

    def __init__(self, house: House, work: drafts.Work) -> None:
        self._house, self._work = house, work

    def hear(self, done: int) -> None:
        self._house.board.hear(replace(FIRST, influencer_id=self._work.influencer.id, done=done))


async def only_work(house: House) -> drafts.Work:
    async with house.store.read() as conn:
        return await drafts.get_work(conn, 1)


async def edits(house: House) -> list[dict[str, Any]]:
    return list(await house.sandbox.record(path="/@original", method="PATCH"))


async def test_the_original_says_how_far_it_is_and_then_the_answer(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    sent = await house.review(mira)
    await sent.answer()
    work = await only_work(house)
    with house.board.waits(work):
        Making(house, work).hear(0)
        note = await sent.finished()
        assert "Reading 2,000 past posts once, about 250,000 tokens" in note.text
        for done in (1, 2, 3):  # within five seconds nothing more is said
            Making(house, work).hear(done)
            house.answer_stored.set()
    house.start_judging()

    async def has_answer() -> bool:
        shown = await sent.message()
        return shown is not None and "V-1" in shown.text

    await house.sandbox.until(has_answer)
    assert len(await edits(house)) == 2
    assert [message.id for message in await house.seen("otto")] == [note.id]


async def test_a_slow_note_never_stands_in_the_place_of_the_answer(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    sent = await house.review(mira)
    await sent.answer()
    work = await only_work(house)
    await house.sandbox.fault("delay", "/@original", seconds=1.5)
    with house.board.waits(work):
        Making(house, work).hear(0)
        house.answer_stored.set()
        await house.sandbox.until(lambda: edits(house))  # the note is on its way
    house.start_judging()

    async def is_answered() -> bool:
        async with house.store.read() as conn:
            return bool(await conn.scalar(select(revision.c.state)) == RevisionState.ANSWERED)

    await house.sandbox.until(is_answered)
    shown = await sent.message()
    assert shown is not None
    assert "V-1" in shown.text
    assert len(await edits(house)) == 2


async def test_two_notes_are_apart_and_a_refused_one_is_the_last(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    sent = await house.review(mira)
    await sent.answer()
    work = await only_work(house)
    late = replace(work, revision=replace(work.revision, created_at=datetime(2020, 1, 1, tzinfo=UTC)))
    await house.sandbox.advance(901)  # the token is void
    with house.board.waits(late):
        for done in range(3):
            Making(house, work).hear(done)
            house.answer_stored.set()
            await house.sandbox.until(lambda: edits(house))
    assert len(await edits(house)) == 1


async def test_beside_a_message_the_reaction_is_all(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    await mira.say("drafts", f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}")
    await house.sandbox.until(lambda: house.sandbox.record(path="/reactions/"))
    work = await only_work(house)
    assert house.bot is not None
    with house.board.waits(work):
        Making(house, work).hear(1)
        await ProgressNotes(house.bot, house.board).tell()
    assert await edits(house) == []
    assert await house.sandbox.record(path="/messages", method="POST") == []


@pytest.mark.parametrize("way", ["form", "message", "selfcheck"])
async def test_a_used_up_budget_is_told_once(waiting_house: House, mira: Person, way: str) -> None:
    house = waiting_house
    now = utc_now()

    async def used_up(_: int) -> None:
        raise BudgetSpent(next_month(now))

    if way != "message":
        await (await house.review(mira, command="review" if way == "form" else way)).answer()
    else:
        await mira.say("drafts", f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}")
    house.start_judging(used_up)

    async def told() -> list[Message]:
        return [one for one in await house.seen("mira") if "reading budget" in one.text]

    async def is_noted() -> bool:
        async with house.store.read() as conn:
            return bool(await conn.scalar(select(revision.c.told)) == NoticeKind.BUDGET)

    await house.sandbox.until(is_noted)
    house.answer_stored.set()
    await house.restart_bot()
    [notice] = await told()
    whose = "Your" if way == "selfcheck" else "This server's"
    assert f"{whose} reading budget for {now:%B} is used up" in notice.text
    assert f"on 1 {next_month(now):%B}" in notice.text
