"""What was said to the bot, or changed in the message of a draft, while it heard nothing: a restart, a lost session.

Up to when everything was heard is stored for each server. What came since is read at each new session, and dealt with
like what comes: taking the same in twice changes nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import discord
import structlog

from bot.chat.desk import SKEW, DeskClient
from bot.chat.malformed import UNREADABLE
from bot.chat.watch.pages import may_read, messages_since
from bot.chat.watch.watching import TEXT_KINDS, TROUBLE
from bot.store import watching
from bot.store.database import StoreUnavailable
from bot.store.watching import Source

MOST, LONGEST = 200, timedelta(hours=24)  # messages of a channel, and how far back
MOST_EDITED = 100  # messages of drafts looked at, of those of the last LONGEST and the approved ones
PACE = 0.1  # seconds between two of them
IN_WORK = timedelta(minutes=2)  # what is heard is stored or answered by then, or the process is dead
NOTE = 30.0  # seconds between two notes of how long all was heard
AGAIN = 5.0  # seconds until what could not be read is read again

Take = Callable[[discord.Message], Awaitable[object]]
Readable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread

log = structlog.get_logger(__name__)


class Missed:
    """`hear` takes a message as if it came now, `follow` a change of one that brought a draft."""

    def __init__(self, client: DeskClient, hear: Take, follow: Take) -> None:
        self._client, self._desk = client, client.desk
        self._hear, self._follow = hear, follow
        self._to_read: set[int] = set()  # guilds
        self._heard: set[int] = set()  # guilds in which nothing is missing
        self._is_connected = False
        self._wake = asyncio.Event()

    def new_session(self) -> None:
        self._heard.clear()
        self._is_connected = True

    def disconnected(self) -> None:
        self._is_connected = False

    def resumed(self) -> None:
        """What was said meanwhile is told by Discord itself."""
        self._is_connected = True

    def look(self, guild_id: int) -> None:
        """Everything that is said there is told from now on; what came before is read."""
        self._to_read.add(guild_id)
        self._wake.set()

    async def run(self) -> None:
        """Until it is cancelled: what was not read then is at the next start."""
        while True:
            for guild_id in tuple(self._to_read):
                with suppress(*TROUBLE):  # the reason is in the log, or in Discord's hands
                    await self._catch_up(guild_id)
                    self._to_read.discard(guild_id)
                    self._heard.add(guild_id)
            if self._is_connected and self._heard:
                with suppress(StoreUnavailable):
                    await self._note(tuple(self._heard), self._desk.clock() - IN_WORK)
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN if self._to_read else NOTE):
                    await self._wake.wait()

    async def _note(self, guild_ids: tuple[int, ...], until: datetime) -> None:
        async with self._desk.store.write() as conn:
            await watching.mark_heard(conn, guild_ids, until)

    async def _catch_up(self, guild_id: int) -> None:
        now, guild = self._desk.clock(), self._client.get_guild(guild_id)
        async with self._desk.store.read() as conn:
            since = await watching.heard_until(conn, guild_id)
            watched = {one.channel_id for one in await watching.watches(conn, guild_id)}
            found = await watching.sources(conn, guild_id, now - LONGEST, MOST_EDITED)
        if guild is not None and since is not None:
            if since > now:  # by a clock that was set back
                since = now - LONGEST
            since = self._client.at_discord(since) - SKEW
            longest = max(since, self._client.at_discord(now) - LONGEST)
            left_out = watched if self._desk.settings.discord.read_messages else set()  # they are read by themselves
            for channel in _readable(guild, longest):
                if channel.id not in left_out:
                    await self._read(channel, longest)
            for source in found:
                await self._look_at(guild, source, since)
        await self._note((guild_id,), now)

    async def _read(self, channel: Readable, since: datetime) -> None:
        """What is addressed to the bot there, brought no draft and has no answer."""
        try:
            found = await messages_since(self._client, channel, discord.utils.time_snowflake(since), MOST)
        except (discord.Forbidden, discord.NotFound) as error:
            log.warning("missed.not_readable", channel_id=channel.id, code=error.code)
            return
        me = self._client.user
        settled = {one.reference.message_id for one in found if one.reference and one.author == me}
        async with self._desk.store.read() as conn:
            settled |= await watching.brought_drafts(conn, channel.guild.id, [one.id for one in found])
        for message in found:
            is_no_persons = message.author.bot or message.webhook_id or message.type not in TEXT_KINDS
            if not is_no_persons and message.id not in settled:
                await self._hear(message)

    async def _look_at(self, guild: discord.Guild, source: Source, since: datetime) -> None:
        """Follows a change of a draft's message since then. What is gone or may not be read stays as it was."""
        channel = guild.get_channel_or_thread(source.channel_id)
        if not isinstance(channel, Readable) or not may_read(channel):
            return
        await asyncio.sleep(PACE)
        try:
            message = await channel.fetch_message(source.message_id)
        except json.JSONDecodeError:  # half an answer: again later
            raise
        except (discord.Forbidden, discord.NotFound, *UNREADABLE):
            return
        if message.edited_at is None or message.edited_at <= since or not (message.content or message.attachments):
            return
        if not (source.text and message.content.rstrip().endswith(source.text.rstrip())):  # changed, and changed back
            await self._follow(message)


def _readable(guild: discord.Guild, since: datetime) -> Iterator[Readable]:
    """Where something was said since then, as far as Discord tells."""
    known = discord.utils.time_snowflake(since)
    places: list[Readable] = [*guild.text_channels, *guild.voice_channels, *guild.stage_channels, *guild.threads]
    for channel in places:
        last = channel.last_message_id
        if (last is None or last > known) and may_read(channel):
            yield channel
