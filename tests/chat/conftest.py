"""The real client over sockets: one sandbox process for all tests of this folder, cleared for each, and a house."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.sandbox.people import Person, Sandbox
from tests.chat.house import House


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    command = [sys.executable, "-m", "bot.sandbox", "--follow"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()


@pytest.fixture
async def sandbox(sandbox_url: str) -> AsyncIterator[Sandbox]:
    async with Sandbox.attached(sandbox_url, heartbeat_interval=200) as sandbox:
        yield sandbox


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
