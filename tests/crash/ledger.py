"""What the bot's database says, looked at from outside while the bot works on it, and without writing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

LOOK_AGAIN = 0.002  # seconds: some states are short
ROWS = """
SELECT r.source_key, r.state, r.told, r.why, r.failures, r.audience, v.number, v.outcome, o.due, o.message_id
FROM revision r LEFT JOIN verdict v ON v.revision_id = r.id LEFT JOIN outbox o ON o.revision_id = r.id ORDER BY r.id
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One revision with its verdict and its answer. `key` names the event it came from."""

    key: str
    state: str
    told: str
    why: str
    failures: int
    audience: str
    number: int | None
    outcome: str | None
    due: str | None  # of the answer; None when it was delivered, given up, or there is none yet
    message_id: int | None  # of the answer

    @property
    def card(self) -> tuple[str, int] | None:
        """Whose verdicts it is counted among, and its number: what the card on it says."""
        return None if self.number is None else (self.audience, self.number)


class Ledger:
    def __init__(self, path: Path) -> None:
        self._address = f"file:{path}?mode=ro"

    def rows(self) -> dict[str, Row]:
        """All revisions by the event they came from."""
        with closing(sqlite3.connect(self._address, uri=True, timeout=10)) as database:
            return {row[0]: Row(*row) for row in database.execute(ROWS)}

    def row(self, key: str) -> Row | None:
        return self.rows().get(key)

    async def until(self, key: str, condition: Callable[[Row], bool], within: float = 60.0) -> Row:
        """The revision once `condition` holds. Raises TimeoutError with what it is instead."""
        end = monotonic() + within
        while (row := self.row(key)) is None or not condition(row):
            if monotonic() > end:
                raise TimeoutError(f"{key} is {row}")
            await asyncio.sleep(LOOK_AGAIN)
        return row

    async def settled(self, within: float) -> bool:
        """Waits until every revision is answered or failed, and no card is to be mended; whether that came to be."""
        end = monotonic() + within
        while any(row.state not in {"answered", "failed"} or row.due for row in self.rows().values()):
            if monotonic() > end:
                return False
            await asyncio.sleep(0.2)
        return True
