"""The queue over a real database: everything due is handled, nothing twice, nothing lost when things go wrong."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.jobs.embedded import CROWD, FIRST_WAIT, LONGEST_WAIT, EmbeddedQueue, wait_before
from bot.model.drafts import RevisionState
from bot.store import drafts
from tests.jobs.bench import SECONDS, Bench, hour_by_hour, now, running


async def test_everything_due_is_handled_once_and_not_more_at_a_time_than_allowed(bench: Bench) -> None:
    revision_ids = [await bench.receive() for _ in range(12)]
    begun: list[int] = []
    go_on = asyncio.Event()

    async def handle(revision_id: int) -> None:
        begun.append(revision_id)
        await go_on.wait()
        await bench.judge(revision_id)

    async with running(EmbeddedQueue(bench.store, concurrency=3, clock=now), handle):
        for _ in range(SECONDS * 100):
            await asyncio.sleep(0.01)
            if len(begun) >= 3:
                break
        await asyncio.sleep(0.1)
        assert begun == revision_ids[:3]
        go_on.set()
        await bench.until(RevisionState.JUDGED, *revision_ids)
    assert sorted(bench.called) == revision_ids


async def test_an_idle_queue_is_woken(bench: Bench) -> None:
    queue = EmbeddedQueue(bench.store, concurrency=2, clock=now)
    async with running(queue, bench.judge):
        for _ in range(20):  # until it idles: what comes before is seen without a call
            revision_id = await bench.receive()
            await asyncio.sleep(0.1)
            if revision_id not in bench.called:
                break
        assert revision_id not in bench.called  # the next sweep is a minute away
        queue.wake()
        await bench.until(RevisionState.JUDGED, revision_id)


def a_crowd(queue: EmbeddedQueue, size: int) -> ExitStack:
    """So many drafts that are coming in, until it is left."""
    crowd = ExitStack()
    for _ in range(size):
        crowd.enter_context(queue.coming_in())
    return crowd


async def test_nothing_is_begun_while_a_crowd_comes_in(bench: Bench) -> None:
    queue = EmbeddedQueue(bench.store, concurrency=2, clock=now, longest_hold=2.0 * SECONDS)
    with a_crowd(queue, CROWD), a_crowd(queue, 1) as one_too_many:
        async with running(queue, bench.judge):
            revision_id = await bench.receive()
            queue.wake()
            await asyncio.sleep(0.1)
            assert bench.called == []
            one_too_many.close()
            await bench.until(RevisionState.JUDGED, revision_id)


async def test_a_crowd_that_never_ends_holds_nothing_up_for_ever(bench: Bench) -> None:
    queue = EmbeddedQueue(bench.store, concurrency=2, clock=now, longest_hold=0.1)
    revision_ids = [await bench.receive() for _ in range(3)]
    with a_crowd(queue, CROWD + 1):
        async with running(queue, bench.judge):
            await bench.until(RevisionState.JUDGED, *revision_ids)
    assert sorted(bench.called) == sorted(revision_ids)


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
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handle(revision_id: int) -> None:
        begun.set()
        await go_on.wait()
        await bench.judge(revision_id)

    async with running(EmbeddedQueue(bench.store, concurrency=1, clock=now), handle):
        await begun.wait()
        waiting = await bench.receive()
        asyncio.get_running_loop().call_later(0.05, go_on.set)  # after the queue was told to end
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


async def alter(path: Path, statement: str) -> None:
    """In a thread: the queue lives in this process, and must be able to end its transaction first."""

    def run() -> None:
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as other:
            other.execute(statement)

    await asyncio.to_thread(run)


async def test_a_failing_database_stalls_the_queue_and_loses_nothing(bench: Bench) -> None:
    revision_id = await bench.receive()
    await alter(bench.store.path, "ALTER TABLE revision RENAME TO away")
    queue = EmbeddedQueue(bench.store, concurrency=1, clock=now, database_pause=0.01)
    with capture_logs() as logs:
        async with running(queue, bench.judge):
            for _ in range(1000):  # until it has stalled
                await asyncio.sleep(0.01)
                if logs:
                    break
            assert {entry["event"] for entry in logs} == {"queue.database"}
            await alter(bench.store.path, "ALTER TABLE away RENAME TO revision")
            await bench.until(RevisionState.JUDGED, revision_id)


async def test_the_queue_can_be_stopped_while_the_database_fails(bench: Bench) -> None:
    await alter(bench.store.path, "ALTER TABLE revision RENAME TO away")
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
