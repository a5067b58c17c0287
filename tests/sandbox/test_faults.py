"""Planned failures against the real client library: what it retries, and what a retry of our own then posts."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import discord
import pytest

from bot.sandbox.errors import RefusedError
from bot.sandbox.people import Person, Sandbox
from tests.sandbox.client import SmallBot


@pytest.fixture
def drafts(bot: SmallBot) -> discord.TextChannel:
    channel = discord.utils.get(bot.guilds[0].text_channels, name="drafts")
    assert channel is not None
    return channel


@pytest.mark.parametrize(
    ("fault", "nonce", "raised", "posted", "after_retry"),
    [
        ("503", "n", discord.DiscordServerError, 0, 1),
        ("503", None, discord.DiscordServerError, 0, 1),
        ("reset_before", "n", aiohttp.ServerDisconnectedError, 0, 1),
        ("reset_after", "n", aiohttp.ServerDisconnectedError, 1, 1),
        ("reset_after", None, aiohttp.ServerDisconnectedError, 1, 2),
        ("500_after", "n", None, 1, 1),
        ("500_after", None, None, 1, 2),
    ],
)
async def test_retry_matrix(
    sandbox: Sandbox,
    drafts: discord.TextChannel,
    mira: Person,
    *,
    fault: str,
    nonce: Any,
    raised: type[Exception] | None,
    posted: int,
    after_retry: int,
) -> None:
    await sandbox.fault(fault, "/messages")
    if raised is None:
        await drafts.send("once", nonce=nonce)  # the library itself tries again, with the nonce it has
    else:
        with pytest.raises(raised):
            await drafts.send("once", nonce=nonce)
    assert len(await mira.sees()) == posted
    await drafts.send("once", nonce=nonce)
    assert len(await mira.sees()) == after_retry


@pytest.mark.parametrize("kind", ["429", "429_global"])
async def test_429_is_honoured(sandbox: Sandbox, drafts: discord.TextChannel, kind: str) -> None:
    await sandbox.fault(kind, "/messages", seconds=0.2)
    began = time.monotonic()
    await drafts.send("slowly")
    assert time.monotonic() - began >= 0.2
    calls = await sandbox.record("/messages")
    assert [call["status"] for call in calls] == [429, 200]
    assert calls[0]["answer"]["global"] == (kind == "429_global")


async def test_faults_choose_by_method_and_count(sandbox: Sandbox, drafts: discord.TextChannel) -> None:
    await sandbox.fault("503", "/messages", method="PATCH", skip=1, count=2)
    sent = await drafts.send("one")
    await sent.edit(content="two")
    for _ in range(2):
        with pytest.raises(discord.DiscordServerError):
            await sent.edit(content="three")
    await sent.edit(content="four")
    assert [call["fault"] for call in await sandbox.record("/messages")] == [None, None, "503", "503", None]
    await sandbox.fault("503", "/messages")
    assert await sandbox.ask("clear_faults") == 1
    await sent.edit(content="five")


async def test_late_answers(sandbox: Sandbox, drafts: discord.TextChannel, mira: Person) -> None:
    await sandbox.fault("delay", "/messages", seconds=0.2)
    began = time.monotonic()
    await drafts.send("late")
    assert time.monotonic() - began >= 0.2
    await sandbox.fault("delay_after", "/messages", seconds=2)
    sending = drafts._state.loop.create_task(drafts.send("written at once"))

    async def written() -> bool:
        return len(await mira.sees()) == 2

    await sandbox.until(written)
    assert [call["status"] for call in await sandbox.record("/messages")] == [200, None]
    await sending


async def test_what_is_held_up_until_all_is_cleared_does_nothing_in_the_next_world(
    sandbox: Sandbox, drafts: discord.TextChannel, mira: Person
) -> None:
    await sandbox.fault("delay", "/messages", seconds=0.5)
    sending = asyncio.create_task(drafts.send("late"))
    await sandbox.until(lambda: sandbox.record("/messages"))
    await sandbox.ask("reset")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await sending
    assert await mira.sees() == []


async def test_unknown_faults_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(RefusedError, match="There is no fault 'explode'"):
        await sandbox.fault("explode")


async def test_rate_limit_headers_make_the_client_pace_itself(sandbox: Sandbox, drafts: discord.TextChannel) -> None:
    await sandbox.configure(rate_limit=3)
    began = time.monotonic()
    for number in range(4):
        await drafts.send(str(number))
    assert time.monotonic() - began > 0.5
    assert [call["status"] for call in await sandbox.record("/messages")] == [200] * 4


async def test_over_the_rate_limit_is_429(sandbox: Sandbox) -> None:
    await sandbox.configure(rate_limit=2)
    async with aiohttp.ClientSession() as session:
        asked = [session.get(f"{sandbox.url}/users/@me") for _ in range(3)]  # at once, so that it is one second's work
        answers = sorted(await asyncio.gather(*asked), key=lambda answer: answer.status)
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["Via"]
    assert answers[-1].headers["X-RateLimit-Remaining"] == "0"
