"""Deadlines remind people once and decide nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, select, update

from bot.chat.outgoing.reminders import SWEEP
from bot.model.drafts import RevisionState
from bot.sandbox.people import Message, Person
from bot.services import lookup
from bot.store import guilds, library
from bot.store.tables import reminder, revision, verdict
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House, utc_now

HOUR = timedelta(hours=1)


async def with_deadline(house: House, hours: int = 24) -> None:
    async with house.store.write() as conn:
        found = await library.find_campaign(conn, house.guild_id, CAMPAIGN)
        assert found is not None
        await library.upsert_campaign(conn, replace(found, decide_within_hours=hours))


async def all_noted(house: House) -> bool:
    async with house.store.read() as conn:
        return set(await conn.scalars(select(revision.c.state))) == {RevisionState.ANSWERED}


async def later(house: House, by: timedelta) -> None:
    """The clocks of both sides go on, and the bot looks. Where a card stands is noted just after it is seen there."""
    await house.sandbox.until(lambda: all_noted(house))
    house.ahead += by
    await house.sandbox.advance(by.total_seconds())
    assert house.bot is not None
    await house.bot.reminders.sweep()


async def reminders(house: House, channel: str = "drafts") -> list[Message]:
    return [one for one in await house.seen("otto", channel) if "A decision is due" in one.text]


async def test_a_verdict_that_nobody_decided_about_is_reminded_of_once_and_stays_undecided(
    house: House, mira: Person, lena: Person
) -> None:
    await with_deadline(house)
    card = await house.card(mira)
    assert "Decision due " in card.text
    await later(house, 17 * HOUR)
    assert await reminders(house) == []
    await later(house, 2 * HOUR)
    [told] = await reminders(house)
    assert "V-1 · @mossy" in told.text
    assert not told.data["mentions"]
    await later(house, 10 * HOUR)
    await house.restart_bot()
    await later(house, timedelta(seconds=SWEEP))
    assert len(await reminders(house)) == 1
    assert not (await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)).decisions
    await lena.click(card, "Approve")  # late, but it is still a person who decides

    async def approved() -> bool:
        return any("Approved by **Lena**" in one.text for one in await house.seen("otto"))

    await house.sandbox.until(approved)


async def test_what_was_decided_replaced_or_long_forgotten_needs_no_reminder(
    house: House, mira: Person, lena: Person
) -> None:
    await house.card(mira)
    async with house.store.write() as conn:  # long before the campaign had a deadline
        await conn.execute(update(verdict).values(created_at=utc_now() - timedelta(days=9)))
    await with_deadline(house)
    approved = await (await house.review(mira, f"{DRAFT} Twice.")).finished()
    await (await lena.click(approved, "Approve")).answer()
    replaced = await (await house.review(mira, f"{DRAFT} Thrice.")).finished()
    opened = await mira.click(replaced, "New version")
    await (await mira.submit(opened, {"text": f"{DRAFT} Now."})).finished()
    await (await house.review(mira, f"{DRAFT} In private.", command="selfcheck")).finished()
    await later(house, 30 * HOUR)
    [told] = await reminders(house)
    assert re.findall(r"V-\d+", told.text) == ["V-4"]


async def test_reminders_go_where_drafts_are_posted_and_else_to_where_the_card_stands(
    house: House, mira: Person
) -> None:
    await with_deadline(house)
    other = await house.sandbox.ask("add_channel", name="decisions", guild=None)
    async with house.store.write() as conn:
        settings = await guilds.guild_settings(conn, house.guild_id)
        await guilds.store_settings(conn, house.guild_id, replace(settings, drafts_channel_id=int(other["id"])))
    await house.card(mira)
    await later(house, 20 * HOUR)
    assert await reminders(house) == []
    assert len(await reminders(house, "decisions")) == 1
    async with house.store.write() as conn:
        await conn.execute(delete(reminder))
    await house.sandbox.ask("permit", subject="bot", channel="decisions", deny=["send_messages"])
    await later(house, 26 * HOUR)
    assert len(await reminders(house)) == 1


async def test_a_reminder_that_was_posted_but_not_noted_is_not_posted_again(house: House, mira: Person) -> None:
    await with_deadline(house)
    await house.card(mira)
    await (await house.review(mira, f"{DRAFT} Twice.")).finished()
    await later(house, 20 * HOUR)
    async with house.store.write() as conn:  # as if killed in between
        await conn.execute(delete(reminder))
    await house.restart_bot()
    await later(house, timedelta(minutes=10))
    assert len(await reminders(house)) == 1


async def test_a_reminder_of_hours_ago_that_nobody_noted_is_not_posted_again(house: House, mira: Person) -> None:
    await with_deadline(house)
    await house.card(mira)
    await later(house, 20 * HOUR)
    await house.stop_bot()
    async with house.store.write() as conn:  # as if killed before it was noted
        await conn.execute(delete(reminder))
    house.ahead += 3 * HOUR
    await house.sandbox.advance(3 * 3600)
    bot = await house.start_bot()
    await bot.reminders.sweep()
    assert len(await reminders(house)) == 1


async def test_what_one_channel_refuses_goes_to_each_cards_own_place_and_into_no_ones_messages(
    house: House, mira: Person, lena: Person
) -> None:
    await with_deadline(house)
    other = await house.sandbox.ask("add_channel", name="decisions", guild=None)
    async with house.store.write() as conn:
        settings = await guilds.guild_settings(conn, house.guild_id)
        await guilds.store_settings(conn, house.guild_id, replace(settings, drafts_channel_id=int(other["id"])))
    await house.sandbox.ask("permit", subject="bot", channel="decisions", deny=["send_messages"])
    await house.sandbox.fault("403", "/messages", method="POST")
    await mira.say("drafts", f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}")
    await house.sandbox.until(lambda: house.seen("mira", "dm"))  # her card
    await house.card(lena)
    await later(house, 20 * HOUR)
    told = {
        place: [re.findall(r"V-\d+", one.text) for one in await house.seen(person, place) if "is due" in one.text]
        for person, place in (("mira", "dm"), ("lena", "drafts"))
    }
    assert told == {"dm": [["V-1"]], "drafts": [["V-2"]]}
