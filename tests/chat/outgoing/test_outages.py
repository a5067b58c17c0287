"""While the database cannot be written people are told so at once; nothing is acknowledged, lost or said twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import func, select

from bot.app import CHAT_PATIENCE
from bot.chat.desk import LATE
from bot.jobs.embedded import EmbeddedQueue
from bot.model.drafts import RevisionState
from bot.sandbox.people import File, Interaction, Person, Sandbox
from bot.store.journal import Journal
from bot.store.tables import revision
from bot.texts import text
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, NEVER, House, utc_now
from tests.store.outages import held_by_another, nothing_more_written

MENTION = f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}"


@pytest.fixture
async def house(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[House]:
    """With a queue that asks a failed database again soon; nothing is judged until `start_judging`."""
    async with House.opened(sandbox, tmp_path) as house:
        house.queue = EmbeddedQueue(house.store, concurrency=2, clock=utc_now, database_pause=0.1, slow=NEVER)
        await house.start_bot()
        yield house


@pytest.fixture
async def patient_house(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[House]:
    """Whose store waits for its turn longer than an interaction can."""
    async with House.opened(sandbox, tmp_path, patience=20.0) as house:
        await real_time(house)
        await house.start_bot()
        yield house


@pytest.fixture
async def giving_up(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[House]:
    """Whose store waits longer than an interaction can, and then no more."""
    async with House.opened(sandbox, tmp_path, patience=4.0) as house:
        await real_time(house)
        await house.start_bot()
        yield house


async def real_time(house: House) -> None:
    """From here on interactions grow old: what has to be in time is."""
    await house.sandbox.ask("hold_clock", hold=False)


async def states(house: House) -> list[str]:
    async with house.store.read() as conn:
        return list(await conn.scalars(select(revision.c.state).order_by(revision.c.id)))


async def all_answered(house: House, count: int) -> None:
    async def are_so() -> bool:
        return await states(house) == [RevisionState.ANSWERED] * count

    await house.sandbox.until(are_so)


async def test_a_form_that_could_not_be_stored_is_told_so_in_time(
    sandbox: Sandbox, tmp_path: Path, mira: Person
) -> None:
    assert CHAT_PATIENCE < LATE
    async with House.opened(sandbox, tmp_path, patience=CHAT_PATIENCE / 2) as house:  # in time on a busy machine too
        await real_time(house)
        await house.start_bot()
        opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
        await opened.modal()
        async with held_by_another(house.store.path):
            told = await mira.submit(opened, {"text": DRAFT})
            answer = await told.finished()
        assert (await told.answer())["type"] == 4  # an answer, not the sign that it is being worked on
        assert await told.ephemeral()
        assert text("en", "store_problem.held") in answer.text
        assert await states(house) == []
        house.start_judging()
        assert "V-1" in (await house.card(mira)).text
        await all_answered(house, 1)


async def test_a_form_is_acknowledged_in_time_though_its_draft_is_stored_later(
    patient_house: House, mira: Person
) -> None:
    house = patient_house
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    await opened.modal()
    async with held_by_another(house.store.path):
        began = monotonic()
        sent = await mira.submit(opened, {"text": DRAFT})
        assert (await sent.answer())["type"] == 5  # the sign that it is being worked on, in time: later it is refused
        assert monotonic() - began > 1.0  # first it waits for the store
        assert await states(house) == []
    await house.sandbox.until(lambda: _count(house, 1))
    house.start_judging()
    assert "V-1" in (await sent.finished()).text


@pytest.mark.parametrize("fault", ["", "500_after", "reset_after"])
@pytest.mark.parametrize("command", ["review", "selfcheck draft"])
async def test_a_form_acknowledged_first_says_it_where_its_draft_could_not_be_stored(
    giving_up: House, mira: Person, command: str, fault: str
) -> None:
    house = giving_up
    opened = await mira.slash(command, {"influencer": HANDLE, "campaign": CAMPAIGN})
    await opened.modal()
    if fault:  # the acknowledgement takes effect, and nobody hears that it did
        await house.sandbox.fault(fault, "/callback")
    async with held_by_another(house.store.path):
        sent = await mira.submit(opened, {"text": DRAFT})
        assert (await sent.answer())["type"] == 5
        told = await sent.finished()
    assert text("en", "store_problem.held") in told.text
    assert await sent.ephemeral() is (command != "review")
    [beside] = await house.sandbox.until(sent.followups)
    assert beside.ephemeral  # what was typed, though all may see that it was refused
    assert await house.sandbox.file(beside.data["attachments"][0]) == DRAFT.encode()
    assert await states(house) == []


async def test_what_a_dead_process_acknowledged_first_is_done_by_the_next(giving_up: House, mira: Person) -> None:
    house = giving_up
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    await opened.modal()
    noted = house.store.path.with_name(f"{house.store.path.name}.acknowledged")
    async with held_by_another(house.store.path):
        sent = await mira.submit(opened, {"text": DRAFT})
        assert (await sent.answer())["type"] == 5
        as_left = noted.read_bytes()  # by a process that is killed now
        await sent.finished()
    await house.sandbox.until(lambda: noted.read_bytes() == b"")  # told that it is not stored: nothing is left to do
    await house.stop_bot()
    noted.write_bytes(as_left)
    await house.start_bot()
    await house.sandbox.until(lambda: _count(house, 1))
    house.start_judging()
    await house.sandbox.until(lambda: _reads(sent, "V-1"))
    await house.restart_bot()  # no more is left
    assert await states(house) == [RevisionState.ANSWERED]
    assert noted.read_bytes() == b""


async def test_what_cannot_be_read_any_more_is_not_kept(patient_house: House) -> None:
    house = patient_house
    noted = house.store.path.with_name(f"{house.store.path.name}.acknowledged")
    await house.stop_bot()
    Journal(noted).note([("7", {"id": "7", "type": 5, "data": None})])
    await house.start_bot()
    await house.sandbox.until(lambda: noted.read_bytes() == b"")
    assert await states(house) == []


async def _reads(sent: Interaction, words: str) -> bool:
    return words in (await sent.finished()).text


async def test_a_mention_that_could_not_be_stored_is_not_marked_as_seen(house: House, mira: Person) -> None:
    with nothing_more_written(house.store.path):
        await mira.say("drafts", MENTION)
        await house.sandbox.until(lambda: house.sandbox.record(path="/messages", method="POST"))
    [told] = [message for message in await house.seen("otto") if "Not stored" in message.text]
    assert text("en", "store_problem.fails") in told.text
    assert await house.sandbox.record(path="/reactions/") == []
    assert await states(house) == []


async def test_what_waits_is_judged_and_answered_once_when_the_database_is_free_again(
    house: House, mira: Person
) -> None:
    for _ in range(3):
        await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: _count(house, 3))
    async with held_by_another(house.store.path):
        house.start_judging()
        await asyncio.sleep(1.5)
        assert set(await states(house)) == {RevisionState.RECEIVED}
    await all_answered(house, 3)
    assert len(set(await _nonces(house))) == len(await _nonces(house)) == 3


async def test_an_answer_that_cannot_be_noted_is_not_sent_again(house: House, mira: Person) -> None:
    await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: _count(house, 1))
    await house.stop_bot()
    async with house.store.write() as conn:
        revision_id = (await conn.execute(select(revision.c.id))).scalar_one()
    await house._record(revision_id)
    async with held_by_another(house.store.path):
        await house.start_bot()
        await house.sandbox.until(lambda: _nonces(house))
        await asyncio.sleep(4)
        assert await states(house) == [RevisionState.JUDGED]
        assert len(await _nonces(house)) == 1
    await all_answered(house, 1)
    assert len(await _nonces(house)) == 1


async def _count(house: House, count: int) -> bool:
    async with house.store.read() as conn:
        return bool(await conn.scalar(select(func.count()).select_from(revision)) == count)


async def _nonces(house: House) -> list[str]:
    return [call["body"]["nonce"] for call in await house.sandbox.record(path="/messages", method="POST")]


async def test_a_mention_is_answered_though_not_even_its_language_can_be_read(house: House, mira: Person) -> None:
    async with house.store.write() as conn:
        await conn.exec_driver_sql("ALTER TABLE guild RENAME TO away")
    await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: house.sandbox.record(path="/messages", method="POST"))
    assert await states(house) == []


async def test_a_batch_is_acknowledged_in_time_though_it_is_stored_later(patient_house: House, mira: Person) -> None:
    house = patient_house
    file = File("drafts.csv", f"handle,campaign,text\n{HANDLE},{CAMPAIGN},One.\n".encode(), "text/csv")
    async with held_by_another(house.store.path):
        sent = await mira.slash("batch", {"file": file})
        assert (await sent.answer())["type"] == 5
        assert await sent.ephemeral()
    assert "Taken in: 1" in (await sent.finished()).text


async def test_a_live_text_is_acknowledged_in_time_though_it_is_stored_later(
    patient_house: House, mira: Person
) -> None:
    house = patient_house
    house.start_judging()
    await house.card(mira)
    await all_answered(house, 1)
    opened = await mira.slash("published", {"number": "V-1"})
    await opened.modal()
    async with held_by_another(house.store.path):
        live = await mira.submit(opened, {"text": DRAFT})
        assert (await live.answer())["type"] == 5
    assert "V-1" in (await live.finished()).text
