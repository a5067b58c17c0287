"""Channels, messages, threads and permissions as the real client library finds them."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.sandbox.errors import RefusedError
from bot.sandbox.people import Person, Sandbox
from tests.sandbox.client import SmallBot


@pytest.fixture
def drafts(bot: SmallBot) -> discord.TextChannel:
    return channel_of(bot, "drafts")


def channel_of(bot: SmallBot, name: str) -> discord.TextChannel:
    channel = discord.utils.get(bot.guilds[0].text_channels, name=name)
    assert channel is not None
    return channel


async def code(refused: Any) -> int:
    with pytest.raises(discord.HTTPException) as error:
        await refused
    return error.value.code


async def test_history_pages_through_everything(drafts: discord.TextChannel, mira: Person) -> None:
    said = [await mira.say("drafts", str(number)) for number in range(7)]
    route = discord.http.Route("GET", f"/channels/{drafts.id}/messages")
    first = await drafts._state.http.request(route, params={"limit": 3})
    assert [one["id"] for one in first] == [one.id for one in reversed(said[-3:])]
    after = [one.id async for one in drafts.history(limit=None, after=discord.Object(int(said[2].id)))]
    assert [str(one) for one in after] == [one.id for one in said[3:]]
    before = [one.id async for one in drafts.history(limit=2, before=discord.Object(int(said[3].id)))]
    assert [str(one) for one in before] == [said[2].id, said[1].id]
    around = [one.id async for one in drafts.history(limit=3, around=discord.Object(int(said[3].id)))]
    assert sorted(map(str, around)) == [one.id for one in said[2:5]]


async def test_history_without_the_right_to_read_it_is_empty(
    sandbox: Sandbox, drafts: discord.TextChannel, mira: Person
) -> None:
    said = await mira.say("drafts", "hello")
    await sandbox.ask("permit", subject="bot", channel="drafts", deny=["read_message_history"])
    assert [one async for one in drafts.history()] == []
    message = drafts.get_partial_message(int(said.id))
    assert await code(message.fetch()) == 50013
    assert await code(message.reply("hi")) == 160002


async def test_channels_out_of_sight_and_without_rights(
    sandbox: Sandbox, bot: SmallBot, drafts: discord.TextChannel
) -> None:
    await sandbox.ask("permit", subject="bot", channel="drafts", deny=["send_messages"])
    assert await code(drafts.send("hi")) == 50013
    await sandbox.ask("permit", subject="bot", channel="drafts", deny=["attach_files"])
    file = discord.File(__file__)
    assert await code(drafts.send("hi", file=file)) == 50013
    await sandbox.ask("permit", subject="bot", channel="team", deny=["view_channel"])
    assert await code(channel_of(bot, "team").send("hi")) == 50001
    assert await code(bot.fetch_channel(1)) == 10003


async def test_administrator_passes_overwrites(sandbox: Sandbox, drafts: discord.TextChannel) -> None:
    await sandbox.ask("permit", subject="bot", channel="drafts", deny=["send_messages"])
    await sandbox.ask("permit", subject="bot", allow=["administrator"])
    assert (await drafts.send("hi")).content == "hi"


async def test_same_nonce_is_the_same_message_for_some_minutes(sandbox: Sandbox, drafts: discord.TextChannel) -> None:
    first = await drafts.send("one", nonce="draft-1")
    assert (await drafts.send("one", nonce="draft-1")).id == first.id
    assert (await drafts.send("one", nonce="draft-2")).id != first.id
    await sandbox.advance(299)
    assert (await drafts.send("one", nonce="draft-1")).id == first.id
    await sandbox.advance(2)
    assert (await drafts.send("one", nonce="draft-1")).id != first.id


async def test_nonce_counts_within_its_channel(bot: SmallBot, drafts: discord.TextChannel) -> None:
    first = await drafts.send("one", nonce="n")
    assert (await channel_of(bot, "team").send("one", nonce="n")).id != first.id


async def test_edit_and_delete(drafts: discord.TextChannel, sandbox: Sandbox, mira: Person) -> None:
    sent = await drafts.send("one", file=discord.File(__file__, "a.py"))
    edited = await sent.edit(content="two", attachments=[])
    assert (edited.content, edited.attachments) == ("two", [])
    said = await mira.say("drafts", "mine")
    theirs = drafts.get_partial_message(int(said.id))
    assert await code(theirs.edit(content="yours")) == 50005
    assert await code(theirs.delete()) == 50013
    await sandbox.ask("permit", subject="bot", allow=["manage_messages"])
    await theirs.delete()
    await sent.delete()
    assert await mira.sees() == []
    assert await code(sent.edit(content="three")) == 10008
    assert await code(theirs.reply("late")) == 50035


async def test_embeds_files_and_what_is_too_much(drafts: discord.TextChannel) -> None:
    embed = discord.Embed(title="Verdict", description="fits").set_image(url="attachment://a.png")
    sent = await drafts.send(embed=embed, file=discord.File(__file__, "a.png"))
    assert sent.embeds[0].title == "Verdict"
    assert await code(drafts.send("x" * 2001)) == 50035
    assert await code(drafts.send("")) == 50006
    assert await code(sent.edit(content=None, embed=None, attachments=[])) == 50006


async def test_file_addresses_expire(sandbox: Sandbox, drafts: discord.TextChannel) -> None:
    sent = await drafts.send(file=discord.File(__file__, "a.py"))
    assert len(await sent.attachments[0].read()) == sent.attachments[0].size
    await sandbox.advance(86_500)
    with pytest.raises(discord.NotFound):
        await sent.attachments[0].read()
    fresh = await sent.fetch()
    assert len(await fresh.attachments[0].read()) == sent.attachments[0].size


async def test_mentions_ping_only_who_is_allowed(bot: SmallBot, drafts: discord.TextChannel, mira: Person) -> None:
    person = (await mira.say("drafts", "hello")).data["author"]["id"]
    text = f"<@{person}> @everyone"
    quiet = await drafts.send(text)
    loud = await drafts.send(text, allowed_mentions=discord.AllowedMentions.all())
    assert (quiet.mentions, quiet.mention_everyone) == ([], False)
    assert ([str(one.id) for one in loud.mentions], loud.mention_everyone) == ([person], True)
    route = discord.http.Route("POST", f"/channels/{drafts.id}/messages")
    unset = await bot.http.request(route, json={"content": text})
    assert (len(unset["mentions"]), unset["mention_everyone"]) == (1, True)


async def test_threads(sandbox: Sandbox, drafts: discord.TextChannel, mira: Person) -> None:
    said = await mira.say("drafts", "draft")
    message = drafts.get_partial_message(int(said.id))
    thread = await message.create_thread(name="Verdict")
    assert thread.id == message.id
    assert await code(message.create_thread(name="Verdict")) == 160004
    await thread.send("why")
    await mira.say(str(thread.id), "thanks")
    assert [one.content for one in await mira.sees(str(thread.id))] == ["why", "thanks"]
    await thread.edit(archived=True)
    await thread.send("still here")
    now = await drafts.guild.fetch_channel(thread.id)
    assert isinstance(now, discord.Thread)
    assert not now.archived
    await thread.edit(locked=True)
    assert await code(thread.send("too late")) == 50013
    await sandbox.ask("permit", subject="bot", channel="drafts", deny=["create_public_threads"])
    other = drafts.get_partial_message(int((await mira.say("drafts", "draft")).id))
    assert await code(other.create_thread(name="Verdict")) == 50013


async def test_reactions_and_typing(bot: SmallBot, drafts: discord.TextChannel, mira: Person) -> None:
    message = drafts.get_partial_message(int((await mira.say("drafts", "draft")).id))
    await drafts.typing()
    await message.add_reaction("👀")
    await message.add_reaction("👀")
    assert [one["count"] for one in (await mira.sees())[0].data["reactions"]] == [1]
    assert bot.user is not None
    await message.remove_reaction("👀", bot.user)
    assert "reactions" not in (await mira.sees())[0].data
    assert await code(message.add_reaction("eyes")) == 10014


async def test_members_and_roles(bot: SmallBot, sandbox: Sandbox) -> None:
    guild = bot.guilds[0]
    people = {one["username"]: one["id"] for one in (await sandbox.ask("places_and_people"))["people"]}
    lena = await guild.fetch_member(int(people["lena"]))
    assert (lena.name, [role.name for role in lena.roles], lena.guild_permissions.manage_guild) == (
        "lena",
        ["@everyone", "lead"],
        True,
    )
    assert [role.name for role in await guild.fetch_roles()] == ["@everyone", "bot", "lead", "marketing", "influencer"]
    await sandbox.ask("add_person", name="stranger", stranger=True)
    stranger = (await sandbox.ask("places_and_people"))["people"][-1]["id"]
    assert await code(guild.fetch_member(int(stranger))) == 10007


async def test_commands_keep_their_ids(bot: SmallBot) -> None:
    first = {command.name: command.id for command in await bot.tree.sync()}
    bot.tree.remove_command("form")
    again = {command.name: command.id for command in await bot.tree.fetch_commands()}
    assert again == first
    fewer = {command.name: command.id for command in await bot.tree.sync()}
    assert fewer == {name: key for name, key in first.items() if name != "form"}


async def test_only_changed_commands_get_a_new_version(bot: SmallBot, sandbox: Sandbox) -> None:
    before = {one["name"]: one["version"] for one in (await sandbox.ask("registered"))["global"]}
    changed = bot.tree.get_command("form")
    assert isinstance(changed, discord.app_commands.Command)
    changed.description = "Another form"
    await bot.tree.sync()
    after = {one["name"]: one["version"] for one in (await sandbox.ask("registered"))["global"]}
    assert {name for name in before if before[name] != after[name]} == {"form"}


async def test_guild_commands_have_a_daily_limit(bot: SmallBot, sandbox: Sandbox) -> None:
    guild = bot.guilds[0]
    bot.tree.copy_global_to(guild=guild)
    await sandbox.configure(guild_command_creates=195)
    assert await code(bot.tree.sync(guild=guild)) == 30034
    await sandbox.configure(guild_command_creates=0)
    await bot.tree.sync(guild=guild)
    await sandbox.configure(guild_command_creates=200)
    assert len(await bot.tree.sync(guild=guild)) == 7  # nothing new, so nothing counts


async def test_bot_token_is_checked_when_one_is_set(bot: SmallBot, sandbox: Sandbox) -> None:
    await sandbox.configure(token="secret")
    with pytest.raises(discord.HTTPException) as refused:
        await bot.fetch_user(1000)
    assert refused.value.status == 401


async def test_without_the_intent_content_is_blank_over_rest(
    sandbox: Sandbox, drafts: discord.TextChannel, mira: Person
) -> None:
    plain = await mira.say("drafts", "plain")
    named = await mira.say("drafts", "<@1000> look")
    contents = [one.content async for one in drafts.history(oldest_first=True)]
    assert contents == ["", "<@1000> look"]
    await sandbox.configure(allowed_intents=["message_content"])
    assert (await drafts.fetch_message(int(plain.id))).content == "plain"
    assert (await drafts.fetch_message(int(named.id))).content == "<@1000> look"


async def test_unknown_paths_say_so(bot: SmallBot) -> None:
    with pytest.raises(discord.NotFound, match="not part of the sandbox"):
        await bot.fetch_sticker(1)


async def test_a_private_thread_is_there_for_its_members(
    sandbox: Sandbox, drafts: discord.TextChannel, mira: Person
) -> None:
    thread = await drafts.create_thread(name="hidden", type=discord.ChannelType.private_thread)
    place = str(thread.id)
    with pytest.raises(RefusedError):
        await mira.say(place, "let me in")
    people = (await sandbox.ask("places_and_people"))["people"]
    [mira_id] = [int(one["id"]) for one in people if one["username"] == "mira"]
    await thread.add_user(discord.Object(mira_id))
    await mira.say(place, "thanks")
    await thread.send("Here.")
    assert [one.content for one in await mira.sees(place)] == ["thanks", "Here."]
    assert await sandbox.person("otto").sees(place) == []
