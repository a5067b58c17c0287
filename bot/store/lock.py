"""Keeps a second bot process off a database that one is already working on."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import Problem


@contextmanager
def hold_lock(path: Path, problem: str = "store_problem.already_running") -> Iterator[None]:
    """Holds `<path>.lock` for as long as the block runs; the system lets go of it when the process dies.

    Raises Problem, with the key `problem`, where another process holds it, where the file cannot be made, and where the
    database has a second name (a hard link): under that one, another process would see neither this lock nor the -wal.
    """
    real = path.resolve()  # by whatever link it is named, it is one file
    lock = real.with_name(real.name + ".lock")
    if real.exists() and real.stat().st_nlink - _kept_by_restore(real) > 1:
        raise Problem("store_problem.two_names", path=str(path))
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("a")
    except OSError as error:
        raise Problem("store_problem.cannot_open", path=str(lock), why=error.strerror) from None
    with file:  # never removed: a name taken away under a waiting process would let two of them in
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(problem, path=str(path)) from None
        yield


def _kept_by_restore(path: Path) -> int:
    """How many names of `path` a restore gave it that was killed before the new database took its place."""
    return sum(kept.samefile(path) for kept in path.parent.glob(f"{path.name}.before-restore-*"))


def file_at(path: Path) -> tuple[int, int] | None:
    """Which file stands at `path`, as (device, inode); None where none does."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
