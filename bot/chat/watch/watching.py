"""Watched channels: every message there that is a draft is taken in, also those said while the bot was away.

A channel is read one message after another, and how far it was read is stored behind each. What a new session or a
restart missed is fetched from there on first; taking the same message in twice makes one draft. Where that is refused,
what comes is taken in all the same, and the place in the channel is kept until it can be fetched.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import discord
import structlog

from bot.chat.batch.batch_cards import is_summary
from bot.chat.desk import NOT_SENT, Boundary, DeskClient
from bot.chat.draft import intake
from bot.chat.draft.attachments import beside, looks_like_text
from bot.chat.draft.mentions import Mention
from bot.chat.draft.new_versions import nonce_of, on_reply
from bot.chat.verdict.views import number_on
from bot.chat.watch.overheard import Ear, Unclear, attempted, overheard
from bot.chat.watch.pages import known_channel, may_read, messages_after
from bot.errors import Problem
from bot.services.batch_file import is_table, is_workbook
from bot.services.names import find_influencer
from bot.store import library, watching
from bot.store.database import StoreUnavailable
from bot.store.search import handle_key
from bot.store.watching import Watch
from bot.texts import text

PAGE = 2_000  # messages fetched at a time, so that a message is mostly seen together with the bot's reply to it
LATEST = 200  # messages
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds before a channel is fetched again, doubling
TELLING = 2  # refusals in a row after which the team is told: one may pass by itself
UNCLEAR = "❓"
TROUBLE = (StoreUnavailable, ValueError, *NOT_SENT)  # what may pass; ValueError: half an answer of Discord's
TEXT_KINDS = (discord.MessageType.default, discord.MessageType.reply)

log = structlog.get_logger(__name__)


@dataclass
class _Channel:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_caught_up: bool = False  # nothing before the next event is missing
    refusals: int = 0  # in a row, of the messages that were missed
    read: deque[int] = field(default_factory=lambda: deque(maxlen=LATEST))  # events come out of order


class Watching:
    """`words_to_bot` gives what follows a mention of the bot in a message, None where there is none."""

    def __init__(self, client: DeskClient, words_to_bot: Callable[[discord.Message], str | None]) -> None:
        self._client, self._desk = client, client.desk
        self._words_to_bot = words_to_bot
        self._channels: dict[int, _Channel] = {}  # the watched ones
        self._catching_up: asyncio.Task[None] | None = None
        self._again = asyncio.Event()

    def new_session(self) -> None:
        """Discord tells nothing of what was said between two sessions."""
        for channel in self._channels.values():
            channel.is_caught_up = False

    def begin_catching_up(self, *, at_once: bool = False) -> None:
        """Fetches what was missed, in all channels; tries again until Discord and the database let it.

        `at_once`: also where it waits before it tries again.
        """
        if not self._desk.settings.discord.read_messages:
            return
        if at_once:
            self._again.set()
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.create_task(self._catch_all_up(), name="catch up")

    async def stop(self) -> None:
        """What was not fetched is at the next start."""
        if self._catching_up is not None:
            self._catching_up.cancel()
            await asyncio.wait({self._catching_up})

    async def _catch_all_up(self) -> None:
        wait = FIRST_WAIT
        self._again.clear()
        while not await self._all_caught_up() or self._again.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._again.wait()
            wait = FIRST_WAIT if self._again.is_set() else min(2 * wait, LONGEST_WAIT)
            self._again.clear()

    async def _all_caught_up(self) -> bool:
        """Trouble with one channel holds up no other."""
        try:
            async with self._desk.store.read() as conn:
                watched = await watching.watches(conn)
        except StoreUnavailable:  # is in the log
            return False
        are_done = True
        for watch in watched:
            channel = self._channels.setdefault(watch.channel_id, _Channel())
            try:
                async with channel.turn:
                    await self._catch_up(watch.channel_id, channel)
            except TROUBLE as error:
                log.warning("watching.later", error=type(error).__name__)
            are_done = are_done and channel.is_caught_up
        return are_done

    async def take(self, message: discord.Message, *, is_edit: bool = False) -> bool:
        """Deals with a message as it comes, or was changed; False where its channel is not watched. Raises
        StoreUnavailable where it is not known whether it is."""
        if not self._desk.settings.discord.read_messages:
            return False
        channel_id = message.channel.id
        if channel_id not in self._channels and await self._watch(channel_id) is None:
            return False
        channel = self._channels.setdefault(channel_id, _Channel())
        async with channel.turn:
            is_known = message.id in channel.read
            try:
                if not channel.refusals:  # else it is asked for again after a while
                    await self._catch_up(channel_id, channel)  # this message is among them, if it was not before
                watch = await self._watch(channel_id)
                if watch is None:
                    self._channels.pop(channel_id, None)
                    return False
                if message.id not in channel.read or (is_edit and is_known):
                    moves_on = channel.is_caught_up
                    await self._read(watch, channel, message, is_answered=False, moves_on=moves_on)
            except TROUBLE as error:
                log.warning("watching.later", error=type(error).__name__)
                channel.is_caught_up = False
                self.begin_catching_up()
        return True

    async def _watch(self, channel_id: int) -> Watch | None:
        async with self._desk.store.read() as conn:
            return await watching.find_watch(conn, channel_id)

    async def _catch_up(self, channel_id: int, channel: _Channel) -> None:
        """All messages after the last one seen, page by page. The channel's turn is held."""
        while not channel.is_caught_up and (watch := await self._watch(channel_id)) is not None:
            place = known_channel(self._client, watch.guild_id, channel_id)
            if place is None:  # not told of yet, or gone
                return
            if not may_read(place):  # Discord would show a page without messages
                await self._refused(watch, channel)
                return
            try:
                page = await messages_after(self._client, place, watch.last_seen_id, PAGE)
            except (discord.Forbidden, discord.NotFound) as error:
                log.warning("watching.not_readable", channel_id=channel_id, code=error.code)
                await self._refused(watch, channel)
                return
            channel.refusals = 0
            await self._read_page(watch, channel, page.messages)
            if page.last_id > watch.last_seen_id:  # past what cannot be read too
                await self._move_on(watch, page.last_id)
            channel.is_caught_up = not page.is_full

    async def _read_page(self, watch: Watch, channel: _Channel, found: Sequence[discord.Message]) -> None:
        replies = [one for one in found if one.reference and self._is_own(one)]
        answered = {one.reference.message_id for one in replies if one.reference}
        judged = {one.reference.message_id for one in replies if one.reference and _is_verdict(one)}
        for message in found:
            if message.id in judged or message.id in channel.read:  # though a restored backup may know nothing of it
                await self._move_on(watch, message.id)
                channel.read.append(message.id)
            else:
                await self._read(watch, channel, message, is_answered=message.id in answered, moves_on=True)

    async def _refused(self, watch: Watch, channel: _Channel) -> None:
        """What was missed waits until it may be read. Told once, in the channel: who is there can change that."""
        channel.refusals += 1
        if channel.refusals != TELLING:
            return
        place = self._client.get_partial_messageable(watch.channel_id, guild_id=watch.guild_id)
        sentence = text(await self._desk.language(watch.guild_id), "watch.no_history")
        try:
            await place.send(sentence, nonce=f"h{watch.channel_id}", silent=True)
        except NOT_SENT as error:
            log.warning("watching.not_told", channel_id=watch.channel_id, error=type(error).__name__)

    def _is_own(self, message: discord.Message) -> bool:
        return self._client.user is not None and message.author.id == self._client.user.id

    async def _read(
        self, watch: Watch, channel: _Channel, message: discord.Message, *, is_answered: bool, moves_on: bool
    ) -> None:
        """Takes a message in where it is a draft, then notes that it was seen. `is_answered`: the bot replied to it;
        `moves_on`: nothing before it is missing."""
        if not (message.author.bot or message.webhook_id or message.type not in TEXT_KINDS):
            await self._understand(watch, message, is_answered=is_answered)
        if moves_on:
            await self._move_on(watch, message.id)
        channel.read.append(message.id)

    async def _move_on(self, watch: Watch, message_id: int) -> None:
        async with self._desk.store.write() as conn:
            await watching.mark_seen(conn, watch.channel_id, message_id)

    async def _understand(self, watch: Watch, message: discord.Message, *, is_answered: bool) -> None:
        language = await self._desk.language(watch.guild_id)
        outage: list[StoreUnavailable] = []

        async def say(sentence: str) -> None:
            if not (is_answered or outage):
                await message.reply(sentence, nonce=nonce_of(message), mention_author=False, silent=True)

        async with Boundary(language, say, "watched message"):
            try:
                await self._take(watch, message, language, is_answered=is_answered)
            except StoreUnavailable as error:  # the message stays: it is read again later
                outage.append(error)
        if outage:
            raise outage[0]

    async def _take(self, watch: Watch, message: discord.Message, language: str, *, is_answered: bool) -> None:
        if await on_reply(self._client, message, is_answered=is_answered):
            return
        if (words := self._words_to_bot(message)) is not None:
            await intake.take_message(self._client, message, words, language)
            return
        if message.reference is not None:  # an answer to somebody is no draft
            return
        ear, author = await self._ear(watch, message)
        words = intake.with_names(message, message.content)
        unknown = "" if author else attempted(message.content, ear)
        with_file = any(map(looks_like_text, beside(message)))
        found = Unclear(unknown) if unknown else overheard(words, ear, author=author, with_file=with_file)
        if isinstance(found, Unclear):
            await self._explain(watch, message, found, language)
        elif found is not None or any(is_table(file.filename) for file in message.attachments):
            await self._draft(message, words, found, language, ear.campaign)
        elif message.attachments and not words.strip():
            await self._explain_file(message, language)

    async def _draft(
        self, message: discord.Message, words: str, found: Mention | None, language: str, campaign: str
    ) -> None:
        if await intake.take_several(self._client, message, words, language, campaign=campaign):
            return
        assert found is not None  # a table is several
        await intake.take_one(self._client, message, found, language)

    async def _explain_file(self, message: discord.Message, language: str) -> None:
        """Raises Problem: what to write beside files that came alone."""
        await _mark_as_unclear(message)
        if workbooks := [file.filename for file in message.attachments if is_workbook(file.filename)]:
            raise Problem("batch_problem.workbook", file=workbooks[0])
        raise Problem("watch.file_alone", example=text(language, "watch.example"))

    async def _explain(self, watch: Watch, message: discord.Message, unclear: Unclear, language: str) -> None:
        """Raises Problem: how to write it."""
        await _mark_as_unclear(message)
        if unclear.handle:
            async with self._desk.store.read() as conn:
                await find_influencer(conn, watch.guild_id, unclear.handle)
        raise Problem("watch.how", example=text(language, "watch.example"))

    async def _ear(self, watch: Watch, message: discord.Message) -> tuple[Ear, str]:
        """What to listen for in this channel, and the handle of who wrote the message where it is an influencer."""
        guild_id = watch.guild_id
        async with self._desk.store.read() as conn:
            handles = {handle_key(one.handle): one.handle for one in await library.influencers(conn, guild_id)}
            campaigns = await library.campaigns(conn, guild_id)
            linked = await watching.influencer_of_person(conn, guild_id, message.author.id)
        own = next((one.name for one in campaigns if one.id == watch.campaign_id), "")
        author = linked.handle if linked else handles.get(handle_key(message.author.name), "")
        return Ear(handles, tuple(one.name for one in campaigns), own), author


async def _mark_as_unclear(message: discord.Message) -> None:
    try:
        await message.add_reaction(UNCLEAR)
    except NOT_SENT as error:  # the sentence says it all the same
        log.warning("watching.not_marked", error=type(error).__name__)


def _is_verdict(message: discord.Message) -> bool:
    return number_on(message) is not None or is_summary(message)
