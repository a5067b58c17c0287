"""The real client over sockets: one sandbox process for all tests of this folder, cleared for each, and a house."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.people import Person, Sandbox
from tests.chat.house import House


@pytest.fixture
async def house(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[House]:
    """Store, offline judge, queue and bot, with one influencer and one campaign in the sandbox's guild."""
    async with House.opened(sandbox, tmp_path) as house:
        await house.start_bot()
        house.start_judging()
        yield house


@pytest.fixture
async def waiting_house(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[House]:
    """The same, where nothing is judged until `start_judging`."""
    async with House.opened(sandbox, tmp_path) as house:
        await house.start_bot()
        yield house


@pytest.fixture
def mira(sandbox: Sandbox) -> Person:
    return sandbox.person("mira")


@pytest.fixture
def lena(sandbox: Sandbox) -> Person:
    return sandbox.person("lena")


@pytest.fixture
def tobi(sandbox: Sandbox) -> Person:
    return sandbox.person("tobi")
