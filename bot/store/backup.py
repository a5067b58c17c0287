"""A copy of the database while it is in use, and the way back from one."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from bot.errors import Problem
from bot.store.database import open_store, problem_of
from bot.store.integrity import connect, is_sound
from bot.store.lock import hold_lock

OnProgress = Callable[[int, int], None]  # pages done, pages in all

PAGES = 1_000  # a step
UNFINISHED = ".unfinished"
SOURCE_FAULTS = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_BUSY)
RESTORE_PROBLEMS = {
    "store_problem.not_a_database": "restore.not_a_backup",
    "store_problem.other_program": "restore.not_a_backup",
    "store_problem.damaged": "restore.damaged",
    "store_problem.newer_schema": "restore.newer",
}


def back_up(path: Path, target: Path, on_progress: OnProgress, *, overwrite: bool = False) -> None:
    """Copies the database at `path`, as it is at one moment, into the file `target`; a bot may be using it.

    Raises Problem, and leaves nothing behind: no database, a target that is there already or cannot be written, damage.
    """
    if not path.is_file():
        raise Problem("backup.no_database", path=str(path))
    _check_target(path, target, overwrite=overwrite)
    try:
        with _folder_beside(target) as folder:
            copy = folder / target.name
            _copy(path, "rw", copy, on_progress)
            copy.replace(target)
    except OSError as error:
        raise Problem("backup.not_written", path=str(target), why=error.strerror) from None
    except sqlite3.Error as error:
        raise _copy_problem(path, target, error) from None


async def restore(path: Path, source: Path, now: datetime, on_progress: OnProgress) -> Path | None:
    """Puts the backup `source` in the place of the database at `path`, brought to this schema.

    Returns where the database as it was before is kept; None where there was none. Raises Problem, and changes nothing:
    a bot or another program is using the database, or `source` is no sound backup that this version can read.
    """
    path = _checked(path, source)
    with hold_lock(path, "restore.bot_running"):
        try:
            with _folder_beside(path) as folder:
                copy = folder / path.name
                _copy(source, "ro", copy, on_progress)
                await _bring_up(copy)
                return _exchange(path, copy, now)
        except OSError as error:
            raise Problem("backup.not_written", path=str(path), why=error.strerror) from None
        except sqlite3.Error as error:
            raise _as_restore(_copy_problem(source, path, error), source) from None
        except Problem as problem:
            raise _as_restore(problem, source) from None


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """A folder for an unfinished copy. What a killed run left goes first: texts deleted since would live on in it."""
    prefix = f".{path.name}."
    for left in path.parent.glob(f"{prefix}*{UNFINISHED}"):
        with suppress(BlockingIOError), _held(left):
            rmtree(left, ignore_errors=True)
    with TemporaryDirectory(dir=path.parent, prefix=prefix, suffix=UNFINISHED) as name, _held(Path(name)):
        yield Path(name)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Shows other runs that the folder is in use, until this process ends. Raises BlockingIOError where it is."""
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(number)


def _checked(path: Path, source: Path) -> Path:
    """The database that `source` may be restored to."""
    path = path.resolve()
    if not source.is_file():
        raise Problem("restore.missing", path=str(source))
    if source.resolve() in _belonging(path):
        raise Problem("restore.is_database", path=str(path))
    return path


def _belonging(path: Path) -> list[Path]:
    """The files of a database."""
    return [path.resolve().with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal", ".lock")]


def _check_target(path: Path, target: Path, *, overwrite: bool) -> None:
    if target.resolve() in _belonging(path):
        raise Problem("backup.is_database", path=str(target))
    if target.is_dir() or not target.parent.is_dir():
        raise Problem("backup.no_folder", path=str(target))
    if target.exists() and not overwrite:
        raise Problem("backup.exists", path=str(target))


def _copy(source: Path, mode: str, target: Path, on_progress: OnProgress) -> None:
    """Makes the file `target`, for this user alone. Raises sqlite3.Error, OSError, and Problem for a damaged copy."""
    target.touch(mode=0o600)
    with closing(connect(source, mode)) as old, closing(connect(target, "rw")) as new:
        old.execute("BEGIN")  # held to the end: what others write meanwhile would make the copy begin anew
        old.execute("SELECT count(*) FROM sqlite_master").fetchone()
        old.backup(new, pages=PAGES, progress=lambda _, left, total: on_progress(total - left, total))
        new.execute("PRAGMA journal_mode = DELETE")  # one file, which may also be read where nothing can be written
        if not is_sound(new):
            raise Problem("store_problem.damaged", path=str(source))


def _copy_problem(source: Path, target: Path, error: sqlite3.Error) -> Problem:
    """Which side is at fault."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in SOURCE_FAULTS and (found := problem_of(source, error)):
        return found
    return Problem("backup.not_written", path=str(target), why=str(error))


async def _bring_up(copy: Path) -> None:
    """Checks that it is one of ours, and migrates it."""
    with closing(connect(copy, "ro")) as conn:
        if conn.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
            raise Problem("store_problem.other_program", path=str(copy))
    await (await open_store(copy)).close()


def _as_restore(problem: Problem, source: Path) -> Problem:
    key = problem.message.key
    return Problem(RESTORE_PROBLEMS[key], path=str(source)) if key in RESTORE_PROBLEMS else problem


def _exchange(path: Path, copy: Path, now: datetime) -> Path | None:
    """Puts `copy` at `path` and what was there aside, in such an order that there is always a database at `path`."""
    if not path.exists():
        copy.replace(path)
        return None
    _end_log(path)
    kept = path.with_name(f"{path.name}.before-restore-{now:%Y%m%d-%H%M%S-%f}")
    for end in ("-wal", "-shm"):  # still there only where the old database is damaged: under the new one they spoil it
        beside = path.with_name(path.name + end)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + end))
    try:
        kept.hardlink_to(path)
    except OSError:  # a file system without links
        path.replace(kept)
    copy.replace(path)
    return kept


def _end_log(path: Path) -> None:
    """Brings what stands in the -wal file into the database; where that is damaged, both stay as they are.

    Raises Problem where another program has it open.
    """
    for mode, statement in (("ro", "SELECT * FROM sqlite_master"), ("rw", "PRAGMA journal_mode = DELETE")):
        with closing(connect(path, mode)) as conn:
            try:
                conn.execute(statement).fetchall()
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                    raise Problem("store_problem.busy", path=str(path)) from None
                return  # for writing it is not even opened: SQLite would throw the -wal file away
