"""A clock that may be set right while the bot runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

LEAST = timedelta(seconds=30)  # less is waited out


class Watched:
    """Asked from time to time whether the clock was set back since the last time."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._last = clock()

    def was_set_back(self) -> bool:
        before, self._last = self._last, self._clock()
        return self._last < before - LEAST
