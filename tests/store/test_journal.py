"""What is noted is found by the next process until it is done, also after a death in the middle of a line."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from bot.store.journal import Journal

ONE, TWO = {"id": "1", "text": "Ärger\n🏃"}, {"id": "2"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.sqlite3.acknowledged"


def test_what_is_not_done_is_left_for_the_next(path: Path) -> None:
    journal = Journal(path)
    assert journal.left() == []
    journal.note([("1", ONE)])
    journal.note([("2", TWO)])
    assert path.stat().st_mode & 0o777 == 0o600
    assert Journal(path).left() == [ONE, TWO]
    journal.done("1")
    after = Journal(path)
    assert after.left() == [TWO]
    after.done("2")
    assert path.read_bytes() == b""
    assert Journal(path).left() == []


def test_nothing_is_written_for_what_was_never_noted(path: Path) -> None:
    Journal(path).done("1")
    assert not path.exists()


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_line_cut_short_costs_no_other(path: Path, cut: int) -> None:
    journal = Journal(path)
    journal.note([("1", ONE)])
    whole = path.read_bytes()
    journal.note([("2", TWO)])
    path.write_bytes(path.read_bytes()[: len(whole) + min(cut, len(path.read_bytes()) - len(whole) - 2)])
    after = Journal(path)
    assert after.left() == [ONE]
    after.note([("2", TWO)])
    assert Journal(path).left() == [ONE, TWO]


def test_what_cannot_be_noted_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Journal(tmp_path / "gone" / "file").note([("1", ONE)])


def test_of_several_at_once_all_are_noted_or_none(path: Path) -> None:
    journal = Journal(path)
    journal.note([("1", ONE)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * path.stat().st_size, hard))  # room for one more, not for two
    try:
        with pytest.raises(OSError, match="full"):
            journal.note([("2", TWO), ("3", ONE)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert Journal(path).left() == [ONE]
    journal.note([("2", TWO), ("1", ONE), ("3", ONE)])
    assert Journal(path).left() == [ONE, TWO, ONE]
    assert path.read_bytes().count(b'"key": "1"') == 1
