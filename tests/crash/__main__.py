"""Kills the real bot while people write, and counts what became of their drafts. Exits with 1 on any breach.

python -m tests.crash --drafts 200 --kills 20 --seed 1 --judge offline|llm     kills, some minutes
python -m tests.crash faults --drafts 1000 --seed 1                            trouble on both sides, no kills
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from tests.crash.account import balance
from tests.crash.authors import Authors
from tests.crash.expected import expected_outcomes
from tests.crash.kills import MOMENTS, die_at, kill_at_random
from tests.crash.stage import staged
from tests.crash.trouble import trouble_run

SETTLING = 120.0  # seconds until the last answer may stand


def say(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def kills_run(folder: Path, *, drafts: int, kills: int, seed: int, judge: str) -> list[str]:
    """The breaches, after the table was printed."""
    chance = random.Random(seed)
    async with staged(folder, judge) as stage:
        expected = await expected_outcomes(stage)
        authors = Authors(stage.sandbox, chance)
        await stage.bot.start()
        began = monotonic()
        if stage.model is not None:
            stage.model.seconds = 0.3
        await asyncio.gather(
            authors.write(drafts, at_once=6, pause=0.2),
            kill_at_random(stage, authors, kills=kills, drafts=drafts, chance=chance),
        )
        settled = await stage.ledger.settled(SETTLING)
        say(f"{kills} kills at random moments in {monotonic() - began:.0f} s")
        for moment in MOMENTS:
            if stage.model is not None or not moment.needs_model:
                say(await die_at(moment, stage, authors))
        settled = await stage.ledger.settled(SETTLING) and settled
        account = await balance(stage.sandbox, stage.ledger, authors, expected)
    say(account.table())
    say(f"the bot was started {stage.bot.starts} times")
    return account.breaches + ([] if settled else ["not everything came to an end in time"])


async def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("kills", "faults"), default="kills")
    parser.add_argument("--drafts", type=int)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--judge", choices=("offline", "llm"))
    parser.add_argument("--keep", type=Path, help="an empty folder for databases and logs, kept afterwards")
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="crash-") as scratch:
        folder = chosen.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        if chosen.what == "faults":
            drafts, judge = chosen.drafts or 1000, chosen.judge or "llm"
            breaches = await trouble_run(folder, drafts=drafts, seed=chosen.seed, judge=judge, say=say)
        else:
            drafts, judge = chosen.drafts or 200, chosen.judge or "offline"
            breaches = await kills_run(folder, drafts=drafts, kills=chosen.kills, seed=chosen.seed, judge=judge)
    for breach in breaches:
        say(f"BREACH {breach}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
