"""Overwriting what was erased: SQLite's own `secure_delete` zeroes rows, but indexes and the log keep copies."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import structlog

MERGES = (  # of each index
    "INSERT INTO post_search (post_search, rank) VALUES ('merge', ?)",
    "INSERT INTO revision_search (revision_search, rank) VALUES ('merge', ?)",
)
STEP_PAGES = 200  # of an index in one transaction: others wait no longer than that takes
MOST_STEPS = 100_000
PATIENCE = 10.0  # seconds for whoever holds the file

log = structlog.get_logger(__name__)


def scrub(path: Path) -> None:
    """Blocks: run it in a thread. Raises sqlite3.Error."""
    with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as conn:
        conn.execute("PRAGMA secure_delete = ON")
        for merge in MERGES:
            _merge(conn, merge)
        [busy, *_] = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:  # a reader looks at an older state; the next one to come here gets further
        log.warning("scrub.log_kept")


def _merge(conn: sqlite3.Connection, merge: str) -> None:
    """Merges an index into one part, in which nothing is left of what was deleted."""
    pages = -STEP_PAGES  # negative: parts of all levels, however few
    for _ in range(MOST_STEPS):
        before = conn.total_changes
        conn.execute(merge, (pages,))
        if conn.total_changes - before < 2:  # as SQLite documents: nothing left to merge
            return
        pages = STEP_PAGES
