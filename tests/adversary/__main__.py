"""Prints what every attack does to every sample draft with each judge: python -m tests.adversary (some minutes)."""

from __future__ import annotations

import asyncio

from bot.judging.offline import OfflineJudge
from bot.model import Level
from tests.adversary.attacks import attacks
from tests.adversary.simulated import IgnoringModel, ObedientModel
from tests.adversary.suite import JudgeFor, attempt, sample_cases, table

JUDGES: dict[str, JudgeFor] = {
    "obedient, all L4": ObedientModel,
    "obedient, all L3": lambda payload: ObedientModel(payload, Level.L3),
    "ignoring": IgnoringModel,
    "offline": lambda _: OfflineJudge(),
}


async def _main() -> None:
    for name, judge_for in JUDGES.items():
        rows = [await attempt(title, attack, judge_for) for attack in attacks() for title in sample_cases()]
        print(f"\n{name}: {len(rows)} attempts\n{table(rows)}")


if __name__ == "__main__":
    asyncio.run(_main())
