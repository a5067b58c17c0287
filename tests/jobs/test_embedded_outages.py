"""The queue while the endpoint is away, slow or not paid for: drafts wait, and their authors are told."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from bot.errors import BudgetSpent, JudgeUnavailable
from bot.jobs.breaker import OUTAGES
from bot.jobs.embedded import LONGEST_WAIT, EmbeddedQueue
from bot.model.drafts import RevisionState
from bot.store import drafts
from bot.store.outbox import NoticeKind, due_notices, mark_told
from tests.jobs.bench import SECONDS, Bench, Clock, failing, hour_by_hour, now, running, waiting


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


async def test_drafts_that_are_too_long_for_the_model_hold_up_no_other(bench: Bench) -> None:
    long = [await bench.receive() for _ in range(OUTAGES)]
    asked: list[int] = []

    async def handle(revision_id: int) -> bool:
        asked.append(revision_id)
        if revision_id in long:
            raise JudgeUnavailable("too long", setting_wrong=True, one_draft=True)
        await bench.judge(revision_id)
        return True

    queue = EmbeddedQueue(bench.store, concurrency=1, clock=now)
    async with running(queue, handle):
        await bench.until_told_why()
        short = await bench.receive()
        queue.wake()
        await bench.until(RevisionState.JUDGED, short)
        assert queue.away is None
    assert set(asked) == {*long, short}


async def test_a_draft_that_stays_too_long_for_the_model_is_given_up_on(bench: Bench) -> None:
    error = JudgeUnavailable("too long", setting_wrong=True, one_draft=True)
    mended, given_up = await bench.receive(), await bench.receive()
    asked: list[int] = []

    async def handle(revision_id: int) -> None:
        asked.append(revision_id)
        if revision_id == given_up or asked.count(mended) < drafts.MAX_TOO_LONG:
            raise error
        await bench.judge(revision_id)

    clock = Clock()
    queue = EmbeddedQueue(bench.store, concurrency=2, clock=clock)
    async with running(queue, handle):
        for times in range(1, drafts.MAX_TOO_LONG):
            await bench.until_failures(times, mended, given_up)
            assert {(await bench.work(one)).state for one in (mended, given_up)} == {RevisionState.RECEIVED}
            assert {kind for _, kind in await due(bench)} == {NoticeKind.SLOW}  # not that the judge is away
            clock.now += timedelta(seconds=LONGEST_WAIT)
            queue.wake()
        await bench.until(RevisionState.JUDGED, mended)
        await bench.until(RevisionState.FAILED, given_up)
    assert await due(bench) == [(given_up, NoticeKind.TOO_LONG)]


async def test_whose_process_died_is_not_told_that_the_judge_is_away(bench: Bench) -> None:
    revision_id = await bench.receive()
    for _ in range(2):
        async with bench.store.write() as conn:
            assert await drafts.claim(conn, revision_id)
            await drafts.release_claims(conn, lambda _: now())
    assert await due(bench) == [(revision_id, NoticeKind.SLOW)]


async def test_a_clock_set_back_holds_up_nothing(bench: Bench) -> None:
    clock = Clock()
    queue = EmbeddedQueue(bench.store, concurrency=1, clock=clock)
    async with running(queue, bench.judge):
        await bench.until(RevisionState.JUDGED, await bench.receive())  # it is at work
        put_off = await waiting(bench, 5)
        clock.now -= timedelta(hours=1)
        queue.wake()
        await bench.until(RevisionState.JUDGED, put_off)


async def test_a_used_up_budget_is_no_outage(bench: Bench) -> None:
    revision_ids = [await bench.receive() for _ in range(2 * OUTAGES)]

    async def handle(revision_id: int) -> None:
        bench.called.append(revision_id)
        raise BudgetSpent(now() + timedelta(days=9))

    queue = EmbeddedQueue(bench.store, concurrency=2, clock=now)
    async with running(queue, handle):
        for _ in range(SECONDS * 200):
            await asyncio.sleep(0.005)
            if len(bench.called) == len(revision_ids):
                break
        assert sorted(bench.called) == revision_ids
        assert queue.away is None


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
        await (asyncio.sleep(2.0) if not bench.called else go_on.wait())
        await bench.judge(revision_id)

    queue = EmbeddedQueue(bench.store, concurrency=1, clock=now, slow=0.0)
    async with running(queue, handle):
        await bench.until(RevisionState.JUDGED, await bench.receive())
        second = await bench.receive()
        queue.wake()
        await bench.until(RevisionState.JUDGING, second)
        await asyncio.sleep(0.8)  # three seconds would be slow
        assert await due(bench) == []
        go_on.set()
