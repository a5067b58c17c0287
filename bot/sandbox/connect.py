"""Pointing the real client library at the sandbox."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def point_discord_at(url: str) -> None:
    """Make discord.py of this process talk to the sandbox at `url` (http://127.0.0.1:PORT) instead of Discord.

    Raises ValueError for any address that is not loopback.
    """
    parts = urlsplit(url)
    try:
        loopback = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        loopback = False
    if parts.scheme != "http" or not loopback:
        raise ValueError(f"The sandbox must be a loopback address such as http://127.0.0.1:8080, not {url!r}.")

    import discord
    import yarl
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    base = f"http://{parts.netloc}"
    Route.BASE = base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"ws://{parts.netloc}/gateway")
    discord.Asset.BASE = f"{base}/cdn"
