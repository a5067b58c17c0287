"""A server's own disclosure rules: one a label and country, and never seen by another server."""

from dataclasses import replace
from datetime import date

from bot.model.workspace import GuildRule
from bot.store.database import Store
from bot.store.guild_rules import guild_rules, remove_guild_rule, upsert_guild_rule
from tests.store.values import GUILD

RULE = GuildRule(0, GUILD, "DE", "AcmeCrew", "accepted", "de", "Agreed on Monday", date(2026, 11, 22), 42)


async def test_a_rule_comes_back_as_it_was_stored(store: Store) -> None:
    async with store.write() as conn:
        stored = await upsert_guild_rule(conn, RULE)
    async with store.read() as conn:
        assert await guild_rules(conn, GUILD) == (stored,)
    assert replace(stored, id=0) == RULE
    assert stored.name == f"own-{stored.id}"


async def test_the_same_label_in_another_case_is_replaced_in_its_country_alone(store: Store) -> None:
    async with store.write() as conn:
        first = await upsert_guild_rule(conn, RULE)
        again = await upsert_guild_rule(conn, replace(RULE, label="ACMECREW", status="refused"))
        await upsert_guild_rule(conn, replace(RULE, country="FR"))
        assert again.id == first.id
        assert [(rule.country, rule.status) for rule in await guild_rules(conn, GUILD)] == [
            ("DE", "refused"),
            ("FR", "accepted"),
        ]


async def test_another_server_neither_sees_nor_removes_it(store: Store) -> None:
    async with store.write() as conn:
        stored = await upsert_guild_rule(conn, RULE)
        assert await guild_rules(conn, GUILD + 1) == ()
        assert not await remove_guild_rule(conn, GUILD + 1, stored.id)
        assert await remove_guild_rule(conn, GUILD, stored.id)
        assert not await remove_guild_rule(conn, GUILD, stored.id)
        assert await guild_rules(conn, GUILD) == ()


async def test_it_goes_with_its_server(store: Store) -> None:
    async with store.write() as conn:
        await upsert_guild_rule(conn, RULE)
        await conn.exec_driver_sql("DELETE FROM guild")
        assert await guild_rules(conn, GUILD) == ()
