"""A server's own disclosure rules. One label has one rule in a country: setting it down again replaces it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.workspace import GuildRule
from bot.store.guilds import upsert_guild
from bot.store.search import name_key
from bot.store.tables import guild_rule
from bot.store.types import build, stored

KEY = ["guild_id", "country", "label_key"]


async def guild_rules(conn: AsyncConnection, guild_id: int) -> tuple[GuildRule, ...]:
    """Oldest first."""
    found = await conn.execute(select(guild_rule).where(guild_rule.c.guild_id == guild_id).order_by(guild_rule.c.id))
    return tuple(build(GuildRule, guild_rule, row) for row in found.mappings())


async def upsert_guild_rule(conn: AsyncConnection, value: GuildRule) -> GuildRule:
    """Stores the rule under (guild, country, label), case and width of the label apart; returns it with its id."""
    await upsert_guild(conn, value.guild_id)
    row = stored(value, guild_rule) | {"label_key": name_key(value.label)}
    others = {name: one for name, one in row.items() if name not in KEY}
    statement = insert(guild_rule).values(**row).on_conflict_do_update(index_elements=KEY, set_=others)
    return replace(value, id=(await conn.execute(statement.returning(guild_rule.c.id))).scalar_one())


async def remove_guild_rule(conn: AsyncConnection, guild_id: int, rule_id: int) -> bool:
    """Whether there was such a rule in this guild."""
    here = (guild_rule.c.guild_id == guild_id) & (guild_rule.c.id == rule_id)
    return (await conn.execute(delete(guild_rule).where(here))).rowcount > 0
