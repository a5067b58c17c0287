from __future__ import annotations

import asyncio

import discord
import pytest
from sqlalchemy import func, select

from bot.chat.client import ReviewBot, run_client
from bot.chat.registering import sync_file
from bot.config import Discord, Settings
from bot.errors import Problem
from bot.sandbox.people import Person
from bot.store import guilds
from bot.store.tables import revision
from bot.texts import text
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House


async def commands_told(house: House, times: int) -> None:
    """Events wait for that, but not for ever."""

    async def are_told() -> bool:
        calls = await house.sandbox.record(path="/commands", method="PUT")
        return [call["status"] for call in calls] == [200] * times

    await house.sandbox.until(are_told)


async def test_commands_are_told_to_discord_once_and_again_when_they_changed(house: House) -> None:
    await house.sandbox.until(lambda: sync_file(house.store.path).exists())
    await house.restart_bot()
    await commands_told(house, 1)
    await house.stop_bot()
    sync_file(house.store.path).write_text("another version")
    await house.start_bot()
    await commands_told(house, 2)


async def test_commands_keep_their_names_and_speak_japanese(house: House) -> None:
    commands = {command["name"]: command for command in (await house.sandbox.ask("registered"))["global"]}
    menu = commands["Review draft"]
    assert menu["name_localizations"] == {"ja": text("ja", "command.review_draft")}  # chosen, never typed
    review = commands["review"]
    assert review["description"] == text("en", "command.review")
    assert review["description_localizations"] == {"ja": text("ja", "command.review")}
    assert not review.get("name_localizations")
    [search] = [one for one in commands["history"]["options"] if one["name"] == "search"]
    [outcome] = [option for option in search["options"] if option["name"] == "outcome"]
    assert outcome["choices"][0]["name_localizations"] == {"ja": text("ja", "outcome.fits")}


async def test_only_the_intents_that_are_needed_are_asked_for(house: House) -> None:
    [session] = (await house.sandbox.gateway())["sessions"]
    assert session["intents"] == 1 | 1 << 9 | 1 << 12


async def test_a_server_seen_for_the_first_time_is_answered_in_its_language(house: House) -> None:
    made = await house.sandbox.ask("add_guild", name="東京", locale="ja")

    async def greeted() -> bool:
        async with house.store.read() as conn:
            return await guilds.guild_language(conn, int(made["id"])) == "ja"

    await house.sandbox.until(greeted)
    async with house.store.read() as conn:
        assert await guilds.guild_language(conn, house.guild_id) == "en"  # known before: left as it was


async def test_the_library_keeps_neither_forms_nor_cards(house: House, mira: Person, lena: Person) -> None:
    await mira.slash("selfcheck draft", {"influencer": "mossy_miles", "campaign": CAMPAIGN})
    await (await lena.click(await house.card(mira), "Ask for changes")).modal()
    assert house.bot is not None
    kept = house.bot._connection._view_store  # nothing public tells
    assert not kept._modals
    assert not kept._synced_message_views
    assert not any(kept._views.values())


async def test_an_event_that_cannot_be_read_costs_nothing_else(house: House, mira: Person) -> None:
    for name, data in (
        ("MESSAGE_CREATE", {"id": "no number", "channel_id": None}),
        ("MESSAGE_CREATE", None),
        ("INTERACTION_CREATE", {"type": 5, "data": None}),
        ("MESSAGE_REACTION_ADD", {}),
    ):
        await house.sandbox.ask("event", name=name, data=data)
    await mira.say("drafts", f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}")
    await house.sandbox.until(lambda: _answers(house))
    assert not house._running.done()
    assert (await house.sandbox.gateway())["counts"]["identify"] == 1


async def _answers(house: House) -> bool:
    return any("V-1" in message.text for message in await house.seen("otto"))


@pytest.mark.parametrize("status", ["403", "500", "429"])
async def test_commands_that_are_refused_hold_nothing_up(waiting_house: House, mira: Person, status: str) -> None:
    house = waiting_house
    house.start_judging()
    await house.sandbox.until(lambda: sync_file(house.store.path).exists())
    await house.stop_bot()
    sync_file(house.store.path).unlink()
    await house.sandbox.fault(status, "/commands", method="PUT", count=5, seconds=600)
    await house.start_bot()
    await mira.say("drafts", f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}")
    await house.sandbox.until(lambda: _answers(house))
    assert not sync_file(house.store.path).exists()


