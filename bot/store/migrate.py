"""Brings a database to this program's schema: numbered SQL files, each applied once, all in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Migration:
    version: int
    name: str
    sql: str


class UnknownSchemaError(Exception):
    """The database is a newer program's, or another's altogether. `problem` is the key of what to tell people."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


@cache
def shipped() -> tuple[Migration, ...]:
    """The migrations that come with this program, oldest first; `NNNN_name.sql` has the version NNNN."""
    folder = files("bot.store").joinpath("migrations", "sqlite")
    names = sorted(path.name for path in folder.iterdir() if path.name.endswith(".sql"))
    return tuple(Migration(int(name[:4]), name[5:-4], folder.joinpath(name).read_text("utf-8")) for name in names)


def statements(sql: str) -> Iterator[str]:
    """The single statements of a file, each ending at the end of a line; a trigger with its body is one."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        raise ValueError(f"a migration ends within a statement: {statement[:60]!r}")


async def held_version(conn: AsyncConnection, migrations: Sequence[Migration]) -> int:
    """The version of the newest migration that the database has; 0 where it is empty.

    Raises UnknownSchemaError for a schema newer than `migrations`, or none of ours.
    """
    tables = set((await conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
    if not tables:
        return 0
    columns = (await conn.exec_driver_sql("SELECT name FROM pragma_table_info('schema_version')")).scalars().all()
    if columns != ["version", "name"]:
        raise UnknownSchemaError("store_problem.other_program")
    rows = await conn.exec_driver_sql("SELECT version, name FROM schema_version")
    found: dict[int, str] = {row.version: row.name for row in rows}
    if found.get(migrations[0].version) != migrations[0].name:
        raise UnknownSchemaError("store_problem.other_program")
    newest = max(found)
    if newest > migrations[-1].version:
        raise UnknownSchemaError("store_problem.newer_schema")
    return newest


async def migrate(conn: AsyncConnection, migrations: Sequence[Migration]) -> None:
    """Applies what is missing, oldest first. `conn` is inside BEGIN IMMEDIATE. Raises as `held_version`."""
    found = await held_version(conn, migrations)
    if not found:
        await conn.exec_driver_sql(
            "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"
        )
    for migration in migrations:
        if migration.version > found:
            for statement in statements(migration.sql):
                await conn.exec_driver_sql(statement)
            await conn.exec_driver_sql(
                "INSERT INTO schema_version (version, name) VALUES (?, ?)", (migration.version, migration.name)
            )
