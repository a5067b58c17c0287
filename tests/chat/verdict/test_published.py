"""`/published` over sockets: the live text beside the approved one, loud where the label is gone."""

from __future__ import annotations

import discord
import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.markup import width
from bot.chat.verdict.cards import CARD_LIMIT
from bot.chat.verdict.published import published_card
from bot.model.decisions import Published, PublishedResult
from bot.model.messages import Message as Said
from bot.model.verdicts import DisclosureLine
from bot.sandbox.people import File, Message, Person
from bot.services import lookup
from bot.services.published import LIGHT, Checked, Comparison, compare
from tests.builders import NOW
from tests.chat.hostile import PINGS, anything, bare
from tests.chat.house import DRAFT, House
from tests.chat.values import a_stored

SUBTITLES = b"WEBVTT\n\n00:00.000 --> 00:02.000\nI mend the soles.\n"


async def checked(person: Person, text: str = "", number: str = "V-1", **more: object) -> Message:
    form = await person.slash("published", {"number": number})
    return await (await person.submit(form, {"text": text, **more})).finished()


async def approved(house: House, mira: Person, lena: Person) -> Message:
    card = await house.card(mira)
    await (await lena.click(card, "Approve")).answer()
    return card


async def stored(house: House) -> list[PublishedResult]:
    found = await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)
    return [one.result for one in found.published]


@pytest.mark.parametrize(
    ("live", "result", "said"),
    [
        (DRAFT, "same", "The published text is the approved one."),
        (f"{DRAFT}  \r\n", "same", "is the approved one."),
        (DRAFT.replace("600", "900"), "changed", "600"),
        (DRAFT.removeprefix("Ad | "), "label_lost", "ADVERTISING LABEL LOST"),
    ],
)
async def test_the_live_text_is_compared_with_the_approved_one(
    house: House, mira: Person, lena: Person, live: str, result: str, said: str
) -> None:
    await approved(house, mira, lena)
    answer = await checked(mira, live)
    assert said in answer.text
    assert not answer.ephemeral
    assert await stored(house) == [PublishedResult(result)]
    on_card = {"same": "Published as approved", "changed": "differs from the approved one"}

    async def card_says() -> bool:
        return on_card.get(result, "Advertising label lost") in (await house.seen("otto"))[0].text

    await house.sandbox.until(card_says)


@pytest.mark.parametrize(("approved", "word"), [("PASS", "LOST"), ("WRONG_LANGUAGE", "WORSE")])
@pytest.mark.parametrize("result", [PublishedResult.LABEL_LOST, PublishedResult.NOT_APPROVED])
def test_what_is_said_of_the_approved_label_agrees_with_its_check(
    approved: str, word: str, result: PublishedResult
) -> None:
    live = Published(1, 1, 5, "Mira", "my shoes", "ab", result, NOW)
    before, after = DisclosureLine(approved, None, None), DisclosureLine("MISSING", "r", "Ad |", in_front=True)
    checked_now = Checked(a_stored("x"), live, compare("x", "y"), (), before, after, was_approved=True)
    box = published_card(checked_now, "en")
    said = "\n".join(item.content for item in box.walk_children() if isinstance(item, ui.TextDisplay))
    assert f"ADVERTISING LABEL {word}" in said
    what = "newest judged text" if result is PublishedResult.NOT_APPROVED else "approved text"
    assert (f"The {what} is labelled" in said) is (approved == "PASS")
    assert f"Label of the {what}" in said
    assert f"({what} → published)" in said
    assert "Ready to paste in front of the text" in said


async def test_the_difference_is_shown_word_by_word(house: House, mira: Person, lena: Person) -> None:
    await approved(house, mira, lena)
    answer = await checked(mira, DRAFT.replace("600 miles", "two weeks"))
    assert "What differs" in answer.text
    assert "600 miles" in answer.text
    assert "two weeks" in answer.text
    assert "soles" not in answer.text


async def test_a_phone_s_typography_is_no_difference_and_each_difference_is_listed_once(
    house: House, mira: Person, lena: Person
) -> None:
    await approved(house, mira, lena)
    live = DRAFT.replace(" ", "\u00a0").replace("|", "|\u200b")
    answer = await checked(mira, f"{live} ")
    assert "Same words as approved; only typography differs" in answer.text
    assert "What differs" not in answer.text
    twice = DRAFT.replace(" the ", " a ")
    assert (await checked(mira, twice)).text.count("“the” is now “a”") == 1
    assert await stored(house) == [PublishedResult.SAME, PublishedResult.CHANGED]


async def test_a_link_is_answered_in_private_and_stains_nothing(house: House, mira: Person, lena: Person) -> None:
    await approved(house, mira, lena)
    form = await mira.slash("published", {"number": "V-1"})
    sent = await mira.submit(form, {"text": "https://instagram.example/p/abc"})
    assert "I do not open links" in (await sent.finished()).text
    assert await sent.ephemeral()
    assert await stored(house) == []


