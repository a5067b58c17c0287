"""Many guilds on a loopback Discord and the real bot, each in a process of its own: what the load is measured on."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.model.posts import PastPost
from bot.model.workspace import Brand, Campaign, Influencer
from bot.sandbox.people import Sandbox
from bot.store import guilds, library, posts
from bot.store.database import Store, open_store

ROOT = Path(__file__).parents[2]
HANDLE, CAMPAIGN = "mossy_miles", "Trail days"
MENTION = f"<@1000> @{HANDLE} {CAMPAIGN}: "
DRAFT = "Ad | My Pebbleway running shoes after {number} miles in the mud. I mend the soles myself, and you asked how."
POSTS = 40  # of each influencer
EPOCH_MS = 1_420_070_400_000  # of Discord's ids


@dataclass(frozen=True, slots=True)
class Guild:
    """`person` writes in `channels`, which nobody else uses."""

    id: int
    person: str
    channels: tuple[str, ...]


@dataclass
class Town:
    """Made by `built`. `bot` is the process of the bot."""

    sandbox: Sandbox
    folder: Path
    guilds: tuple[Guild, ...]
    bot: asyncio.subprocess.Process | None = None

    @property
    def database(self) -> Path:
        return self.folder / "bot.sqlite3"

    async def start_bot(self, settings: str = "") -> None:
        """Runs `python -m bot run` with further `settings` (TOML) until it is connected."""
        config = self.folder / "config.toml"
        config.write_text(
            f'[database]\npath = "{self.database}"\n[discord]\napi_url = "{self.sandbox.url}"\n'
            f'[log]\nlevel = "WARNING"\n{settings}'
        )
        with (self.folder / "bot.log").open("ab") as log:
            self.bot = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run", "--config", str(config)),
                env=os.environ | {"DISCORD_TOKEN": "loopback"},
                cwd=ROOT,
                stderr=log,
            )
        await self.sandbox.connected(60)

    async def stop_bot(self) -> None:
        if self.bot is not None and self.bot.returncode is None:
            self.bot.terminate()
            await self.bot.wait()

    def rss(self) -> float:
        """MB that the bot's process and its children hold."""
        assert self.bot is not None
        return sum(_rss(pid) for pid in (self.bot.pid, *_children(self.bot.pid))) / 1024

    def cpu(self) -> float:
        """Seconds of processor time that the bot's process and its children have used."""
        assert self.bot is not None
        return sum(_cpu(pid) for pid in (self.bot.pid, *_children(self.bot.pid)))

    @asynccontextmanager
    async def metered(self) -> AsyncIterator[Callable[[float], float]]:
        """Gives what tells how many seconds of processor time the bot's own process had used at a time."""
        assert self.bot is not None
        pid, readings = self.bot.pid, [(time.time(), _cpu(self.bot.pid))]

        async def measure() -> None:
            while True:
                await asyncio.sleep(0.02)
                readings.append((time.time(), _cpu(pid)))

        measuring = asyncio.create_task(measure())
        yield lambda moment: next((used for at, used in readings if at >= moment), readings[-1][1])
        measuring.cancel()

    def count(self, sql: str, *values: object) -> int:
        """The one number that a query of the bot's database gives."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as conn:
            return int(conn.execute(sql, values).fetchone()[0])

    async def until(self, sql: str, wanted: int, seconds: float) -> bool:
        """Waits until the query gives `wanted` or more; False where it does not within `seconds`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.count(sql) >= wanted:
                return True
            await asyncio.sleep(0.25)
        return False


@asynccontextmanager
async def built(folder: Path, guilds: int, channels: int = 1, **settings: Any) -> AsyncIterator[Town]:
    """A town of `guilds`, with `settings` of the sandbox, no bot running yet. Everything is ended afterwards."""
    async with Sandbox.started(**settings) as sandbox:
        made = [await _found(sandbox, number, channels) for number in range(guilds)]
        town = Town(sandbox, folder, tuple(made))
        store = await open_store(town.database)
        for guild in made:
            await _stock(store, guild.id)
        await store.close()
        try:
            yield town
        finally:
            await town.stop_bot()


async def _found(sandbox: Sandbox, number: int, channels: int) -> Guild:
    guild = await sandbox.ask("add_guild", name=f"guild-{number}")
    person = await sandbox.ask("add_person", name=f"person-{number}", guild=guild["id"])
    rooms = [await sandbox.ask("add_channel", name=f"room-{number}-{at}", guild=guild["id"]) for at in range(channels)]
    return Guild(int(guild["id"]), person["username"], tuple(room["id"] for room in rooms))


async def _stock(store: Store, guild_id: int) -> None:
    brand = Brand(0, guild_id, "Pebbleway", category="shoes", category_words=("running shoes", "soles"))
    person = Influencer(0, guild_id, HANDLE, "Mo Field", "en", "US", "instagram")
    async with store.write() as conn:
        await guilds.upsert_guild(conn, guild_id, language="en")
        await library.upsert_campaign(conn, Campaign(0, guild_id, CAMPAIGN, brand))
        influencer = await library.upsert_influencer(conn, person)
        await posts.add_posts(conn, influencer.id, list(_posts()))


def _posts() -> Iterator[PastPost]:
    for number in range(POSTS):
        words = f"Day {number} on the trail. I mend my running shoes until they fall apart, and then once more. " * 2
        yield PastPost(f"p{number}", words, datetime.now(UTC) - timedelta(days=200 - 4 * number), sponsored=False)


def made_at(snowflake: str) -> float:
    """Seconds since 1970 at which Discord made this id."""
    return ((int(snowflake) >> 22) + EPOCH_MS) / 1000


def share(values: list[float], part: float) -> float:
    """The value below which `part` of them lie."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def _rss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
