"""A copy made while the bot works is one moment of it, and comes back whole; nothing else is ever put in its place."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import Problem
from bot.store import drafts, outbox, verdicts
from bot.store.backup import back_up, restore
from bot.store.database import Store, open_store
from bot.store.lock import hold_lock
from bot.store.migrate import shipped
from tests.store.outages import held_by_another
from tests.store.values import NOW, Place, a_verdict, judged

ROOT = Path(__file__).parents[2]
WHEN = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def quiet(_done: int, _total: int) -> None:
    pass


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(query).fetchall()


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def one_through(store: Store, place: Place) -> int:
    """A draft from its arrival to its delivered answer."""
    async with store.write() as conn:
        revision_id = (await drafts.receive(conn, place.draft())).revision_id
    async with store.write() as conn:
        await drafts.claim(conn, revision_id)
    async with store.write() as conn:
        await verdicts.record_verdict(conn, revision_id, a_verdict(), NOW, answer_needed=True)
    async with store.write() as conn:
        await outbox.mark_delivered(conn, revision_id, 1, 2, NOW)
    return revision_id


@asynccontextmanager
async def at_work(store: Store, place: Place) -> AsyncIterator[list[int]]:
    """Drafts go through meanwhile, four at a time; gives those answered so far."""
    answered: list[int] = []
    is_over = False

    async def work() -> None:
        while not is_over:
            answered.append(await one_through(store, place))

    tasks = [asyncio.create_task(work()) for _ in range(4)]
    try:
        yield answered
    finally:
        is_over = True
        await asyncio.gather(*tasks)


async def fill(store: Store, place: Place, megabytes: int) -> None:
    """Makes the file large enough for several steps."""
    async with store.write() as conn:
        await conn.exec_driver_sql(
            "INSERT INTO dossier_chunk (influencer_id, chunk_sha256, prompt_hash, model, body) "
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "SELECT ?, i, '', '', hex(randomblob(524288)) FROM n",
            (megabytes, place.influencer.id),
        )


def check_consistency(path: Path) -> set[object]:
    """The answered revisions of a database that is one moment of a busy bot."""
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(path, "PRAGMA foreign_key_check") == []
    states = {row[0]: row[1] for row in rows(path, "SELECT id, state FROM revision")}
    delivered = {key for (key,) in rows(path, "SELECT revision_id FROM outbox WHERE delivered_at IS NOT NULL")}
    waiting = {key for (key,) in rows(path, "SELECT revision_id FROM outbox WHERE due IS NOT NULL")}
    judged_ids = {key for (key,) in rows(path, "SELECT revision_id FROM verdict")}
    assert {key for key, state in states.items() if state == "answered"} == delivered
    assert {key for key, state in states.items() if state == "judged"} == waiting
    assert judged_ids == delivered | waiting
    assert rows(path, "SELECT last FROM verdict_counter") == [(len(judged_ids),)]
    return delivered


async def test_a_backup_of_a_working_bot_restores_every_answered_draft(
    store: Store, place: Place, tmp_path: Path
) -> None:
    await fill(store, place, 24)
    copy = tmp_path / "copy.sqlite3"
    environment = {"PYTHONPATH": str(ROOT), "CAMPAIGN_BOT_DATABASE__PATH": str(store.path)}
    with hold_lock(store.path):
        async with at_work(store, place) as answered, asyncio.timeout(300):
            before = {await one_through(store, place) for _ in range(5)}
            command = [sys.executable, "-m", "bot", "backup", str(copy)]
            program = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, env={**os.environ, **environment})
            assert await program.wait() == 0
            meanwhile = set(answered) - before
    assert meanwhile  # nobody waited for the copy
    assert before <= check_consistency(copy)
    assert mode(copy) == 0o600
    await store.close()
    remove(store.path)
    assert await restore(store.path, copy, WHEN, quiet) is None
    assert before <= check_consistency(store.path)


async def test_a_large_copy_tells_how_far_it_is(store: Store, place: Place, tmp_path: Path) -> None:
    await fill(store, place, 12)
    told: list[tuple[int, int]] = []
    back_up(store.path, tmp_path / "copy", lambda done, total: told.append((done, total)))
    assert len(told) >= 3
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    assert names_in(tmp_path) == {"copy", "data"}


async def backup_problem(store: Store, target: Path) -> str:
    with pytest.raises(Problem) as caught:
        back_up(store.path, target, quiet)
    for language in ("en", "ja"):
        assert str(target) in caught.value.in_language(language)
    return caught.value.message.key


async def test_a_file_that_is_there_is_replaced_only_when_told_so(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    target.write_text("mine")
    assert await backup_problem(store, target) == "backup.exists"
    assert target.read_text() == "mine"
    back_up(store.path, target, quiet, overwrite=True)
    assert rows(target, "SELECT count(*) FROM schema_version") == [(len(shipped()),)]


async def test_the_database_is_never_copied_over_itself(store: Store) -> None:
    for end in ("", "-wal", ".lock"):
        target = store.path.with_name(store.path.name + end)
        with pytest.raises(Problem) as caught:
            back_up(store.path, target, quiet, overwrite=True)
        assert caught.value.message.key == "backup.is_database"


async def test_targets_that_cannot_be_written(store: Store, tmp_path: Path) -> None:
    assert await backup_problem(store, tmp_path) == "backup.no_folder"
    assert await backup_problem(store, tmp_path / "nowhere" / "copy") == "backup.no_folder"


async def test_a_damaged_database_makes_no_backup(store: Store, place: Place, tmp_path: Path) -> None:
    await fill(store, place, 1)
    await store.close()
    content = bytearray(store.path.read_bytes())
    content[8192:20_000] = b"\xff" * (20_000 - 8192)
    store.path.write_bytes(content)
    with pytest.raises(Problem) as caught:
        back_up(store.path, tmp_path / "copy", quiet)
    assert caught.value.message.key == "store_problem.damaged"
    assert names_in(tmp_path) == {"data"}


async def test_what_was_there_is_kept_with_what_it_had_not_yet_written_back(
    store: Store, place: Place, tmp_path: Path
) -> None:
    back_up(store.path, tmp_path / "copy", quiet)
    async with store.write() as conn:
        stored = await judged(conn, place.draft("After the backup."))
    log = store.path.with_name(store.path.name + "-wal")
    unwritten = log.read_bytes()
    await store.close()
    log.write_bytes(unwritten)  # as a killed bot leaves it
    kept = await restore(store.path, tmp_path / "copy", WHEN, quiet)
    assert kept == store.path.with_name("bot.sqlite3.before-restore-20261102-030405-000000")
    assert rows(kept, "SELECT text FROM revision") == [(stored.revision.text,)]
    assert rows(store.path, "SELECT text FROM revision") == []
    assert log.name not in names_in(log.parent)
    assert mode(store.path) == 0o600


async def test_a_damaged_database_is_replaced_and_kept(store: Store, tmp_path: Path) -> None:
    back_up(store.path, tmp_path / "copy", quiet)
    await store.close()
    store.path.write_bytes(b"rubbish " * 1000)
    store.path.with_name(store.path.name + "-wal").write_bytes(b"more rubbish")
    kept = await restore(store.path, tmp_path / "copy", WHEN, quiet)
    assert kept is not None
    assert kept.read_bytes() == b"rubbish " * 1000
    assert kept.with_name(kept.name + "-wal").read_bytes() == b"more rubbish"
    await (await open_store(store.path)).close()


def snapshot(path: Path) -> tuple[bytes, set[str]]:
    """A database, and whatever a restore may have left beside it."""
    return path.read_bytes(), {name for name in names_in(path.parent) if "before" in name or name.startswith(".")}


async def restore_problem(path: Path, source: Path) -> Problem:
    before = snapshot(path)
    with pytest.raises(Problem) as caught:
        await restore(path, source, WHEN, quiet)
    assert snapshot(path) == before
    return caught.value


async def test_what_is_no_backup_is_refused(store: Store, tmp_path: Path) -> None:
    await store.close()
    back_up(store.path, tmp_path / "good", quiet)
    whole = (tmp_path / "good").read_bytes()
    contents = {
        "text": (b"not a database at all " * 99, "restore.not_a_backup"),
        "empty": (b"", "restore.not_a_backup"),
        "cut": (whole[: len(whole) // 2], "restore.damaged"),
        "holed": (whole[:8192] + b"\xff" * 12_000 + whole[20_192:], "restore.damaged"),
        "headless": (b"\0" * 100 + whole[100:], "restore.not_a_backup"),
    }
    for name, (content, key) in contents.items():
        source = tmp_path / name
        source.write_bytes(content)
        problem = await restore_problem(store.path, source)
        assert (name, problem.message.key) == (name, key)
        assert all(str(source) in problem.in_language(language) for language in ("en", "ja"))
    for missing in (tmp_path / "missing", tmp_path):
        assert (await restore_problem(store.path, missing)).message.key == "restore.missing"
    assert (await restore_problem(store.path, store.path)).message.key == "restore.is_database"


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("INSERT INTO schema_version VALUES (9999, 'later')", "restore.newer"),
        ("UPDATE schema_version SET name = 'recipes'", "restore.not_a_backup"),
        ("DROP TABLE schema_version", "restore.not_a_backup"),
        ("ALTER TABLE schema_version DROP COLUMN name", "restore.not_a_backup"),
    ],
)
async def test_databases_of_others_and_of_later_versions_are_refused(
    store: Store, tmp_path: Path, statement: str, key: str
) -> None:
    await store.close()
    source = tmp_path / "copy"
    back_up(store.path, source, quiet)
    with closing(sqlite3.connect(source)) as other:
        other.execute(statement)
        other.commit()
    assert (await restore_problem(store.path, source)).message.key == key


async def test_a_backup_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    await (await open_store(tmp_path / "old", shipped()[:1])).close()
    source = (tmp_path / "old").read_bytes()
    await restore(tmp_path / "data" / "bot.sqlite3", tmp_path / "old", WHEN, quiet)
    assert len(rows(tmp_path / "data" / "bot.sqlite3", "SELECT * FROM schema_version")) == len(shipped())
    assert (tmp_path / "old").read_bytes() == source


async def test_nothing_is_restored_under_a_program_that_works_on_it(store: Store, tmp_path: Path) -> None:
    back_up(store.path, tmp_path / "copy", quiet)
    async with store.read() as conn:  # such as an import, which holds no lock
        await conn.exec_driver_sql("SELECT 1")
        assert (await restore_problem(store.path, tmp_path / "copy")).message.key == "store_problem.busy"
    await store.close()
    with hold_lock(store.path):
        assert (await restore_problem(store.path, tmp_path / "copy")).message.key == "restore.bot_running"


async def test_a_held_database_is_copied_all_the_same(store: Store, tmp_path: Path) -> None:
    async with held_by_another(store.path):
        back_up(store.path, tmp_path / "copy", quiet)
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT max(version) FROM schema_version").fetchone() == (shipped()[-1].version,)


KILLED = """
import os, signal, sys
from pathlib import Path
from bot.store.backup import back_up
back_up(Path(sys.argv[1]), Path(sys.argv[2]), lambda done, total: os.kill(os.getpid(), signal.SIGKILL))
"""


async def test_what_a_killed_backup_left_is_removed_by_the_next(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    target = folder / "copy.sqlite3"
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED, str(store.path), str(target)], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert [name.endswith(".unfinished") for name in names_in(folder)] == [True]
    back_up(store.path, target, quiet)
    assert names_in(folder) == {target.name}
