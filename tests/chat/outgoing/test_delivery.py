"""Each answer arrives once, whatever goes wrong on the way."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.errors import JudgeUnavailable
from bot.model.drafts import RevisionState
from bot.sandbox.people import Message, Person
from bot.store import drafts
from bot.store.tables import outbox, revision
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House, utc_now

MENTION = f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}"


async def settled(house: House, state: RevisionState = RevisionState.ANSWERED) -> None:
    async def is_so() -> bool:
        async with house.store.read() as conn:
            return bool(await conn.scalar(select(revision.c.state)) == state)

    await house.sandbox.until(is_so)


async def cards(house: House, person: str = "otto", channel: str = "drafts") -> list[Message]:
    return [message for message in await house.seen(person, channel) if "V-1" in message.text or "S-1" in message.text]


@pytest.mark.parametrize("fault", ["503", "500", "500_after", "reset_before", "reset_after"])
async def test_a_reply_is_posted_once(waiting_house: House, mira: Person, fault: str) -> None:
    house = waiting_house
    await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: house.sandbox.record(path="/reactions/"))
    await house.sandbox.fault(fault, "/messages", method="POST")
    house.start_judging()
    await settled(house)
    assert len(await cards(house)) == 1
    posts = await house.sandbox.record(path="/messages", method="POST")
    assert len({call["body"]["nonce"] for call in posts}) == 1


@pytest.mark.parametrize("fault", ["503", "500_after", "reset_before", "reset_after"])
async def test_an_original_is_edited_into_one_card(waiting_house: House, mira: Person, fault: str) -> None:
    house = waiting_house
    sent = await house.review(mira)
    await sent.answer()
    await house.sandbox.fault(fault, "/@original", method="PATCH")
    house.start_judging()
    await settled(house)
    assert [card.id for card in await cards(house)] == [(await sent.finished()).id]


async def test_an_answer_too_late_for_the_form_goes_to_the_channel(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    sent = await house.review(mira)
    await sent.answer()
    await house.sandbox.advance(901)
    house.start_judging()
    await settled(house)
    [card] = await cards(house)
    assert "Answered here because" in card.text
    assert "Sent in by Mira" in card.text
    assert card.id != (await sent.state())["original"]


async def test_a_self_check_too_late_for_the_form_goes_to_its_author(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    await (await house.review(mira, command="selfcheck")).answer()
    await house.sandbox.advance(901)
    house.start_judging()
    await settled(house)
    assert await cards(house) == []
    [card] = await cards(house, "mira", "dm")
    assert "S-1 again with /selfcheck show" in card.text
    assert "[ Evidence ]" in card.text


async def test_a_channel_the_bot_lost_is_answered_by_direct_message(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: house.sandbox.record(path="/reactions/"))
    await house.sandbox.ask("permit", subject="bot", channel="drafts", deny=["send_messages"])
    house.start_judging()
    await settled(house)
    [card] = await cards(house, "mira", "dm")
    assert "/history show V-1" in card.text


async def refused_everywhere(house: House, mira: Person) -> None:
    """A verdict that nobody takes."""
    await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: house.sandbox.record(path="/reactions/"))
    await house.sandbox.ask("set_person", person="mira", dms_open=False)
    await house.sandbox.ask("permit", subject="bot", channel="drafts", deny=["send_messages"])
    house.start_judging()
    await house.sandbox.until(lambda: put_off(house))


async def put_off(house: House) -> bool:
    async with house.store.read() as conn:
        row = (await conn.execute(select(outbox))).one_or_none()
    return row is not None and row.attempts == 1 and "403" in row.why


async def test_what_nobody_takes_goes_out_once_somebody_mended_that(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    await refused_everywhere(house, mira)
    await house.sandbox.ask("permit", subject="bot", channel="drafts", deny=[])
    house.ahead = timedelta(minutes=58)
    await house.sandbox.ask("changes", after=10**9, timeout=1.5)  # it looks at what is due every second
    assert await cards(house) == []
    house.ahead = timedelta(minutes=61)
    await settled(house)
    assert len(await cards(house)) == 1


async def test_what_nobody_takes_is_tried_at_each_start(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    await refused_everywhere(house, mira)
    await house.sandbox.ask("permit", subject="bot", channel="drafts", deny=[])
    await house.restart_bot()
    await settled(house)
    assert len(await cards(house)) == 1


async def test_what_nobody_takes_for_a_week_is_given_up_and_kept(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    await refused_everywhere(house, mira)
    house.ahead = timedelta(days=6)
    await house.sandbox.until(lambda: attempts(house, 2))
    async with house.store.read() as conn:
        assert await conn.scalar(select(revision.c.state)) == RevisionState.JUDGED
    house.ahead = timedelta(days=8)
    await settled(house, RevisionState.FAILED)
    shown = await mira.slash("history show", {"number": "V-1"})
    assert "V-1" in (await shown.finished()).text


async def attempts(house: House, count: int) -> bool:
    async with house.store.read() as conn:
        return bool(await conn.scalar(select(outbox.c.attempts)) == count)


async def test_a_reply_to_a_message_that_was_deleted_is_posted_all_the_same(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    message = await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: house.sandbox.record(path="/reactions/"))
    await mira.delete(message)
    house.start_judging()
    await settled(house)
    assert len(await cards(house)) == 1


async def test_an_acknowledgement_that_came_too_late_loses_nothing(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    await opened.modal()
    await house.sandbox.fault("404", "/callback")
    await mira.submit(opened, {"text": DRAFT})
    await house.sandbox.until(lambda: house.sandbox.record(path="/callback"))
    house.start_judging()
    await settled(house)
    [card] = await cards(house)
    assert "Answered here because" in card.text


async def test_a_judge_faster_than_the_acknowledgement_does_not_answer_elsewhere(house: House, mira: Person) -> None:
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    await opened.modal()
    await house.sandbox.fault("delay", "/callback", seconds=0.6)
    house.queue.wake()
    sent = await mira.submit(opened, {"text": DRAFT})
    for _ in range(20):  # the queue may look at any moment
        house.queue.wake()
        await house.sandbox.ask("changes", after=10**9, timeout=0.02)
    card = await sent.finished()
    assert [card.id] == [one.id for one in await cards(house)]


async def test_what_was_judged_while_the_bot_was_away_goes_out_at_its_return(
    waiting_house: House, mira: Person
) -> None:
    house = waiting_house
    sent = await house.review(mira)
    await sent.answer()
    await house.stop_bot()
    house.start_judging()
    await settled(house, RevisionState.JUDGED)
    await house.start_bot()
    assert "V-1" in (await sent.finished()).text


async def test_the_same_message_twice_is_one_draft_and_one_answer(house: House, mira: Person) -> None:
    message = await mira.say("drafts", MENTION)
    await settled(house)
    assert house.bot is not None
    again = await house.bot.get_partial_messageable(int(message.channel_id)).fetch_message(int(message.id))
    await house.bot.on_message(again)  # as after a lost connection
    await settled(house)
    assert len(await cards(house)) == 1
    async with house.store.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(revision)) == 1


@pytest.mark.parametrize("late", [False, True])
async def test_an_answer_that_nobody_noted_is_not_posted_again(waiting_house: House, mira: Person, late: bool) -> None:
    house = waiting_house
    await mira.say("drafts", MENTION) if not late else await (await house.review(mira)).answer()
    await house.sandbox.advance(901)
    house.start_judging()
    await settled(house)
    await house.stop_bot()  # as if killed after posting, before noting it, and started again later
    async with house.store.write() as conn:
        await conn.execute(update(revision).values(state=RevisionState.JUDGED))
        long_ago = utc_now() - timedelta(minutes=20)
        await conn.execute(update(outbox).values(due=utc_now(), delivered_at=None, created_at=long_ago))
    await house.sandbox.advance(301)
    await house.start_bot()
    await settled(house)
    assert len(await cards(house)) == 1


async def test_a_form_that_became_the_card_is_not_answered_again_when_its_token_is_void(
    waiting_house: House, mira: Person
) -> None:
    house = waiting_house
    sent = await house.review(mira)
    await sent.answer()
    house.start_judging()
    await settled(house)
    await house.stop_bot()  # as if killed after the edit, before noting it, and started again too late for another
    async with house.store.write() as conn:
        await conn.execute(update(revision).values(state=RevisionState.JUDGED))
        await conn.execute(update(outbox).values(due=utc_now(), delivered_at=None))
    house.ahead = timedelta(minutes=16)
    await house.sandbox.advance(16 * 60)
    await house.start_bot()
    await settled(house)
    assert [card.id for card in await cards(house)] == [(await sent.finished()).id]


async def test_trouble_in_one_channel_holds_up_no_other_answer(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: house.sandbox.record(path="/reactions/"))
    await house.sandbox.fault("delay", "/messages", method="POST", seconds=600)
    house.start_judging()
    await house.sandbox.until(lambda: house.sandbox.record(path="/messages", method="POST"))
    assert "V-2" in (await (await house.review(mira)).finished()).text


async def away(_: int) -> None:
    raise JudgeUnavailable("unreachable", retry_after=0.5)


async def test_while_the_judge_is_away_the_author_is_told_once_and_answered_later(
    waiting_house: House, mira: Person
) -> None:
    house = waiting_house
    sent = await house.review(mira)
    asked = await mira.say("drafts", MENTION)
    calls = 0
    all_told = asyncio.Event()

    async def back_after_two(revision_id: int) -> None:
        nonlocal calls
        calls += 1
        if calls <= 4:
            await away(revision_id)
        await all_told.wait()
        await house.review_offline(revision_id)

    house.start_judging(back_after_two)
    told = await sent.finished()
    assert "The judge is away" in told.text

    async def replies() -> list[Message]:
        seen = await house.seen("mira")
        return [one for one in seen if (one.data.get("referenced_message") or {}).get("id") == asked.id]

    async def both_answered() -> bool:
        return len(await cards_of_both(house)) == 2

    await house.sandbox.until(replies)
    await house.sandbox.until(lambda: calls > 4)
    all_told.set()
    await house.sandbox.until(both_answered)
    notices = [one for one in await replies() if "The judge is away" in one.text]
    assert len(notices) == 1
    answer = await sent.message()
    assert answer is not None
    assert "The judge is away" not in answer.text


async def cards_of_both(house: House) -> list[Message]:
    return [one for one in await house.seen("mira") if "V-1" in one.text or "V-2" in one.text]


async def test_a_draft_that_was_given_up_on_says_so(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    sent = await house.review(mira)
    await sent.answer()
    async with house.store.write() as conn:
        [revision_id] = (await conn.scalars(select(revision.c.id))).all()
        await drafts.claim(conn, revision_id)
        await drafts.fail(conn, revision_id, "defect")
    house.answer_stored.set()
    assert "could not be judged" in (await sent.finished()).text
