"""Whoever waits is told in time, and nothing slow at Discord's holds up a verdict."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest

from bot.jobs.embedded import EmbeddedQueue
from bot.sandbox.people import Message, Person, Sandbox
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