async def test_commands_that_cannot_be_noted_as_told_are_told_again(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    await house.sandbox.until(lambda: sync_file(house.store.path).exists())
    await house.stop_bot()
    sync_file(house.store.path).unlink()
    sync_file(house.store.path).mkdir()
    for times in (2, 3):
        await house.start_bot()
        await commands_told(house, times)
        await house.stop_bot()
    await house.start_bot()
    assert await mira.slash("help", {})


async def test_the_supervisor_replaces_a_client_that_ended(waiting_house: House) -> None:
    house = waiting_house
    await house.stop_bot()
    built: list[ReviewBot] = []
    stop = asyncio.Event()

    def build() -> ReviewBot:
        built.append(house.make_bot())
        return built[-1]

    await house.sandbox.fault("503", "/users/@me")
    supervisor = asyncio.create_task(run_client(build, "any", stop))
    await house.sandbox.until(lambda: len(built) == 2 and built[1].is_ready())
    stop.set()
    await asyncio.wait_for(supervisor, 60)
    assert len(built) == 2


async def test_a_connection_that_discord_ends_for_good_is_one_sentence(waiting_house: House) -> None:
    await waiting_house.stop_bot()
    bots: list[ReviewBot] = []

    def build() -> ReviewBot:
        bots.append(waiting_house.make_bot())
        return bots[-1]

    supervisor = asyncio.create_task(run_client(build, "any", asyncio.Event()))
    await waiting_house.sandbox.until(lambda: bots and bots[0].is_ready())
    await waiting_house.sandbox.ask("disconnect", code=4013)
    with pytest.raises(Problem, match="close code 4013"):
        await asyncio.wait_for(supervisor, 60)


async def test_what_is_said_while_it_closes_is_not_taken_in(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    assert house.bot is not None
    await house.sandbox.fault("delay", "/reactions/", seconds=1)
    await mira.say("drafts", f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}")
    await house.sandbox.until(lambda: house.sandbox.record(path="/reactions/"))
    closing = asyncio.create_task(house.stop_bot())
    await asyncio.sleep(0)
    await mira.say("drafts", f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}")
    await closing
    async with house.store.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(revision)) == 1


async def test_a_refused_token_is_one_sentence(waiting_house: House) -> None:
    await waiting_house.stop_bot()
    await waiting_house.sandbox.configure(token="the right one")
    with pytest.raises(Problem, match="refuses the bot token"):
        await run_client(waiting_house.make_bot, "a wrong one", asyncio.Event())


async def test_a_refused_intent_is_one_sentence(waiting_house: House) -> None:
    await waiting_house.stop_bot()
    waiting_house.settings = Settings(discord=Discord(read_messages=True))
    with pytest.raises(Problem, match="message content intent"):
        await run_client(waiting_house.make_bot, "any", asyncio.Event())


def test_every_text_in_a_form_or_on_a_button_fits_into_discord() -> None:
    for language in ("en", "ja"):
        for name in ("influencer", "campaign", "text", "file", "reason"):
            assert len(text(language, f"form.{name}")) <= 45
            assert len(text(language, f"form.{name}_hint")) <= 100
        for name in ("evidence", "approve", "changes", "previous", "next"):
            assert len(text(language, f"button.{name}")) <= 34  # more is not shown


async def test_what_the_bot_says_itself_is_not_read_again(house: House, mira: Person) -> None:
    assert house.bot is not None
    heard = await mira.say("drafts", "Good morning")
    channel = house.bot.get_channel(int(heard.data["channel_id"]))
    assert isinstance(channel, discord.TextChannel)
    await house.sandbox.until(lambda: channel.last_message_id == int(heard.data["id"]))
    await house.card(mira)
    after = await mira.say("drafts", "Good night")
    seen = {channel.last_message_id}

    async def is_heard() -> bool:
        seen.add(channel.last_message_id)
        return channel.last_message_id == int(after.data["id"])

    await house.sandbox.until(is_heard)
    assert seen <= {int(heard.data["id"]), int(after.data["id"])}
