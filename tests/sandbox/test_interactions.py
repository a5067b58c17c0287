"""Answers to interactions: tokens and their clock, originals and follow-ups, who sees what."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.sandbox.people import Interaction, Person, Sandbox
from tests.sandbox.client import SmallBot


@pytest.fixture
async def opened(sandbox: Sandbox, bot: SmallBot, mira: Person) -> Interaction:
    """An interaction that the bot keeps without answering, in `bot.kept`."""
    interaction = await mira.slash("keep")
    await sandbox.until(lambda: bot.kept)
    return interaction


@pytest.fixture
def kept(bot: SmallBot, opened: Interaction) -> discord.Interaction:
    assert bot.kept is not None
    assert bot.kept.token == opened.token
    return bot.kept


async def code(refused: Any) -> int:
    """Discord's error code for a call that is refused."""
    with pytest.raises(discord.HTTPException) as error:
        await refused
    return error.value.code


async def test_first_answer_is_due_within_three_seconds(sandbox: Sandbox, kept: discord.Interaction) -> None:
    await sandbox.advance(3.5)
    assert await code(kept.response.send_message("late")) == 10062
    assert await code(kept.edit_original_response(content="late")) == 10015


async def test_second_answer_is_refused(kept: discord.Interaction) -> None:
    again = discord.InteractionResponse[discord.Client](kept)
    await kept.response.send_message("one")
    assert await code(again.send_message("two")) == 40060


async def test_token_lives_fifteen_minutes(sandbox: Sandbox, kept: discord.Interaction, opened: Interaction) -> None:
    await kept.response.defer()
    await sandbox.advance(14 * 60)
    await kept.edit_original_response(content="in time")
    assert (await opened.finished()).content == "in time"
    await sandbox.advance(61)
    assert await code(kept.edit_original_response(content="late")) == 50027
    assert await code(kept.followup.send("late")) == 50027
    assert (await opened.finished()).content == "in time"


async def test_another_process_finishes_by_token_alone(
    bot: SmallBot, kept: discord.Interaction, opened: Interaction
) -> None:
    await kept.response.defer(ephemeral=True)
    webhook: Any = discord.Webhook.partial(kept.application_id, kept.token, client=bot)
    await webhook.edit_message("@original", content="done elsewhere")
    message = await opened.finished()
    assert (message.content, message.ephemeral) == ("done elsewhere", True)


async def test_first_follow_up_takes_the_place_of_the_waiting_original(
    kept: discord.Interaction, opened: Interaction
) -> None:
    await kept.response.defer()
    waiting = await opened.message()
    assert waiting is not None
    assert "thinking" in waiting.text
    sent = await kept.followup.send("one", wait=True)
    assert str(sent.id) == waiting.id
    await kept.followup.send("two", wait=True)
    assert (await opened.finished()).content == "one"
    assert [message.content for message in await opened.followups()] == ["two"]


async def test_follow_ups_by_id(kept: discord.Interaction, opened: Interaction) -> None:
    await kept.response.send_message("one")
    sent = await kept.followup.send("two", wait=True)
    await kept.followup.edit_message(sent.id, content="three")
    assert (await kept.followup.fetch_message(sent.id)).content == "three"
    await kept.followup.delete_message(sent.id)
    assert await opened.followups() == []
    assert await code(kept.followup.fetch_message(sent.id)) == 10008


async def test_follow_up_of_one_interaction_is_out_of_reach_for_another(
    bot: SmallBot, sandbox: Sandbox, kept: discord.Interaction, mira: Person
) -> None:
    await kept.response.send_message("one")
    sent = await kept.followup.send("two", wait=True)
    bot.kept = None
    await mira.slash("keep")
    other: discord.Interaction = await sandbox.until(lambda: bot.kept)
    await other.response.defer()
    assert await code(other.followup.edit_message(sent.id, content="mine")) == 10008


async def test_original_is_deleted(kept: discord.Interaction, opened: Interaction, mira: Person) -> None:
    await kept.response.send_message("one")
    await kept.delete_original_response()
    assert await opened.message() is None
    assert await mira.sees() == []
    assert await code(kept.edit_original_response(content="two")) == 10008


async def test_private_answers_stay_private(
    bot: SmallBot, kept: discord.Interaction, mira: Person, tobi: Person
) -> None:
    await kept.response.send_message("secret", ephemeral=True)
    original = await kept.original_response()
    assert [message.content for message in await mira.sees()] == ["secret"]
    assert await tobi.sees() == []
    channel = bot.get_partial_messageable(original.channel.id)
    assert await code(channel.fetch_message(original.id)) == 10008
    assert [message async for message in channel.history()] == []


async def test_answers_that_do_not_fit_the_interaction(bot: SmallBot, kept: discord.Interaction) -> None:
    route = discord.http.Route("POST", f"/interactions/{kept.id}/{kept.token}/callback")
    for body in (
        {"type": 7, "data": {}},
        {"type": 8, "data": {"choices": []}},
        {"type": 5, "data": {"flags": 1 << 15}},
    ):
        assert await code(bot.http.request(route, json=body)) == 50035
    await kept.response.send_message("still open")


async def test_interaction_in_a_direct_channel(bot: SmallBot, sandbox: Sandbox, tobi: Person) -> None:
    interaction = await tobi.slash("keep", channel="dm")
    kept: discord.Interaction = await sandbox.until(lambda: bot.kept)
    assert (kept.guild, kept.user.name, kept.context.dm_channel) == (None, "tobi", True)
    await kept.response.send_message("hello")
    assert (await interaction.finished()).content == "hello"


async def test_locales_and_permissions_come_along(bot: SmallBot, sandbox: Sandbox) -> None:
    await sandbox.ask("add_guild", name="東京", locale="ja")
    await sandbox.ask("add_channel", name="drafts-ja", guild="東京")
    await sandbox.ask("add_person", name="hana", guild="東京", locale="ja")
    await sandbox.person("hana").slash("keep", channel="drafts-ja")
    kept: discord.Interaction = await sandbox.until(lambda: bot.kept)
    assert (str(kept.locale), str(kept.guild_locale)) == ("ja", "ja")
    assert (kept.permissions.send_messages, kept.permissions.manage_guild) == (True, False)
    assert kept.app_permissions.attach_files
