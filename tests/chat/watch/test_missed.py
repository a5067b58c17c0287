"""What was said to the bot, or changed, while it heard nothing: over real sockets, without the intent."""

from __future__ import annotations

from bot.sandbox.people import Message, Person
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House

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


async def test_a_mention_said_without_a_session_is_answered(house: House, mira: Person) -> None:
    await listening(house)
    await house.sandbox.ask("disconnect", code=4000, forget=True)  # RESUME is answered by op 9
    missed = await mira.say("drafts", MENTION)
    await house.sandbox.until(lambda: answered(house, missed, "V-1"), within=30)
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