async def test_what_nobody_approved_is_loud(house: House, mira: Person) -> None:
    await house.card(mira)
    answer = await checked(mira, DRAFT)
    assert "Nothing of this draft was approved yet" in answer.text
    assert "No difference was found" in answer.text
    assert "Label of the newest judged text" in answer.text
    assert await stored(house) == [PublishedResult.NOT_APPROVED]


async def test_an_outsider_cannot_stain_the_record(house: House, mira: Person, lena: Person, tobi: Person) -> None:
    await approved(house, mira, lena)
    told = await tobi.slash("published", {"number": "V-1"})
    assert "whoever sent V-1 in" in (await told.finished()).text
    assert await told.ephemeral()
    assert await stored(house) == []


async def test_an_approval_that_was_taken_back_does_not_stand(house: House, mira: Person, lena: Person) -> None:
    card = await approved(house, mira, lena)
    form = await lena.click(card, "Ask for changes")
    await (await lena.submit(form, {"reason": "On second thought, no."})).answer()
    assert "No approval stands for this draft any more" in (await checked(mira, DRAFT)).text


async def test_a_file_may_hold_the_live_text_and_subtitles_what_is_said(
    house: House, mira: Person, lena: Person
) -> None:
    await approved(house, mira, lena)
    assert "is the approved one" in (await checked(mira, file=[File("live.txt", DRAFT.encode())])).text
    answer = await checked(mira, DRAFT, file=[File("live.vtt", SUBTITLES)])
    assert "What is said differs" in answer.text
    assert "I mend the soles" in answer.text


async def test_a_number_that_is_none_is_told_before_any_form(house: House, mira: Person) -> None:
    await (await house.review(mira, command="selfcheck")).finished()
    for number, said in (("V-9", "There is no verdict V-9 here"), ("S-1", "Numbers like S-1 are of private checks")):
        told = await mira.slash("published", {"number": number})
        assert said in (await told.finished()).text


@settings(max_examples=40, deadline=None)
@given(anything, anything, st.sampled_from(["en", "ja"]))
def test_whatever_differs_the_answer_fits_and_pings_nobody(old: str, new: str, language: str) -> None:
    found = compare(old, f"{new} {'word and ' * 400}", approved_spoken=new, live_spoken=f"{old} said")
    comparison = Comparison(found.text, found.spoken, tuple(LIGHT))
    line = DisclosureLine("MISSING", "rule", f"{new}|" * 100)
    stored = a_stored(old)
    for result in PublishedResult:
        live = Published(1, 1, 5, old, new, "ab", result, NOW)
        unread = (Said("live.not_spoken"), Said("live.not_files", {"count": 10}))
        box = published_card(Checked(stored, live, comparison, unread, line, line, was_approved=False), language)
        sent = [item.content for item in box.walk_children() if isinstance(item, ui.TextDisplay)]
        assert all(sent)
        assert sum(map(width, sent)) <= CARD_LIMIT
        assert not PINGS.search(bare("\n".join(sent)).replace("<t:", ""))


async def test_elsewhere_the_answer_is_private_and_a_lost_label_loud_at_the_card(
    house: House, mira: Person, lena: Person
) -> None:
    card = await house.card(mira, channel="team")
    await (await lena.click(card, "Approve")).answer()
    before = await house.seen("otto")
    form = await lena.slash("published", {"number": "V-1"})
    sent = await lena.submit(form, {"text": DRAFT.removeprefix("Ad | ")})
    assert "ADVERTISING LABEL LOST" in (await sent.finished()).text
    assert await sent.ephemeral()
    assert await house.seen("otto") == before

    async def told() -> bool:
        said = [one.text for one in await house.seen("mira", "dm")]
        return sum("has lost its advertising label" in one for one in said) == 1

    async def card_says(words: str) -> bool:
        return any(words in one.text for one in await house.seen("mira", "team"))

    await house.sandbox.until(told)
    await house.sandbox.until(lambda: card_says("Advertising label lost"))
    at_card = await lena.submit(await lena.slash("published", {"number": "V-1"}, "team"), {"text": DRAFT})
    await at_card.finished()
    assert not await at_card.ephemeral()
    await house.sandbox.until(lambda: card_says("✅ Published as approved"))
    assert await told()  # once


async def test_a_thread_of_the_card_s_channel_is_its_place_too(house: House, mira: Person, lena: Person) -> None:
    await approved(house, mira, lena)
    assert house.bot is not None
    [drafts] = [one for one in house.bot.guilds[0].text_channels if one.name == "drafts"]
    thread = await drafts.create_thread(name="talk", type=discord.ChannelType.public_thread)
    form = await lena.slash("published", {"number": "V-1"}, str(thread.id))
    assert not await (await lena.submit(form, {"text": DRAFT})).ephemeral()
