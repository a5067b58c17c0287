"""Everything the bot consists of, in this process, against a sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import CHAT_PATIENCE
from bot.chat.client import ReviewBot
from bot.config import Settings
from bot.jobs.embedded import EmbeddedQueue, Handle
from bot.judging.offline import OfflineJudge
from bot.model.drafts import AnswerKind
from bot.model.posts import PastPost
from bot.model.verdicts import Verdict
from bot.model.workspace import Campaign, Influencer
from bot.sandbox.connect import point_discord_at
from bot.sandbox.people import Interaction, Message, Person, Sandbox
from bot.services.progress import Board
from bot.services.reviewing import Reviewer
from bot.store import drafts, library, posts, verdicts
from bot.store.database import Store, open_store
from tests.builders import make_brand
from tests.chat.values import a_verdict
from tests.sandbox.client import knows_its_guilds

HANDLE = "mossy_miles"
CAMPAIGN = "Spring: trail days"
DRAFT = "Ad | My Pebbleway running shoes after 600 miles in the mud. I mend the soles myself, and you asked how."


NEVER = 3600.0  # seconds: on a busy machine nobody is told that a verdict takes longer than usual


def utc_now() -> datetime:
    return datetime.now(UTC)


def passing(verdict: Verdict) -> Verdict:
    """With a label that need not be mended, so that an approval is one click."""
    return replace(verdict, disclosure=replace(verdict.disclosure, outcome="PASS"))


class House:
    """Made by `House.opened`; `start_bot` and `stop_bot` play restarts."""

    def __init__(self, sandbox: Sandbox, store: Store, guild_id: int) -> None:
        self.sandbox, self.store, self.guild_id = sandbox, store, guild_id
        self.settings = Settings()
        self.ahead = timedelta(0)  # of the bot's clock
        self.queue = EmbeddedQueue(store, concurrency=2, clock=utc_now, slow=NEVER)
        self.answer_stored = asyncio.Event()
        self.board = Board()
        self.verdict = passing(a_verdict())  # on every draft
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.bot: ReviewBot | None = None

    @classmethod
    @asynccontextmanager
    async def opened(cls, sandbox: Sandbox, folder: Path, *, patience: float = CHAT_PATIENCE) -> AsyncIterator[House]:
        point_discord_at(sandbox.url)
        await sandbox.ask("hold_clock")  # however busy this machine is, no interaction grows too old
        [guild] = (await sandbox.ask("places_and_people"))["guilds"]
        store = await open_store(folder / "bot.sqlite3", patience=patience)
        house = cls(sandbox, store, int(guild["id"]))
        try:
            await house._furnish()
            yield house
        finally:
            await house.stop_bot()
            house._stop.set()
            await asyncio.gather(*house._tasks)
            await store.close()

    async def start_bot(self) -> ReviewBot:
        self.bot = bot = self.make_bot()
        running = asyncio.create_task(bot.start("any"))
        self._running = running
        await self.sandbox.until(lambda: running.done() or (bot.is_ready() and knows_its_guilds(bot)))
        if running.done():
            running.result()  # raises what ended the client
        return bot

    async def stop_bot(self) -> None:
        if self.bot is not None:
            await self.bot.close()
            await asyncio.wait({self._running})
            self.bot = None

    async def restart_bot(self) -> None:
        await self.stop_bot()
        await self.start_bot()

    def make_bot(self) -> ReviewBot:
        return ReviewBot(
            store=self.store,
            queue=self.queue,
            settings=self.settings,
            clock=lambda: utc_now() + self.ahead,
            answer_stored=self.answer_stored,
            board=self.board,
            guild_ready_timeout=0.0,
        )

    def start_judging(self, handle: Handle | None = None) -> None:
        """Works off the queue with `handle`; by default every draft gets the same verdict, at once."""
        self._tasks.append(asyncio.create_task(self.queue.run(handle or self._record, self._stop)))

    async def review_offline(self, revision_id: int) -> None:
        """The real review, by the offline judge."""
        await Reviewer(self.store, OfflineJudge(), self.settings.review, utc_now).handle(revision_id)
        self.answer_stored.set()

    async def _record(self, revision_id: int) -> None:
        async with self.store.write() as conn:
            work = await drafts.get_work(conn, revision_id)
            verdict = replace(self.verdict, not_read=work.revision.not_read)
            needed = work.answer.kind is not AnswerKind.NONE
            await verdicts.record_verdict(conn, revision_id, verdict, utc_now(), answer_needed=needed)
        self.answer_stored.set()

    async def add_campaign(self, name: str) -> None:
        async with self.store.write() as conn:
            brand = replace(make_brand(), id=0, guild_id=self.guild_id)
            await library.upsert_campaign(conn, Campaign(0, self.guild_id, name, brand))

    async def _furnish(self) -> None:
        person = Influencer(0, self.guild_id, HANDLE, "Mo Field", "en", "US", "instagram")
        await self.add_campaign(CAMPAIGN)
        async with self.store.write() as conn:
            stored = await library.upsert_influencer(conn, person)
            await posts.add_posts(conn, stored.id, [_post(number) for number in range(12)])

    async def review(
        self, person: Person, text: str = DRAFT, *, command: str = "review", channel: str = "drafts"
    ) -> Interaction:
        """A draft sent in by form: the answered submit."""
        command = "selfcheck draft" if command == "selfcheck" else command
        opened = await person.slash(command, {"influencer": HANDLE, "campaign": CAMPAIGN}, channel)
        return await person.submit(opened, {"text": text})

    async def card(self, person: Person, *, channel: str = "drafts") -> Message:
        """A draft sent in by form: the verdict card."""
        return await (await self.review(person, channel=channel)).finished()

    async def seen(self, person: str, channel: str = "drafts") -> list[Message]:
        return await self.sandbox.seen_by(person, channel)


def _post(number: int) -> PastPost:
    return PastPost(
        f"p{number}",
        f"Day {number} on the trail. I mend my running shoes until they fall apart, and then once more.",
        utc_now() - timedelta(days=200 - 15 * number),
        f"https://photos.example/p{number}",
        "instagram",
        sponsored=False,
    )
