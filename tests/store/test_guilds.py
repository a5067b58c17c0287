"""Servers and their settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.model.workspace import GuildSettings
from bot.services.setup import change_settings, setup_of
from bot.store import guilds
from bot.store.database import open_store

GUILD = 7


async def test_settings_are_kept_for_each_server_apart(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "bot.sqlite3")
    try:
        assert (await setup_of(store, GUILD)).settings == GuildSettings()
        full = GuildSettings("ja", ("DE", "JP"), (5, 2**60), 2**61, 30)
        async with store.write() as conn:
            await guilds.store_settings(conn, GUILD, full)
            await guilds.upsert_guild(conn, GUILD + 1, language="en")
        assert await change_settings(store, GUILD, countries=("JP",)) == replace(full, countries=("JP",))
        async with store.read() as conn:
            assert await guilds.guild_settings(conn, GUILD) == replace(full, countries=("JP",))
            assert await guilds.guild_settings(conn, GUILD + 1) == GuildSettings("en")
            assert await guilds.decider_roles(conn, GUILD) == (5, 2**60)
    finally:
        await store.close()


async def test_a_language_that_discord_tells_leaves_the_rest_as_it_is(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "bot.sqlite3")
    try:
        await change_settings(store, GUILD, countries=("DE",))
        async with store.write() as conn:
            assert not await guilds.has_language(conn, GUILD)
            await guilds.upsert_guild(conn, GUILD, language="ja")
            assert await guilds.guild_settings(conn, GUILD) == GuildSettings("ja", ("DE",))
    finally:
        await store.close()
