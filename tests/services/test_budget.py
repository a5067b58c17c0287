"""Every call to a model is booked with what came of it, and a server that has used up its budget waits, alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from bot.config import Llm, Review, load_settings
from bot.errors import BudgetSpent, JudgeUnavailable, Problem
from bot.jobs.embedded import EmbeddedQueue
from bot.judging.dossier import cut
from bot.judging.offline import OfflineJudge
from bot.model.drafts import RevisionState
from bot.model.verdicts import Reading
from bot.services.budget import Budget
from bot.services.reviewing import Reviewer
from bot.store import drafts, library, outbox, posts, spend
from bot.store.database import Store, open_store
from bot.store.outbox import NoticeKind
from bot.store.spend import Spend
from bot.store.tables import influencer, revision
from tests.judging.dossier_sample import START, long_history, noting
from tests.judging.endpoint import Call, Endpoint, Reply, fault, good, says
from tests.judging.llm_sample import judging
from tests.store.values import GUILD, Place, an_influencer, make_place

# The endpoint counts 1,000 tokens read, 800 of them kept, and 100 written a call: 500 + 200 + 1,000 millionths.
PRICES: dict[str, Any] = {"price_prompt": 2.5, "price_cached": 0.25, "price_completion": 10.0}
LATE_NOVEMBER = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)


@dataclass
class House:
    store: Store
    place: Place
    reviewer: Reviewer
    endpoint: Endpoint
    now: datetime

    async def submit(self, place: Place | None = None) -> int:
        async with self.store.write() as conn:
            revision_id = (await drafts.receive(conn, (place or self.place).draft(at=self.now))).revision_id
            await drafts.claim(conn, revision_id)
        return revision_id

    async def review(self, place: Place | None = None) -> None:
        await self.reviewer.handle(await self.submit(place))

    async def spent(self, guild_id: int = GUILD) -> Spend:
        async with self.store.read() as conn:
            return await spend.this_month(conn, guild_id, self.now)


@asynccontextmanager
async def opened(path: Path, *script: Reply, always: Reply = good, days: int = 30, **llm: Any) -> AsyncIterator[House]:
    store = await open_store(path / "bot.sqlite3")
    async with store.write() as conn:
        place = await make_place(conn)
        await posts.add_posts(conn, place.influencer.id, history(days))
    try:
        async with judging(*script, always=always, settings={"transport_attempts": 1}) as (judge, endpoint):
            reviewer = Reviewer(store, judge, Review(), lambda: house.now, llm=Llm(**llm))
            house = House(store, place, reviewer, endpoint, LATE_NOVEMBER)
            yield house
    finally:
        await store.close()


def history(days: int) -> tuple[Any, ...]:
    late = LATE_NOVEMBER - timedelta(days=2 + days) - START
    return tuple(replace(post, created_at=post.created_at and post.created_at + late) for post in long_history(days))


async def test_a_reading_is_booked_with_its_verdict(tmp_path: Path) -> None:
    async with opened(tmp_path, **PRICES) as house:
        await house.review()
        calls = len(house.endpoint.calls)
        spent = await house.spent()
        assert spent == Spend(calls, 1_000 * calls, 800 * calls, 100 * calls, 1_700 * calls)
        house.now += timedelta(minutes=1)
        assert await house.spent() == Spend()  # December, in UTC
        await house.review()
        assert (await house.spent()).calls == len(house.endpoint.calls) - calls


async def test_a_dossier_is_booked_chunk_by_chunk_and_once(tmp_path: Path) -> None:
    async with opened(tmp_path, always=noting(), days=600) as house:
        await house.review()
        spent, calls = await house.spent(), len(house.endpoint.calls)
        assert calls > len(cut(history(600)))
        assert (spent.calls, spent.tokens, spent.cost) == (calls, 1_100 * calls, None)


async def test_chunks_read_before_the_judge_went_away_are_booked(tmp_path: Path) -> None:
    async def failing(call: Call) -> Any:
        return await (fault(503) if len(house.endpoint.calls) == 2 else noting())(call)

    async with opened(tmp_path, always=failing, days=600) as house:
        with pytest.raises(JudgeUnavailable):
            await house.review()
        spent = await house.spent()
        assert spent.tokens == 1_100 * (len(house.endpoint.calls) - 1) > 0


@pytest.mark.parametrize("days", [30, 600])
async def test_answers_that_could_not_be_used_are_booked(tmp_path: Path, days: int) -> None:
    async with opened(tmp_path, always=says("no answer of that shape"), days=days, **PRICES) as house:
        with pytest.raises(JudgeUnavailable):
            await house.review()
        calls = len(house.endpoint.calls)
        assert await house.spent() == Spend(calls, 1_000 * calls, 800 * calls, 100 * calls, 1_700 * calls)


async def test_an_endpoint_that_is_away_costs_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, always=fault(503)) as house:
        with pytest.raises(JudgeUnavailable):
            await house.review()
        assert await house.spent() == Spend()


async def test_a_reading_whose_draft_was_erased_meanwhile_is_booked(tmp_path: Path) -> None:
    async def erasing(call: Call) -> Any:
        async with house.store.write() as conn:
            await conn.execute(delete(influencer))
        return await good(call)

    async with opened(tmp_path, always=erasing) as house:
        with pytest.raises(LookupError):
            await house.review()
        assert (await house.spent()).calls == len(house.endpoint.calls) > 0


CAPS = [{"monthly_tokens": 1_100}, {"monthly_cost": 0.0017, **PRICES}]


@pytest.mark.parametrize("caps", CAPS)
async def test_a_server_at_its_cap_sends_nothing_and_others_go_on(tmp_path: Path, caps: dict[str, Any]) -> None:
    async with opened(tmp_path, **caps) as house:
        async with house.store.write() as conn:
            other = await make_place(conn, GUILD + 1)
            await posts.add_posts(conn, other.influencer.id, history(30))
        await house.review()
        calls = len(house.endpoint.calls)
        with pytest.raises(BudgetSpent) as waits:
            await house.review()
        assert len(house.endpoint.calls) == calls
        assert waits.value.until == datetime(2026, 12, 1, tzinfo=UTC)
        await house.review(other)
        assert len(house.endpoint.calls) == 2 * calls
        house.now = waits.value.until
        await house.review()


async def test_below_the_cap_nobody_waits(tmp_path: Path) -> None:
    async with opened(tmp_path, monthly_tokens=1_100 * 100) as house:
        await house.review()
        calls = len(house.endpoint.calls)
        await house.review()
        assert len(house.endpoint.calls) == 2 * calls > 0


async def test_what_needs_no_model_needs_no_budget(tmp_path: Path) -> None:
    async with opened(tmp_path, monthly_tokens=1) as house:
        await house.review()
        offline = Reviewer(house.store, OfflineJudge(), Review(), lambda: house.now, llm=Llm(monthly_tokens=1))
        await offline.handle(await house.submit())
        async with house.store.write() as conn:
            new = await library.upsert_influencer(conn, replace(an_influencer(), handle="no.posts.yet"))
        calls = len(house.endpoint.calls)
        await house.review(replace(house.place, influencer=new))
        assert len(house.endpoint.calls) == calls


async def test_in_the_queue_the_draft_waits_for_the_month_is_told_once_and_comes_at_a_start(tmp_path: Path) -> None:
    async with opened(tmp_path, monthly_tokens=1) as house:
        await house.review()
        calls = len(house.endpoint.calls)
        async with house.store.write() as conn:
            waiting = (await drafts.receive(conn, house.place.draft(at=house.now))).revision_id
        await worked_off(house, house.reviewer)
        assert await row(house, waiting) == (RevisionState.RECEIVED, "budget", datetime(2026, 12, 1, tzinfo=UTC), 0)
        assert len(house.endpoint.calls) == calls
        async with house.store.write() as conn:
            [notice] = await outbox.due_notices(conn, 10)
            assert (notice.revision_id, notice.kind) == (waiting, NoticeKind.BUDGET)
            await outbox.mark_told(conn, notice)
            assert await outbox.due_notices(conn, 10) == ()
        await worked_off(house, house.reviewer)  # a start with the same cap
        async with house.store.read() as conn:
            assert await outbox.due_notices(conn, 10) == ()
        async with judging() as (judge, _):
            await worked_off(house, Reviewer(house.store, judge, Review(), lambda: house.now))  # without one
        assert (await row(house, waiting))[0] == RevisionState.JUDGED


async def worked_off(house: House, reviewer: Reviewer) -> None:
    """Runs a queue until everything due has been tried."""
    stop = asyncio.Event()
    queue = EmbeddedQueue(house.store, concurrency=1, clock=lambda: house.now)

    async def handle(revision_id: int) -> None:
        try:
            await reviewer.handle(revision_id)
        finally:
            stop.set()

    async with asyncio.timeout(60):
        await queue.run(handle, stop)


async def row(house: House, revision_id: int) -> tuple[Any, ...]:
    async with house.store.read() as conn:
        columns = (revision.c.state, revision.c.why, revision.c.due, revision.c.failures)
        return tuple((await conn.execute(select(*columns).where(revision.c.id == revision_id))).one())


@pytest.mark.parametrize(
    ("settings", "cost"),
    [
        ({}, None),
        ({"price_prompt": 1.0, "price_completion": 2.0}, 1_000 + 200),
        (PRICES, 1_700),
        ({"price_prompt": 0.0, "price_completion": 0.0}, 0),
        ({"price_prompt": 0.0004, "price_completion": 0.0}, 0),
    ],
)
def test_prices_are_for_a_million_tokens(settings: dict[str, Any], cost: int | None) -> None:
    charges = Budget(Llm(**settings)).charges([Reading("", "m", 1_000, 100, 800)])
    assert charges == {"m": Spend(1, 1_000, 800, 100, cost)}


@pytest.mark.parametrize(
    "setting", ["monthly_cost = 5", "price_prompt = 1", "price_completion = 1", "monthly_tokens = -1"]
)
def test_a_cap_or_price_that_cannot_work_is_refused(tmp_path: Path, setting: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[llm]\n{setting}", "utf-8")
    with pytest.raises(Problem, match=r"price_|monthly_"):
        load_settings(path)
