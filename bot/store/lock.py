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

    Raises Problem, with the key `problem`, where another process holds it, and where the file cannot be made.
    """
    lock = path.with_name(path.name + ".lock")
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
