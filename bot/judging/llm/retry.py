"""When and how a call is tried again: slots in which a retry goes ahead of new work, and how long to wait."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from math import isfinite

BASE_SECONDS = 0.25
LONGEST_BACKOFF = 20.0
LONGEST_RETRY_AFTER = 120.0  # what an endpoint may ask for; above it the draft is put back instead
_DAY = 86_400.0


class Slots:
    """At most `number` holders at once. Of those waiting, the one with most attempts behind it is next.

    Work already paid for is finished before new work begins; a wait between attempts is to be spent outside.
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()

    @asynccontextmanager
    async def hold(self, attempts: int) -> AsyncIterator[None]:
        await self._take(attempts)
        try:
            yield
        finally:
            self._give()

    async def _take(self, attempts: int) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (-attempts, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the slot came in the same moment as the end: pass it on
                self._give()
            raise

    def _give(self) -> None:
        while self._waiting:
            *_, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def backoff(failures: int) -> float:
    """Seconds to wait after the n-th failure: exponential with full jitter, so that callers do not return in step."""
    return random.uniform(0, min(LONGEST_BACKOFF, BASE_SECONDS * 2 ** (failures - 1)))


def retry_after(milliseconds: str | None, seconds: str | None, now: datetime) -> float | None:
    """What the headers `retry-after-ms` and `retry-after` (seconds or an HTTP date) ask for, in seconds from `now`.

    None where neither can be read; never more than a day.
    """
    wait = _number(milliseconds, 1000)
    if wait is None:
        wait = _number(seconds, 1)
    if wait is None:
        wait = _until(seconds, now)
    return wait if wait is None else min(max(wait, 0.0), _DAY)


def _number(text: str | None, per_second: int) -> float | None:
    try:
        number = float(text or "nan") / per_second
    except ValueError:
        return None
    return number if isfinite(number) else None


def _until(date: str | None, now: datetime) -> float | None:
    try:
        then = parsedate_to_datetime(date or "")
    except (ValueError, OverflowError):
        return None
    return (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()
