"""The LLM judge at an endpoint that is slow, busy, broken or unwilling."""

from __future__ import annotations

import asyncio
import random

import pytest
from aiohttp import web

from bot import sample
from bot.config import Review
from bot.errors import JudgeUnavailable
from bot.judging.llm.judge import LlmUnavailable
from bot.judging.review import review
from bot.model.messages import Message
from bot.model.verdicts import CriterionKey, Level, Outcome
from bot.texts import render
from tests.judging.endpoint import (
    Call,
    Reply,
    broken_off,
    fault,
    good,
    huge,
    late,
    reset,
    says,
    sends,
    spoilt,
    trickling,
    ways,
)
from tests.judging.llm_sample import evidence, judging
from tests.sample_cases import NOW, case_of


@pytest.mark.parametrize(
    "trouble",
    [
        fault(429),
        fault(429, retry_after="0.01"),
        fault(500),
        fault(503),
        reset,
        sends("<html>", "text/html"),
        fault(408),
    ],
)
async def test_a_passing_fault_is_tried_again(trouble: Reply) -> None:
    async with judging(trouble, trouble) as (judge, endpoint):
        answer = await judge.read(evidence())
    assert answer.readings[0].calls == len(endpoint.calls) == 3


@pytest.mark.parametrize("slow", [late(5), trickling])
async def test_a_slow_answer_is_given_up_and_asked_for_again(slow: Reply) -> None:
    async with judging(slow, settings={"timeout_seconds": 1.0}) as (judge, endpoint):
        await judge.read(evidence())
    assert len(endpoint.calls) == 2


@pytest.mark.parametrize(
    ("trouble", "key"),
    [
        (fault(429), "llm.busy"),
        (fault(500), "llm.broken"),
        (reset, "llm.unreachable"),
        (late(5), "llm.timeout"),
        (sends('{"error": {"message": "overloaded"}}'), "llm.no_api"),
        (sends('{"choices'), "llm.no_api"),
        (broken_off, "llm.unreachable"),
    ],
)
async def test_when_attempts_are_spent_the_judge_is_away_and_waiting_may_help(trouble: Reply, key: str) -> None:
    patience = 0.2 if key == "llm.timeout" else 60
    settings = {"transport_attempts": 2, "timeout_seconds": patience}
    async with judging(always=trouble, settings=settings) as (judge, endpoint):
        with pytest.raises(LlmUnavailable) as gone:
            await judge.read(evidence())
    assert gone.value.message.key == key
    assert not gone.value.setting_wrong
    assert len(endpoint.calls) == 2


@pytest.mark.parametrize(
    ("trouble", "key"),
    [
        (fault(401, "Incorrect API key"), "llm.key_refused"),
        (fault(403), "llm.key_refused"),
        (fault(404, "The model `reader-1` does not exist", code="model_not_found"), "llm.unknown_model"),
        (fault(404, 'model "tool-reader" not found, try pulling it first'), "llm.unknown_model"),
        (fault(404, "page not found"), "llm.not_found"),
        (fault(429, "You exceeded your quota", code="insufficient_quota"), "llm.quota"),
        (fault(400, "This model's maximum context length is 8192 tokens"), "llm.too_long"),
        (fault(400, "Unsupported value: 'temperature'"), "llm.refused"),
    ],
)
async def test_what_waiting_cannot_mend_is_not_tried_again(trouble: Reply, key: str) -> None:
    async with judging(always=trouble) as (judge, endpoint):
        with pytest.raises(LlmUnavailable) as gone:
            await judge.read(evidence())
    assert gone.value.message.key == key
    assert gone.value.setting_wrong
    assert gone.value.one_draft == (key == "llm.too_long")
    assert len(endpoint.calls) == 1


async def test_a_reply_that_has_no_end_is_left_before_it_fills_the_memory() -> None:
    async with judging(huge) as (judge, endpoint):
        answer = await judge.read(evidence())
    assert answer.readings[0].calls == len(endpoint.calls) == 2


@pytest.mark.parametrize("status", [302, 307])
async def test_drafts_and_posts_go_to_no_other_address_than_the_one_that_was_set(status: int) -> None:
    async with judging() as (_, elsewhere):

        async def moved(_: Call) -> web.StreamResponse:
            return web.Response(status=status, headers={"Location": f"{elsewhere.url}chat/completions"})

        async with judging(moved) as (judge, endpoint):
            with pytest.raises(LlmUnavailable) as gone:
                await judge.read(evidence())
        assert (len(endpoint.calls), elsewhere.calls) == (1, [])
    assert gone.value.setting_wrong


async def test_a_long_retry_after_puts_the_draft_back() -> None:
    async with judging(fault(429, retry_after="121")) as (judge, endpoint):
        with pytest.raises(JudgeUnavailable) as gone:
            await judge.read(evidence())
    assert gone.value.retry_after == 121
    assert len(endpoint.calls) == 1


