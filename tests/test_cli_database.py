"""The database on the command line: copied and put back, and shared with a bot that is running on it."""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot import sample
from bot.app import CHAT_PATIENCE
from bot.store.migrate import shipped
from tests.test_cli import DRAFTS, ROOT, loaded, run, written

__all__ = ["loaded"]  # a fixture

DRAFT = DRAFTS["The brand that rang"]
NAMES = ("--influencer", DRAFT.influencer, "--campaign", DRAFT.campaign)
AT_WORK = """
import asyncio, sys, time
from pathlib import Path
from bot.store.database import open_store
from bot.store.lock import hold_lock
from tests.store.test_backup import one_through
from tests.store.values import make_place

async def main(path):
    store = await open_store(path, patience=60.0, is_locked=True)
    async with store.write() as conn:
        place = await make_place(conn)
    print("at work", flush=True)
    over = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    took = []
    while not over.done():
        began = time.monotonic()
        await one_through(store, place)
        took.append(time.monotonic() - began)
        await asyncio.sleep(0.005)
    await store.close()
    print(len(took), sorted(took)[len(took) // 2], max(took))

path = Path(sys.argv[1])
with hold_lock(path):
    asyncio.run(main(path))
"""


@pytest.fixture
def folder(loaded: Path, tmp_path: Path) -> Path:
    """A folder of its own whose database holds the sample workspace."""
    shutil.copytree(loaded / "data", tmp_path / "data")
    return tmp_path


@contextmanager
def a_bot_at_work(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock and takes drafts through all their states, one after the other."""
    command = [sys.executable, "-c", AT_WORK, str(folder / "data" / "bot.sqlite3")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=pipe, stdout=pipe, stderr=pipe) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "at work\n"
        yield program
        program.kill()


def numbers(folder: Path) -> set[str]:
    return {row["verdict_id"] for row in json.loads(run(folder, "history", "--json").stdout)}


def test_a_backup_brings_back_what_was_there(folder: Path) -> None:
    assert run(folder, "review", "-", *NAMES, stdin=DRAFT.text).returncode == 0
    done = run(folder, "backup", "copy.sqlite3")
    assert (done.returncode, "private" in done.stdout) == (0, True), done.stderr
    assert run(folder, "review", "-", *NAMES, stdin=DRAFT.text).returncode == 0
    done = run(folder, "restore", "copy.sqlite3")
    assert (done.returncode, "before-restore" in done.stdout) == (0, True), done.stderr
    assert numbers(folder) == {"V-1"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("backup", "there.sqlite3"), "--overwrite"),
        (("backup", "nowhere/copy.sqlite3"), "folder that exists"),
        (("backup", "data/bot.sqlite3", "--overwrite"), "the database itself"),
        (("restore", "missing.sqlite3"), "missing.sqlite3"),
        (("restore", "there.sqlite3"), "no backup of this bot"),
        (("restore", "newer.sqlite3"), "newer version"),
    ],
)
def test_bad_input_gets_one_sentence_and_changes_nothing(folder: Path, arguments: tuple[str, ...], says: str) -> None:
    written(folder, "mine, not a database", "there.sqlite3")
    with closing(sqlite3.connect(folder / "newer.sqlite3")) as conn:
        conn.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        versions = [(1, shipped()[0].name), (9999, "later")]
        conn.executemany("INSERT INTO schema_version VALUES (?, ?)", versions)
        conn.commit()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = run(folder, *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    lock = folder / "data" / "bot.sqlite3.lock"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path != lock} == before


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    done = run(tmp_path, "backup", "copy.sqlite3")
    assert (done.returncode, "nothing to back up" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_the_copy_leaves_nothing_behind(folder: Path) -> None:
    program = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, {resource.RLIM_INFINITY}))"
    program += (
        f"; import sys; sys.path.insert(0, {str(ROOT)!r}); import runpy; runpy.run_module('bot', run_name='__main__')"
    )
    assert run(folder, "backup", "source.sqlite3").returncode == 0
    before = {*folder.rglob("*"), folder / "data" / "bot.sqlite3.lock"}
    for arguments in (("backup", "copy.sqlite3"), ("restore", "source.sqlite3")):
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 2, done.stderr
        assert "free space" in done.stderr
        assert set(folder.rglob("*")) <= before


def test_beside_a_running_bot_other_commands_wait_their_turn(folder: Path) -> None:
    posts = sample.folder() / "posts" / f"{DRAFT.influencer.lstrip('@')}.jsonl"
    many = [json.loads(line) for line in posts.read_text("utf-8").splitlines()]
    more = [one | {"id": f"{one['id']}-{turn}"} for turn in range(40) for one in many]
    written(folder, "\n".join(map(json.dumps, more)), "more.jsonl")
    with a_bot_at_work(folder) as bot:
        for arguments in (
            ("load", str(sample.workspace())),
            ("import", "more.jsonl", "--influencer", "@new_here", "--new"),
            ("review", "-", *NAMES),
            ("doctor",),
        ):
            done = run(folder, *arguments, stdin=DRAFT.text)
            assert done.returncode == 0, (arguments, done.stderr)
        done = run(folder, "run", DISCORD_TOKEN="any")
        assert (done.returncode, "already running" in done.stderr, done.stderr.count("\n")) == (2, True, 1)
        assert bot.poll() is None
        out, errors = bot.communicate("")
    assert bot.returncode == 0, errors
    answered, usual, longest = map(float, out.split())
    assert answered > 50
    assert longest < max(4 * CHAT_PATIENCE, 100 * usual)  # four transactions, each in time; or the machine is slow


def test_a_killed_bot_stands_in_nobodys_way(folder: Path) -> None:
    assert run(folder, "backup", "copy.sqlite3").returncode == 0
    with a_bot_at_work(folder) as bot:
        done = run(folder, "restore", "copy.sqlite3")
        assert (done.returncode, "A bot is running" in done.stderr, done.stderr.count("\n")) == (2, True, 1)
        bot.kill()
        bot.wait(60)
        done = run(folder, "restore", "copy.sqlite3")
    assert done.returncode == 0, done.stderr
    assert numbers(folder) == set()
