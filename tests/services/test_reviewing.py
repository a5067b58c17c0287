"""Long histories: a dossier is made once, with the real client at a loopback endpoint, and extended by what is new."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.config import Llm, Review
from bot.errors import JudgeUnavailable
from bot.judging.dossier import CHUNK_TOKENS, cut
from bot.judging.evidence import estimated_tokens, history_tokens
from bot.judging.offline import OfflineJudge
from bot.model.drafts import AnswerKind, RevisionState
from bot.model.posts import PastPost
from bot.model.verdicts import Outcome
from bot.services.as_json import verdict_json
from bot.services.budget import Budget
from bot.services.dossiers import DossierProgress, Dossiers
from bot.services.reviewing import Reviewer
from bot.store import drafts, posts
from bot.store.database import Store, open_store
from bot.store.tables import dossier_chunk
from bot.store.verdicts import StoredVerdict
from tests.judging.dossier_sample import REFUSED, START, is_about_chunk, long_history, noting
from tests.judging.endpoint import Call, Endpoint, Reply, fault, late, reviewing
from tests.judging.llm_sample import judging
from tests.judging.test_dossier_llm import quoting_the_refusal
from tests.store.values import Place, make_place

HISTORY = long_history(600)
NOW = START + timedelta(days=605)
SETTINGS = Review()
ONCE = {"transport_attempts": 1}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "bot.sqlite3")
    yield opened
    await opened.close()


@pytest.fixture
async def place(store: Store) -> Place:
    async with store.write() as conn:
        made = await make_place(conn)
        await posts.add_posts(conn, made.influencer.id, HISTORY)
    return made


class House:
    """A reviewer over a store, and what its endpoint was asked about chunks."""

    def __init__(self, store: Store, place: Place, reviewer: Reviewer, endpoint: Endpoint) -> None:
        self.store, self.place, self.reviewer, self.endpoint = store, place, reviewer, endpoint

    async def submit(self, text: str = "Ad. A kettle that I really use, third year.") -> int:
        async with self.store.write() as conn:
            received = await drafts.receive(conn, self.place.draft(text, answer=AnswerKind.NONE, at=NOW))
            await drafts.claim(conn, received.revision_id)
        return received.revision_id

    async def review(self) -> StoredVerdict:
        return await self.reviewer.handle(await self.submit())

    async def add(self, *more: PastPost) -> None:
        async with self.store.write() as conn:
            await posts.add_posts(conn, self.place.influencer.id, more)

    async def kept(self) -> int:
        async with self.store.read() as conn:
            return len((await conn.execute(dossier_chunk.select())).all())

    def chunk_calls(self) -> list[Call]:
        """Those since the last time."""
        calls, self.endpoint.calls = [call for call in self.endpoint.calls if is_about_chunk(call)], []
        return calls


@asynccontextmanager
async def reviewing_with(
    store: Store,
    place: Place,
    always: Reply | None = None,
    *script: Reply,
    settings: Review = SETTINGS,
    on_dossier: Callable[[DossierProgress], None] | None = None,
) -> AsyncIterator[House]:
    async with judging(*script, always=always or noting(), settings=ONCE) as (judge, endpoint):
        yield House(store, place, Reviewer(store, judge, settings, lambda: NOW, on_dossier), endpoint)


async def test_a_dossier_is_made_once(store: Store, place: Place) -> None:
    async with reviewing_with(store, place, noting(otherwise=reviewing(criteria=quoting_the_refusal))) as house:
        first = await house.review()
        assert len(house.chunk_calls()) == len(cut(HISTORY)) == await house.kept()
        second = await house.review()
        assert house.chunk_calls() == []
    assert len(first.verdict.judge.dossier_readings) == len(cut(HISTORY))
    assert second.verdict.judge.dossier_readings == ()
    assert first.verdict.judge.tokens - second.verdict.judge.tokens == 1100 * len(cut(HISTORY))
    assert first.verdict.outcome is Outcome.DOES_NOT_FIT
    quotes = {quote.text for criterion in second.verdict.criteria.values() for quote in criterion.quotes}
    assert quotes == {REFUSED}
    assert f"'dossier_calls': {len(cut(HISTORY))}" in str(verdict_json(first)["judge"])


async def test_it_outlives_the_process(store: Store, place: Place) -> None:
    async with reviewing_with(store, place) as house:
        await house.review()
    async with reviewing_with(store, place) as house:
        await house.review()
        assert house.chunk_calls() == []


@pytest.mark.parametrize("more", [1, 30])
async def test_newer_posts_have_only_the_last_chunk_read_again(store: Store, place: Place, more: int) -> None:
    newer = long_history(600 + more)[600:]
    async with reviewing_with(store, place) as house:
        await house.review()
        house.chunk_calls()
        await house.add(*newer)
        await house.review()
        asked = house.chunk_calls()
        assert await house.kept() == len(cut(HISTORY + newer))
    assert len(asked) == 1
    assert newer[-1].text.split("\n")[0] in asked[0].text
    assert HISTORY[0].text.split("\n")[0] not in asked[0].text


async def test_new_likes_read_nothing_again_and_a_changed_post_only_its_chunk(store: Store, place: Place) -> None:
    async with reviewing_with(store, place) as house:
        await house.review()
        house.chunk_calls()
        await house.add(*(replace(post, likes=10**6, comments=10**5) for post in HISTORY))
        await house.review()
        assert house.chunk_calls() == []
        await house.add(replace(HISTORY[3], text="Parasols are fine with me after all."))
        await house.review()
        assert 1 <= len(house.chunk_calls()) <= 2
        async with store.read() as conn:
            assert REFUSED not in str((await conn.execute(dossier_chunk.select())).all())


async def test_what_was_read_before_the_judge_went_away_is_kept(store: Store, place: Place) -> None:
    calls = 0

    async def failing(call: Call) -> web.StreamResponse:
        nonlocal calls
        calls += 1
        return await (fault(503) if calls == 2 else noting())(call)

    async with reviewing_with(store, place, failing) as house:
        revision_id = await house.submit()
        with pytest.raises(JudgeUnavailable):
            await house.reviewer.handle(revision_id)
        async with store.read() as conn:
            assert (await drafts.get_work(conn, revision_id)).state is RevisionState.JUDGING
        house.chunk_calls()
        kept = await house.kept()
        assert 0 < kept < len(cut(HISTORY))
        await house.reviewer.handle(revision_id)
        assert len(house.chunk_calls()) == len(cut(HISTORY)) - kept


async def test_after_a_failure_no_further_chunk_is_begun(store: Store, place: Place) -> None:
    settings = Review(history_tokens=2_000)
    async with reviewing_with(store, place, late(0.1, noting()), fault(401), settings=settings) as house:
        with pytest.raises(JudgeUnavailable):
            await house.review()
        asked = len(house.chunk_calls())
        assert await house.kept() == asked - 1
    assert asked <= 8 < len(cut(HISTORY, 2_000))


async def test_two_drafts_at_once_make_it_once(store: Store, place: Place) -> None:
    async with reviewing_with(store, place) as house:
        revisions = [await house.submit(), await house.submit()]
        await asyncio.gather(*map(house.reviewer.handle, revisions))
        assert len(house.chunk_calls()) == len(cut(HISTORY))


async def test_the_cost_is_told_before_the_first_call_and_then_how_far_it_is(store: Store, place: Place) -> None:
    told: list[DossierProgress] = []
    calls: list[int] = []

    def listen(progress: DossierProgress) -> None:
        told.append(progress)
        calls.append(len(house.endpoint.calls))

    async with reviewing_with(store, place, on_dossier=listen) as house:
        await house.review()
        spent = sum(estimated_tokens(json.dumps(call.body, ensure_ascii=False)) for call in house.chunk_calls())
    number = len(cut(HISTORY))
    assert calls[0] == 0
    assert [one.done for one in told] == list(range(number + 1))
    assert {one.chunks for one in told} == {number}
    assert history_tokens(HISTORY) < told[0].tokens <= 1.3 * history_tokens(HISTORY)
    assert spent <= told[0].tokens


async def test_short_and_stale_histories_and_the_offline_judge_need_no_dossier(store: Store, place: Place) -> None:
    roomy, strict = Review(history_tokens=200_000), Review(max_age_days=1)
    for settings in (roomy, strict):
        async with reviewing_with(store, place, settings=settings) as house:
            await house.review()
            assert house.chunk_calls() == []
            assert await house.kept() == 0
    dossiers = Dossiers(store, OfflineJudge(), SETTINGS, Budget(Llm()), lambda: NOW, lambda _: None)
    assert await dossiers.dossier(place.influencer, HISTORY) is None


async def test_a_small_model_is_asked_in_small_chunks_and_reads_a_small_dossier(store: Store, place: Place) -> None:
    settings = Review(history_tokens=3_000)
    async with reviewing_with(store, place, settings=settings) as house:
        await house.review()
        last = house.endpoint.calls[-1]
        calls = house.chunk_calls()
    assert len(calls) >= history_tokens(HISTORY) / 3_000
    assert all(history_tokens(chunk) <= 3_000 for chunk in cut(HISTORY, min(CHUNK_TOKENS, 3_000)))
    past = "".join(message["content"] for message in last.body["messages"][1:])
    assert estimated_tokens(past) <= 3_000 + 500


async def test_nothing_is_asked_about_reach(store: Store, place: Place) -> None:
    async with store.write() as conn:
        await posts.add_posts(
            conn, place.influencer.id, [replace(post, likes=7_013_000, comments=619_000) for post in HISTORY]
        )
    async with reviewing_with(store, place) as house:
        await house.review()
        text = "".join(call.text for call in house.endpoint.calls)
    for number in ("7013000", "619000", str(place.influencer.followers)):
        assert number not in text
