"""A circuit breaker: an endpoint that is away is left alone for a while, then asked with one draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import JudgeUnavailable
from bot.model.messages import Message

OUTAGES = 5  # in a row, after which an endpoint counts as away
FIRST_COOL_DOWN, LONGEST_COOL_DOWN = timedelta(seconds=30), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Away:
    """That the endpoint is left alone: since when and why, and when it is asked again."""

    since: datetime
    until: datetime
    why: Message


class Breaker:
    """One for each endpoint. Closed: work goes through. Open: none does until the cool-down ends; then one probe does.

    A probe that ends in an outage begins the next, longer cool-down; an answer lets everything through again.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._outages = 0  # in a row
        self._cool_downs = 0  # in a row
        self._began: datetime | None = None  # the first of these outages
        self._is_probing = False
        self.away: Away | None = None

    def allows(self) -> bool:
        """Whether work may begin now."""
        if self.away is None:
            return True
        left = self.away.until - self._clock()
        return not (self._is_probing or timedelta(0) < left <= LONGEST_COOL_DOWN)  # more: the clock was set back

    @property
    def next_look(self) -> datetime | None:
        """When it will allow work by itself; None where that takes the end of a probe, or nothing."""
        return None if self.away is None or self._is_probing else self.away.until

    def begin(self) -> bool:
        """Work that was allowed begins; whether it is the probe, as must be said when it ends."""
        self._is_probing = self.away is not None
        return self._is_probing

    def answered(self) -> bool:
        """The endpoint answered, whoever asked; whether it was out before."""
        was_out = self._outages > 0
        self._outages = self._cool_downs = 0
        self._is_probing, self._began, self.away = False, None, None
        return was_out

    def ended(self, *, is_probe: bool) -> None:
        """Work ended and says nothing about the endpoint, as when it never came to be asked."""
        if is_probe:
            self._is_probing = False

    def failed(self, error: JudgeUnavailable, *, is_probe: bool) -> None:
        """The endpoint was away, refused for load, or is set up wrongly."""
        if self.away is not None and not is_probe:
            return  # it was asked before it was left alone
        self._outages += 1
        self._began = self._began or self._clock()
        self.ended(is_probe=is_probe)
        if self._outages >= OUTAGES:
            self.away = Away(self._began, self._clock() + self._cool_down(error), error.message)
            self._cool_downs += 1

    def _cool_down(self, error: JudgeUnavailable) -> timedelta:
        if error.setting_wrong:  # only the operator can help
            return LONGEST_COOL_DOWN
        asked = timedelta(seconds=max(error.retry_after or 0.0, 0.0))
        return min(LONGEST_COOL_DOWN, max(asked, FIRST_COOL_DOWN * (1 << min(self._cool_downs, 10))))
