"""For all tests: nothing but loopback is ever called, and settings come from no one's environment."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
import structlog

from bot.sandbox.people import Sandbox


def _loopback_only(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: refuses every connection that would leave this machine."""
    if event != "socket.connect" or not isinstance(address := arguments[1], tuple):
        return
    host = str(address[0])
    if host != "localhost" and not ip_address(host).is_loopback:
        raise AssertionError(f"a test tried to reach {host}")


sys.addaudithook(_loopback_only)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISCORD_TOKEN", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _log_of_its_own() -> Iterator[None]:
    """What one test sets for the log of the process ends with it."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """One loopback Discord for all tests of a process; each test attaches to it, which clears it."""
    command = [sys.executable, "-m", "bot.sandbox", "--follow"]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()


@pytest.fixture
async def sandbox(sandbox_url: str) -> AsyncIterator[Sandbox]:
    async with Sandbox.attached(sandbox_url, heartbeat_interval=200) as sandbox:
        yield sandbox
