"""A message of several drafts is edited: each of them follows, and what cannot is said."""

from __future__ import annotations

from time import monotonic

from bot.sandbox.people import Message, Person
from bot.services import lookup
from bot.store.verdicts import HistoryQuery
from tests.chat.batch.test_batches import sound, table, the_end
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House

MENTION = "<@1000> "
FIRST = f"@{HANDLE} {CAMPAIGN}: {DRAFT}"
SECOND = f"@{HANDLE} {CAMPAIGN}: {DRAFT} Twice."
THIRD = f"@{HANDLE} {CAMPAIGN}: A third text about socks that nobody has seen before."


def several(*parts: str) -> str:
    return MENTION + "\n---\n".join(parts)


async def numbers(house: House) -> list[tuple[str, str]]:
    """All verdicts, oldest first, with the end of their texts."""
    found = await lookup.search(house.store, house.guild_id, HistoryQuery(), size=50)
    return [(row.number, row.revision.text[-14:]) for row in reversed(found.rows)]


async def all_read(house: House) -> bool:
    return len(await numbers(house)) == 4


async def seen(house: House, *words: str) -> Message:
    async def found() -> Message | None:
        return next((one for one in await house.seen("otto") if all(word in one.text for word in words)), None)

    message: Message = await house.sandbox.until(found)
    return message


async def shown(person: Person, number: str) -> str:
    return (await (await person.slash("history show", {"number": number})).finished()).text


async def test_a_changed_draft_gets_a_version_and_loses_its_approval_and_the_others_nothing(
    house: House, mira: Person, lena: Person
) -> None:
    message = await mira.say("drafts", several(FIRST, SECOND))
    await the_end(house)
    for number in ("V-1", "V-2"):
        opened = await (await lena.slash("history show", {"number": number})).finished()
        await (await lena.click(opened, "Approve")).answer()
    await mira.edit(message, several(FIRST, SECOND.replace("600 miles", "900 miles")))
    card = await seen(house, "· V-3", "what is new since V-2", "“600” is now “900”")
    assert card.data["message_reference"]["message_id"] == message.id
    assert "Approved by" not in card.text
    assert "No longer valid, for the text has changed: Approved by **Lena**" in await shown(mira, "V-2")
    assert "No longer valid" not in (untouched := await shown(mira, "V-1"))
    assert "Approved by **Lena**" in untouched
    assert [number for number, _ in await numbers(house)] == ["V-1", "V-2", "V-3"]


async def test_drafts_apart_by_a_mention_each_are_told_apart_after_an_edit_too(house: House, mira: Person) -> None:
    message = await mira.say("drafts", f"{MENTION}{FIRST}\n{MENTION}{SECOND}")
    await the_end(house)
    await mira.edit(message, f"{MENTION}{FIRST}\n{MENTION}{SECOND.replace('Twice', 'Thrice')}")
    await seen(house, "· V-3", "what is new since V-2")
    await mira.edit(message, f"{MENTION}{FIRST}\n@{HANDLE} and I like it.\n---\n{SECOND}")
    await seen(house, f"A line begins with @{HANDLE.replace('_', chr(92) + '_')}")
    assert [number for number, _ in await numbers(house)] == ["V-1", "V-2", "V-3"]


async def test_the_other_drafts_keep_what_was_sent_with_the_button(house: House, mira: Person) -> None:
    message = await mira.say("drafts", several(FIRST, SECOND))
    await the_end(house)
    opened = await mira.click(await (await mira.slash("history show", {"number": "V-1"})).finished(), "New version")
    await (await mira.submit(opened, {"text": f"{DRAFT} By the button."})).finished()
    await seen(house, "· V-3")
    await mira.edit(message, several(FIRST, SECOND.replace("Twice", "Thrice")))
    await seen(house, "· V-4")
    assert [number for number, _ in await numbers(house)] == ["V-1", "V-2", "V-3", "V-4"]
    assert (await numbers(house))[2:] == [("V-3", "By the button."), ("V-4", f"{DRAFT} Thrice."[-14:])]


async def test_what_left_the_message_is_kept_and_what_is_new_is_not_taken_in(house: House, mira: Person) -> None:
    message = await mira.say("drafts", several(FIRST, SECOND))
    await the_end(house)
    await mira.edit(message, several(SECOND))
    told = await seen(house, "1 draft is no longer in the message, but kept as sent")
    assert told.data["message_reference"]["message_id"] == message.id
    await mira.edit(message, several(FIRST, SECOND, THIRD))
    await seen(house, "1 draft in the message is new, or for another influencer or campaign")
    await mira.edit(message, several(SECOND, THIRD.replace(HANDLE, "somebody_else")))
    await seen(house, "kept as sent, with all decisions. 1 is new")
    assert [number for number, _ in await numbers(house)] == ["V-1", "V-2"]


async def test_an_edit_without_a_mention_or_of_files_is_told_and_changes_nothing(house: House, mira: Person) -> None:
    message = await mira.say("drafts", several(FIRST, SECOND))
    await the_end(house)
    await mira.edit(message, several(FIRST, "").removeprefix(MENTION))
    await seen(house, "without a mention of me I cannot read it")
    message = await mira.say("drafts", f"{MENTION}please", attachments=[table(*sound(2))])
    await house.sandbox.until(lambda: all_read(house))
    await mira.edit(message, f"{MENTION}@{HANDLE} {CAMPAIGN}: please")
    await seen(house, "whose drafts came as files")
    assert len(await numbers(house)) == 4


async def test_a_slow_reaction_holds_up_no_new_version(house: House, mira: Person) -> None:
    message = await mira.say("drafts", several(FIRST, SECOND))
    await the_end(house)
    await house.sandbox.fault("delay", "/reactions/", seconds=15)
    began = monotonic()
    await mira.edit(message, several(FIRST, SECOND.replace("600 miles", "900 miles")))
    await seen(house, "· V-3")
    assert monotonic() - began < 12
