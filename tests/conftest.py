"""For all tests: nothing but loopback is ever called, settings come from no one's environment, and whatever the bot
sends to Discord is what Discord takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from bot.sandbox.people import Sandbox
from tests.sandbox.conformance import description
from tests.traffic import Traffic

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # a machine may be slow, or have much else to do
CHECKED = pytest.StashKey[int]()  # calls held against Discord's description, by this process and those it started


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
def traffic(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Traffic | None]:
    """All calls to any loopback Discord; None where Discord's description is not at hand."""
    path = description()
    if path is None:
        yield None
        return
    folder = tmp_path_factory.mktemp("traffic")
    os.environ["SANDBOX_RECORD"] = str(folder)
    traffic = Traffic(folder, path)
    yield traffic
    del os.environ["SANDBOX_RECORD"]
    assert traffic.problems() == []  # what came after the last test
    pytestconfig.stash[CHECKED] = traffic.checked


@pytest.fixture(autouse=True)
def _every_request_conforms(traffic: Traffic | None) -> Iterator[None]:
    yield
    if traffic is not None:
        assert traffic.problems() == []


def pytest_sessionfinish(session: pytest.Session) -> None:
    if isinstance(output := getattr(session.config, "workeroutput", None), dict):
        output["checked"] = session.config.stash.get(CHECKED, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of pytest-xdist has ended."""
    stash: pytest.Stash = node.config.stash
    stash[CHECKED] = stash.get(CHECKED, 0) + getattr(node, "workeroutput", {}).get("checked", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if checked := config.stash.get(CHECKED, 0):
        terminalreporter.write_line(f"{checked} calls of the bot held against Discord's own description of its API")


@pytest.fixture(scope="session")
def sandbox_url(traffic: Traffic | None) -> Iterator[str]:
    """One loopback Discord for all tests of a process; each test attaches to it, which clears it."""
    del traffic  # set up before, so that its calls are written down
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
