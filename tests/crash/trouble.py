"""Trouble on both sides while people write: Discord's answers and gateway, the model's answers. Nothing is killed."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic

from bot.sandbox.people import Sandbox
from tests.crash.account import balance
from tests.crash.authors import Authors
from tests.crash.expected import expected_outcomes
from tests.crash.stage import Stage, staged

SETTLING = 300.0  # seconds until the last answer may stand
MODEL_TIMEOUT = 2.0  # seconds: a model that hangs is left soon
CALLS = (("/messages", "POST"), ("/@original", "PATCH"), ("/reactions/", "PUT"), ("/callback", "POST"))
KINDS = ("429", "429_global", "500", "500_after", "503", "reset_before", "reset_after")
GAP = (1, 8)  # calls of a kind that go well between two that do not
SILENCE = 75.0  # seconds without an answer to heartbeats: the client takes sixty for dead

Act = Callable[[Sandbox], Awaitable[object]]


async def _malformed(sandbox: Sandbox) -> None:
    await sandbox.ask("event", name="MESSAGE_CREATE", data={"id": "no number", "channel_id": None})


async def _silent(sandbox: Sandbox) -> None:
    await sandbox.configure(acknowledge_heartbeats=False)
    await asyncio.sleep(SILENCE)
    await sandbox.configure(acknowledge_heartbeats=True)


GATEWAY: dict[str, Act] = {
    "op 7 reconnect": lambda sandbox: sandbox.ask("opcode", op=7),
    "op 9 resumable": lambda sandbox: sandbox.ask("opcode", op=9, resumable=True),
    "op 9 not resumable": lambda sandbox: sandbox.ask("opcode", op=9, resumable=False),
    "connection closed": lambda sandbox: sandbox.ask("disconnect", code=4000),
    "session forgotten": lambda sandbox: sandbox.ask("disconnect", code=4000, forget=True),
    "malformed event": _malformed,
    "heartbeats unanswered": _silent,
}


async def trouble_run(
    folder: Path, *, drafts: int, seed: int, judge: str, say: Callable[[object], None], at_once: int = 24
) -> list[str]:
    """The breaches, after the tables were printed."""
    chance = random.Random(seed)
    async with staged(folder, judge, model_timeout=MODEL_TIMEOUT) as stage:
        expected = await expected_outcomes(stage)
        authors = Authors(stage.sandbox, chance)
        await stage.bot.start()
        if stage.model is not None:
            stage.model.trouble, stage.model.chance = 0.2, random.Random(seed)
        began = monotonic()
        acted: Counter[str] = Counter()
        await _plan_faults(stage, chance, drafts)
        await asyncio.gather(
            authors.write(drafts, at_once=at_once, pause=0.1),
            _disturb_gateway(stage, authors, drafts, acted),
        )
        settled = await stage.ledger.settled(SETTLING)
        say(f"{drafts} drafts in {monotonic() - began:.0f} s")
        account = await balance(stage.sandbox, stage.ledger, authors, expected)
        met = Counter(call["fault"] for call in await stage.sandbox.record() if call["fault"])
        say(_counts("Discord's answers", met))
        say(_counts("Discord's gateway", acted))
        if stage.model is not None:
            say(_counts("the model", stage.model.met))
        say(f"the client was started anew {len(stage.bot.logged('chat.restart'))} times")
    say(account.table())
    return account.breaches + ([] if settled else ["not everything came to an end in time"])


def _counts(title: str, counts: Counter[str]) -> str:
    return f"{title}: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


async def _plan_faults(stage: Stage, chance: random.Random, drafts: int) -> None:
    """About one call in five fails, of every kind of call and to the end of the run."""
    for path, method in CALLS:
        calls = 0
        while calls < 2 * drafts:
            calls += chance.randint(*GAP)
            await stage.sandbox.fault(chance.choice(KINDS), path, method=method, skip=calls)


async def _disturb_gateway(stage: Stage, authors: Authors, drafts: int, acted: Counter[str]) -> None:
    """Every act of GATEWAY twice, but the long silence once, evenly over the run."""
    acts = [*GATEWAY, *(name for name in GATEWAY if GATEWAY[name] is not _silent)]
    for turn, name in enumerate(acts, start=1):
        await authors.heard(drafts * turn // (len(acts) + 1))
        await GATEWAY[name](stage.sandbox)
        acted[name] += 1
