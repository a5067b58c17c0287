"""One sandbox process for all tests of this folder, cleared for each, and a connected bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.sandbox.connect import point_discord_at
from bot.sandbox.people import Person, Sandbox
from tests.sandbox.client import SmallBot, knows_its_guilds
from tests.traffic import Traffic


@pytest.fixture(autouse=True)
def _every_request_conforms(traffic: Traffic | None) -> Iterator[None]:
    """Not here: these tests are about what becomes of wrong ones."""
    yield
    if traffic is not None:
        traffic.skip()


@asynccontextmanager
async def running(sandbox: Sandbox, **more: Any) -> AsyncIterator[SmallBot]:
    """The small bot, connected to the sandbox and ready."""
    point_discord_at(sandbox.url)
    bot = SmallBot(**more)
    task = asyncio.create_task(bot.start("any"))
    try:
        await sandbox.until(lambda: task.done() or (bot.is_ready() and knows_its_guilds(bot)))
        if task.done():
            task.result()  # raises what ended the client
        yield bot
    finally:
        await bot.close()
        await asyncio.wait({task})


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[SmallBot]:
    async with running(sandbox) as bot:
        yield bot


@pytest.fixture
def mira(sandbox: Sandbox) -> Person:
    return sandbox.person("mira")


@pytest.fixture
def tobi(sandbox: Sandbox) -> Person:
    return sandbox.person("tobi")
