"""What was said to the bot, or changed, while it heard nothing: over real sockets, without the intent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.jobs.embedded import EmbeddedQueue
from bot.sandbox.people import Message, Person
from bot.store.watching import mark_heard
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House, utc_now

MENTION = f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}"


async def replies(house: House, message: Message) -> list[Message]:
    seen = await house.seen("otto")
    return [one for one in seen if (one.data.get("message_reference") or {}).get("message_id") == message.id]


async def answered(house: House, message: Message, words: str) -> bool:
    return any(words in one.text for one in await replies(house, message))


async def listening(house: House) -> None:
    """The bot has read what was missed, and goes on from there."""
    assert house.bot is not None
    missed = house.bot._missed
    await house.sandbox.until(lambda: missed._heard)


async def test_a_mention_said_while_the_bot_was_away_is_answered_once(house: House, mira: Person) -> None:
    await listening(house)
    before = await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: answered(house, before, "V-1"))
    told = await mira.say("drafts", "<@1000> hm")
    await house.sandbox.until(lambda: replies(house, told))
    await house.stop_bot()
    draft = await mira.say("drafts", MENTION.replace("600", "700"))
    unclear = await mira.say("drafts", f"<@1000> @nobody {CAMPAIGN}: {DRAFT}")
    talk = await mira.say("drafts", "lunch?")
    await house.sandbox.advance(600)  # a nonce is forgotten
    for _ in range(2):
        await house.start_bot()
        await listening(house)
        await house.sandbox.until(lambda: answered(house, draft, "V-2"))
        await house.sandbox.until(lambda: replies(house, unclear))
        await house.stop_bot()
    assert [len(await replies(house, one)) for one in (before, told, draft, unclear, talk)] == [1, 1, 1, 1, 0]
    assert len(await house.sandbox.record(path="/reactions/", method="PUT")) == 2  # of each draft, once


async def test_a_clock_that_is_fast_hides_nothing(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    house.ahead = timedelta(minutes=20)
    house.queue = EmbeddedQueue(house.store, concurrency=2, clock=lambda: utc_now() + house.ahead)
    house.start_judging()
    await house.restart_bot()
    await listening(house)
    await house.stop_bot()
    missed = await mira.say("drafts", MENTION)
    await house.start_bot()
    await house.sandbox.until(lambda: answered(house, missed, "V-1"))
    await mira.edit(missed, MENTION.replace("600", "700"))
    await house.sandbox.until(lambda: answered(house, missed, "V-2"))


async def test_a_clock_that_was_set_back_hides_nothing(house: House, mira: Person) -> None:
    await listening(house)
    async with house.store.write() as conn:
        await mark_heard(conn, [house.guild_id], utc_now() + timedelta(hours=1))
    await house.stop_bot()
    missed = await mira.say("drafts", MENTION)
    await house.start_bot()
    await house.sandbox.until(lambda: answered(house, missed, "V-1"))


async def test_a_direct_message_written_meanwhile_is_answered_once(house: House, mira: Person) -> None:
    await house.card(mira)  # whom it has met
    await house.stop_bot()
    await mira.say("dm", "hello?")
    last = await mira.say("dm", "anybody there?")

    async def looked() -> int:
        return sum("/messages" in call["path"] for call in await house.sandbox.record(method="GET"))

    async def told() -> list[str]:
        seen = [one for one in await house.seen("mira", "dm") if one.author == "campaign-bot"]
        return [one.data["message_reference"]["message_id"] for one in seen]

    await house.start_bot()
    await house.sandbox.until(told)
    await house.stop_bot()
    await house.sandbox.advance(600)  # the nonce is forgotten
    before = await looked()
    await house.start_bot()
    await house.sandbox.until(lambda: _more(looked, before))
    await house.stop_bot()
    assert await told() == [last.id]


async def _more(count: Callable[[], Awaitable[int]], before: int) -> bool:
    return await count() > before


async def test_a_mention_said_without_a_session_is_answered(house: House, mira: Person) -> None:
    await listening(house)
    await house.sandbox.ask("disconnect", code=4000, forget=True)  # RESUME is answered by op 9
    missed = await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: answered(house, missed, "V-1"))
    assert len(await replies(house, missed)) == 1


async def test_a_channel_that_may_not_be_read_holds_up_no_other(house: House, mira: Person) -> None:
    await house.sandbox.ask("add_channel", name="elsewhere", guild=None)
    await listening(house)
    await house.stop_bot()
    for channel in ("elsewhere", "drafts"):
        await mira.say(channel, MENTION)
    await house.sandbox.fault("403", "/messages", method="GET")
    await house.start_bot()

    async def is_judged() -> bool:
        seen = [*await house.seen("otto", "elsewhere"), *await house.seen("otto")]
        return any("V-1" in one.text for one in seen)

    await house.sandbox.until(is_judged)
    assert len(await house.sandbox.record(path="/messages", method="GET")) >= 2  # one refused, one read


async def test_a_draft_that_was_changed_meanwhile_is_a_new_version(house: House, mira: Person) -> None:
    await listening(house)
    changed, same = await mira.say("drafts", MENTION), await mira.say("drafts", MENTION.replace("600", "700"))
    await house.sandbox.until(lambda: answered(house, changed, "V-"))
    await house.sandbox.until(lambda: answered(house, same, "V-"))
    await house.stop_bot()
    await mira.edit(changed, f"{MENTION} Now with code MO20!")
    await mira.edit(same, "something else")
    await mira.edit(same, MENTION.replace("600", "700"))
    await house.start_bot()
    await house.sandbox.until(lambda: answered(house, changed, "V-3"))
    assert len(await replies(house, same)) == 1
