"""A queue at work: a store with a place in it, and a judge that notes what it was called for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select

from bot.jobs.embedded import EmbeddedQueue
from bot.model.drafts import RevisionState
from bot.store import drafts, pace
from bot.store.database import Store
from bot.store.tables import revision
from bot.store.verdicts import record_verdict
from tests.store.values import Place, a_verdict

Handle = Callable[[int], Awaitable[object]]
SECONDS = 30  # the longest any of this may take; less than the time between two sweeps


def now() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Stands still unless it is set."""

    def __init__(self) -> None:
        self.now = now()

    def __call__(self) -> datetime:
        return self.now


def hour_by_hour() -> Callable[[], datetime]:
    """A clock on which every look is an hour after the last, so that no wait is long."""
    start, hours = now(), count()
    return lambda: start + timedelta(hours=next(hours))


@dataclass
class Bench:
    """A store with a place in it, and a judge that stores a verdict and notes what it was called for."""

    store: Store
    place: Place
    called: list[int] = field(default_factory=list)

    async def receive(self, text: str = "A kettle.") -> int:
        async with self.store.write() as conn:
            return (await drafts.receive(conn, self.place.draft(text, at=now()))).revision_id

    async def judge(self, revision_id: int) -> None:
        self.called.append(revision_id)
        async with self.store.write() as conn:
            await record_verdict(conn, revision_id, a_verdict(), now(), answer_needed=True)

    async def work(self, revision_id: int) -> drafts.Work:
        async with self.store.read() as conn:
            return await drafts.get_work(conn, revision_id)

    async def whys(self) -> set[str]:
        async with self.store.read() as conn:
            return set(await pace.waits_for(conn))

    async def until_told_why(self, state: RevisionState = RevisionState.RECEIVED) -> None:
        """Waits until something in that state says why it waits."""
        for _ in range(SECONDS * 200):
            async with self.store.read() as conn:
                if await conn.scalar(select(revision.c.id).where(revision.c.state == state, revision.c.why != "")):
                    return
            await asyncio.sleep(0.005)
        pytest.fail("no reason")

    async def until_failures(self, count: int, *revision_ids: int) -> None:
        """Waits until each of these failed so often."""
        for _ in range(SECONDS * 200):
            if {(await self.work(revision_id)).failures for revision_id in revision_ids} == {count}:
                return
            await asyncio.sleep(0.005)
        pytest.fail("no failure")

    async def until_away(self, queue: EmbeddedQueue, after: datetime | None = None) -> None:
        """Waits until the endpoint is left alone, `after` this moment at least, and nothing is under way."""
        for _ in range(SECONDS * 200):
            async with self.store.read() as conn:
                judging = (await drafts.unfinished(conn, None)).counts.get(RevisionState.JUDGING)
            if not judging and queue.away and (after is None or queue.away.until > after):
                return
            await asyncio.sleep(0.005)
        pytest.fail("still asked")

    async def until(self, state: RevisionState, *revision_ids: int) -> None:
        states: set[RevisionState] = set()
        for _ in range(SECONDS * 200):
            states = {(await self.work(revision_id)).state for revision_id in revision_ids}
            if states == {state}:
                return
            await asyncio.sleep(0.005)
        pytest.fail(f"still {states}")


@asynccontextmanager
async def running(queue: EmbeddedQueue, handle: Handle) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(queue.run(handle, stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(SECONDS):
            await task


def failing(bench: Bench, times: int, error: Callable[[], Exception]) -> Handle:
    async def handle(revision_id: int) -> None:
        if len(bench.called) < times:
            bench.called.append(revision_id)
            raise error()
        await bench.judge(revision_id)

    return handle


async def waiting(bench: Bench, seconds: float, why: str = "no answer") -> int:
    """A draft that an outage put off."""
    revision_id = await bench.receive()
    async with bench.store.write() as conn:
        assert await drafts.claim(conn, revision_id)
        await drafts.put_back(conn, revision_id, now() + timedelta(seconds=seconds), why, is_failure=False)
    return revision_id
