"""Right of reply over sockets: who may answer a finding, and where the answer stands."""

from __future__ import annotations

import pytest

from bot.model.verdicts import CriterionKey
from bot.sandbox.people import Interaction, Message, Person, Sandbox
from bot.services import lookup
from bot.store import library, links
from bot.store.verdicts import StoredVerdict
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House, utc_now

WORDS = "I mended them on camera in *May*, see my story."


@pytest.fixture
def tobi(sandbox: Sandbox) -> Person:
    return sandbox.person("tobi")


async def verdict(house: House) -> StoredVerdict:
    return await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)


async def link(house: House, person: str, *, confirmed: bool) -> None:
    places = await house.sandbox.ask("places_and_people")
    [user_id] = [int(one["id"]) for one in places["people"] if one["username"] == person]
    async with house.store.write() as conn:
        whose = await library.find_influencer(conn, house.guild_id, HANDLE)
        assert whose is not None
        await links.ask_link(conn, whose, user_id, person, utc_now())
        if confirmed:
            await links.confirm_link(conn, house.guild_id, whose.id, user_id, 1, utc_now())


async def pressed(person: Person, card: Message) -> Interaction:
    """The button on the first page of the evidence."""
    evidence = await (await person.click(card, "Evidence")).finished()
    return await person.click(evidence, "Answer a finding")


async def test_the_influencer_answers_a_finding_and_the_answer_stands_beside_it(
    house: House, mira: Person, tobi: Person, lena: Person
) -> None:
    card = await house.card(mira)
    await link(house, "tobi", confirmed=True)
    form = await pressed(tobi, card)
    await form.modal()
    await house.restart_bot()
    sent = await tobi.submit(form, {"about": "voice_match", "answer": WORDS})
    assert "beside what it is about" in (await sent.finished()).text
    assert await sent.ephemeral()
    [reply] = (await verdict(house)).replies
    assert (reply.criterion, reply.text, reply.person_name) == (CriterionKey.VOICE_MATCH, WORDS, "Tobi")

    async def on_card() -> bool:
        [shown] = await house.seen("otto")
        return "**Tobi** answers: “I mended them on camera in \\*May\\*, see my story.”" in shown.text

    await house.sandbox.until(on_card)
    [told] = await house.sandbox.until(lambda: house.seen("mira", "dm"))
    assert "**Tobi** answered the verdict of V-1" in told.text
    assert await house.seen("tobi", "dm") == []
    evidence = (await (await lena.click(card, "Evidence")).finished()).text
    assert evidence.index("**Own voice**") < evidence.index("answers: “I mended") < evidence.index("True to past words")
    assert "**Tobi** answers" in (await (await lena.slash("history show", {"number": "V-1"})).finished()).text
    assert "**Tobi** answers" in (await (await lena.slash("history search")).finished()).text


async def test_an_answer_reaches_the_card_of_a_draft_from_the_menu(house: House, mira: Person, tobi: Person) -> None:
    draft = await mira.say("drafts", DRAFT)
    form = await mira.menu("Review draft", draft)
    sent = await mira.submit(form, {"influencer": HANDLE, "campaign": CAMPAIGN, "text": DRAFT})
    card = await sent.finished()
    await link(house, "tobi", confirmed=True)
    await (await tobi.submit(await pressed(tobi, card), {"about": "shared_values", "answer": WORDS})).finished()

    async def on_card() -> bool:
        return any("answers: “I mended" in one.text or "more answer" in one.text for one in await house.seen("otto"))

    await house.sandbox.until(on_card)
    assert await house.sandbox.until(lambda: house.seen("mira", "dm"))


async def test_who_sent_the_draft_in_may_answer_the_whole_verdict(house: House, mira: Person) -> None:
    card = await house.card(mira)
    sent = await mira.submit(await pressed(mira, card), {"answer": WORDS})
    await sent.finished()

    async def on_card() -> bool:
        return "**Mira** answers the verdict: “I mended" in (await house.seen("otto"))[0].text

    await house.sandbox.until(on_card)
    evidence = await (await mira.click(card, "Evidence")).finished()
    assert "**Answers to the whole verdict**" in evidence.text
    assert "↩ **Mira** answers the verdict" in evidence.text


@pytest.mark.parametrize("asked", [False, True])
async def test_nobody_else_may_not_even_with_a_link_that_waits(
    house: House, mira: Person, tobi: Person, asked: bool
) -> None:
    card = await house.card(mira)
    if asked:
        await link(house, "tobi", confirmed=False)
    told = await pressed(tobi, card)
    assert "can answer. If this is you, link your handle" in (await told.finished()).text
    assert not (await verdict(house)).replies


async def test_a_form_opened_before_the_link_was_taken_back_stores_nothing(
    house: House, mira: Person, tobi: Person
) -> None:
    card = await house.card(mira)
    await link(house, "tobi", confirmed=True)
    form = await pressed(tobi, card)
    await form.modal()
    async with house.store.write() as conn:
        await conn.exec_driver_sql("DELETE FROM account_link")
    told = await tobi.submit(form, {"answer": WORDS})
    assert "link your handle" in (await told.finished()).text
    assert not (await verdict(house)).replies


async def test_a_private_check_has_no_such_button(house: House, mira: Person) -> None:
    card = await (await house.review(mira, command="selfcheck")).finished()
    evidence = await (await mira.click(card, "Evidence")).finished()
    assert "Answer a finding" not in evidence.text
