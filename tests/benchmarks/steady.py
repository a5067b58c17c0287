"""Whether the bot grows: an hour's load in a few minutes, with its memory after the first minute and at the end.

Run: python -m tests.benchmarks.steady [--minutes 10] [--drafts 600] [--guilds 8]
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.benchmarks.load import UNLIMITED
from tests.benchmarks.town import DRAFT, MENTION, Town, built

ALLOWED = 1.10  # the end against the first minute


async def feed(town: Town, drafts: int, seconds: float) -> list[float]:
    """Sends the drafts evenly, guild by guild; the memory in MB each ten seconds."""
    began, memory = time.monotonic(), [town.rss()]
    for number in range(drafts):
        guild = town.guilds[number % len(town.guilds)]
        await town.sandbox.person(guild.person).say(guild.channels[0], MENTION + DRAFT.format(number=number))
        await asyncio.sleep(max(0.0, began + (number + 1) * seconds / drafts - time.monotonic()))
        if time.monotonic() - began >= 10 * len(memory):
            memory.append(town.rss())
    return memory


def tables(town: Town) -> str:
    with closing(sqlite3.connect(town.database)) as conn:
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%\\_search%' ESCAPE '\\'"
        names = sorted(name for (name,) in conn.execute(sql) if not name.startswith("sqlite_"))
        counts = {
            name: conn.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 # its own tables
            for name in names
        }
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count)


async def run(arguments: argparse.Namespace, folder: Path) -> None:
    async with built(folder, arguments.guilds) as town:
        await town.start_bot(UNLIMITED)
        memory = await feed(town, arguments.drafts, 60 * arguments.minutes)
        done = "SELECT count(*) FROM revision WHERE state = 'answered'"
        await town.until(done, arguments.drafts, 300)
        memory.append(town.rss())
        print("MB each ten seconds:", *(f"{one:.0f}" for one in memory))
        first = memory[min(6, len(memory) - 1)]
        grown = memory[-1] / first
        print(f"after a minute {first:.0f} MB, at the end {memory[-1]:.0f} MB: {grown:.2f} times")
        print(f"{town.count(done)} of {arguments.drafts} answered, {town.cpu():.0f} s of processor time")
        print(f"database {town.database.stat().st_size / 1e6:.1f} MB: {tables(town)}")
        print("steady" if grown <= ALLOWED else "it grows")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--drafts", type=int, default=600)
    parser.add_argument("--guilds", type=int, default=8)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(run(arguments, Path(name)))


if __name__ == "__main__":
    main()
