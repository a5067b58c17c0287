"""Saying which handle is one's own: one request at a time, an answer that reaches whoever asked, and a way back."""

from __future__ import annotations

import pytest

from bot.model.workspace import Influencer
from bot.sandbox.people import Message, Person, Sandbox
from bot.services.setup import change_settings
from bot.store import library, links
from tests.chat.house import HANDLE, House, utc_now
from tests.chat.personal.test_selfcheck import id_of, link


async def ask(person: Person) -> Message:
    return await (await person.slash("me link", {"handle": HANDLE})).finished()


async def direct(house: House, name: str, words: str) -> list[str]:
    """The direct messages that hold these words, once there is one."""

    async def found() -> list[str]:
        return [one.text for one in await house.seen(name, "dm") if words in one.text]

    got: list[str] = await house.sandbox.until(found)
    return got


@pytest.mark.parametrize(("label", "told"), [("Yes, confirm", "confirmed that you are"), ("No", "has not linked you")])
async def test_whoever_asked_hears_the_answer_once(
    house: House, tobi: Person, lena: Person, label: str, told: str
) -> None:
    card = await ask(tobi)
    await (await lena.click(card, label)).answer()
    assert len(await direct(house, "tobi", told)) == 1
    shown = await (await tobi.slash("me show")).finished()
    assert ("You are @mossy" if label != "No" else "has not linked you to @mossy") in shown.text


@pytest.mark.parametrize("was_told", [False, True])
async def test_an_answer_that_was_stored_and_not_said_is_said_at_the_next_press(
    house: House, tobi: Person, lena: Person, was_told: bool
) -> None:
    """As after a death between the two: the card has its buttons still, and the message may have gone out."""
    card = await ask(tobi)
    if was_told:
        await house.sandbox.fault("reset_before", path="/callback")  # the card keeps its buttons
        await lena.click(card, "Yes, confirm")
        await direct(house, "tobi", "confirmed that you are")
    else:
        async with house.store.write() as conn:
            whose = await library.find_influencer(conn, house.guild_id, HANDLE)
            assert whose is not None
            lena_id = await id_of(house, "lena")
            await links.confirm_link(conn, house.guild_id, whose.id, await id_of(house, "tobi"), lena_id, utc_now())
    await house.restart_bot()
    await (await lena.click(card, "No")).answer()  # too late: the answer was yes
    assert len(await direct(house, "tobi", "confirmed that you are")) == 1
    [shown] = await house.seen("otto")
    assert "Confirmed by Lena" in shown.text


async def test_the_teams_card_says_who_handed_it_in(house: House, mira: Person, tobi: Person) -> None:
    """Whoever checks a draft as an influencer and hands it in is not taken for the influencer."""
    checks = [await (await house.review(one, command="selfcheck draft")).finished() for one in (mira, tobi)]
    assert "Handed in" not in checks[0].text
    await link(house, await id_of(house, "tobi"))
    cards = [
        await (await person.click(check, "Submit to the team: #drafts")).finished()
        for person, check in zip((mira, tobi), checks, strict=True)
    ]
    assert "Handed in by Mira (not linked)" in cards[0].text
    assert "Handed in by Tobi (linked as @mossy\\_miles)" in cards[1].text


async def test_there_is_one_request_at_a_time(house: House, tobi: Person, lena: Person) -> None:
    card = await ask(tobi)
    for _ in range(2):
        assert "has not answered yet" in (await ask(tobi)).text
    assert [one.id for one in await house.seen("lena")] == [card.id]
    await (await lena.click(card, "No")).answer()
    again = await ask(tobi)  # after a no
    await (await lena.click(again, "Yes, confirm")).answer()
    assert "You are @mossy" in (await (await tobi.slash("me show")).finished()).text


async def test_a_request_taken_back_loses_its_buttons(house: House, tobi: Person, sandbox: Sandbox) -> None:
    place = await sandbox.ask("add_channel", name="requests")
    await change_settings(house.store, house.guild_id, drafts_channel_id=int(place["id"]))
    await ask(tobi)
    told = await (await tobi.slash("me unlink", {"handle": HANDLE})).finished()
    assert "is taken back" in told.text

    async def closed() -> bool:
        [now] = await house.seen("lena", "requests")
        return "has taken back the request" in now.text and "v1:link" not in str(now.data["components"])

    await sandbox.until(closed)
    nothing = await (await tobi.slash("me unlink", {"handle": HANDLE})).finished()
    assert "nothing to take back" in nothing.text


async def test_a_request_out_of_reach_closes_when_it_is_pressed(
    house: House, tobi: Person, lena: Person, sandbox: Sandbox
) -> None:
    card = await ask(tobi)
    await sandbox.ask("permit", subject="bot", channel="drafts", allow=["view_channel"], deny=["read_message_history"])
    await (await tobi.slash("me unlink", {"handle": HANDLE})).finished()
    await (await lena.click(card, "Yes, confirm")).answer()
    [shown] = [one for one in await house.seen("otto") if one.id == card.id]
    assert "nothing to confirm" in shown.text
    assert "linked to no handle" in (await (await tobi.slash("me show")).finished()).text


async def test_who_is_linked_often_reads_as_much_as_a_message_holds(house: House, tobi: Person) -> None:
    person = await id_of(house, "tobi")
    async with house.store.write() as conn:
        for number in range(60):
            whose = Influencer(0, house.guild_id, f"a_rather_long_handle_{number}", "", "en", None, "unknown")
            whose = await library.upsert_influencer(conn, whose)
            await links.ask_link(conn, whose, person, "Tobi", utc_now())
    shown = await (await tobi.slash("me show")).finished()
    assert shown.content.count("a\\_rather\\_long") > 10
    assert len(shown.content) <= 2000
