from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judging.llm.retry import LONGEST_BACKOFF, Slots, backoff, retry_after

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


async def test_those_with_more_attempts_behind_them_go_first_then_those_who_came_first() -> None:
    slots, order = Slots(1), []

    async def work(name: str, attempts: int) -> None:
        async with slots.hold(attempts):
            order.append(name)
            await asyncio.sleep(0)

    await asyncio.gather(work("a", 0), work("b", 0), work("c", 2), work("d", 1), work("e", 2))
    assert order == ["a", "c", "e", "d", "b"]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6), st.booleans()), max_size=25), st.integers(1, 4))
async def test_no_slot_is_lost_or_used_twice_however_holders_end(
    jobs: list[tuple[int, int, bool]], number: int
) -> None:
    slots, running, most = Slots(number), 0, 0

    async def work(attempts: int, steps: int) -> None:
        nonlocal running, most
        async with slots.hold(attempts):
            running += 1
            most = max(most, running)
            try:
                for _ in range(steps):
                    await asyncio.sleep(0)
            finally:
                running -= 1

    tasks = [asyncio.create_task(work(attempts, steps)) for attempts, steps, _ in jobs]
    for task, (_, steps, cancelled) in zip(tasks, jobs, strict=True):
        for _ in range(steps % 3):
            await asyncio.sleep(0)
        if cancelled:
            task.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(*tasks, return_exceptions=True)
        holders = [slots.hold(0) for _ in range(number)]
        for holder in holders:
            await holder.__aenter__()
    assert most <= number


def test_waits_grow_and_are_bounded() -> None:
    assert max(backoff(1) for _ in range(200)) <= 0.25
    assert max(backoff(4) for _ in range(200)) > 0.5
    assert max(backoff(50) for _ in range(200)) <= LONGEST_BACKOFF


@pytest.mark.parametrize(
    ("milliseconds", "seconds", "wait"),
    [
        ("1500", "9", 1.5),
        (None, "2.5", 2.5),
        (None, "-3", 0.0),
        (None, "Mon, 02 Nov 2026 12:01:00 GMT", 60.0),
        (None, "Mon, 02 Nov 2026 11:00:00 GMT", 0.0),
        (None, "Mon, 02 Nov 2026 12:01:00 -0000", 60.0),
        (None, "soon", None),
        (None, "nan", None),
        (None, "inf", None),
        (None, "1e30", 86_400.0),
        (None, None, None),
        ("soon", "3", 3.0),
    ],
)
def test_what_an_endpoint_asks_for_is_read(milliseconds: str | None, seconds: str | None, wait: float | None) -> None:
    assert retry_after(milliseconds, seconds, NOW) == wait


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_header_is_survived(milliseconds: str, seconds: str) -> None:
    wait = retry_after(milliseconds, seconds, NOW)
    assert wait is None or 0 <= wait <= 86_400
