"""Only loopback addresses are taken for a sandbox."""

from __future__ import annotations

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.sandbox.connect import point_discord_at


def test_the_client_is_pointed_at_the_sandbox() -> None:
    point_discord_at("http://127.0.0.1:8080")
    assert Route("GET", "/users/@me").url == "http://127.0.0.1:8080/users/@me"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "ws://127.0.0.1:8080/gateway"
    assert discord.Asset.BASE == "http://127.0.0.1:8080/cdn"


@pytest.mark.parametrize(
    "url",
    ["https://discord.com", "http://example.com:80", "http://10.0.0.1:80", "https://127.0.0.1:80", "127.0.0.1:80", ""],
)
def test_other_addresses_are_refused(url: str) -> None:
    before = Route.BASE
    with pytest.raises(ValueError, match="must be a loopback address"):
        point_discord_at(url)
    assert before == Route.BASE
