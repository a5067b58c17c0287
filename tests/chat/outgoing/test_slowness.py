"""Whoever waits is told in time, and nothing slow at Discord's holds up a verdict."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import select, update

from bot.jobs.embedded import EmbeddedQueue
from bot.sandbox.people import Message, Person, Sandbox
from bot.store import drafts
from bot.store.outbox import NoticeKind
from bot.store.tables import revision
from bot.texts import text
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House, utc_now

MENTION = f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}"
NOTICE = text("en", "notice.slow")


@pytest.fixture
async def house(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[House]:
    """With a queue that soon calls something slow."""
    async with House.opened(sandbox, tmp_path) as house:
        house.queue = EmbeddedQueue(house.store, concurrency=1, clock=utc_now, slow=0.2)
        await house.start_bot()
        yield house


async def said(house: House, words: str) -> list[Message]:
    return [message for message in await house.seen("otto") if words in message.text]


async def test_a_hanging_judge_is_told_of_once_and_the_verdict_takes_its_place(house: House, mira: Person) -> None:
    go_on = asyncio.Event()

    async def handle(revision_id: int) -> None:
        await go_on.wait()
        await house._record(revision_id)

    house.start_judging(handle)
    await mira.say("drafts", MENTION)
    await mira.say("drafts", MENTION.replace("600", "700"))  # waits behind the other

    async def told() -> bool:
        return len(await said(house, NOTICE)) == 2

    await house.sandbox.until(told)
    await asyncio.sleep(1.5)
    assert len(await said(house, NOTICE)) == 2
    go_on.set()

    async def answered() -> bool:
        return bool(await said(house, "V-1") and await said(house, "V-2") and not await said(house, NOTICE))

    await house.sandbox.until(answered)


async def told_slow(house: House, mira: Person) -> int:
    """A draft under judgement whose author reads that it takes long; then the process is gone."""
    await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: house.sandbox.record(path="/reactions/"))
    async with house.store.write() as conn:
        revision_id: int = (await conn.execute(select(revision.c.id))).scalar_one()
        assert await drafts.claim(conn, revision_id)
        await drafts.note_slow(conn, [revision_id], utc_now())

    async def is_noted() -> bool:
        async with house.store.read() as conn:
            return await conn.scalar(select(revision.c.told)) == NoticeKind.SLOW

    await house.sandbox.until(is_noted)
    assert len(await said(house, NOTICE)) == 1
    await house.stop_bot()
    return revision_id


async def only(house: House, words: str) -> bool:
    return len(await said(house, words)) == 1 and not await said(house, NOTICE)


@pytest.mark.parametrize("fault", ["", "503"])
@pytest.mark.parametrize("is_noted", [True, False])
async def test_a_verdict_takes_the_place_of_what_a_dead_process_told(
    house: House, mira: Person, fault: str, *, is_noted: bool
) -> None:
    revision_id = await told_slow(house, mira)
    if not is_noted:  # it died between the two, and the verdict comes first
        async with house.store.write() as conn:
            await conn.execute(update(revision).values(told=""))
        await house._record(revision_id)
    if fault:
        await house.sandbox.fault(fault, "/messages/", method="DELETE")
    await house.start_bot()
    house.start_judging()
    await house.sandbox.until(lambda: only(house, "V-1"))


async def test_a_verdict_takes_the_place_of_what_nobody_heard_was_posted(house: House, mira: Person) -> None:
    await house.sandbox.fault("reset_after", "/messages", method="POST")
    await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: house.sandbox.record(path="/reactions/"))
    async with house.store.write() as conn:
        revision_id = (await conn.execute(select(revision.c.id))).scalar_one()
        await drafts.claim(conn, revision_id)
        await drafts.note_slow(conn, [revision_id], utc_now())
    await house.sandbox.until(lambda: said(house, NOTICE))
    await house._record(revision_id)
    await house.sandbox.until(lambda: only(house, "V-1"))


async def test_that_it_is_too_long_takes_the_place_of_what_a_dead_process_told(house: House, mira: Person) -> None:
    revision_id = await told_slow(house, mira)
    async with house.store.write() as conn:
        assert await drafts.fail(conn, revision_id, drafts.TOO_LONG)
    await house.start_bot()
    await house.sandbox.until(lambda: only(house, text("en", "notice.too_long")))


async def test_a_slow_reaction_holds_up_no_verdict(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    house.start_judging()
    await house.sandbox.fault("delay", "/reactions/", seconds=60)
    began = monotonic()
    await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: said(house, "V-1"))
    assert monotonic() - began < 30


async def test_half_an_answer_to_the_acknowledgement_holds_up_no_verdict(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    house.start_judging()
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    await opened.modal()
    await house.sandbox.fault("half_after", "/callback")
    began = monotonic()
    await mira.submit(opened, {"text": DRAFT})
    await house.sandbox.until(lambda: said(house, "V-1"))
    assert monotonic() - began < 30  # not with the next round, a minute later
