"""The gateway: what comes through by intents, and how connections end and come back."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import discord
import pytest

from bot.sandbox.people import Person, Sandbox
from tests.sandbox.client import SmallBot
from tests.sandbox.conftest import running


def heard(bot: SmallBot) -> list[str]:
    return [message.content for message in bot.heard]


async def counts(sandbox: Sandbox, name: str) -> int:
    return int((await sandbox.gateway())["counts"].get(name, 0))


async def test_disconnect_then_resume_replays_what_was_missed(sandbox: Sandbox, bot: SmallBot, mira: Person) -> None:
    await sandbox.ask("disconnect", code=4000)
    for number in range(3):
        await mira.say("drafts", f"<@1000> {number}")
    await sandbox.until(lambda: len(bot.heard) == 3)
    assert heard(bot) == ["<@1000> 0", "<@1000> 1", "<@1000> 2"]
    assert (await counts(sandbox, "resume"), await counts(sandbox, "identify")) == (1, 1)


async def identified(socket: aiohttp.ClientWebSocketResponse) -> Any:
    """IDENTIFY by hand; returns the last frame: the guild."""
    await socket.receive_json()
    await socket.send_json({"op": 2, "d": {"token": "any", "intents": 1 << 9 | 1}})
    ready = await socket.receive_json()
    return ready["d"]["session_id"], (await socket.receive_json())["s"]


@pytest.mark.parametrize(("missed", "answer"), [(2, 0), (3, 0), (4, 9)])
async def test_only_so_many_missed_events_can_be_replayed(
    sandbox: Sandbox, mira: Person, *, missed: int, answer: int
) -> None:
    await sandbox.configure(replay_limit=3)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(sandbox.gateway_url) as socket:
            session_id, sequence = await identified(socket)
        for number in range(missed):
            await mira.say("drafts", f"<@1000> {number}")
        async with session.ws_connect(sandbox.gateway_url) as socket:
            await socket.receive_json()
            await socket.send_json({"op": 6, "d": {"token": "any", "session_id": session_id, "seq": sequence}})
            frames = [await socket.receive_json()]
            while frames[-1]["op"] == 0 and frames[-1]["t"] != "RESUMED":
                frames.append(await socket.receive_json())
    assert frames[-1]["op"] == answer
    replayed = [frame["d"]["content"] for frame in frames[:-1]]
    assert replayed == ([] if answer == 9 else [f"<@1000> {number}" for number in range(missed)])


@pytest.mark.parametrize(("op", "code"), [(8, 4003), (99, 4003)])
async def test_frames_before_identify_close_the_connection(sandbox: Sandbox, op: int, code: int) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(sandbox.gateway_url) as socket:
        await socket.receive_json()
        await socket.send_json({"op": op, "d": {}})
        await socket.receive()
        assert socket.close_code == code


@pytest.mark.parametrize(("op", "resumable", "resumes"), [(7, None, 1), (9, True, 1), (9, False, 0)])
async def test_opcodes_7_and_9(
    sandbox: Sandbox, bot: SmallBot, mira: Person, *, op: int, resumable: bool | None, resumes: int
) -> None:
    await sandbox.ask("opcode", op=op, resumable=resumable)

    async def back() -> bool:
        return await counts(sandbox, "resume") + await counts(sandbox, "identify") == 2

    await sandbox.until(back)
    assert await counts(sandbox, "resume") == resumes
    await sandbox.connected()
    await mira.say("drafts", "<@1000> hello")
    await sandbox.until(lambda: heard(bot) == ["<@1000> hello"])


async def test_missing_acknowledgements_make_the_client_reconnect(sandbox: Sandbox) -> None:
    async with running(sandbox, heartbeat_timeout=1.0):
        await sandbox.configure(acknowledge_heartbeats=False)

        async def resumed() -> bool:
            return await counts(sandbox, "resume") >= 1

        assert await sandbox.until(resumed)


async def test_privileged_intent_that_is_switched_off_closes_with_4014(sandbox: Sandbox) -> None:
    intents = discord.Intents(guilds=True, guild_messages=True, message_content=True)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(sandbox, intents=intents):
            pass
    await sandbox.configure(allowed_intents=["message_content"])
    async with running(sandbox, intents=intents) as bot:
        await sandbox.person("mira").say("drafts", "plain")
        await sandbox.until(lambda: heard(bot) == ["plain"])


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013])
async def test_closing_codes_that_end_the_client(sandbox: Sandbox, code: int) -> None:
    await sandbox.configure(refuse_identify=code)
    with pytest.raises(discord.ConnectionClosed) as closed:
        async with running(sandbox):
            pass
    assert closed.value.code == code


async def test_content_is_blank_but_for_the_listed_cases(sandbox: Sandbox, bot: SmallBot, mira: Person) -> None:
    channel: Any = discord.utils.get(bot.guilds[0].channels, name="drafts")
    own = await channel.send("own")
    answer = await (await mira.menu("Influencer history", "tobi")).finished()
    seen = (await mira.sees())[0]
    await mira.say("drafts", "plain")
    await mira.say("drafts", "<@1000> mention")
    await mira.say("drafts", "pinged reply", reply_to=seen)
    await mira.say("drafts", "quiet reply", reply_to=seen, ping=False)
    await mira.say("drafts", "reply to an answer", reply_to=answer)
    await mira.say("dm", "direct")
    await sandbox.until(lambda: len(bot.heard) == 7)
    assert own.content == "own"
    assert heard(bot) == ["own", "", "<@1000> mention", "pinged reply", "", "", "direct"]


async def test_events_outside_the_intents_do_not_come(sandbox: Sandbox, mira: Person) -> None:
    async with running(sandbox, intents=discord.Intents(guilds=True, dm_messages=True)) as bot:
        await mira.say("drafts", "<@1000> one")
        await mira.say("dm", "two")
        await sandbox.until(lambda: bot.heard)
        assert heard(bot) == ["two"]


async def test_events_of_channels_out_of_sight_do_not_come(sandbox: Sandbox, bot: SmallBot, mira: Person) -> None:
    await sandbox.ask("permit", subject="bot", channel="team", deny=["view_channel"])
    await mira.say("team", "<@1000> one")
    await mira.say("drafts", "<@1000> two")
    await sandbox.until(lambda: bot.heard)
    assert heard(bot) == ["<@1000> two"]


async def test_two_sessions_hear_the_same(sandbox: Sandbox, bot: SmallBot, mira: Person) -> None:
    async with running(sandbox) as second:
        await mira.say("drafts", "<@1000> both")
        await sandbox.until(lambda: bot.heard and second.heard)
        assert heard(bot) == heard(second) == ["<@1000> both"]


async def test_guild_joined_while_running(sandbox: Sandbox, bot: SmallBot) -> None:
    await sandbox.ask("add_guild", name="Second")
    await sandbox.until(lambda: len(bot.guilds) == 2)
    await sandbox.ask("add_channel", name="general", guild="Second")
    channel = await sandbox.until(lambda: discord.utils.get(bot.get_all_channels(), name="general"))
    assert channel.guild.name == "Second"


async def test_shards_get_their_guilds_and_shard_zero_the_direct_messages(sandbox: Sandbox, mira: Person) -> None:
    ids = [int((await sandbox.ask("add_guild", name=f"g{number}"))["id"]) for number in range(3)]
    async with running(sandbox, shard_id=0, shard_count=2) as zero, running(sandbox, shard_id=1, shard_count=2) as one:
        assert {guild.id for guild in zero.guilds} >= {key for key in ids if (key >> 22) % 2 == 0}
        assert {guild.id for guild in one.guilds} >= {key for key in ids if (key >> 22) % 2 == 1}
        assert {guild.id for guild in zero.guilds}.isdisjoint(guild.id for guild in one.guilds)
        await mira.say("dm", "direct")
        await sandbox.until(lambda: zero.heard)
        assert one.heard == []


async def test_member_lookups(bot: SmallBot) -> None:
    async with asyncio.timeout(30):
        found = await bot.guilds[0].query_members("len")
    assert [member.name for member in found] == ["lena"]


async def test_edited_reply_keeps_its_ping_and_so_its_content(sandbox: Sandbox, bot: SmallBot, mira: Person) -> None:
    channel: Any = discord.utils.get(bot.guilds[0].channels, name="drafts")
    await channel.send("own")
    reply = await mira.say("drafts", "one", reply_to=(await mira.sees())[0])
    await mira.edit(reply, "two")
    await sandbox.until(lambda: bot.edits)
    assert bot.edits[0].data["content"] == "two"


async def test_too_many_identifies_cost_the_token(sandbox: Sandbox) -> None:
    await sandbox.configure(identify_limit=1)
    async with running(sandbox):
        pass
    with pytest.raises(discord.ConnectionClosed) as closed:
        async with running(sandbox):
            pass
    assert closed.value.code == 4004
