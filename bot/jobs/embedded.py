"""The queue inside the one bot process: the table of revisions is the queue, this only works it off."""

from __future__ import annotations

import asyncio
import random
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TypeVar

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import BudgetSpent, JudgeUnavailable
from bot.jobs.breaker import Away, Breaker
from bot.jobs.clock import Watched
from bot.model.drafts import RevisionState
from bot.store import drafts
from bot.store.database import Store, StoreUnavailable
from bot.texts import render

Handle = Callable[[int], Awaitable[object]]  # gives True where the endpoint of the judge answered
Result = TypeVar("Result")

SWEEP_SECONDS = 60.0  # looks at the table at least this often
FIRST_WAIT, LONGEST_WAIT = 10.0, 600.0  # seconds between attempts, doubling
REMEMBERED = 20  # reviews, by which it is known how long one takes
TIMES_USUAL = 1.5  # of the longest of them: more is longer than usual
SLOWNESS_LOOK = 0.5  # seconds between two looks
CROWD = 8  # drafts that come in at a time, beyond which other work waits
LONGEST_REQUESTED_WAIT = 3600.0  # seconds; an endpoint that asks for more is asked again all the same

log = structlog.get_logger(__name__)


def wait_before(attempt: int) -> float:
    """Seconds to wait after the `attempt`th try (from 1) went wrong: doubling, a quarter of it random."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 1, 10)) * random.uniform(0.75, 1.0)


class EmbeddedQueue:
    """Works off revisions with at most `concurrency` handlers at once. All methods belong to one event loop."""

    def __init__(
        self,
        store: Store,
        *,
        concurrency: int,
        clock: Callable[[], datetime],
        database_pause: float = 5.0,
        grace: float = 4.0,
        longest_hold: float = 2.0,
        slow: float = 3.0,
    ) -> None:
        """`database_pause`: seconds before a failed database is asked again; `grace`: for handlers at the end;
        `longest_hold`: that `let_in` waits; `slow`: after which a review may count as longer than usual."""
        self._store = store
        self._concurrency = concurrency
        self._clock = clock
        self._database_pause = database_pause
        self._grace = grace
        self._longest_hold = longest_hold
        self._slow = slow
        self._began: dict[int, float] = {}  # when what is under way was, by revision
        self._usual: deque[float] = deque(maxlen=REMEMBERED)  # seconds that reviews took
        self._breaker = Breaker(clock)
        self._time = Watched(clock)
        self._wake, self._stop = asyncio.Event(), asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._coming_in = 0
        self._is_calm = asyncio.Event()
        self._is_calm.set()

    @contextmanager
    def coming_in(self) -> Iterator[None]:
        """Around what takes in a draft and acknowledges it: where many come at once, other work waits (`let_in`)."""
        self._coming_in += 1
        if self._coming_in > CROWD:
            self._is_calm.clear()
        try:
            yield
        finally:
            self._coming_in -= 1
            if self._coming_in <= CROWD:
                self._is_calm.set()

    async def let_in(self) -> None:
        """Returns once no crowd is coming in, or after a while: the rest must go on too."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._longest_hold):
                await self._is_calm.wait()

    @property
    def away(self) -> Away | None:
        """That the endpoint of the judge is left alone for a while; None while it is asked."""
        return self._breaker.away

    def wake(self) -> None:
        """Says that there may be something due."""
        self._wake.set()

    async def run(self, handle: Handle, stop: asyncio.Event) -> None:
        """Hands due revisions to `handle` until `stop` is set; then lets those under way end, or puts them back.

        JudgeUnavailable and a database out of reach mean: again later, as often as it takes. Any other exception, and a
        return without a verdict, is a failure of the draft: again later, and at the fifth one it is marked as failed;
        one that is too long for the model at the third.
        Raises StoreUnavailable or SQLAlchemyError where the database is out of reach when the queue is to stop.
        """
        self._stop = stop
        await self._stored(lambda conn: drafts.release_claims(conn, self._due_after_death))
        # Whoever starts the bot again may have mended the key, the model or the cap.
        await self._stored(lambda conn: drafts.recall(conn, self._clock(), with_budget=True))
        watch = asyncio.create_task(self._wake_at_stop())
        slowness = asyncio.create_task(self._tell_slowness(), name="slowness")
        try:
            while not stop.is_set():
                self._wake.clear()
                await self.let_in()
                if self._time.was_set_back():  # what is due by what it showed before would wait for hours
                    await self._stored(lambda conn: drafts.recall(conn, self._clock(), with_budget=False))
                pause = await self._start_due(handle)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
            if self._running:
                await asyncio.wait(self._running, timeout=self._grace)
        finally:
            for task in (watch, slowness, *self._running):
                task.cancel()
            await asyncio.gather(watch, slowness, *self._running, return_exceptions=True)

    def _due_after_death(self, deaths: int) -> datetime:
        return self._clock() + timedelta(seconds=wait_before(deaths - 1))

    async def _wake_at_stop(self) -> None:
        await self._stop.wait()
        self.wake()

    async def _start_due(self, handle: Handle) -> float:
        """Starts handlers for what is due, as far as there is room; returns the seconds until the next look."""
        while len(self._running) < self._concurrency:
            if not self._breaker.allows():
                return await self._leave_alone()
            is_probe = self._breaker.begin()
            revision_id = await self._stored(lambda conn: drafts.claim_next(conn, self._clock()))
            if revision_id is None:
                self._breaker.ended(is_probe=is_probe)
                due = await self._stored(drafts.next_due)
                return SWEEP_SECONDS if due is None else self._seconds_until(due)
            task = asyncio.create_task(self._work(revision_id, handle, is_probe=is_probe))
            self._running.add(task)
            task.add_done_callback(self._done)
        return SWEEP_SECONDS  # a handler that ends wakes us

    async def _leave_alone(self) -> float:
        """Nothing is begun while the endpoint is away. What waits says why, so that its authors are told."""
        if self.away is not None:
            why = render("en", self.away.why)
            await self._stored(lambda conn: drafts.note_why(conn, why))
        look = self._breaker.next_look
        return SWEEP_SECONDS if look is None else self._seconds_until(look)

    def _seconds_until(self, moment: datetime) -> float:
        return min(max((moment - self._clock()).total_seconds(), 0.0), SWEEP_SECONDS)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.wake()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("queue.defect", error=type(error).__name__, where=_where(error))

    async def _work(self, revision_id: int, handle: Handle, *, is_probe: bool) -> None:
        """Runs one handler to its end and stores how it ended."""
        review = asyncio.ensure_future(handle(revision_id))
        self._began[revision_id] = monotonic()
        try:
            await asyncio.wait({review})
        except asyncio.CancelledError:  # the queue stops: the draft is not to blame
            review.cancel()
            await asyncio.wait({review})
            with suppress(StoreUnavailable, SQLAlchemyError):  # at the next start all claims are released
                async with self._store.write() as conn:
                    await drafts.put_back(conn, revision_id, self._clock(), "", is_failure=False)
            raise
        finally:
            seconds = monotonic() - self._began.pop(revision_id)
        error = asyncio.CancelledError() if review.cancelled() else review.exception()
        if error is None:
            self._usual.append(seconds)
        is_back = self._tell_breaker(error, is_probe=is_probe, has_answered=error is None and review.result() is True)
        await self._stored(lambda conn: self._settle(conn, revision_id, error))
        if is_back:
            await self._stored(lambda conn: drafts.recall(conn, self._clock(), with_budget=False))

    async def _tell_slowness(self) -> None:
        """Whoever waits longer than usual, because a judge hangs or waits itself, is told so in time."""
        while True:
            await asyncio.sleep(SLOWNESS_LOOK)
            bound = max(self._slow, TIMES_USUAL * max(self._usual, default=0.0))
            slow = [key for key, began in self._began.items() if monotonic() - began > bound]
            if slow:
                before = self._clock() - timedelta(seconds=bound)
                await self._stored(partial(drafts.note_slow, revision_ids=slow, before=before))

    def _tell_breaker(self, error: BaseException | None, *, is_probe: bool, has_answered: bool) -> bool:
        """Whether the endpoint was out before and answers now."""
        if isinstance(error, JudgeUnavailable) and not (isinstance(error, BudgetSpent) or error.one_draft):
            self._breaker.failed(error, is_probe=is_probe)
        elif has_answered:
            return self._breaker.answered()
        else:
            self._breaker.ended(is_probe=is_probe)
        return False

    async def _settle(self, conn: AsyncConnection, revision_id: int, error: BaseException | None) -> None:
        try:
            work = await drafts.get_work(conn, revision_id)
        except LookupError:
            return  # erased meanwhile
        if work.state is not RevisionState.JUDGING:
            return
        if isinstance(error, BudgetSpent):
            log.info("review.budget_spent", revision_id=revision_id, guild_id=work.draft.guild_id, until=error.until)
            await drafts.put_back(conn, revision_id, error.until, error.why, is_failure=False)
            return
        if isinstance(error, JudgeUnavailable) and error.one_draft:
            log.warning("review.too_long", revision_id=revision_id, failures=work.failures + 1)
            most, end = drafts.MAX_TOO_LONG, drafts.TOO_LONG
            await self._count_failure(conn, work, error.why, LONGEST_WAIT, most=most, end=end)
            return
        if isinstance(error, (JudgeUnavailable, StoreUnavailable, OperationalError)):
            why = error.why if isinstance(error, JudgeUnavailable) else drafts.DATABASE
            wait = self._outage_wait(error, work.attempts - work.failures)
            log.warning("review.outage", revision_id=revision_id, why=why, seconds=round(wait))
            due = self._clock() + timedelta(seconds=wait)
            await drafts.put_back(conn, revision_id, due, why, is_failure=False)
            return
        failures = work.failures + 1
        why, where = ("no verdict", "") if error is None else (type(error).__name__, _where(error))
        log.error("review.failed", revision_id=revision_id, error=why, where=where, failures=failures)
        await self._count_failure(conn, work, why, wait_before(failures), most=drafts.MAX_FAILURES, end=why)

    async def _count_failure(
        self, conn: AsyncConnection, work: drafts.Work, why: str, wait: float, *, most: int, end: str
    ) -> None:
        """Again in `wait` seconds; at the failure number `most` the draft is given up on, `end` being why."""
        if work.failures + 1 >= most:
            await drafts.fail(conn, work.revision.id, end)
        else:
            due = self._clock() + timedelta(seconds=wait)
            await drafts.put_back(conn, work.revision.id, due, why)

    def _outage_wait(self, outage: Exception, attempt: int) -> float:
        """Seconds until the next attempt: what the endpoint is left alone for, else what it asked for."""
        if isinstance(outage, JudgeUnavailable):
            if self.away is not None:
                return (self.away.until - self._clock()).total_seconds()
            if outage.setting_wrong:
                return LONGEST_WAIT
            if outage.retry_after is not None:
                return min(max(0.0, outage.retry_after), LONGEST_REQUESTED_WAIT)
        return wait_before(attempt)

    async def _stored(self, work: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        """What `work` gives in one transaction. A database that fails stalls the queue; it never loses a draft."""
        while True:
            try:
                async with self._store.write() as conn:
                    return await work(conn)
            except (StoreUnavailable, SQLAlchemyError) as error:
                log.error("queue.database", error=type(error).__name__, seconds=self._database_pause)
                if self._stop.is_set():
                    raise
            await asyncio.sleep(self._database_pause)


def _where(error: BaseException) -> str:
    """file:line the error came from. Its text is left out: it may hold a draft's."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