async def test_retry_after_is_waited_for() -> None:
    async with judging(fault(429, retry_after="0.4")) as (judge, _):
        started = asyncio.get_running_loop().time()
        await judge.read(evidence())
        assert asyncio.get_running_loop().time() - started >= 0.4


async def test_an_answer_cut_off_is_asked_for_again_with_more_room() -> None:
    cut = says('{"task_id": "T', finish="length")
    async with judging(cut, cut, settings={"max_output_tokens": 600}) as (judge, endpoint):
        await judge.read(evidence())
        assert [call.body["max_tokens"] for call in endpoint.calls] == [600, 1200, 2400]
        endpoint.script = [cut] * 3
        with pytest.raises(LlmUnavailable, match="max_output_tokens"):
            await judge.read(evidence())


async def test_the_other_name_of_the_limit_is_found_once() -> None:
    refusing = fault(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
    async with judging(refusing) as (judge, endpoint):
        await judge.read(evidence())
        await judge.read(evidence())
    assert ["max_tokens" in call.body for call in endpoint.calls] == [True, False, False]
    assert endpoint.calls[-1].body["max_completion_tokens"] == 4000


@pytest.mark.parametrize(
    "refusal",
    [says("", refusal="I cannot help."), says("", finish="content_filter"), fault(400, code="content_filter")],
)
async def test_a_model_that_declines_twice_abstains(refusal: Reply) -> None:
    async with judging(refusal, refusal) as (judge, endpoint):
        answer = await judge.read(evidence())
        assert ways(endpoint.calls) == ["json_schema", "function"]
        assert {criterion.level for criterion in answer.criteria.values()} == {Level.ABSTAIN}
        assert answer.criteria[CriterionKey.SHARED_VALUES].reasoning == Message("llm.declined")
        assert answer.readings[0].calls == 2
        endpoint.script = [refusal]
        answer = await judge.read(evidence())
        assert answer.criteria[CriterionKey.SHARED_VALUES].level is Level.L3


@pytest.mark.parametrize("refusal", [says("", refusal="I cannot help."), says("", finish="content_filter")])
async def test_the_verdict_says_that_the_model_declined(refusal: Reply) -> None:
    async with judging(always=refusal) as (judge, endpoint):
        verdict = await review(case_of(sample.drafts()[7]), judge, Review(), NOW)
    assert verdict.outcome is Outcome.CANNOT_TELL
    said = render("en", verdict.because)
    assert said.startswith(
        "The model declined to read this; a person has to. And the advertising label is missing: add"
    )
    assert "label" in render("en", verdict.next_step)
    assert "a person who knows this influencer" in render("en", verdict.next_step)
    assert len(endpoint.calls) == 2  # no further reading is asked of it


async def test_nothing_is_lost_at_a_faulty_endpoint() -> None:
    """200 judgements, 50 at once: 10 % 429, 5 % 500 and 5 % broken JSON."""

    async def faulty(call: Call) -> web.StreamResponse:
        tries = sum(other.task_id == call.task_id for other in endpoint.calls)
        throw = random.Random(f"{call.lines[-1]} {tries}").random() if tries < 3 else 1  # more in a row is an outage
        if throw < 0.15:
            return await fault(429 if throw < 0.10 else 500)(call)
        return await (spoilt("truncated") if throw < 0.20 else good)(call)

    async with judging(always=faulty, settings={"concurrency": 50}) as (judge, endpoint):
        answers = await asyncio.gather(*(judge.read(evidence(f"Ad. Umbrella number {n} is dry.")) for n in range(200)))
        assert len(endpoint.calls) > 220
        assert set(ways(endpoint.calls)) == {"json_schema"}
        assert endpoint.most_running <= 50
    drafts = [answer.criteria[CriterionKey.VOICE_MATCH].evidence[1].quote for answer in answers]
    assert drafts == [f"Ad. Umbrella number {n} is dry." for n in range(200)]


async def test_cancelling_works_at_once_and_frees_the_slot() -> None:
    async with judging(late(30), settings={"concurrency": 1}) as (judge, endpoint):
        stuck = asyncio.create_task(judge.read(evidence()))
        await endpoint.called.wait()
        waiting = asyncio.create_task(judge.read(evidence()))
        await asyncio.sleep(0)
        waiting.cancel()
        stuck.cancel()
        async with asyncio.timeout(20):  # the answer itself would come later
            outcomes = await asyncio.gather(stuck, waiting, return_exceptions=True)
            assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 2
            await judge.read(evidence())


async def test_waiting_between_attempts_holds_no_slot() -> None:
    async def busy_once(call: Call) -> web.StreamResponse:
        return await (fault(429, retry_after="0.3") if len(endpoint.calls) == 1 else good)(call)

    async with judging(always=busy_once, settings={"concurrency": 1}) as (judge, endpoint):
        order: list[str] = []

        async def read(name: str) -> None:
            await judge.read(evidence())
            order.append(name)

        await asyncio.gather(read("refused"), read("second"))
    assert order == ["second", "refused"]
