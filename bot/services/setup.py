"""How a server is set up: its settings, changed one at a time, and what it still lacks for a first draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bot.model.workspace import GuildSettings
from bot.store import guild_rules, guilds, library, watching
from bot.store.database import Store
from bot.store.posts import team_posts


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings, and how much is stored to review drafts with."""

    settings: GuildSettings
    brands: int
    campaigns: int
    influencers: int
    with_posts: int  # of them
    watched: tuple[int, ...] = ()  # channel ids
    rules: int = 0  # disclosure rules of its own


async def setup_of(store: Store, guild_id: int) -> Setup:
    async with store.read() as conn:
        return Setup(
            await guilds.guild_settings(conn, guild_id),
            len(await library.brands(conn, guild_id)),
            len(await library.campaigns(conn, guild_id)),
            len(await library.influencers(conn, guild_id)),
            len(await team_posts(conn, guild_id)),
            tuple(one.channel_id for one in await watching.watches(conn, guild_id)),
            len(await guild_rules.guild_rules(conn, guild_id)),
        )


async def change_settings(store: Store, guild_id: int, **changes: Any) -> GuildSettings:
    """The settings with these fields of `GuildSettings` replaced, as stored now."""
    async with store.write() as conn:
        changed = replace(await guilds.guild_settings(conn, guild_id), **changes)
        await guilds.store_settings(conn, guild_id, changed)
    return changed
