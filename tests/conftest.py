"""For all tests: nothing but loopback is ever called, and settings come from no one's environment."""

from __future__ import annotations

import sys
from ipaddress import ip_address

import pytest


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
