"""The queue over a real database: everything due is handled, nothing twice, nothing lost when things go wrong."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.errors import BudgetSpent, JudgeUnavailable
from bot.jobs.breaker import OUTAGES
from bot.jobs.embedded import CROWD, FIRST_WAIT, LONGEST_WAIT, EmbeddedQueue, wait_before
from bot.model.drafts import RevisionState
from bot.store import drafts, pace
from bot.store.database import Store, open_store
from bot.store.outbox import NoticeKind, due_notices, mark_told
from bot.store.tables import revision
from bot.store.verdicts import record_verdict
from tests.store.values import Place, a_verdict, make_place

Handle = Callable[[int], Awaitable[object]]
SECONDS = 5  # the longest any of this may take


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


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = await open_store(tmp_path / "bot.sqlite3")
    async with store.write() as conn:
        place = await make_place(conn)
    yield Bench(store, place)
    await store.close()


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


async def test_everything_due_is_handled_once_and_not_more_at_a_time_than_allowed(bench: Bench) -> None:
    revision_ids = [await bench.receive() for _ in range(12)]
    begun: list[int] = []
    go_on = asyncio.Event()

    async def handle(revision_id: int) -> None:
        begun.append(revision_id)
        await go_on.wait()
        await bench.judge(revision_id)

    async with running(EmbeddedQueue(bench.store, concurrency=3, clock=now), handle):
        await bench.until(RevisionState.JUDGING, *revision_ids[:3])
        await asyncio.sleep(0.1)
        assert begun == revision_ids[:3]
        go_on.set()
        await bench.until(RevisionState.JUDGED, *revision_ids)
    assert sorted(bench.called) == revision_ids


async def test_an_idle_queue_is_woken(bench: Bench) -> None:
    queue = EmbeddedQueue(bench.store, concurrency=2, clock=now)
    async with running(queue, bench.judge):
        await asyncio.sleep(0.05)
        revision_id = await bench.receive()
        await asyncio.sleep(0.05)
        assert bench.called == []  # the next sweep is a minute away
        queue.wake()
        await bench.until(RevisionState.JUDGED, revision_id)


def a_crowd(queue: EmbeddedQueue, size: int) -> ExitStack:
    """So many drafts that are coming in, until it is left."""
    crowd = ExitStack()
    for _ in range(size):
        crowd.enter_context(queue.coming_in())
    return crowd


async def test_nothing_is_begun_while_a_crowd_comes_in(bench: Bench) -> None:
    queue = EmbeddedQueue(bench.store, concurrency=2, clock=now)
    async with running(queue, bench.judge):
        await asyncio.sleep(0.05)
        with a_crowd(queue, CROWD):
            with queue.coming_in():
                revision_id = await bench.receive()
                queue.wake()
                await asyncio.sleep(0.1)
                assert bench.called == []
            await bench.until(RevisionState.JUDGED, revision_id)


async def test_a_crowd_that_never_ends_holds_nothing_up_for_ever(bench: Bench) -> None:
    queue = EmbeddedQueue(bench.store, concurrency=2, clock=now, longest_hold=0.1)
    revision_ids = [await bench.receive() for _ in range(3)]
    with a_crowd(queue, CROWD + 1):
        async with running(queue, bench.judge):
            await bench.until(RevisionState.JUDGED, *revision_ids)


async def test_the_queue_wakes_by_itself_when_something_becomes_due(bench: Bench) -> None:
    revision_id = await bench.receive()
    due = now() + timedelta(seconds=0.15)
    async with bench.store.write() as conn:
        await drafts.claim_next(conn, now())
        await drafts.put_back(conn, revision_id, due, "later")
    async with running(EmbeddedQueue(bench.store, concurrency=1, clock=now), bench.judge):
        await bench.until(RevisionState.JUDGED, revision_id)
    assert now() >= due


async def test_what_a_dead_process_had_claimed_is_done_again(bench: Bench) -> None:
    revision_id = await bench.receive()
    async with bench.store.write() as conn:
        await drafts.claim_next(conn, now())
    async with running(EmbeddedQueue(bench.store, concurrency=1, clock=now), bench.judge):
        await bench.until(RevisionState.JUDGED, revision_id)
    assert bench.called == [revision_id]


def failing(bench: Bench, times: int, error: Callable[[], Exception]) -> Handle:
    async def handle(revision_id: int) -> None:
        if len(bench.called) < times:
            bench.called.append(revision_id)
            raise error()
        await bench.judge(revision_id)

    return handle


@pytest.mark.parametrize(
    "outage",
    [
        lambda: JudgeUnavailable("busy"),
        lambda: JudgeUnavailable("busy", retry_after=0),
        lambda: JudgeUnavailable("wrong key", setting_wrong=True),
        lambda: OperationalError("SELECT 1", {}, sqlite3.OperationalError("database is locked")),
    ],
)
async def test_an_outage_is_waited_out_however_often(bench: Bench, outage: Callable[[], Exception]) -> None:
    revision_id = await bench.receive()
    times = drafts.MAX_FAILURES + 3
    queue = EmbeddedQueue(bench.store, concurrency=1, clock=hour_by_hour())
    async with running(queue, failing(bench, times, outage)):
        await bench.until(RevisionState.JUDGED, revision_id)
    work = await bench.work(revision_id)
    assert (work.attempts, work.failures) == (times + 1, 0)


async def test_an_endpoint_that_names_a_wait_gets_it(bench: Bench) -> None:
    revision_id = await bench.receive()
    began = now()
    queue = EmbeddedQueue(bench.store, concurrency=1, clock=now)
    async with running(queue, failing(bench, 1, lambda: JudgeUnavailable("busy", retry_after=0.1))):
        await bench.until(RevisionState.JUDGED, revision_id)
    assert now() - began >= timedelta(seconds=0.1)


async def test_an_endpoint_that_is_away_is_left_alone_and_asked_with_one_draft(bench: Bench) -> None:
    revision_ids = [await bench.receive() for _ in range(3 * OUTAGES)]
    asked: list[int] = []
    is_back, clock = asyncio.Event(), Clock()

    async def handle(revision_id: int) -> bool:
        asked.append(revision_id)
        if not is_back.is_set():
            raise JudgeUnavailable("gone")
        await bench.judge(revision_id)
        return True

    queue = EmbeddedQueue(bench.store, concurrency=4, clock=clock)
    async with running(queue, handle):
        await bench.until_away(queue)
        in_vain = len(asked)
        assert OUTAGES <= in_vain < OUTAGES + 4
        assert queue.away is not None
        late = await bench.receive()
        queue.wake()
        for _ in range(3):  # each cool-down over, one probe
            clock.now = queue.away.until
            queue.wake()
            await bench.until_away(queue, after=clock.now)
        assert len(asked) == in_vain + 3
        works = [await bench.work(revision_id) for revision_id in (*revision_ids, late)]
        assert {(work.state, work.failures) for work in works} == {(RevisionState.RECEIVED, 0)}
        assert await bench.whys() == {"gone"}  # those never asked for as well: their authors are told
        is_back.set()
        clock.now = queue.away.until
        queue.wake()
        await bench.until(RevisionState.JUDGED, *revision_ids, late)
        assert queue.away is None


async def test_what_says_nothing_of_the_endpoint_neither_opens_nor_closes(bench: Bench) -> None:
    revision_ids = [await bench.receive() for _ in range(OUTAGES + 1)]
    clock, is_thin = Clock(), asyncio.Event()

    async def handle(revision_id: int) -> bool:
        if not is_thin.is_set():
            raise JudgeUnavailable("gone")
        await bench.judge(revision_id)
        return False  # too few posts stored: no judge was asked

    queue = EmbeddedQueue(bench.store, concurrency=1, clock=clock)
    async with running(queue, handle):
        await bench.until_away(queue)
        assert queue.away is not None
        is_thin.set()
        clock.now = queue.away.until
        queue.wake()
        await bench.until(RevisionState.JUDGED, *revision_ids)
        assert queue.away is not None


async def test_a_used_up_budget_is_no_outage(bench: Bench) -> None:
    revision_ids = [await bench.receive() for _ in range(2 * OUTAGES)]

    async def handle(revision_id: int) -> None:
        bench.called.append(revision_id)
        raise BudgetSpent(now() + timedelta(days=9))

    queue = EmbeddedQueue(bench.store, concurrency=2, clock=now)
    async with running(queue, handle):
        for _ in range(1000):
            await asyncio.sleep(0.005)
            if len(bench.called) == len(revision_ids):
                break
        assert sorted(bench.called) == revision_ids
        assert queue.away is None


async def test_a_draft_that_keeps_failing_ends_failed_and_holds_up_nobody(bench: Bench) -> None:
    poison, good = await bench.receive(), await bench.receive()
    tried: list[int] = []

    async def handle(revision_id: int) -> None:
        if revision_id == poison:
            tried.append(revision_id)
            raise ValueError(revision_id)
        await bench.judge(revision_id)

    async with running(EmbeddedQueue(bench.store, concurrency=1, clock=hour_by_hour()), handle):
        await bench.until(RevisionState.FAILED, poison)
        await bench.until(RevisionState.JUDGED, good)
    assert len(tried) == drafts.MAX_FAILURES


async def test_a_handler_that_leaves_no_verdict_has_failed(bench: Bench) -> None:
    revision_id = await bench.receive()

    async def handle(revision_id: int) -> None:
        bench.called.append(revision_id)

    async with running(EmbeddedQueue(bench.store, concurrency=1, clock=hour_by_hour()), handle):
        await bench.until(RevisionState.FAILED, revision_id)
    assert len(bench.called) == drafts.MAX_FAILURES


async def test_the_log_names_the_revision_and_never_its_text(bench: Bench) -> None:
    revision_id = await bench.receive("secret words")

    async def handle(revision_id: int) -> None:
        raise ValueError((await bench.work(revision_id)).revision.text)

    with capture_logs() as logs:
        async with running(EmbeddedQueue(bench.store, concurrency=1, clock=hour_by_hour()), handle):
            await bench.until(RevisionState.FAILED, revision_id)
    assert len(logs) == drafts.MAX_FAILURES
    assert {(entry["revision_id"], entry["error"]) for entry in logs} == {(revision_id, "ValueError")}
    assert all(entry["where"].startswith("test_embedded.py:") for entry in logs)
    assert "secret words" not in repr(logs)


async def test_at_the_end_those_under_way_may_finish(bench: Bench) -> None:
    revision_id = await bench.receive()
    begun = asyncio.Event()

    async def handle(revision_id: int) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        await bench.judge(revision_id)

    async with running(EmbeddedQueue(bench.store, concurrency=1, clock=now), handle):
        await begun.wait()
        waiting = await bench.receive()
    assert (await bench.work(revision_id)).state is RevisionState.JUDGED
    assert (await bench.work(waiting)).state is RevisionState.RECEIVED


async def test_those_that_take_too_long_at_the_end_are_put_back_without_blame(bench: Bench) -> None:
    revision_id = await bench.receive()
    begun, ended = asyncio.Event(), asyncio.Event()

    async def handle(_: int) -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    async with running(EmbeddedQueue(bench.store, concurrency=1, clock=now, grace=0.05), handle):
        await begun.wait()
    work = await bench.work(revision_id)
    assert ended.is_set()
    assert (work.state, work.attempts, work.failures) == (RevisionState.RECEIVED, 1, 0)


async def test_a_failing_database_stalls_the_queue_and_loses_nothing(bench: Bench) -> None:
    revision_id = await bench.receive()
    with sqlite3.connect(bench.store.path) as other:
        other.execute("ALTER TABLE revision RENAME TO away")
    queue = EmbeddedQueue(bench.store, concurrency=1, clock=now, database_pause=0.01)
    with capture_logs() as logs:
        async with running(queue, bench.judge):
            for _ in range(1000):  # until it has stalled
                await asyncio.sleep(0.01)
                if logs:
                    break
            assert {entry["event"] for entry in logs} == {"queue.database"}
            with sqlite3.connect(bench.store.path) as other:
                other.execute("ALTER TABLE away RENAME TO revision")
            await bench.until(RevisionState.JUDGED, revision_id)


async def test_the_queue_can_be_stopped_while_the_database_fails(bench: Bench) -> None:
    with sqlite3.connect(bench.store.path) as other:
        other.execute("ALTER TABLE revision RENAME TO away")
    queue = EmbeddedQueue(bench.store, concurrency=1, clock=now, database_pause=0.01)
    stop = asyncio.Event()
    task = asyncio.create_task(queue.run(bench.judge, stop))
    await asyncio.sleep(0.05)
    assert not task.done()
    stop.set()
    async with asyncio.timeout(SECONDS):
        with pytest.raises(OperationalError):
            await task


def test_waits_double_up_to_ten_minutes_and_differ() -> None:
    for attempt in range(1, 60):
        most = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1))
        waits = {wait_before(attempt) for _ in range(20)}
        assert all(0.75 * most <= wait <= most for wait in waits)
        assert len(waits) > 1


async def waiting(bench: Bench, seconds: float, why: str = "no answer") -> int:
    """A draft that an outage put off."""
    revision_id = await bench.receive()
    async with bench.store.write() as conn:
        assert await drafts.claim(conn, revision_id)
        await drafts.put_back(conn, revision_id, now() + timedelta(seconds=seconds), why, is_failure=False)
    return revision_id


async def test_what_an_outage_put_off_is_due_at_the_start(bench: Bench) -> None:
    revision_ids = [await waiting(bench, 3600), await waiting(bench, 3600, BudgetSpent.WHY)]
    failed = await bench.receive()
    async with bench.store.write() as conn:
        assert await drafts.claim(conn, failed)
        await drafts.put_back(conn, failed, now() + timedelta(hours=1), "ValueError")
    async with running(EmbeddedQueue(bench.store, concurrency=2, clock=now), bench.judge):
        await bench.until(RevisionState.JUDGED, *revision_ids)
    assert (await bench.work(failed)).state is RevisionState.RECEIVED


async def test_what_an_outage_put_off_is_due_when_the_endpoint_answers(bench: Bench) -> None:
    async def handle(revision_id: int) -> bool:
        if not bench.called:
            bench.called.append(0)
            raise JudgeUnavailable("busy", retry_after=3600.0)
        await bench.judge(revision_id)
        return True

    queue = EmbeddedQueue(bench.store, concurrency=1, clock=now)
    first = await bench.receive()
    async with running(queue, handle):
        await bench.until_told_why()
        broke = await waiting(bench, 3600, BudgetSpent.WHY)
        second = await bench.receive()
        queue.wake()
        await bench.until(RevisionState.JUDGED, first, second)
    assert (await bench.work(broke)).state is RevisionState.RECEIVED


async def due(bench: Bench) -> list[tuple[int, NoticeKind]]:
    async with bench.store.read() as conn:
        return [(one.revision_id, one.kind) for one in await due_notices(conn, 100)]


async def test_whoever_waits_longer_than_usual_is_told_so_once(bench: Bench) -> None:
    go_on = asyncio.Event()

    async def handle(revision_id: int) -> None:
        await go_on.wait()
        await bench.judge(revision_id)

    revision_ids = [await bench.receive() for _ in range(2)]  # one waits behind the other
    async with running(EmbeddedQueue(bench.store, concurrency=1, clock=now, slow=0.1), handle):
        await bench.until_told_why(RevisionState.JUDGING)
        assert await due(bench) == [(revision_id, NoticeKind.SLOW) for revision_id in revision_ids]
        async with bench.store.write() as conn:
            for notice in await due_notices(conn, 100):
                await mark_told(conn, notice)
        go_on.set()
        await bench.until(RevisionState.JUDGED, *revision_ids)
        assert await due(bench) == []


async def test_what_takes_its_usual_time_is_not_called_slow(bench: Bench) -> None:
    go_on = asyncio.Event()

    async def handle(revision_id: int) -> None:
        await (asyncio.sleep(1.0) if not bench.called else go_on.wait())
        await bench.judge(revision_id)

    queue = EmbeddedQueue(bench.store, concurrency=1, clock=now, slow=0.0)
    async with running(queue, handle):
        await bench.until(RevisionState.JUDGED, await bench.receive())
        second = await bench.receive()
        queue.wake()
        await bench.until(RevisionState.JUDGING, second)
        await asyncio.sleep(0.8)
        assert await due(bench) == []
        go_on.set()
