"""Any order of sending, editing, clicking, deciding, failing, dying, coming back: one revision, one answer, none lost.

Each life of the bot is a process of its own, forked with the libraries loaded so that it lives at once, and killed for
real. CRASH_EXAMPLES=50 runs more than the few examples of the suite.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import sys
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot import sample
from bot.app import run_bot
from bot.config import load_settings
from bot.sandbox.errors import RefusedError
from bot.sandbox.people import Message
from tests.crash.account import balance, look
from tests.crash.authors import PATIENCE, Authors, Sent, Way
from tests.crash.stage import Bot, Stage, staged

EXAMPLES = int(os.environ.get("CRASH_EXAMPLES", "4"))
LONG = 90.0  # seconds: only a hang takes that
FAULTS = st.sampled_from(["429", "500", "500_after", "503", "reset_before", "reset_after"])
PATHS = st.sampled_from(["/messages", "/@original", "/reactions/", "/callback"])
DECISIONS = st.sampled_from(["Approve", "Ask for changes", "Withdraw the decision"])
DRAFTS = st.integers(0, len(sample.drafts()) - 1)
CONTEXT = multiprocessing.get_context("forkserver")

Result = TypeVar("Result")


def live(config: Path, log: Path) -> None:
    """One life of the bot."""
    os.environ["DISCORD_TOKEN"] = "any"
    with log.open("a") as file:
        sys.stderr = file
        asyncio.run(run_bot(load_settings(config)))


@dataclass
class ForkedBot(Bot):
    """As its parent, without the seconds it takes to load the libraries."""

    life: BaseProcess | None = None

    @property
    def runs(self) -> bool:
        return self.life is not None and self.life.is_alive()

    async def launch(self) -> None:
        self.life = CONTEXT.Process(target=live, args=(self.config, self.log), daemon=True)
        self.life.start()
        self.starts += 1

    async def kill(self) -> None:
        if self.life is not None:
            self.life.kill()
            self.life.join()


def machine_on(stage: Stage, loop: asyncio.AbstractEventLoop) -> type[RuleBasedStateMachine]:
    """A machine whose examples share one stage: what an example before left is answered by then."""

    def done(work: Coroutine[Any, Any, Result]) -> Result:
        return loop.run_until_complete(work)

    class House(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.authors = Authors(stage.sandbox, random.Random(0))
            self.restart()

        @precondition(lambda _: stage.bot.runs)
        @rule(way=st.sampled_from(Way), draft=DRAFTS)
        def send(self, way: Way, draft: int) -> None:
            done(self.authors.post(way, draft))

        @rule(draft=DRAFTS)
        def mention(self, draft: int) -> None:
            done(self.authors.post(Way.MENTION, draft))

        @precondition(lambda self: self.mentions())
        @rule(which=st.integers(0))
        def edit(self, which: int) -> None:
            sent = self.mentions()[which % len(self.mentions())]
            done(stage.sandbox.ask("edit", person=sent.person, message=sent.event_id, text="Never mind."))

        @rule()
        def click(self) -> None:
            done(_click_some_card(stage))

        @precondition(lambda _: stage.bot.runs)
        @rule(what=DECISIONS)
        def decide(self, what: str) -> None:
            done(_decide(stage, what))

        @rule()
        def say_directly(self) -> None:
            done(stage.sandbox.person("otto").say("dm", "Is anybody there?"))

        @rule(kind=FAULTS, path=PATHS, count=st.integers(1, 2))
        def fail(self, kind: str, path: str, count: int) -> None:
            done(stage.sandbox.fault(kind, path, count=count))

        @rule(seconds=st.floats(0, 0.3))
        def wait(self, seconds: float) -> None:
            done(asyncio.sleep(seconds))

        @precondition(lambda _: stage.bot.runs)
        @rule()
        def kill(self) -> None:
            done(stage.bot.kill())

        @precondition(lambda _: not stage.bot.runs)
        @rule()
        def restart(self) -> None:
            if not stage.bot.runs:
                done(stage.bot.start())

        @invariant()
        def no_verdict_has_two_cards(self) -> None:
            cards = done(look(stage.sandbox)).cards
            assert [card for card, found in cards.items() if len(found) > 1] == []

        @invariant()
        def no_message_has_two_answers(self) -> None:
            assert [link for link, count in done(_direct_answers(stage)).items() if count > 1] == []

        def mentions(self) -> list[Sent]:
            return [sent for sent in self.authors.sent if sent.way is Way.MENTION]

        def teardown(self) -> None:
            """Whatever happened: once the trouble is over, all that was acknowledged is answered."""
            done(stage.sandbox.ask("clear_faults"))
            self.restart()
            assert done(stage.ledger.settled(LONG))
            account = done(balance(stage.sandbox, stage.ledger, self.authors))
            assert account.breaches == []
            assert account.answered == account.acknowledged

    return House


async def _click_some_card(stage: Stage) -> None:
    """Somebody asks for the evidence behind the newest card there is."""
    if card := await _newest_card(stage):
        with suppress(RefusedError):  # a card without this button
            await stage.sandbox.person("mira").click(card, "Evidence")


async def _newest_card(stage: Stage) -> Message | None:
    seen = reversed(await stage.sandbox.seen_by("mira"))
    return next((message for message in seen if "Evidence" in message.text), None)


async def _decide(stage: Stage, what: str) -> None:
    """Somebody who may decides on the newest card there is, or takes that back, where it offers so."""
    if card := await _newest_card(stage):
        with suppress(RefusedError, TimeoutError):  # no such button, no form, or no answer
            lena = stage.sandbox.person("lena")
            pressed = await lena.click(card, what)
            await pressed.answer(PATIENCE)
            await lena.submit(pressed, {"reason": "Say when you bought it."})


async def _direct_answers(stage: Stage) -> Counter[str]:
    """How many of its messages answer each one that was said to the bot alone."""
    channels = (await stage.sandbox.ask("places_and_people"))["channels"]
    direct = {channel["id"] for channel in channels if channel.get("recipient_id")}
    found = [stored["payload"] for stored in await stage.sandbox.every_message()]
    links = [one.get("message_reference") for one in found if one["channel_id"] in direct]
    return Counter(link["message_id"] for link in links if link)


def test_one_revision_one_answer_and_acknowledged_means_answered(tmp_path: Path) -> None:
    CONTEXT.set_forkserver_preload(["bot.app", "bot.chat.client", "bot.jobs.embedded", __name__])
    limits = settings(
        max_examples=EXAMPLES,
        stateful_step_count=10,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    try:
        stage = loop.run_until_complete(stack.enter_async_context(staged(tmp_path, "offline", make_bot=ForkedBot)))
        loop.run_until_complete(stage.sandbox.ask("hold_clock"))
        run_state_machine_as_test(machine_on(stage, loop), settings=limits)
    finally:
        loop.run_until_complete(stack.aclose())
        loop.close()
