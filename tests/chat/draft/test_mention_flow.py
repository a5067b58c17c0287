"""Drafts that come by mentioning the bot in a channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.workspace import Campaign
from bot.sandbox.people import File, Message, Person
from bot.services import lookup
from bot.store import library
from tests.builders import make_brand
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House

BOT = "<@1000>"


async def replies_to(house: House, message: Message, count: int = 1) -> Sequence[Message]:
    """What the bot replied to `message`, once there are `count` replies."""

    async def found() -> list[Message]:
        seen = await house.seen("otto")
        mine = [one for one in seen if (one.data.get("message_reference") or {}).get("message_id") == message.id]
        return mine if len(mine) >= count else []

    replies: list[Message] = await house.sandbox.until(found)
    return replies


async def test_a_mention_is_seen_and_answered_by_a_reply(house: House, mira: Person) -> None:
    message = await mira.say("drafts", f"{BOT} @{HANDLE} {CAMPAIGN}: {DRAFT}")
    [reply] = await replies_to(house, message)
    assert "V-1" in reply.text
    calls = [(call["method"], call["route"]) for call in await house.sandbox.record(path=message.channel_id)]
    assert calls[0][0] == "PUT"  # the reaction that says 'seen' comes before the answer
    assert [one["emoji"]["name"] for one in (await house.seen("otto"))[0].data["reactions"]] == ["👀"]
    stored = await lookup.show(house.store, house.guild_id, "1", viewer_id=None)
    assert stored.revision.text == DRAFT


async def test_the_only_campaign_need_not_be_named_and_the_draft_may_be_a_file(house: House, mira: Person) -> None:
    files: list[File | Path] = [File("draft.txt", DRAFT.encode(), "text/plain"), File("a.png", b"\x89PNG", "image/png")]
    message = await mira.say("drafts", f"{BOT} @{HANDLE}", attachments=files)
    [reply] = await replies_to(house, message)
    assert "V-1" in reply.text
    assert "Not read: the file a.png" in reply.text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("what can you do?", "I could not find a handle"),
        ("", "I could not find a handle"),
        (f"can you look at @{HANDLE} {CAMPAIGN}: I mend.", "I could not find a handle"),
        (f"{HANDLE[:-1]}: I mend.", "Did you mean @mossy\\_miles?"),
        ("https://instagram.com/nobody: I mend.", "No influencer @nobody is stored here"),
        ("@nobody: I mend.", "No influencer @nobody is stored here"),
        (f"@{HANDLE} Winter: I mend.", "There is no campaign 'Winter' here"),
    ],
)
async def test_what_cannot_be_understood_is_answered_by_one_sentence(
    house: House, mira: Person, words: str, sentence: str
) -> None:
    message = await mira.say("drafts", f"{BOT} {words}")
    [reply] = await replies_to(house, message)
    assert sentence in reply.text
    assert "reactions" not in (await house.seen("otto"))[0].data or not (await house.seen("otto"))[0].data["reactions"]


async def test_of_several_campaigns_one_must_be_named(house: House, mira: Person) -> None:
    await house.add_campaign("Autumn")
    message = await mira.say("drafts", f"{BOT} @{HANDLE}: I mend.")
    [reply] = await replies_to(house, message)
    assert f"Choose one of Autumn, {CAMPAIGN}" in reply.text


async def test_of_many_campaigns_the_likely_ones_are_named_and_where_the_rest_stands(
    house: House, mira: Person
) -> None:
    for name in "ABCDEF":
        await house.add_campaign(f"{name} week")
    async with house.store.write() as conn:
        kettles = replace(make_brand(), id=0, guild_id=house.guild_id, name="Kettleworks", aliases=())
        await library.upsert_campaign(conn, Campaign(0, house.guild_id, "Zuletzt", kettles))
    told = await mira.say("drafts", f"{BOT} @{HANDLE} {CAMPAIGN}: {DRAFT}")
    await replies_to(house, told)
    message = await mira.say("drafts", f"{BOT} @{HANDLE}: My kettleworks kettle.")
    [reply] = await replies_to(house, message)
    assert f"Choose one of Zuletzt, {CAMPAIGN}, A week, B week, C week, or any other of /campaign list" in reply.text


async def test_a_handle_that_became_a_member_mention_is_still_the_handle(house: House, mira: Person) -> None:
    member = await house.sandbox.ask("add_person", name=HANDLE, guild=None, roles=[])
    message = await mira.say("drafts", f"{BOT} <@{member['id']}> {CAMPAIGN}: {DRAFT}")
    [reply] = await replies_to(house, message)
    assert "V-1" in reply.text


async def test_talk_that_does_not_name_the_bot_is_not_answered(house: House, mira: Person) -> None:
    card = await house.card(mira)
    await mira.say("drafts", "thanks!", reply_to=card)
    await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT}")
    asked = await mira.say("drafts", f"{BOT} hm")
    await replies_to(house, asked)  # what came before has been looked at by now
    seen = await house.seen("otto")
    assert [message.author for message in seen].count("campaign-bot") == 2


async def test_the_words_of_a_draft_ping_nobody(house: House, mira: Person) -> None:
    [lena_id] = [
        one["id"] for one in (await house.sandbox.ask("places_and_people"))["people"] if one["username"] == "lena"
    ]
    message = await mira.say("drafts", f"{BOT} @{HANDLE} {CAMPAIGN}: <@{lena_id}> @everyone {DRAFT}")
    await replies_to(house, message)
    for call in await house.sandbox.record(method="POST"):
        if "/messages" in call["path"]:
            assert call["body"]["allowed_mentions"]["parse"] == []
    for stored in await house.sandbox.every_message():
        if stored["payload"]["author"]["username"] == "campaign-bot":
            assert not stored["payload"]["mentions"]
            assert not stored["payload"]["mention_everyone"]


async def test_bots_are_not_answered(house: House, mira: Person) -> None:
    asked = await mira.say("drafts", f"{BOT} hm")
    await replies_to(house, asked)
    assert house.bot is not None
    await house.bot.get_partial_messageable(int(asked.channel_id)).send(f"{BOT} @{HANDLE}: I mend.")
    again = await mira.say("drafts", f"{BOT} hm")
    await replies_to(house, again)
    assert [message.author for message in await house.seen("otto")].count("campaign-bot") == 3


async def test_a_mended_name_makes_a_draft_of_what_was_refused(house: House, mira: Person) -> None:
    message = await mira.say("drafts", f"{BOT} @mossy_mile {CAMPAIGN}: {DRAFT}")
    [refusal] = await replies_to(house, message)
    assert "Did you mean" in refusal.text
    await mira.edit(message, f"{BOT} @mossy_miless {CAMPAIGN}: {DRAFT}")
    assert "Did you mean" in (await replies_to(house, message, 2))[1].text
    await mira.edit(message, f"{BOT} @{HANDLE} {CAMPAIGN}: {DRAFT}")
    assert "V-1" in (await replies_to(house, message, 3))[2].text
    await mira.edit(message, f"{BOT} @{HANDLE} {CAMPAIGN}: {DRAFT} And more.")
    assert "V-2" in (await replies_to(house, message, 4))[3].text
    stored = await lookup.show(house.store, house.guild_id, "2", viewer_id=None)
    assert (stored.draft.id, stored.revision.number) == (1, 2)


async def test_edited_talk_and_an_edit_told_late_are_left_alone(house: House, mira: Person) -> None:
    talk = await mira.say("drafts", "lunch?")
    await mira.edit(talk, f"@{HANDLE} {CAMPAIGN}: {DRAFT}")
    refused = await mira.say("drafts", f"{BOT} @mossy_mile {CAMPAIGN}: {DRAFT}")
    await replies_to(house, refused)
    house.ahead = timedelta(hours=1)  # as for a message that is pinned long after its edit
    await mira.edit(refused, f"{BOT} @mossy_miless {CAMPAIGN}: {DRAFT}")
    await replies_to(house, await mira.say("drafts", f"{BOT} hm"))  # what came before has been looked at by now
    assert [message.author for message in await house.seen("otto")].count("campaign-bot") == 2
