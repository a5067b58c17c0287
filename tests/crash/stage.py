"""The stage of a crash run: a loopback Discord, a model endpoint, and the real bot as a process that can be killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from bot import sample
from bot.app import opened_store, utc_now
from bot.config import Database, Settings
from bot.sandbox.people import Sandbox
from bot.services.library import load_workspace
from tests.crash.ledger import Ledger
from tests.crash.model import Model, serving_model

ROOT = Path(__file__).parents[2]
STARTING = 120.0  # seconds: a busy machine takes its time
HEARTBEAT = 2000  # milliseconds
MANY = 1_000_000  # drafts: few people send them all


@dataclass
class Bot:
    """`python -m bot run` with a config of its own; killed and started again as often as wanted."""

    sandbox: Sandbox
    config: Path
    log: Path
    starts: int = 0
    process: asyncio.subprocess.Process | None = None

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def launch(self) -> None:
        """Starts the process; it is not connected yet."""
        keep = {name: value for name, value in os.environ.items() if not name.startswith("CAMPAIGN_BOT_")}
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run", "--config", str(self.config)),
                cwd=ROOT,
                env=keep | {"DISCORD_TOKEN": "any", "OPENAI_API_KEY": "sk-loopback"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.starts += 1

    async def start(self) -> float:
        """Starts the process and waits until it hears events; the seconds that took."""
        began, heard = monotonic(), await self._identified()
        await self.launch()

        async def up() -> bool:
            if not self.runs:
                raise RuntimeError(f"the bot ended while starting, see {self.log}")
            return await self._identified() > heard and await self.connected()

        await self.sandbox.until(up, STARTING)
        return monotonic() - began

    async def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None and self.runs:
            self.process.kill()
            await self.process.wait()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What happens meanwhile reaches it all at the same moment."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        yield
        self.process.send_signal(signal.SIGCONT)

    async def terminate(self, within: float) -> tuple[int, float]:
        """SIGTERM: the exit status and the seconds until the end. Raises TimeoutError."""
        assert self.process is not None
        began = monotonic()
        self.process.terminate()
        status = await asyncio.wait_for(self.process.wait(), within)
        return status, monotonic() - began

    async def connected(self) -> bool:
        return any(session["connected"] for session in (await self.sandbox.gateway())["sessions"])

    async def _identified(self) -> int:
        return int((await self.sandbox.gateway())["counts"].get("identify", 0))

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The lines of the log that report `event`."""
        if not self.log.exists():
            return []
        lines = self.log.read_text("utf-8").splitlines()
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return [entry for entry in entries if entry["event"] == event]


@dataclass
class Stage:
    """All that a run needs; `model` is None where the offline judge judges."""

    sandbox: Sandbox
    bot: Bot
    ledger: Ledger
    folder: Path
    model: Model | None
    settings: dict[str, dict[str, object]] = field(default_factory=dict)


@asynccontextmanager
async def staged(
    folder: Path, judge: str, *, concurrency: int = 8, model_timeout: float = 30.0, make_bot: type[Bot] = Bot
) -> AsyncIterator[Stage]:
    """A stage with the sample workspace loaded and the bot not yet running; all processes end with it."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(
            Sandbox.started(state=folder / "discord.db", heartbeat_interval=HEARTBEAT)
        )
        model = await stack.enter_async_context(serving_model()) if judge == "llm" else None
        settings: dict[str, dict[str, object]] = {
            "database": {"path": str(folder / "bot.sqlite3")},
            "discord": {"api_url": sandbox.url},
            "llm": {"concurrency": concurrency, "timeout_seconds": model_timeout},
            "limits": {"person_per_hour": MANY, "guild_per_hour": MANY},
            "log": {"format": "json"},
        }
        if model is not None:
            settings["llm"] |= {"base_url": model.url, "model": "reader-1"}
        config = folder / "config.toml"
        config.write_text(_toml(settings), "utf-8")
        [guild] = (await sandbox.ask("places_and_people"))["guilds"]
        database = folder / "bot.sqlite3"
        async with opened_store(Settings(database=Database(path=database))) as store:
            recent = sample.recent_workspace(folder / "workspace", utc_now())
            await load_workspace(store, int(guild["id"]), recent)
        bot = make_bot(sandbox, config, folder / "bot.log")
        stack.push_async_callback(bot.kill)
        yield Stage(sandbox, bot, Ledger(database), folder, model, settings)


def _toml(settings: dict[str, dict[str, object]]) -> str:
    lines: list[str] = []
    for section, values in settings.items():
        lines += [f"[{section}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"
