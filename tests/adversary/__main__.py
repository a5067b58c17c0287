"""Prints what every attack does to every sample draft with each judge: python -m tests.adversary (some minutes)."""

from __future__ import annotations

import asyncio

from bot.judging.offline import OfflineJudge
from tests.adversary.attacks import attacks
from tests.adversary.simulated import LOW_WHERE_COUNTED, IgnoringModel, ObedientModel
from tests.adversary.suite import JudgeFor, attempt, sample_cases, table

JUDGES: dict[str, JudgeFor] = {
    "obedient, all L4": ObedientModel,
    "obedient, all L4, no quote forged": lambda payload: ObedientModel(payload, forges=False),
    "obedient, L2 where code counts": lambda payload: ObedientModel(payload, LOW_WHERE_COUNTED),
    "ignoring": IgnoringModel,
    "offline": lambda _: OfflineJudge(),
}


async def _main() -> None:
    for name, judge_for in JUDGES.items():
        rows = [await attempt(title, attack, judge_for) for attack in attacks() for title in sample_cases()]
        print(f"\n{name}: {len(rows)} attempts\n{table(rows)}")


if __name__ == "__main__":
    asyncio.run(_main())
