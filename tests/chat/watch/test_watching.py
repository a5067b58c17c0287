"""Watched channels over real sockets: drafts that nobody addressed to the bot, also those said while it was away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from bot.config import Discord, Settings
from bot.sandbox.people import File, Message, Person, Sandbox
from bot.services import lookup
from bot.store import watching
from bot.store.tables import batch, batch_item, outbox, revision, verdict, verdict_counter, watched_channel
from bot.store.tables import draft as draft_table
from bot.store.verdicts import HistoryQuery
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House
from tests.store.outages import nothing_more_written

OTHER = "Autumn: mud"


@pytest.fixture
async def house(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[House]:
    """May read messages, and watches the channel."""
    await sandbox.configure(allowed_intents=["message_content"])
    async with House.opened(sandbox, tmp_path) as house:
        house.settings = Settings(discord=Discord(read_messages=True))
        await house.start_bot()
        house.start_judging()
        told = await (await sandbox.person("lena").slash("watch on", {})).finished()
        assert "I now read every message" in words(told)
        yield house


async def replies(house: House, message: Message) -> list[Message]:
    seen = await house.seen("otto")
    return [one for one in seen if (one.data.get("message_reference") or {}).get("message_id") == message.id]


async def reply_to(house: House, message: Message) -> Message:
    """The one thing the bot replied."""
    [reply] = await house.sandbox.until(lambda: replies(house, message))
    assert isinstance(reply, Message)
    return reply


def words(message: Message) -> str:
    return message.text.replace("\\", "").replace("*", "")


async def texts(house: House) -> list[str]:
    async with house.store.read() as conn:
        return list(await conn.scalars(select(revision.c.text).order_by(revision.c.id)))


async def seen_up_to(house: House, message: Message) -> None:
    async def has() -> bool:
        async with house.store.read() as conn:
            [found] = await watching.watches(conn, house.guild_id)
        return found.last_seen_id >= int(message.id)

    await house.sandbox.until(has)


async def test_a_draft_needs_no_mention_and_talk_is_left_alone(house: House, mira: Person) -> None:
    talk = await mira.say("drafts", "lunch, anybody? @bob")
    draft = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT}")
    card = await reply_to(house, draft)
    assert "V-1" in card.text
    thanks = await mira.say("drafts", f"thanks @{HANDLE}, I like it", reply_to=draft)
    await seen_up_to(house, thanks)
    assert await texts(house) == [DRAFT]
    assert await replies(house, talk) == await replies(house, thanks) == []


async def test_an_attempt_is_told_once_how_to_write_it(house: House, mira: Person) -> None:
    await house.add_campaign(OTHER)
    unclear = await mira.say("drafts", f"@{HANDLE} my mended soles")
    assert "Write: @handle campaign" in words(await reply_to(house, unclear))
    unknown = await mira.say("drafts", f"@mossy_mile {OTHER}: my mended soles")
    assert f"Did you mean @{HANDLE}" in words(await reply_to(house, unknown))
    assert await texts(house) == []
    for reply in (await reply_to(house, unclear), await reply_to(house, unknown)):
        assert reply.data["flags"] & 1 << 12  # nobody's phone rings


async def test_a_fixed_campaign_and_a_linked_influencer_need_no_names(house: House, lena: Person) -> None:
    await house.add_campaign(OTHER)
    told = await (await lena.slash("watch on", {"campaign": OTHER})).finished()
    assert OTHER in words(told)
    await house.sandbox.ask("add_person", name=HANDLE, guild=None, roles=[])
    herself = house.sandbox.person(HANDLE)
    short = await herself.say("drafts", "ok, thanks!")
    long = await herself.say("drafts", DRAFT)
    await reply_to(house, long)
    assert await replies(house, short) == []
    stored = await lookup.show(house.store, house.guild_id, "1", viewer_id=None)
    assert (stored.influencer.handle, stored.campaign.name, stored.revision.text) == (HANDLE, OTHER, DRAFT)


async def test_a_file_alone_or_a_slip_in_the_handle_gets_one_quiet_answer(house: House, mira: Person) -> None:
    picture = await mira.say("drafts", attachments=[File("a.png", b"\x89PNG\r\n\x1a\n", "image/png")])
    letter = await mira.say("drafts", attachments=[File("a.txt", DRAFT.encode(), "text/plain")])
    workbook = await mira.say("drafts", attachments=[File("a.xlsx", b"PK\x03\x04")])
    slip = await mira.say("drafts", f"@mossy_mile {DRAFT}")
    talk = await mira.say("drafts", "look at this", attachments=[File("a.png", b"\x89PNG\r\n\x1a\n", "image/png")])
    files, sentences = (picture, letter, workbook), ("Is this a draft?", "Is this a draft?", "save it as CSV")
    said = [*zip(files, sentences, strict=True), (slip, "Did you mean")]
    for message, sentence in said:
        reply = await reply_to(house, message)
        assert sentence in words(reply)
        assert reply.data["flags"] & 1 << 12  # nobody's phone rings
    await seen_up_to(house, talk)
    assert await replies(house, talk) == []
    marked = [one for one in await house.seen("otto") if one.data.get("reactions")]
    assert [one.id for one in marked] == [one.id for one, _ in said]
    assert {one.data["reactions"][0]["emoji"]["name"] for one in marked} == {"❓"}
    assert await texts(house) == []


async def test_talk_or_an_attempt_that_is_changed_into_a_draft_is_one(house: House, mira: Person) -> None:
    talk = await mira.say("drafts", "morning all")
    unknown = await mira.say("drafts", f"@mossy_mile {CAMPAIGN}: {DRAFT}")
    await reply_to(house, unknown)
    await mira.edit(talk, f"@{HANDLE} {CAMPAIGN}: {DRAFT} from talk")
    assert "V-1" in (await reply_to(house, talk)).text
    await mira.edit(unknown, f"@{HANDLE} {CAMPAIGN}: {DRAFT} mended")
    await house.sandbox.until(lambda: _is_judged(house, "V-2"))
    assert await texts(house) == [f"{DRAFT} from talk", f"{DRAFT} mended"]
    assert len(await replies(house, unknown)) == 2


async def _is_judged(house: House, number: str) -> bool:
    return any(number in message.text for message in await house.seen("otto"))


async def test_what_was_said_while_the_bot_was_away_is_answered_once_each(house: House, mira: Person) -> None:
    await house.stop_bot()
    said = [await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT} {number}") for number in range(3)]
    said.append(await mira.say("drafts", f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT} by mention"))
    await mira.say("drafts", "just talk")
    await house.start_bot()
    for message in said:
        assert "V-" in (await reply_to(house, message)).text
    await house.restart_bot()
    last = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT} afterwards")
    await reply_to(house, last)
    assert [len(await replies(house, message)) for message in (*said, last)] == [1] * 5
    assert await texts(house) == [f"{DRAFT} {end}" for end in (0, 1, 2, "by mention", "afterwards")]


async def test_a_lost_session_loses_no_message(house: House, mira: Person) -> None:
    before = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT} before")
    await reply_to(house, before)
    await house.sandbox.ask("disconnect", code=4000, forget=True)  # RESUME is answered by op 9
    missed = [await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT} {number}") for number in range(3)]
    for message in missed:
        assert "V-" in (await reply_to(house, message)).text
    after = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT} after")
    await reply_to(house, after)
    assert await texts(house) == [f"{DRAFT} {end}" for end in ("before", 0, 1, 2, "after")]


async def test_more_than_a_page_was_missed(house: House, mira: Person) -> None:
    await house.stop_bot()
    for number in range(120):
        await mira.say("drafts", f"talk {number}")
    draft = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT}")
    await house.start_bot()
    await reply_to(house, draft)
    assert len(await house.sandbox.record(path="/messages?", method="GET")) <= 3


async def test_a_database_out_of_reach_only_delays_it(house: House, mira: Person) -> None:
    with nothing_more_written(house.store.path):
        draft = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT}")
        await mira.autocomplete("review", "influencer", "m")  # the bot has heard the message by now
        assert await replies(house, draft) == []
    assert "V-1" in (await reply_to(house, draft)).text
    assert len(await replies(house, draft)) == 1


async def test_a_table_in_a_watched_channel_is_a_batch(house: House, mira: Person) -> None:
    file = File("week.csv", f"handle,text\n{HANDLE},One.\n{HANDLE},Two.\n".encode(), "text/csv")
    message = await mira.say("drafts", "for next week", attachments=[file])
    await house.sandbox.until(lambda: replies(house, message))
    assert sorted(await texts(house)) == ["One.", "Two."]


async def test_watching_ends_and_is_listed(house: House, mira: Person, lena: Person) -> None:
    listed = await (await lena.slash("watch list", {})).finished()
    assert "Channels I read (1)" in words(listed)
    await (await lena.slash("watch off", {})).finished()
    draft = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT}")
    asked = await mira.say("drafts", "<@1000> hm")
    await reply_to(house, asked)
    assert await replies(house, draft) == []
    again = await (await lena.slash("watch off", {})).finished()
    assert "was not watched" in words(again)


async def test_without_the_intent_or_a_permission_it_is_said_in_a_sentence(house: House, lena: Person) -> None:
    await house.sandbox.ask("permit", subject="campaign-bot", channel="drafts", deny=["READ_MESSAGE_HISTORY"])

    async def lacks() -> bool:
        told = await (await lena.slash("watch on", {})).finished()
        return "Allow me there" in words(told)

    await house.sandbox.until(lacks)
    house.settings = Settings()
    await house.restart_bot()
    told = await (await lena.slash("watch on", {})).finished()
    assert "read_messages = true" in words(told)
    assert (await lookup.search(house.store, house.guild_id, HistoryQuery())).total == 0


async def test_what_a_restored_backup_knows_nothing_of_is_not_answered_again(house: House, mira: Person) -> None:
    before = await mira.say("drafts", "lunch, anybody?")
    draft = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT}")
    several = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT} One.\n---\n@{HANDLE} {CAMPAIGN}: {DRAFT} Two.")

    async def has_ended() -> bool:
        return any("Fits: 2" in words(one) for one in await replies(house, several))

    await house.sandbox.until(has_ended)
    await reply_to(house, draft)
    await seen_up_to(house, several)
    await house.stop_bot()
    unanswered = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT} Three.")
    async with house.store.write() as conn:  # as it was at `before`
        for table in (batch_item, batch, outbox, verdict, revision, draft_table, verdict_counter):
            await conn.execute(delete(table))
        await conn.execute(update(watched_channel).values(last_seen_id=int(before.id)))
    await house.sandbox.advance(600)  # the nonces are forgotten
    await house.start_bot()
    await reply_to(house, unanswered)
    assert [len(await replies(house, one)) for one in (draft, several)] == [1, 1]
    assert await texts(house) == [f"{DRAFT} Three."]


TALE = "Ad | Nobody asked for it, but here is what mending taught this stubborn hiker about patience, rain and socks."


async def test_a_question_is_asked_once_though_the_process_dies_before_it_noted_so(house: House, mira: Person) -> None:
    draft = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT}")
    card = await reply_to(house, draft)
    reply = await mira.say("drafts", TALE, reply_to=card)
    assert "Is this a new version of V-1?" in (await reply_to(house, reply)).text
    await seen_up_to(house, reply)
    await house.stop_bot()
    async with house.store.write() as conn:
        await conn.execute(update(watched_channel).values(last_seen_id=int(card.id)))
    await house.sandbox.advance(600)  # the nonce is forgotten
    house.ahead = timedelta(seconds=600)
    await house.start_bot()
    await seen_up_to(house, reply)
    assert len(await replies(house, reply)) == 1


async def test_a_database_out_of_reach_only_delays_a_new_version(house: House, mira: Person) -> None:
    card = await reply_to(house, await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT}"))
    with nothing_more_written(house.store.path):
        better = await mira.say("drafts", DRAFT.replace("600", "800"), reply_to=card)
        await mira.autocomplete("review", "influencer", "m")  # the bot has heard the message by now
        assert await replies(house, better) == []
    assert "V-2" in (await reply_to(house, better)).text
    assert len(await replies(house, better)) == 1


async def test_a_mention_that_nothing_can_be_read_for_is_answered_and_talk_is_not(house: House, mira: Person) -> None:
    await house.sandbox.ask("add_channel", name="elsewhere", guild=None)
    async with house.store.write() as conn:
        await conn.exec_driver_sql("ALTER TABLE watched_channel RENAME TO away")
    await mira.say("elsewhere", "lunch, anybody?")
    asked = await mira.say("elsewhere", f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}")

    async def answers() -> list[Message]:
        return [one for one in await house.seen("otto", "elsewhere") if one.author == "campaign-bot"]

    [answer] = await house.sandbox.until(answers)
    assert answer.data["message_reference"]["message_id"] == asked.id


async def test_of_channels_that_are_not_watched_nothing_is_kept(house: House, mira: Person, lena: Person) -> None:
    await house.sandbox.ask("add_channel", name="elsewhere", guild=None)
    asked = await mira.say("elsewhere", "<@1000> hm")

    async def answered() -> bool:
        return len(await house.seen("otto", "elsewhere")) == 2

    await house.sandbox.until(answered)
    draft = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT}")
    await reply_to(house, draft)
    assert house.bot is not None
    assert list(house.bot._watching._channels) == [int(draft.channel_id)]
    assert asked.channel_id != draft.channel_id
    await (await lena.slash("watch off", {})).finished()
    await reply_to(house, await mira.say("drafts", "<@1000> hm"))
    assert not house.bot._watching._channels


async def test_a_message_that_cannot_be_read_stops_nothing_behind_it(house: House, mira: Person) -> None:
    await house.stop_bot()
    before = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT} before")
    faults = [{"components": None}, {"type": None}, {"author": None}, {"mentions": None}]
    odd = [await mira.say("drafts", "odd") for _ in faults[1:]]
    behind = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT} behind")
    odd.append(await mira.say("drafts", "odd"))
    spoiled = {message.id: fields for message, fields in zip(odd, faults, strict=True)}
    await house.sandbox.configure(spoiled=spoiled)
    await house.start_bot()
    for message in (before, behind):
        assert "V-" in (await reply_to(house, message)).text
    await seen_up_to(house, odd[-1])
    assert await texts(house) == [f"{DRAFT} before", f"{DRAFT} behind"]


@pytest.mark.parametrize("kind", ["403", "half_after", "500"])
async def test_a_page_that_is_refused_or_broken_once_loses_nothing(house: House, mira: Person, kind: str) -> None:
    await house.stop_bot()
    missed = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT} missed")
    await house.sandbox.fault(kind, "/messages", method="GET")
    await house.start_bot()
    assert "V-1" in (await reply_to(house, missed)).text
    assert await texts(house) == [f"{DRAFT} missed"]
    assert not any("Read Message History" in words(message) for message in await house.seen("otto"))


async def test_what_may_not_be_read_waits_and_what_comes_does_not(house: House, mira: Person) -> None:
    await house.stop_bot()
    missed = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT} missed")
    deny = ["READ_MESSAGE_HISTORY"]
    await house.sandbox.ask("permit", subject="campaign-bot", channel="drafts", deny=deny)
    await house.start_bot()
    live = await mira.say("drafts", f"@{HANDLE} {CAMPAIGN}: {DRAFT} live")

    async def taken() -> bool:
        return await texts(house) == [f"{DRAFT} live"]

    await house.sandbox.until(taken)

    async def told() -> list[Message]:
        return [message for message in await house.seen("otto") if "Read Message History" in words(message)]

    await house.sandbox.until(told)
    await house.sandbox.ask("permit", subject="campaign-bot", channel="drafts", allow=deny)
    assert "V-2" in (await reply_to(house, missed)).text
    await seen_up_to(house, live)
    assert await texts(house) == [f"{DRAFT} live", f"{DRAFT} missed"]
    assert len(await told()) == 1
