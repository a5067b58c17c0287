"""The schema: made fresh, kept on re-opening, refused when newer, unchanged by a migration that breaks."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy.exc import OperationalError

from bot.errors import Problem
from bot.store import library
from bot.store.database import open_store
from bot.store.lock import hold_lock
from bot.store.migrate import Migration, shipped, statements
from bot.store.tables import metadata
from tests.store.values import an_influencer

ROOT = Path(__file__).parents[2]
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


SEARCHES = ("post_search", "revision_search")


def tables_of(path: Path) -> list[str]:
    """Those that hold rows of their own, each after what it refers to."""
    names = [
        str(name)
        for (name,) in rows(
            path,
            "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
            "AND name <> 'schema_version'",
        )
    ]
    needs = {name: {target for _, _, target, *_ in rows(path, f"PRAGMA foreign_key_list({name})")} for name in names}
    ordered: list[str] = []
    while len(ordered) < len(names):
        ordered += [name for name in names if name not in ordered and needs[name] - {name} <= set(ordered)]
    return ordered


def sql(*parts: str) -> str:
    return " ".join(parts)


def a_value(name: str, kind: str, n: int) -> object:
    return n if kind in ("INTEGER", "REAL") else bytes([n]) if kind == "BLOB" else json.dumps({name: f"{n} 直す"})


def fill(path: Path) -> dict[str, list[dict[str, object]]]:
    """Three rows in every table. Row n holds n wherever there is a number, so that every reference finds its row."""
    with closing(sqlite3.connect(path)) as conn:
        conn.row_factory = sqlite3.Row
        conn.execute("PRAGMA foreign_keys = ON")
        for table in tables_of(path):
            columns = [(name, kind) for _, name, kind, *_ in rows(path, f"PRAGMA table_info({table})")]
            names = ", ".join(f'"{name}"' for name, _ in columns)
            for n in (1, 2, 3):
                values = [a_value(str(name), str(kind), n) for name, kind in columns]
                marks = ", ".join("?" * len(values))
                conn.execute(sql("INSERT INTO", table, f"({names}) VALUES ({marks})"), values)
        conn.commit()
        return {
            table: [dict(row) for row in conn.execute(sql("SELECT * FROM", table, "ORDER BY 1"))]
            for table in tables_of(path)
        }


def schema(path: Path) -> list[tuple[object, ...]]:
    found = rows(path, "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
    return [(*names, " ".join(str(sql).split())) for *names, sql in found]


@pytest.mark.parametrize("version", range(1, len(shipped()) + 1))
async def test_every_older_version_comes_up_with_all_its_rows(tmp_path: Path, version: int) -> None:
    old, fresh = tmp_path / "old", tmp_path / "fresh"
    await opened_with(old, *shipped()[:version])
    before = fill(old)
    assert len(before) >= 10
    for path in (old, fresh):
        await (await open_store(path)).close()
    assert schema(old) == schema(fresh)
    assert rows(old, "PRAGMA integrity_check") == [("ok",)]
    assert rows(old, "PRAGMA foreign_key_check") == []
    with closing(sqlite3.connect(old)) as conn:
        conn.row_factory = sqlite3.Row
        for table, expected in before.items():
            found = [dict(row) for row in conn.execute(sql("SELECT * FROM", table, "ORDER BY 1"))]
            assert [{name: row[name] for name in expected[0]} for row in found] == expected, table
        for search in SEARCHES:  # complains where the index is not that of the rows
            conn.execute(sql("INSERT INTO", search, f"({search}, rank) VALUES ('integrity-check', 1)"))


async def test_a_database_in_use_by_an_earlier_version_is_not_changed_under_it(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    await opened_with(path, FIRST)
    later = (FIRST, Migration(2, "second", "UPDATE one SET id = id + 1;"))
    with hold_lock(path):
        with pytest.raises(Problem) as caught:
            await opened_with(path, *later)
        await opened_with(path, FIRST)
        assert rows(path, "SELECT id FROM one") == [(7,)]
        store = await open_store(path, later, is_locked=True)
        await store.close()
    assert caught.value.message.key == "store_problem.earlier_running"
    for language in ("en", "ja"):
        assert str(path) in caught.value.in_language(language)
    assert rows(path, "SELECT id FROM one") == [(8,)]


ENDLESS = r"""
import asyncio, sys
from pathlib import Path
from bot.store.database import open_store
from bot.store.migrate import Migration

NUMBERS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
FIRST = Migration(1, "first", "")
SECOND = Migration(
    2,
    "second",
    "CREATE TABLE two (text TEXT);\n"
    + "INSERT INTO two " + NUMBERS.format(10_000) + "SELECT hex(randomblob(500)) FROM n;\n"
    + "DELETE FROM one;\n"
    + "INSERT INTO one " + NUMBERS.format(10_000_000_000) + "SELECT max(i) FROM n;\n",
)
asyncio.run(open_store(Path(sys.argv[1]), (FIRST, SECOND)))
"""


def kill_in_the_middle(path: Path) -> None:
    """Of a migration in a process of its own, once more is changed than fits into memory: it stands uncommitted."""
    log = path.with_name(path.name + "-wal")
    with subprocess.Popen([sys.executable, "-c", ENDLESS, str(path)], cwd=ROOT) as child:
        try:
            for _ in range(3000):
                if log.exists() and log.stat().st_size > 4_000_000:
                    break
                sleep(0.02)
            else:
                pytest.fail("the migration does not come to its middle")
            assert child.poll() is None
        finally:
            child.kill()


async def test_killed_in_the_middle_of_a_migration_the_old_state_stands(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    await opened_with(path, FIRST)
    before = schema(path)
    kill_in_the_middle(path)
    await opened_with(path, FIRST)
    assert schema(path) == before
    assert rows(path, "SELECT id FROM one") == [(7,)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
