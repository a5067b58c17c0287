"""The circuit breaker: an endpoint that is away is left alone, asked with one draft at a time, and then used again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.errors import JudgeUnavailable
from bot.jobs.breaker import FIRST_COOL_DOWN, LONGEST_COOL_DOWN, OUTAGES, Breaker

START = datetime(2026, 5, 4, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GONE = JudgeUnavailable("busy")


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def opened(error: JudgeUnavailable = GONE) -> tuple[Breaker, Clock]:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(OUTAGES):
        assert breaker.allows()
        breaker.failed(error, is_probe=breaker.begin())
    return breaker, clock


def probe(breaker: Breaker, clock: Clock) -> timedelta:
    """A probe that fails; the cool-down after it."""
    assert breaker.away is not None
    clock.now = breaker.away.until
    assert breaker.begin()
    breaker.failed(GONE, is_probe=True)
    return breaker.away.until - clock.now


def test_a_clock_set_back_keeps_it_open_no_longer() -> None:
    breaker, clock = opened()
    clock.now -= timedelta(hours=1)
    assert breaker.allows()


def test_outages_in_a_row_open_it_and_say_since_when_and_why() -> None:
    breaker, clock = opened()
    assert breaker.away is not None
    assert (breaker.away.since, breaker.away.until) == (START, START + FIRST_COOL_DOWN)
    assert breaker.away.why.values == {"text": "busy"}
    clock.now += FIRST_COOL_DOWN - SECOND
    assert not breaker.allows()
    clock.now += SECOND
    assert breaker.allows()


def test_an_answer_in_between_begins_the_count_anew() -> None:
    breaker = Breaker(Clock())
    for _ in range(3):
        for _ in range(OUTAGES - 1):
            breaker.failed(GONE, is_probe=breaker.begin())
        breaker.answered()
    assert breaker.away is None


def test_cool_downs_double_up_to_the_longest_and_begin_anew_after_an_answer() -> None:
    breaker, clock = opened()
    waits = [probe(breaker, clock) for _ in range(8)]
    assert waits == [min(LONGEST_COOL_DOWN, FIRST_COOL_DOWN * 2**n) for n in range(1, 9)]
    breaker.answered()
    for _ in range(OUTAGES):
        breaker.failed(GONE, is_probe=breaker.begin())
    assert breaker.away is not None
    assert (breaker.away.since, breaker.away.until) == (clock.now, clock.now + FIRST_COOL_DOWN)


@pytest.mark.parametrize(
    ("error", "cool_down"),
    [
        (JudgeUnavailable("busy", retry_after=90), timedelta(seconds=90)),
        (JudgeUnavailable("busy", retry_after=1), FIRST_COOL_DOWN),
        (JudgeUnavailable("busy", retry_after=86_400), LONGEST_COOL_DOWN),
        (JudgeUnavailable("wrong key", setting_wrong=True), LONGEST_COOL_DOWN),
    ],
)
def test_an_endpoint_that_asks_for_a_wait_gets_it_within_reason(error: JudgeUnavailable, cool_down: timedelta) -> None:
    breaker, _ = opened(error)
    assert breaker.away is not None
    assert breaker.away.until == START + cool_down


class Work(RuleBasedStateMachine):
    """Any order of beginnings, ends and waits."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(self.clock)
        self.under_way: list[bool] = []  # whether each is a probe
        self.outages = 0  # since the last answer, of work whose outage counts

    @precondition(lambda self: self.breaker.allows())
    @rule()
    def begin(self) -> None:
        self.under_way.append(self.breaker.begin())

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), end=st.sampled_from(["answered", "failed", "ended"]))
    def end(self, data: st.DataObject, end: str) -> None:
        is_probe = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
        if end == "answered":
            self.breaker.answered()
            self.outages = 0
            assert self.breaker.allows()
        elif end == "ended":
            was_away = self.breaker.away
            self.breaker.ended(is_probe=is_probe)
            assert self.breaker.away == was_away
        else:
            self.outages += self.breaker.away is None or is_probe
            self.breaker.failed(GONE, is_probe=is_probe)

    @rule(seconds=st.integers(1, 1000))
    def wait(self, seconds: int) -> None:
        self.clock.now += seconds * SECOND

    @invariant()
    def at_most_one_probe_while_away(self) -> None:
        assert self.breaker.away is None or sum(self.under_way) <= 1

    @invariant()
    def away_just_when_outages_came_in_a_row(self) -> None:
        assert (self.breaker.away is not None) == (self.outages >= OUTAGES)

    @invariant()
    def never_stuck(self) -> None:
        look = self.breaker.next_look
        assert self.breaker.allows() or any(self.under_way) or (look is not None and look > self.clock.now)


Work.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestWork = Work.TestCase
