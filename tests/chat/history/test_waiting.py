"""What waits for somebody: for who decides what nobody has decided about, for an author what is to be changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.sandbox.people import File, Message, Person
from bot.store import library
from bot.texts import text
from tests.chat.batch.test_batches import the_end
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House
from tests.chat.outgoing.test_reminders import all_noted

NOTHING = text("en", "history.waiting_none")


@pytest.fixture
async def nele(house: House) -> Person:
    """One more of marketing: sees #team, decides nothing."""
    await house.sandbox.ask("add_person", name="nele", roles=["marketing"])
    return house.sandbox.person("nele")


async def noted(house: House) -> None:
    """Where a card stands is noted just after it is seen there."""
    await house.sandbox.until(lambda: all_noted(house))


async def waits(person: Person, channel: str = "drafts") -> Message:
    answer = await person.slash("history waiting", {}, channel)
    assert await answer.ephemeral()
    return await answer.finished()


async def test_what_nobody_has_decided_about_waits_for_who_decides_the_oldest_first(
    house: House, mira: Person, lena: Person
) -> None:
    async with house.store.write() as conn:
        [campaign] = await library.campaigns(conn, house.guild_id)
        await library.upsert_campaign(conn, replace(campaign, decide_within_hours=48))
    assert NOTHING in (await waits(lena)).text
    first = await house.card(mira)
    second = await (await house.review(mira, f"{DRAFT} Twice.")).finished()
    await (await house.review(mira, "Ad | Mine alone.", command="selfcheck")).finished()
    await noted(house)
    shown = (await waits(lena)).text
    assert shown.index(f"/{first.channel_id}/{first.id})") < shown.index(f"/{second.channel_id}/{second.id})")
    assert shown.count("Decision due 2") == 2
    assert "Mine alone" not in shown
    assert NOTHING in (await waits(mira)).text
    await (await lena.click(first, "Approve")).answer()
    await (await lena.submit(await lena.click(second, "Overrule"), {"reason": "She did say so."})).answer()
    shown = (await waits(lena)).text
    assert "V-1" not in shown
    assert "V-2" in shown  # overruled, and still to be decided about


async def test_what_is_to_be_changed_waits_for_its_author_until_it_is(house: House, mira: Person, lena: Person) -> None:
    card = await house.card(mira)
    await noted(house)
    await (await lena.submit(await lena.click(card, "Ask for changes"), {"reason": "Say since when."})).answer()
    mine = (await waits(mira)).text
    assert "**Lena** asked for changes" in mine
    assert "Say since when." in mine
    assert f"/{card.channel_id}/{card.id})" in mine
    assert NOTHING in (await waits(lena)).text
    await (await mira.submit(await mira.click(card, "New version"), {"text": f"{DRAFT} Since May."})).finished()
    assert NOTHING in (await waits(mira)).text
    assert "V-2" in (await waits(lena)).text


async def test_what_waits_is_shown_to_nobody_who_cannot_look_it_up(
    house: House, mira: Person, lena: Person, nele: Person
) -> None:
    """Who may decide in #drafts alone hears nothing of #team; who sees #team and decides nothing has nothing to do."""
    await house.sandbox.ask("permit", subject="otto", channel="drafts", allow=["manage_messages"])
    await house.card(mira, channel="team")
    assert "V-1" in (await waits(lena)).text
    for person in (house.sandbox.person("otto"), nele):
        assert NOTHING in (await waits(person)).text
    await house.card(mira)
    shown = (await waits(house.sandbox.person("otto"))).text
    assert "V-2" in shown
    assert "V-1" not in shown


async def test_a_draft_of_a_batch_leads_to_the_card_of_the_batch(house: House, mira: Person, lena: Person) -> None:
    rows = f"handle,campaign,text\n{HANDLE},{CAMPAIGN},{DRAFT.replace(',', ' ')}\n"
    await (await mira.slash("batch", {"file": File("drafts.csv", rows.encode())})).finished()
    card = await the_end(house)
    assert f"/{card.id})" in (await waits(lena)).text


async def test_its_pages_turn_after_a_restart_and_where_fewer_are_left(
    house: House, mira: Person, lena: Person
) -> None:
    cards = [await (await house.review(mira, f"{DRAFT} {n} times.")).finished() for n in range(6)]
    first = await waits(lena)
    await house.restart_bot()
    third = await waits(lena)
    second = await (await lena.click(first, "Next")).finished()
    assert "V-6" in second.text
    await (await lena.click(cards[5], "Approve")).answer()
    back = await (await lena.click(third, "Next")).finished()
    assert "5 in all, page 1 of 1" in back.text
    assert "V-5" in back.text
