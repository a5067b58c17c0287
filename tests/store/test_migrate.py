"""The schema: made fresh, kept on re-opening, refused when newer, unchanged by a migration that breaks."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.errors import Problem
from bot.store import library
from bot.store.database import open_store
from bot.store.migrate import Migration, shipped, statements
from bot.store.tables import metadata
from tests.store.values import an_influencer

FIRST = Migration(1, "first", "CREATE TABLE one (id INTEGER);\nINSERT INTO one VALUES (7);\n")


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as conn:
        return conn.execute(query).fetchall()


async def opened_with(path: Path, *migrations: Migration) -> None:
    await (await open_store(path, migrations)).close()


async def test_a_fresh_database_has_every_migration(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    await (await open_store(path)).close()
    assert rows(path, "SELECT version, name FROM schema_version") == [(one.version, one.name) for one in shipped()]


def test_the_shipped_migrations_are_numbered_without_gaps() -> None:
    assert [one.version for one in shipped()] == list(range(1, len(shipped()) + 1))


async def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    store = await open_store(path)
    async with store.write() as conn:
        await library.upsert_influencer(conn, an_influencer())
    await store.close()
    store = await open_store(path)
    async with store.read() as conn:
        assert len(await library.influencers(conn, an_influencer().guild_id)) == 1
    await store.close()


async def test_only_what_is_missing_is_applied(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    await opened_with(path, FIRST)
    await opened_with(path, FIRST, Migration(2, "second", "UPDATE one SET id = id + 1;"))
    assert rows(path, "SELECT id FROM one") == [(8,)]


async def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    await opened_with(path, FIRST, Migration(2, "second", "CREATE TABLE two (id INTEGER);"))
    with pytest.raises(Problem) as caught:
        await opened_with(path, FIRST)
    assert caught.value.message.key == "store_problem.newer_schema"
    assert str(path) in str(caught.value)
    assert rows(path, "SELECT max(version) FROM schema_version") == [(2,)]


async def test_a_broken_migration_leaves_the_old_state(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    await opened_with(path, FIRST)
    before = rows(path, "SELECT name, sql FROM sqlite_master ORDER BY name")
    broken = Migration(2, "broken", "CREATE TABLE two (id INTEGER);\nDELETE FROM one;\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(OperationalError, match="nowhere"):
        await opened_with(path, FIRST, broken)
    assert rows(path, "SELECT name, sql FROM sqlite_master ORDER BY name") == before
    assert rows(path, "SELECT id FROM one") == [(7,)]
    await opened_with(path, FIRST, Migration(2, "mended", "CREATE TABLE two (id INTEGER);"))
    assert rows(path, "SELECT max(version) FROM schema_version") == [(2,)]


def test_a_trigger_is_one_statement() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON one BEGIN\n    DELETE FROM one;\n    DELETE FROM two;\nEND;\n"
    assert list(statements(f"-- a; b\nDROP TABLE x;\n{trigger}")) == ["-- a; b\nDROP TABLE x;\n", trigger]


def test_a_file_that_ends_within_a_statement_is_refused() -> None:
    with pytest.raises(ValueError, match="ends within"):
        list(statements("CREATE TABLE one (id INTEGER)"))


async def test_tables_and_migrations_have_the_same_columns(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    await (await open_store(path)).close()
    made = {
        str(name): [
            (column, bool(required or key), bool(key))
            for _, column, _, required, _, key in rows(path, f"PRAGMA table_info({name})")
        ]
        for (name,) in rows(
            path, "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        if name != "schema_version"
    }
    declared = {
        table.name: [(column.name, not column.nullable, column.primary_key) for column in table.columns]
        for table in metadata.sorted_tables
    }
    assert made == declared
