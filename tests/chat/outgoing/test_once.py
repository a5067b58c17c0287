"""What is said once is said once, also where Discord does not know a nonce again; and nothing is taken for another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from bot.chat.outgoing.once import reference_to
from bot.errors import JudgeUnavailable
from bot.model.drafts import RevisionState
from bot.sandbox.people import Message, Person
from bot.store.tables import draft, outbox, revision, verdict, verdict_counter
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House, utc_now

MENTION = f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}"
FORGETFUL = -1.0  # seconds for which nonces are known


async def all_answered(house: House) -> None:
    async def are_so() -> bool:
        async with house.store.read() as conn:
            return set(await conn.scalars(select(revision.c.state))) == {RevisionState.ANSWERED}

    await house.sandbox.until(are_so)


async def replies(house: House, message: Message) -> list[Message]:
    seen = await house.seen("otto")
    return [one for one in seen if (one.data.get("message_reference") or {}).get("message_id") == message.id]


async def said(house: House, person: Person) -> Message:
    """A mention, acknowledged."""
    reactions = len(await house.sandbox.record(path="/reactions/"))
    message = await person.say("drafts", MENTION)

    async def is_seen() -> bool:
        return len(await house.sandbox.record(path="/reactions/")) > reactions

    await house.sandbox.until(is_seen)
    return message


@asynccontextmanager
async def killed_before_the_note(house: House) -> AsyncIterator[None]:
    """As if the process died after posting, before it noted so; at the end another one is up."""
    await house.stop_bot()
    async with house.store.write() as conn:
        await conn.execute(update(revision).values(state=RevisionState.JUDGED, told=""))
        not_noted = {"delivered_at": None, "channel_id": None, "message_id": None}
        await conn.execute(update(outbox).values(due=utc_now(), **not_noted))
    yield
    await house.start_bot()


@pytest.mark.parametrize("fault", ["500_after", "reset_after"])
async def test_a_card_that_stands_is_not_posted_again(waiting_house: House, mira: Person, fault: str) -> None:
    house = waiting_house
    await house.sandbox.configure(nonce_window=FORGETFUL)
    draft = await said(house, mira)
    await house.sandbox.fault(fault, "/messages", method="POST")
    house.start_judging()
    await all_answered(house)
    assert len(await replies(house, draft)) == 1


async def test_a_card_of_a_moment_ago_that_nobody_noted_is_not_posted_again(house: House, mira: Person) -> None:
    await house.sandbox.configure(nonce_window=FORGETFUL)
    drafts = [await said(house, mira) for _ in range(3)]
    await all_answered(house)
    async with killed_before_the_note(house):
        pass
    await all_answered(house)
    assert [len(await replies(house, draft)) for draft in drafts] == [1, 1, 1]


async def test_a_card_is_found_by_a_clock_that_is_fast(house: House, mira: Person) -> None:
    await house.sandbox.configure(nonce_window=FORGETFUL)
    draft = await said(house, mira)
    await all_answered(house)
    async with killed_before_the_note(house), house.store.write() as conn:
        house.ahead = timedelta(minutes=20)
        await conn.execute(update(outbox).values(created_at=utc_now() + house.ahead, due=utc_now()))
    await all_answered(house)
    assert len(await replies(house, draft)) == 1


async def test_a_clock_set_back_holds_up_no_answer_and_says_none_twice(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    await house.sandbox.configure(nonce_window=FORGETFUL)
    drafts = [await said(house, mira) for _ in range(2)]
    await house.sandbox.fault("503", f"/channels/{drafts[0].data['channel_id']}/messages", method="POST", count=2)
    house.ahead = timedelta(hours=1)
    house.start_judging()
    await house.sandbox.until(lambda: _is_put_off(house))
    house.ahead = timedelta(0)
    await all_answered(house)
    assert [len(await replies(house, draft)) for draft in drafts] == [1, 1]


async def _is_put_off(house: House) -> bool:
    async with house.store.read() as conn:
        return await conn.scalar(select(outbox.c.revision_id).where(outbox.c.due > utc_now())) is not None


async def test_a_card_below_much_talk_is_found(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    await house.sandbox.configure(nonce_window=FORGETFUL)
    draft = await said(house, mira)
    await house.stop_bot()
    house.start_judging()
    await house.sandbox.until(lambda: _is_due(house))
    for number in range(230):  # before Discord took it
        await mira.say("drafts", f"lunch, anybody? {number}")
    await house.start_bot()
    await all_answered(house)
    async with killed_before_the_note(house):
        pass
    await all_answered(house)
    assert len(await replies(house, draft)) == 1


async def _is_due(house: House) -> bool:
    async with house.store.read() as conn:
        return await conn.scalar(select(outbox.c.revision_id)) is not None


async def away(_: int) -> None:
    raise JudgeUnavailable("unreachable", retry_after=600)


@pytest.mark.parametrize("fault", ["500_after", "reset_after", "killed"])
async def test_every_author_is_told_once_that_the_judge_is_away(waiting_house: House, mira: Person, fault: str) -> None:
    house = waiting_house
    await house.sandbox.configure(nonce_window=FORGETFUL)
    drafts = [await said(house, mira) for _ in range(2)]
    if fault != "killed":
        await house.sandbox.fault(fault, "/messages", method="POST")
    house.start_judging(away)
    await house.sandbox.until(lambda: _all_told(house, len(drafts)))
    if fault == "killed":
        await house.stop_bot()
        async with house.store.write() as conn:
            await conn.execute(update(revision).values(told=""))
        drafts.append(await mira.say("drafts", MENTION))  # heard at the next start
        await house.start_bot()
        await house.sandbox.until(lambda: _all_told(house, len(drafts)))
    assert [len(await replies(house, draft)) for draft in drafts] == [1] * len(drafts)


async def _all_told(house: House, count: int) -> bool:
    async with house.store.read() as conn:
        return list(await conn.scalars(select(revision.c.told))) == ["waiting"] * count


async def test_rows_that_take_the_ids_of_others_are_answered(house: House, mira: Person) -> None:
    """As in a new database, or one restored to an older state."""
    first = await said(house, mira)
    await all_answered(house)
    async with house.store.write() as conn:
        for table in (outbox, verdict, revision, draft, verdict_counter):
            await conn.execute(delete(table))
    second = await said(house, mira)
    await all_answered(house)
    for message in (first, second):
        [card] = await replies(house, message)
        assert "V-1" in card.text


async def test_what_discord_gives_back_for_a_nonce_of_another_post_is_not_taken_for_the_card(
    waiting_house: House, mira: Person
) -> None:
    house = waiting_house
    draft = await said(house, mira)
    talk = await mira.say("drafts", "lunch, anybody?")
    assert house.bot is not None
    channel = house.bot.get_partial_messageable(int(talk.channel_id))
    await channel.send("Soup.", nonce="taken", reference=reference_to(channel.id, int(talk.id)))
    await house.stop_bot()
    house.start_judging()
    await house.sandbox.until(lambda: _is_due(house))
    async with house.store.write() as conn:
        await conn.execute(update(outbox).values(nonce="taken"))
    await house.start_bot()
    await all_answered(house)
    assert len(await replies(house, draft)) == 1


@pytest.mark.parametrize("fault", ["500_after", "reset_after"])
async def test_a_decision_is_told_once(house: House, mira: Person, lena: Person, fault: str) -> None:
    await house.sandbox.configure(nonce_window=FORGETFUL)
    card = await house.card(mira)
    await all_answered(house)
    await house.sandbox.fault(fault, "/messages", method="POST")
    await (await lena.click(card, "Approve")).answer()
    await house.sandbox.until(lambda: house.seen("mira", "dm"))
    await house.sandbox.until(lambda: _nothing_due(house))
    assert len(await house.seen("mira", "dm")) == 1


async def _nothing_due(house: House) -> bool:
    async with house.store.read() as conn:
        return set(await conn.scalars(select(outbox.c.due))) == {None}


@pytest.mark.parametrize("fault", ["503", "reset_before", "reset_after"])
async def test_what_is_wrong_with_a_mention_is_said_though_discord_fails_once(
    house: House, mira: Person, fault: str
) -> None:
    await house.sandbox.fault(fault, "/messages", method="POST")
    message = await mira.say("drafts", f"<@1000> @nobody_known {CAMPAIGN}: {DRAFT}")

    async def said_again() -> bool:
        return len(await house.sandbox.record(path="/messages", method="POST")) == 2

    await house.sandbox.until(said_again)
    [reply] = await house.sandbox.until(lambda: replies(house, message))
    assert "No influencer @nobody" in reply.text.replace("\\", "").replace("*", "")
