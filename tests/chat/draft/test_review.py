"""A draft's way in by form, command and menu, over sockets."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.chat.draft.attachments import Attached, read_draft
from bot.config import Review
from bot.errors import Problem
from bot.sandbox.errors import RefusedError
from bot.sandbox.people import File, Interaction, Message, Person
from bot.services import lookup
from bot.store.verdicts import HistoryQuery
from bot.texts import languages, text
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House


async def stored_count(house: House) -> int:
    return (await lookup.search(house.store, house.guild_id, HistoryQuery())).total


async def test_a_draft_sent_by_form_is_answered_with_a_card(house: House, mira: Person) -> None:
    sent = await house.review(mira)
    card = await sent.finished()
    assert (await sent.answer())["type"] == 5  # the first answer is an acknowledgement
    assert not card.ephemeral
    for piece in ("V-1", f"× {CAMPAIGN}", "“I mend what I own.”", "[open post](https://photos.example/p1)"):
        assert piece in card.text
    assert [card.id] == [message.id for message in await house.seen("otto")]


async def test_the_whole_way_from_the_form_through_the_offline_judge(waiting_house: House, mira: Person) -> None:
    waiting_house.start_judging(waiting_house.review_offline)
    card = await waiting_house.card(mira)
    assert "Measured, not read by a model: 12 of 12 stored posts." in card.text
    assert "on the trail" in card.text  # a quote from a stored post


async def test_the_same_text_again_is_told_to_be_so_but_not_of_a_private_check_or_another_channel(
    house: House, mira: Person, lena: Person
) -> None:
    await (await house.review(mira, command="selfcheck")).finished()
    await house.sandbox.ask("add_channel", name="elsewhere", guild=None)
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN}, "elsewhere")
    assert "V-1" in (await (await mira.submit(opened, {"text": DRAFT})).finished()).text
    second = await house.card(mira)
    assert "V-2" in second.text
    assert "Same text" not in second.text
    await (await lena.click(second, "Approve")).answer()
    again = await (await house.review(lena, f"  {DRAFT}\n")).finished()
    assert "Same text as V-2 (approved)." in again.text.replace("*", "")
    assert "Same text" not in (await (await house.review(lena, f"{DRAFT} And more.")).finished()).text
    mine = await (await house.review(mira, command="selfcheck")).finished()
    assert "Same text as in S-1." in mine.text.replace("*", "")


@pytest.mark.usefixtures("house")
async def test_options_are_completed_while_typing(mira: Person) -> None:
    assert await mira.autocomplete("review", "influencer", "moss") == [
        {"name": f"@{HANDLE} (Mo Field)", "value": HANDLE}
    ]
    assert await mira.autocomplete("review", "campaign", "TRAIL") == [{"name": CAMPAIGN, "value": CAMPAIGN}]
    assert await mira.autocomplete("selfcheck draft", "influencer", "nobody") == []


async def test_unknown_names_are_told_at_once_and_only_to_the_one_who_typed_them(house: House, mira: Person) -> None:
    told = await mira.slash("review", {"influencer": "mossy", "campaign": CAMPAIGN})
    assert "Did you mean @mossy" in (await told.finished()).text
    assert await told.ephemeral()
    assert await house.seen("otto") == []


async def test_the_draft_may_come_as_a_file(house: House, mira: Person) -> None:
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    sent = await mira.submit(opened, {"file": File("draft.txt", DRAFT.encode("utf-16"), "text/plain")})
    await sent.finished()
    stored = await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)
    assert stored.revision.text.strip() == DRAFT


@pytest.mark.usefixtures("house")
async def test_a_picture_beside_the_draft_is_named_as_not_read(mira: Person) -> None:
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    sent = await mira.submit(opened, {"text": DRAFT, "file": File("shoe_[x].png", b"\x89PNG", "image/png")})
    assert "Not read: the file shoe\\_\\[x\\].png" in (await sent.finished()).text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": DRAFT, "file": File("a.txt", b"words", "text/plain")}, "Send only one of them"),
        ({"file": File("a.png", b"\x89PNG", "image/png")}, "a.png is not a text file"),
        ({"file": File("a.txt", b"\x00\x01\x02\xff\xfe\x00", "text/plain")}, "a.txt is not a text file"),
        ({"file": File("a.txt", b"", "text/plain")}, "no text"),
        ({"text": " \n "}, "There is no text in this"),
        ({}, "There is no text in this"),
    ],
)
async def test_what_is_no_draft_is_refused_in_one_sentence(
    house: House, mira: Person, values: dict[str, object], sentence: str
) -> None:
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    told = await mira.submit(opened, values)
    assert sentence in (await told.finished()).text
    assert await told.ephemeral()
    assert await stored_count(house) == 0


async def test_a_file_out_of_reach_or_too_big_is_told(house: House) -> None:
    assert house.bot is not None
    for size, sentence in ((5, "could not be fetched in time"), (10**8, "is too big")):
        file = Attached("a.txt", size, "text/plain", f"{house.sandbox.url}/cdn/attachments/1/a.txt")
        with pytest.raises(Problem, match=sentence):
            await read_draft(house.bot, "", [file], Review(), seconds=5)


async def test_the_message_menu_guesses_and_lets_everything_be_changed(house: House, mira: Person) -> None:
    draft = await mira.say("drafts", f"for @{HANDLE}: {DRAFT}", attachments=[File("a.png", b"\x89PNG", "image/png")])
    opened = await mira.menu("Review draft", draft)
    fields = {
        label["component"]["custom_id"]: label["component"].get("value")
        for label in (await opened.modal())["components"]
    }
    assert fields == {"influencer": HANDLE, "campaign": CAMPAIGN, "text": draft.content, "file": None}
    sent = await mira.submit(opened, {"influencer": HANDLE, "campaign": CAMPAIGN, "text": DRAFT})
    card = await sent.finished()
    assert "Not read: the file a.png" in card.text  # looked at: four bytes are no picture
    stored = await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)
    assert stored.revision.text == DRAFT


@pytest.mark.parametrize("begins", [f"@{HANDLE} {CAMPAIGN}: ", f"<@1000> @{HANDLE} {CAMPAIGN}:\n", f"@{HANDLE}\n"])
async def test_the_menu_takes_handle_and_campaign_from_how_the_message_begins(
    house: House, mira: Person, begins: str
) -> None:
    await house.add_campaign("Winter")
    campaign = CAMPAIGN if CAMPAIGN in begins else ""
    draft = await mira.say("drafts", f"{begins}{DRAFT}")
    assert await prefilled(await mira.menu("Review draft", draft)) == [HANDLE, campaign, DRAFT]


async def test_a_caption_that_begins_with_a_handle_stays_whole_in_the_menu(house: House, mira: Person) -> None:
    await house.add_campaign("Winter")
    words = f"@{HANDLE} says it best: {DRAFT}"
    draft = await mira.say("drafts", words)
    assert await prefilled(await mira.menu("Review draft", draft)) == [HANDLE, "", words]


async def prefilled(opened: Interaction) -> list[str]:
    """Influencer, campaign and draft, as the form shows them at first."""
    fields = [one["component"] for one in (await opened.modal())["components"]]
    return [field.get("value", "") for field in fields[:3]]


async def test_without_a_handle_in_it_the_menu_names_the_author_where_that_is_an_influencer(
    house: House, mira: Person
) -> None:
    await house.add_campaign("Autumn mud")
    draft = await mira.say("drafts", "Something for autumn MUD")
    assert (await prefilled(await mira.menu("Review draft", draft)))[:2] == ["", "Autumn mud"]
    await house.sandbox.ask("add_person", name=HANDLE, guild=None, roles=[])
    hers = await house.sandbox.person(HANDLE).say("drafts", "Something for autumn MUD")
    assert (await prefilled(await mira.menu("Review draft", hers)))[:2] == [HANDLE, "Autumn mud"]


async def test_the_menu_on_the_bot_s_own_card_says_what_to_press(house: House, mira: Person) -> None:
    told = await mira.menu("Review draft", await house.card(mira))
    assert "press New version on its card" in (await told.finished()).text
    assert await told.ephemeral()


async def test_a_self_check_is_for_its_author_alone(house: House, mira: Person) -> None:
    sent = await house.review(mira, command="selfcheck")
    card = await sent.finished()
    assert card.ephemeral
    assert "S-1" in card.text
    assert "Approve" not in card.text
    assert await house.seen("lena") == []
    assert await stored_count(house) == 0
    mine = await mira.slash("history show", {"number": "S-1"})
    assert "S-1" in (await mine.finished()).text
    assert await mine.ephemeral()
    lena = house.sandbox.person("lena")
    theirs = await lena.slash("history show", {"number": "S-1"})
    assert "Numbers like S-1" in (await theirs.finished()).text
    evidence = await mira.click(card, "Evidence")
    assert "Evidence for S-1" in (await evidence.finished()).text
    assert await evidence.ephemeral()


async def test_a_form_sent_after_a_restart_is_taken(house: House, mira: Person) -> None:
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    await opened.modal()
    await house.restart_bot()
    sent = await mira.submit(opened, {"text": DRAFT})
    assert "V-1" in (await sent.finished()).text


async def test_a_form_of_another_version_is_told_so(house: House, mira: Person) -> None:
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    await opened.modal()
    async with house.store.write() as conn:
        await conn.exec_driver_sql("DELETE FROM post")
        await conn.exec_driver_sql("DELETE FROM influencer")
    told = await mira.submit(opened, {"text": DRAFT})
    assert "no longer stored here" in (await told.finished()).text


async def test_the_server_language_speaks_to_all_and_ones_own_to_oneself(house: House, mira: Person) -> None:
    await house.sandbox.ask("set_person", person="mira", locale="ja")
    card = await house.card(mira)
    assert "Next:" in card.text  # the server is English
    alone = await (await house.review(mira, command="selfcheck")).finished()
    assert "次にすること" in alone.text


@pytest.mark.usefixtures("house")
async def test_in_direct_messages_only_what_works_there_is_offered(mira: Person) -> None:
    for command, options in (
        ("review", {"influencer": HANDLE, "campaign": CAMPAIGN}),
        ("history search", {}),
        ("history show", {"number": "V-1"}),
        ("status", {}),
    ):
        with pytest.raises(RefusedError, match="not offered in direct messages"):
            await mira.slash(command, options, channel="dm")
    told = await (await mira.slash("me link", {"handle": HANDLE}, channel="dm")).finished()
    assert "Here work /selfcheck" in told.text  # a group is offered whole


@pytest.mark.parametrize(
    ("words", "files"),
    [
        ("hello", []),
        (DRAFT, []),
        (f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}", []),
        ("", [File("draft.txt", DRAFT.encode())]),
    ],
)
async def test_a_direct_message_is_no_draft_and_is_told_where_one_goes(
    house: House, mira: Person, words: str, files: list[File | Path]
) -> None:
    said = await mira.say("dm", words, attachments=files)

    async def answers() -> list[Message]:
        replies = await house.seen("mira", "dm")
        return [one for one in replies if (one.data.get("message_reference") or {}).get("message_id") == said.id]

    [answer] = await house.sandbox.until(answers)
    for language in languages():  # nothing tells which one its author has
        assert text(language, "help.direct") in answer.text
    assert (await lookup.search(house.store, house.guild_id, HistoryQuery())).total == 0


async def test_a_broken_store_is_told_with_a_number_to_ask_about(house: House, mira: Person) -> None:
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    await opened.modal()
    async with house.store.write() as conn:
        await conn.exec_driver_sql("ALTER TABLE draft RENAME TO lost")
    with capture_logs() as lines:
        told = await mira.submit(opened, {"text": DRAFT})
        answer = await told.finished()
    assert (await told.answer())["type"] == 4  # nothing was acknowledged before it was stored
    assert await told.ephemeral()
    [defect] = [line for line in lines if line["event"] == "chat.defect"]
    assert f"tell the operator this number: {defect['reference']}" in answer.text
    assert DRAFT not in str(lines)
