"""A draft's next versions, whichever way they come, and what becomes of the card and the approval before."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.sandbox.people import Message, Person
from bot.services import lookup
from bot.store.tables import revision
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House

MENTION = f"<@1000> @{HANDLE} {CAMPAIGN}: "
BETTER = DRAFT.replace("600 miles", "800 kilometres")


async def card_of(house: House, number: str, *words: str) -> Message:
    """The card of that verdict in the channel, once it says these words."""

    async def found() -> Message | None:
        seen = [one for one in await house.seen("otto") if f" · {number}\n" in one.text]
        return seen[0] if len(seen) == 1 and all(word in seen[0].text for word in words) else None

    card: Message = await house.sandbox.until(found)
    return card


async def mentioned(house: House, mira: Person) -> Message:
    said = await mira.say("drafts", MENTION + DRAFT)
    await card_of(house, "V-1")
    return said


async def bots_messages(house: House) -> list[Message]:
    return [one for one in await house.seen("otto") if one.author == "campaign-bot"]


async def decided(house: House, number: str) -> int:
    return len((await lookup.show(house.store, house.guild_id, number, viewer_id=None)).decisions)


async def test_an_edit_of_the_message_voids_the_approval_and_is_judged_anew(
    house: House, mira: Person, lena: Person
) -> None:
    said = await mentioned(house, mira)
    await lena.click(await card_of(house, "V-1"), "Approve")
    await card_of(house, "V-1", "Approved by **Lena**")
    await mira.edit(said, MENTION + BETTER)
    new = await card_of(house, "V-2", "Version 2: what is new since V-1", "“600 miles” is now “800 kilometres”")
    assert new.data["message_reference"]["message_id"] == said.id
    old = await card_of(house, "V-1", "Replaced by [V-2]", new.id)
    assert "No longer valid, for the text has changed: Approved by **Lena**" in old.text
    assert "[ Approve ]" not in old.text
    assert "[ Approve ]" in new.text
    listed = await (await mira.slash("history search", {"influencer": HANDLE})).finished()
    assert "approved · void, replaced by version 2" in listed.text
    told = await lena.slash("history decisions", {"number": "V-2"})
    shown = await told.finished()
    assert shown.ephemeral
    stored = await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)
    for piece in ("Nobody has decided about this version.", stored.revision.sha256, "800 kilometres", "600 miles"):
        assert piece in shown.text


async def test_an_edit_while_the_draft_is_being_taken_in_is_its_next_version(house: House, mira: Person) -> None:
    async with house.store.write():  # whoever takes it in waits
        said = await mira.say("drafts", MENTION + DRAFT)
        await mira.edit(said, MENTION + BETTER)
        await asyncio.sleep(0.3)
    await card_of(house, "V-1", "Replaced by [V-2]")
    assert (await lookup.show(house.store, house.guild_id, "V-2", viewer_id=None)).revision.text == BETTER


async def test_an_approval_of_a_text_that_was_replaced_is_refused(house: House, mira: Person, lena: Person) -> None:
    said = await mentioned(house, mira)
    old = await card_of(house, "V-1")
    house.queue.wake()
    await house.sandbox.fault("delay", f"/messages/{old.id}", seconds=5)  # the old buttons still stand
    await mira.edit(said, MENTION + BETTER)
    await card_of(house, "V-2")
    told = await lena.click(old, "Approve")
    assert "has changed since you saw it" in (await told.finished()).text
    assert await decided(house, "V-1") == 0


async def test_the_same_text_again_is_no_new_version(house: House, mira: Person) -> None:
    said = await mentioned(house, mira)
    await mira.edit(said, MENTION + f"  {DRAFT}\n")

    async def answered() -> bool:
        return any("Nothing has changed: this is the text of version 1" in one.text for one in await house.seen("otto"))

    await house.sandbox.until(answered)
    opened = await mira.click(await card_of(house, "V-1"), "New version")
    told = await mira.submit(opened, {})
    assert "Nothing has changed" in (await told.finished()).text
    listed = await (await mira.slash("history search", {})).finished()
    assert "1 in all" in listed.text


async def test_an_edit_that_takes_the_mention_away_cannot_be_read_and_says_so(house: House, mira: Person) -> None:
    said = await mentioned(house, mira)
    await mira.edit(said, BETTER)

    async def answered() -> bool:
        return any("without a mention of me I cannot read it" in one.text for one in await house.seen("otto"))

    await house.sandbox.until(answered)
    async with house.store.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(revision)) == 1


async def test_an_edit_cannot_move_a_draft_to_another_campaign(house: House, mira: Person) -> None:
    await house.add_campaign("Autumn")
    said = await mentioned(house, mira)
    await mira.edit(said, f"<@1000> @{HANDLE} Autumn: {BETTER}")

    async def answered() -> bool:
        return any("not another influencer or campaign" in one.text for one in await house.seen("otto"))

    await house.sandbox.until(answered)
    async with house.store.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(revision)) == 1


async def test_the_button_opens_a_form_with_the_text_so_far(house: House, mira: Person) -> None:
    card = await house.card(mira)
    await house.restart_bot()
    opened = await mira.click(card, "New version")
    field: Any = (await opened.modal())["components"][0]["component"]
    assert field["value"] == DRAFT
    await house.restart_bot()
    sent = await mira.submit(opened, {"text": BETTER})
    assert "Version 2: what is new since V-1" in (await sent.finished()).text
    await card_of(house, "V-1", "Replaced by [V-2]")


async def test_only_the_author_and_those_who_decide_send_new_versions(
    house: House, mira: Person, lena: Person, sandbox: Any
) -> None:
    card = await house.card(mira)
    told = await sandbox.person("tobi").click(card, "New version")
    assert "from whoever sent the draft in" in (await told.finished()).text
    opened = await lena.click(card, "New version")
    await lena.submit(opened, {"text": BETTER})
    await card_of(house, "V-2")


@pytest.mark.parametrize("to_card", [True, False])
async def test_a_reply_of_the_author_with_a_new_text_is_a_new_version(
    house: House, mira: Person, to_card: bool
) -> None:
    said = await mentioned(house, mira)
    target = await card_of(house, "V-1") if to_card else said
    words = BETTER if to_card else f"<@1000> {BETTER}"  # without the mention only a reply to a message of ours is read
    reply = await mira.say("drafts", words, reply_to=target)
    new = await card_of(house, "V-2", "is now “800 kilometres”")
    assert new.data["message_reference"]["message_id"] == reply.id
    await mira.edit(reply, words.replace("800", "900"))  # a pinged reply stays readable
    await card_of(house, "V-3", "“800” is now “900”")
    await card_of(house, "V-1", "Replaced by [V-3]")


async def test_a_reply_of_somebody_else_with_a_new_text_is_told_whose_it_may_be(
    house: House, mira: Person, lena: Person
) -> None:
    card = await house.card(mira)
    await lena.say("drafts", f"<@1000> {BETTER}", reply_to=card)

    async def told() -> bool:
        return any(
            "Only whoever sent the draft in can send a new version" in one.text for one in await house.seen("otto")
        )

    await house.sandbox.until(told)
    await lena.say("drafts", f"{MENTION}{BETTER}", reply_to=card)
    assert "version 2" not in (await card_of(house, "V-2")).text  # a draft of her own


async def test_talk_below_a_card_is_no_version(house: House, mira: Person, sandbox: Any) -> None:
    await mentioned(house, mira)
    card = await card_of(house, "V-1")
    await mira.say("drafts", "thanks, looks good to me!", reply_to=card)
    await sandbox.person("tobi").say("drafts", BETTER, reply_to=card)  # not the author
    asked = await mira.say("drafts", "<@1000> hm")
    await house.sandbox.until(lambda: _answered(house, asked))
    assert len(await bots_messages(house)) == 2


async def _answered(house: House, message: Message) -> bool:
    seen = await house.seen("otto")
    return any((one.data.get("message_reference") or {}).get("message_id") == message.id for one in seen)


async def test_what_may_be_a_version_is_asked_about(house: House, mira: Person, lena: Person) -> None:
    await mentioned(house, mira)
    other = (
        "Ad | Nobody asked for it, but here is what mending taught this stubborn hiker about patience, rain and socks."
    )
    reply = await mira.say("drafts", other, reply_to=await card_of(house, "V-1"))
    await house.sandbox.until(lambda: _answered(house, reply))
    question = (await house.seen("otto"))[-1]
    assert "Is this a new version of V-1?" in question.text
    await house.restart_bot()
    told = await lena.click(question, "Review it as a new version")
    assert "from whoever sent the draft in" in (await told.finished()).text
    await mira.click(question, "Review it as a new version")
    await card_of(house, "V-2", "Version 2")


async def test_a_new_version_without_files_keeps_the_pictures(house: House, mira: Person) -> None:
    from bot.sandbox.people import File
    from bot.services.versions import history_of

    picture = File("a.png", b"\x89PNG\r\n\x1a\n", "image/png")
    await mira.say("drafts", MENTION + DRAFT, attachments=[picture])
    opened = await mira.click(await card_of(house, "V-1"), "New version")
    await mira.submit(opened, {"text": BETTER})
    await card_of(house, "V-2")
    texts = (await history_of(house.store, house.guild_id, "V-2", viewer_id=None)).texts
    assert [one.files for one in texts] == [("a.png",), ("a.png",)]
    assert texts[0].sha256 != texts[1].sha256


async def test_a_private_check_has_private_versions(house: House, mira: Person, lena: Person) -> None:
    checked = await house.review(mira, command="selfcheck")
    card = await checked.finished()
    opened = await mira.click(card, "New version")
    sent = await mira.submit(opened, {"text": BETTER})
    new = await sent.finished()
    assert new.ephemeral
    assert "· S-2" in new.text

    async def replaced() -> bool:
        now = await checked.message()
        return now is not None and "Replaced by" in now.text

    await house.sandbox.until(replaced)
    told = await lena.slash("history decisions", {"number": "S-2"})
    assert "only whoever made a check can open it" in (await told.finished()).text
    assert await bots_messages(house) == []
