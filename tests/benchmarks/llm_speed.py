"""What the LLM judge costs beside the bare client: 200 judgements, 50 at once, each answered after 0.5 s.

    python -m tests.benchmarks.llm_speed [--faulty] [--rounds 3]

The endpoint runs in a process of its own. Both sides send the same prompts of 40 past posts. The bare side is given
them ready-made, checks nothing and repeats nothing; with --faulty (10 % 429, 5 % 500, 5 % broken JSON) it stays out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import multiprocessing
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from multiprocessing.connection import Connection
from statistics import median

import structlog
from aiohttp import web
from openai import AsyncOpenAI

from bot.config import Llm
from bot.judging.evidence import Evidence
from bot.judging.llm import LlmJudge
from bot.judging.llm_ladder import Rung
from bot.judging.llm_schema import REVIEW
from bot.judging.prompts import Prompts, Task
from tests.judging.endpoint import Call, fault, good, late, review, says, serving
from tests.judging.llm_sample import evidence

Messages = list[dict[str, str]]
Figures = tuple[float, float, int]

JUDGEMENTS, AT_ONCE, LATENCY = 200, 50, 0.5


def serve(pipe: Connection, faulty: bool) -> None:
    dice = random.Random(7)

    async def reply(call: Call) -> web.StreamResponse:
        throw = dice.random() if faulty else 1.0
        if throw < 0.10:
            return await fault(429)(call)
        if throw < 0.15:
            return await late(LATENCY, fault(500))(call)
        return await late(LATENCY, says(json.dumps(review(call))[:500]) if throw < 0.20 else good)(call)

    async def run() -> None:
        async with serving(always=reply) as endpoint:
            pipe.send(endpoint.url)
            await asyncio.to_thread(pipe.recv)
            pipe.send(len(endpoint.calls))

    asyncio.run(run())


async def bare(url: str, asked: Sequence[Messages]) -> int:
    """Lost judgements."""
    form = Rung.JSON_SCHEMA.arguments(REVIEW, REVIEW.schema)
    slots = asyncio.Semaphore(AT_ONCE)
    async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

        async def one(messages: Messages) -> None:
            async with slots:
                request = {"model": "reader-1", "messages": messages, "max_tokens": 4000, **form}
                completion = await client.chat.completions.create(**request)
            json.loads(completion.choices[0].message.content or "")

        outcomes = await asyncio.gather(*map(one, asked), return_exceptions=True)
    return sum(outcome is not None for outcome in outcomes)


async def judged(url: str, prompts: Prompts, cases: Sequence[Evidence]) -> int:
    """Lost judgements."""
    judge = LlmJudge(Llm(base_url=url, model="reader-1", concurrency=AT_ONCE), "none", prompts)
    outcomes = await asyncio.gather(*map(judge.read, cases), return_exceptions=True)
    await judge.close()
    return sum(isinstance(outcome, BaseException) for outcome in outcomes)


def measure(side: Callable[[], Coroutine[None, None, int]]) -> Figures:
    """Wall seconds, CPU seconds, lost judgements."""
    wall, cpu = time.perf_counter(), time.process_time()
    lost = asyncio.run(side())
    return time.perf_counter() - wall, time.process_time() - cpu, lost


def ratio(figures: dict[str, list[Figures]], at: int) -> float:
    return median(one[at] for one in figures["judge"]) / median(one[at] for one in figures["bare client"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faulty", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    context = multiprocessing.get_context("spawn")
    pipe, far_end = context.Pipe()
    server = context.Process(target=serve, args=(far_end, options.faulty))
    server.start()
    url, prompts = pipe.recv(), Prompts()
    posts, task = evidence(number=40).posts, Task("T-00000000", "0" * 8, "1" * 8)
    cases = [evidence(f"Ad. Umbrella number {n} is mended.", posts=posts) for n in range(JUDGEMENTS)]
    asked = [[{"role": m.role, "content": m.content} for m in prompts.messages(case, task)] for case in cases]
    sides = {"bare client": partial(bare, url, asked), "judge": partial(judged, url, prompts, cases)}
    if options.faulty:
        del sides["bare client"]
    figures: dict[str, list[Figures]] = {name: [] for name in sides}
    for _ in range(options.rounds + 1):
        for name, side in sides.items():
            figures[name].append(measure(side))
    pipe.send("enough")
    calls = pipe.recv()
    server.join()
    for name, rounds in figures.items():
        del rounds[0]  # the warm-up
        wall, cpu, lost = zip(*rounds, strict=True)
        total = len(rounds) * JUDGEMENTS
        print(f"{name:12} wall {median(wall):.2f} s  CPU {median(cpu):.2f} s  lost {sum(lost)} of {total}")
    print(f"{calls} calls in all, the warm-up's included")
    if not options.faulty:
        print(f"judge / bare: wall {ratio(figures, 0):.2f}, CPU {ratio(figures, 1):.2f}")


if __name__ == "__main__":
    main()
