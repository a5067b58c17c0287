"""`demo`: the real bot on a loopback Discord, with invented people posting the sample drafts."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.rule import Rule
from rich.text import Text

from bot import sample
from bot.app import opened_store, running_bot
from bot.config import Database, Discord, Log, Settings
from bot.errors import Problem
from bot.log import start_log
from bot.sample import SampleDraft
from bot.sandbox.people import Message, Sandbox
from bot.services.library import load_workspace
from bot.store import guilds
from bot.terminal import console, print_message
from bot.texts import supported, text

CHANNEL = "drafts"
BOT = 1000  # its user id in the sandbox
WITHIN = 30.0  # seconds for one verdict
KNOWN_CASES = ("@tobi_keeps", "@lane9_wren")  # money alone; values shared for years


async def run_demo(*, once: bool, language: str) -> None:
    """Posts the sample drafts and prints what people see. Raises Problem when a known case comes out wrong."""
    language = supported(language)
    stop = asyncio.Event()
    with TemporaryDirectory(prefix="campaign-review-demo-") as folder:
        async with Sandbox.started() as sandbox:
            database = Database(path=Path(folder) / "database")
            settings = Settings(database=database, discord=Discord(api_url=sandbox.url), log=Log(level="WARNING"))
            start_log(settings.log)
            places = await sandbox.ask("places_and_people")
            guild_id = int(places["guilds"][0]["id"])
            async with opened_store(settings) as store:
                now = datetime.now(UTC)
                recent = sample.recent_workspace(Path(folder) / "workspace", now)
                report = await load_workspace(store, guild_id, recent)
                async with store.write() as conn:
                    await guilds.upsert_guild(conn, guild_id, language=language)
            posts = sum(one.new for one in report.imports)
            console.print(text(language, "demo.loaded", influencers=report.influencers, posts=posts))
            if later := sample.moved(now):
                console.print(text(language, "demo.moved", weeks=later.days // 7))
            async with running_bot(settings, "demo", stop) as client:
                await sandbox.connected()
                await Tour(sandbox, language).walk()
                console.print(Rule(style="dim"))
                console.print(text(language, "demo.next"))
                if not once:
                    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
                    console.print(text(language, "demo.stay", url=sandbox.url), style="bold")
                    await client


@dataclass(frozen=True, slots=True)
class Tour:
    """What the people of the demo do, one after another."""

    sandbox: Sandbox
    language: str

    async def walk(self) -> None:
        """Every way in once: menu, form, mention, private check; then a decision and the history."""
        for name in ("lena", "mira", "tobi"):
            await self.sandbox.ask("set_person", person=name, locale=self.language)
        ways = (self._by_menu, self._by_form, self._by_mention)
        wrong = []
        for number, draft in enumerate(sample.drafts()):
            card = await self._posted(draft, ways[number % len(ways)])
            outcomes = [text(self.language, f"outcome.{outcome}") for outcome in draft.expect]
            if draft.influencer in KNOWN_CASES[number : number + 1] and not any(word in card.text for word in outcomes):
                wrong.append(draft.title)
        await self._privately(sample.drafts()[0])
        await self._decided()
        for handle in KNOWN_CASES:
            await self._looked_up(handle)
        if wrong:
            raise Problem("demo.wrong", titles=wrong)

    def _print(self, message: str) -> None:
        print_message(message.replace(f"<@{BOT}>", "@campaign-bot"))

    async def _posted(self, draft: SampleDraft, way: Callable[[SampleDraft], Awaitable[Message]]) -> Message:
        console.print()
        console.print(Rule(Text(f"{draft.influencer} × {draft.campaign}: {draft.title}"), align="left"))
        console.print(Text(draft.text.strip(), style="dim"))
        card = await way(draft)
        self._print(card.text)
        return card

    async def _by_menu(self, draft: SampleDraft) -> Message:
        """Right-click on a posted draft, Apps, Review draft."""
        mira = self.sandbox.person("mira")
        posted = await mira.say(CHANNEL, draft.text)
        opened = await mira.menu("Review draft", posted)
        fields = {"influencer": draft.influencer, "campaign": draft.campaign, "text": draft.text}
        return await (await mira.submit(opened, fields)).finished(WITHIN)

    async def _by_form(self, draft: SampleDraft) -> Message:
        """/review, then the form."""
        mira = self.sandbox.person("mira")
        opened = await mira.slash("review", {"influencer": draft.influencer, "campaign": draft.campaign})
        return await (await mira.submit(opened, {"text": draft.text})).finished(WITHIN)

    async def _by_mention(self, draft: SampleDraft) -> Message:
        """@bot @handle campaign: draft."""
        mira = self.sandbox.person("mira")
        sent = await mira.say(CHANNEL, f"<@{BOT}> {draft.influencer} {draft.campaign}:\n{draft.text}")

        async def answer() -> Message | None:
            seen = await mira.sees(CHANNEL)
            return next((one for one in seen if (one.data.get("referenced_message") or {}).get("id") == sent.id), None)

        found: Message = await self.sandbox.until(answer, WITHIN)
        return found

    async def _privately(self, draft: SampleDraft) -> None:
        """/selfcheck: the influencer sees it, nobody else does, and the history does not know of it."""
        tobi = self.sandbox.person("tobi")
        before = len(await self.sandbox.seen_by("mira", CHANNEL))
        opened = await tobi.slash("selfcheck draft", {"influencer": draft.influencer, "campaign": draft.campaign})
        card = await (await tobi.submit(opened, {"text": draft.text})).finished(WITHIN)
        self._headline("demo.private")
        self._print(card.text)
        if len(await self.sandbox.seen_by("mira", CHANNEL)) != before:
            raise Problem("demo.not_private")
        console.print(text(self.language, "demo.private_kept"), style="green")

    async def _decided(self) -> None:
        """The lead approves what fits; the card says who and when."""
        lena = self.sandbox.person("lena")
        fits = text(self.language, "outcome.fits")
        cards = [one for one in await lena.sees(CHANNEL) if f" {fits} · V-" in one.text]
        self._headline("demo.decision")
        await lena.click(cards[0], text(self.language, "button.approve"))

        async def approved() -> Message | None:
            seen = {one.id: one for one in await lena.sees(CHANNEL)}
            card = seen[cards[0].id]
            return card if card.text != cards[0].text else None

        self._print((await self.sandbox.until(approved, WITHIN)).text)

    async def _looked_up(self, handle: str) -> None:
        """/history search finds what was said about an influencer."""
        found = await self.sandbox.person("mira").slash("history search", {"influencer": handle})
        self._headline("demo.history", handle=handle)
        page = await found.finished(WITHIN)
        self._print(page.text)
        if "V-" not in page.text:
            raise Problem("demo.not_found", handle=handle)

    def _headline(self, key: str, **values: object) -> None:
        console.print()
        console.print(Rule(Text(text(self.language, key, **values)), align="left"))
