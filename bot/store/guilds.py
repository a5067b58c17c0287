"""Servers, and how each is set up."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.workspace import GuildSettings
from bot.store.tables import guild
from bot.store.types import build, stored

_LANGUAGE = select(guild.c.language).where(guild.c.id == bindparam("guild_id"))  # built once: every draft asks


async def upsert_guild(conn: AsyncConnection, guild_id: int, *, language: str | None = None) -> None:
    """Makes the guild known. Without `language` it keeps its own; a new one has chosen none yet."""
    row = insert(guild).values(id=guild_id, language=language or "")
    if language is None:
        await conn.execute(row.on_conflict_do_nothing())
    else:
        await conn.execute(row.on_conflict_do_update(index_elements=["id"], set_={"language": language}))


async def guild_settings(conn: AsyncConnection, guild_id: int) -> GuildSettings:
    """How the guild is set up; as nobody has chosen anything yet for one never seen."""
    row = (await conn.execute(select(guild).where(guild.c.id == guild_id))).mappings().first()
    return build(GuildSettings, guild, row) if row else GuildSettings()


async def store_settings(conn: AsyncConnection, guild_id: int, value: GuildSettings) -> None:
    """Replaces all settings of the guild: read them in the same transaction."""
    row = stored(value, guild)
    await conn.execute(insert(guild).values(id=guild_id, **row).on_conflict_do_update(index_elements=["id"], set_=row))


async def guild_language(conn: AsyncConnection, guild_id: int) -> str:
    """The language the guild is answered in; English for one never seen."""
    return await conn.scalar(_LANGUAGE, {"guild_id": guild_id}) or "en"


async def has_language(conn: AsyncConnection, guild_id: int) -> bool:
    """Whether somebody, or Discord, has said what language the guild speaks."""
    return bool((await guild_settings(conn, guild_id)).language)


async def decider_roles(conn: AsyncConnection, guild_id: int) -> tuple[int, ...]:
    """The roles that may decide; empty where none were chosen."""
    return (await guild_settings(conn, guild_id)).decider_roles


async def guild_ids(conn: AsyncConnection) -> tuple[int, ...]:
    """All servers; people's own workspaces are none."""
    return tuple((await conn.scalars(select(guild.c.id).where(guild.c.id >= 0).order_by(guild.c.id))).all())
