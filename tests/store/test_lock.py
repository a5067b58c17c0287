"""One bot process a database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import Problem
from bot.store.lock import hold_lock

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, time
from pathlib import Path
from bot.store.lock import hold_lock
with hold_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_holder_is_told_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "new" / "bot.sqlite3"
    with hold_lock(path):
        with pytest.raises(Problem) as caught, hold_lock(path):
            pass
        with hold_lock(tmp_path / "other.sqlite3"):
            pass
    assert caught.value.message.key == "store_problem.already_running"
    for language in ("en", "ja"):
        assert str(path) in caught.value.in_language(language)
    with hold_lock(path):
        pass


def test_a_killed_process_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(Problem), hold_lock(path):
            pass
        child.kill()
        child.wait(timeout=60)
        with hold_lock(path):
            pass


def test_a_lock_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem) as caught, hold_lock(tmp_path / "file" / "bot.sqlite3"):
        pass
    assert caught.value.message.key == "store_problem.cannot_open"


def test_another_name_of_the_file_is_no_way_around(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    path.touch()
    (tmp_path / "link.sqlite3").symlink_to(path)
    with hold_lock(path), pytest.raises(Problem) as by_link, hold_lock(tmp_path / "link.sqlite3"):
        pass
    (tmp_path / "hard.sqlite3").hardlink_to(path)
    with pytest.raises(Problem) as by_hard_link, hold_lock(tmp_path / "hard.sqlite3"):
        pass
    assert by_link.value.message.key == "store_problem.already_running"
    assert by_hard_link.value.message.key == "store_problem.two_names"


def test_what_a_killed_restore_left_is_no_second_name(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite3"
    path.touch()
    (tmp_path / "bot.sqlite3.before-restore-20261101").hardlink_to(path)
    with hold_lock(path):
        assert path.with_name("bot.sqlite3.lock").exists()
