"""What the LLM judge costs beside the bare client: 200 judgements, 50 at once, each answered after 0.5 s.

    python -m tests.benchmarks.llm_speed [--faulty] [--rounds 3]

Each endpoint runs in a process of its own. Both sides send the same prompts of 40 past posts. The bare side is given
them ready-made, checks nothing and repeats nothing; with --faulty (10 % 429, 5 % 500, 5 % broken JSON) the judge stands
beside itself at an endpoint without faults. A judgement is false where it is not the one that the endpoint gave.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import multiprocessing
import random
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing.connection import Connection
from statistics import median

import structlog
from aiohttp import web
from openai import AsyncOpenAI

from bot.config import Llm
from bot.judging.answer import Answer
from bot.judging.evidence import Evidence
from bot.judging.llm.judge import LlmJudge
from bot.judging.llm.ladder import Rung
from bot.judging.llm.schema import REVIEW
from bot.judging.prompts import Prompts, Task
from bot.model.verdicts import Level
from tests.judging.endpoint import Call, fault, good, late, review, says, serving
from tests.judging.llm_sample import evidence

Messages = list[dict[str, str]]
Counts = tuple[int, int]  # lost and false judgements
Figures = tuple[float, float, Counts]  # wall and CPU seconds

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


async def bare(url: str, asked: Sequence[Messages]) -> Counts:
    form = Rung.JSON_SCHEMA.arguments(REVIEW, REVIEW.schema)
    slots = asyncio.Semaphore(AT_ONCE)
    async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

        async def one(messages: Messages) -> None:
            async with slots:
                request = {"model": "reader-1", "messages": messages, "max_tokens": 4000, **form}
                completion = await client.chat.completions.create(**request)
            json.loads(completion.choices[0].message.content or "")

        outcomes = await asyncio.gather(*map(one, asked), return_exceptions=True)
    return sum(outcome is not None for outcome in outcomes), 0


async def judged(url: str, prompts: Prompts, cases: Sequence[Evidence]) -> Counts:
    judge = LlmJudge(Llm(base_url=url, model="reader-1", concurrency=AT_ONCE), "none", prompts)
    outcomes = await asyncio.gather(*map(judge.read, cases), return_exceptions=True)
    await judge.close()
    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    false = sum({criterion.level for criterion in answer.criteria.values()} != {Level.L3} for answer in answers)
    return len(outcomes) - len(answers), false


def measure(side: Callable[[], Coroutine[None, None, Counts]]) -> Figures:
    wall, cpu = time.perf_counter(), time.process_time()
    counts = asyncio.run(side())
    return time.perf_counter() - wall, time.process_time() - cpu, counts


@contextmanager
def endpoint(faulty: bool) -> Iterator[str]:
    """Its URL; at the end it says how often it was called."""
    context = multiprocessing.get_context("spawn")
    pipe, far_end = context.Pipe()
    server = context.Process(target=serve, args=(far_end, faulty))
    server.start()
    yield pipe.recv()
    pipe.send("enough")
    print(f"{pipe.recv()} calls in all at the {'faulty' if faulty else 'clean'} endpoint, the warm-up's included")
    server.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faulty", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    prompts, posts, task = Prompts(), evidence(number=40).posts, Task("T-00000000", "0" * 8, "1" * 8)
    cases = [evidence(f"Ad. Umbrella number {n} is mended.", posts=posts) for n in range(JUDGEMENTS)]
    asked = [[{"role": m.role, "content": m.content} for m in prompts.messages(case, task)] for case in cases]
    with ExitStack() as stack:
        clean = stack.enter_context(endpoint(faulty=False))
        sides = {"bare client": partial(bare, clean, asked), "judge": partial(judged, clean, prompts, cases)}
        if options.faulty:
            faulty = stack.enter_context(endpoint(faulty=True))
            sides = {"judge": sides["judge"], "judge, faults": partial(judged, faulty, prompts, cases)}
        rounds = [{name: measure(side) for name, side in sides.items()} for _ in range(options.rounds + 1)][1:]
    for name in sides:
        wall, cpu, counts = zip(*(figures[name] for figures in rounds), strict=True)
        lost, false = map(sum, zip(*counts, strict=True))
        print(
            f"{name:14} wall {median(wall):.2f} s  CPU {median(cpu):.2f} s  "
            f"of {len(rounds) * JUDGEMENTS}: lost {lost}, false {false}"
        )
    first, second = sides
    ratios = [figures[second][0] / figures[first][0] for figures in rounds]
    print(f"{second} / {first}: wall {median(ratios):.2f}, the median of each round's ratio")


if __name__ == "__main__":
    main()
