"""`demo`: the real bot on a loopback Discord, with invented people posting the sample drafts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.rule import Rule
from rich.text import Text

from bot import sample
from bot.app import opened_store, running_bot
from bot.config import Database, Discord, Settings
from bot.errors import Problem
from bot.sandbox.people import Message, Person, Sandbox
from bot.services.library import load_workspace
from bot.terminal import console
from bot.texts import supported, text

if TYPE_CHECKING:
    from bot.sample import SampleDraft

CHANNEL = "drafts"
KNOWN_CASES = ("@tobi_keeps", "@lane9_wren")  # money alone, and values shared for years
WITHIN = 30.0  # seconds for one verdict


async def run_demo(*, once: bool, language: str) -> None:
    """Posts every sample draft and prints what people see. Raises Problem when a known case comes out wrong."""
    language = supported(language)
    with TemporaryDirectory(prefix="campaign-review-demo-") as folder:
        async with Sandbox.started() as sandbox:
            settings = Settings(
                database=Database(path=Path(folder) / "demo.sqlite3"), discord=Discord(api_url=sandbox.url)
            )
            places = await sandbox.ask("places_and_people")
            guild_id = int(places["guilds"][0]["id"])
            async with opened_store(settings) as store:
                report = await load_workspace(store, guild_id, sample.workspace())
            console.print(
                text(
                    language,
                    "demo.loaded",
                    influencers=report.influencers,
                    posts=sum(one.new for one in report.imports),
                )
            )
            async with running_bot(settings, token="demo"):
                await sandbox.connected()
                await _Tour(sandbox, language).walk()
                console.print(text(language, "demo.next"))
                if not once:
                    console.print(text(language, "demo.page", url=sandbox.url), style="bold")
                    await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class _Tour:
    sandbox: Sandbox
    language: str

    async def walk(self) -> None:
        mira, lena, tobi = (self.sandbox.person(name) for name in ("mira", "lena", "tobi"))
        for person in (mira, lena, tobi):
            await self.sandbox.ask("set_person", person=person.name, locale=self.language)
        outcomes = []
