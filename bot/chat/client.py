"""The Discord client, and the supervisor that keeps one running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any
from weakref import WeakValueDictionary

import aiohttp
import discord
import structlog

from bot.chat.batch.batch_news import BatchNews
from bot.chat.commands import Translator, Tree, add_commands
from bot.chat.desk import Boundary, Desk, DeskClient, Interaction, Queue, guarded
from bot.chat.draft.attachments import Kept
from bot.chat.draft.crowd import Crowd
from bot.chat.draft.intake import own_names, take_message
from bot.chat.draft.mentions import after_mention
from bot.chat.draft.new_versions import nonce_of, on_edit, on_reply
from bot.chat.late import Late
from bot.chat.malformed import drop_bad_events, leave_out_own_messages
from bot.chat.outgoing.delivery import Delivery
from bot.chat.outgoing.once import no_blind_repeats
from bot.chat.outgoing.reminders import Reminders
from bot.chat.registering import keep_commands_told
from bot.chat.routes import BUTTONS, is_ours, on_form
from bot.chat.status import status
from bot.chat.watch.missed import Missed
from bot.chat.watch.missed_direct import MissedDirect
from bot.chat.watch.watching import Watching
from bot.config import Settings
from bot.errors import Problem
from bot.services.progress import Board
from bot.store import guilds
from bot.store.database import Store
from bot.store.journal import Journal
from bot.texts import FALLBACK, languages, supported, text

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0  # seconds between restarts, doubling
STEADY = 600.0  # seconds after which a client counts as having run well
GRACE = 4.0  # seconds for what is under way at the end
HANDLERS = ("discord.py: on_", "CommandTree-", "discord-ui-")  # how the library names the tasks it runs them in
BAD_TOKEN = 4004  # close code
FINAL = (4010, 4011, 4012, 4013)  # close codes: the same happens at every further attempt
LATE_EDIT = timedelta(minutes=10)  # an edit told later is none: somebody pinned the message, or opened a thread at it
COMMANDS_FIRST = 3.0  # seconds that events wait for Discord to know the commands: mostly that takes no time
CONNECTIONS = 100  # to Discord at a time: in a burst, opening one for each call takes longer than the calls

discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nothing here speaks

log = structlog.get_logger(__name__)


class ReviewBot(DeskClient):
    """Takes events to their handlers; keeps nothing that a restart would lose."""

    def __init__(
        self,
        *,
        store: Store,
        queue: Queue,
        settings: Settings,
        clock: Callable[[], datetime],
        answer_stored: asyncio.Event | None = None,
        board: Board | None = None,
        **options: Any,
    ) -> None:
        """`answer_stored` is set by whoever stores a verdict, so that it goes out at once; `board` is filled by whoever
        judges; `options`: the library's."""
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        intents.message_content = settings.discord.read_messages
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        super().__init__(
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            connector=connector,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            http_trace=no_blind_repeats(self._hear_time),
            **options,
        )
        leave_out_own_messages(self)
        drop_bad_events(self)
        noted = Journal(store.path.with_name(f"{store.path.name}.acknowledged"))
        self.late = Late(self, noted, Crowd(connector))
        self.desk = Desk(store, queue, settings, clock)
        server_only = discord.app_commands.AppCommandContext(guild=True)  # unless a command says otherwise
        self.tree = Tree(self, allowed_contexts=server_only)
        add_commands(self.tree)
        self.tree.add_command(status)
        self._delivery = Delivery(self, answer_stored or asyncio.Event(), board or Board())
        self.kept = Kept()
        self._news = BatchNews(self)
        self.reminders = Reminders(self)
        self._watching = Watching(self, self._words_to_me)
        self._missed = Missed(self, self._hear_late, self._follow_late)
        self._missed_direct = MissedDirect(self, self._answer_direct)
        self._working: tuple[asyncio.Task[None], ...] = ()
        self._until_closed: tuple[asyncio.Task[None], ...] = ()
        self._turns = WeakValueDictionary[int, asyncio.Lock]()  # by message
        self._is_closing = False
        self._is_at_work = False

    async def setup_hook(self) -> None:
        self.add_dynamic_items(*BUTTONS)
        await self.tree.set_translator(Translator())
        # Answers need no gateway: what a process before left undelivered goes out at once.
        self._working = (
            asyncio.create_task(self._delivery.run(), name="delivery"),
            asyncio.create_task(self._news.run(), name="batches"),
            asyncio.create_task(self.reminders.run(), name="reminders"),
        )
        telling = asyncio.create_task(keep_commands_told(self, self.tree), name="commands")
        looking_back = (self._missed.run(), self._missed_direct.run())
        self._until_closed = telling, *(asyncio.create_task(one, name="missed") for one in looking_back)
        await asyncio.wait({telling}, timeout=COMMANDS_FIRST)

    def _hear_time(self, date: str) -> None:
        """Discord's, as its answer tells it, to the second."""
        with suppress(ValueError, TypeError):
            self.ahead = self.desk.clock() - parsedate_to_datetime(date)

    async def on_connect(self) -> None:
        self._watching.new_session()
        self._missed.new_session()
        self._missed_direct.new_session()

    async def on_disconnect(self) -> None:
        self._missed.disconnected()

    async def on_resumed(self) -> None:
        self._missed.resumed()

    async def on_ready(self) -> None:
        log.info("chat.ready", guilds=len(self.guilds))
        self._watching.begin_catching_up(at_once=True)
        for guild in self.guilds:
            if not guild.unavailable:  # else it is told of when it is there
                self._missed.look(guild.id)
        if not self._is_at_work:  # no session before this one, so that nothing of it is under way here
            self._is_at_work = True
            self.late.take_up()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Once it closes it hears nothing new: what it would take in then, it might not live to acknowledge."""
        if event == "interaction":
            self.late.recognize(args[0])
        if not self._is_closing:
            super().dispatch(event, *args, **kwargs)

    async def close(self) -> None:
        """Lets the handlers and the delivery under way end, then disconnects."""
        self._is_closing = True
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        under_way = {task for task in tasks if task.get_name().startswith(HANDLERS)}
        self._delivery.stop()
        self._news.stop()
        self.reminders.stop()
        under_way.update(self._working)
        for task in self._until_closed:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way, timeout=GRACE)
        for task in self._working:
            task.cancel()  # what it did not end is due again at the next start
        await asyncio.gather(*self._working, *self._until_closed, self._watching.stop(), return_exceptions=True)
        await super().close()

    async def on_guild_available(self, guild: discord.Guild) -> None:
        await self._greet(guild)
        self._missed.look(guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._greet(guild)
        self._missed.look(guild.id)

    async def _greet(self, guild: discord.Guild) -> None:
        """A server seen for the first time is answered in its own language."""
        async with self.desk.store.write() as conn:
            if not await guilds.has_language(conn, guild.id):
                await guilds.upsert_guild(conn, guild.id, language=supported(guild.preferred_locale.value))

    async def on_interaction(self, interaction: Interaction) -> None:
        """Forms, and buttons of other versions: commands and our own buttons have their ways in the library."""
        data: Any = interaction.data
        if interaction.type is discord.InteractionType.modal_submit:
            await on_form(interaction, data["custom_id"])
        elif interaction.type is discord.InteractionType.component and not is_ours(data["custom_id"]):
            async with guarded(interaction, "unknown button"):
                raise Problem("chat_problem.unknown_button")

    async def on_message(self, message: discord.Message) -> None:
        if message.author.bot or message.webhook_id:
            return
        if message.guild is None:
            await self._answer_direct(message)
            return
        async with self._before(message, message.guild):
            if not await self._watching.take(message):
                await self._hear(message, message.guild)

    async def _hear(self, message: discord.Message, guild: discord.Guild) -> None:
        """A message in a channel that is not watched."""
        words = self._words_to_me(message)
        if words is None and message.reference is None:
            return

        async def say(sentence: str) -> None:
            await message.reply(sentence, nonce=nonce_of(message), mention_author=False)

        language = await self.desk.language(guild.id)
        async with Boundary(language, say, "message"):
            if not await on_reply(self, message) and words is not None:
                await take_message(self, message, words, language)

    async def _hear_late(self, message: discord.Message) -> None:
        if message.guild is not None:
            async with self._before(message, message.guild):
                await self._hear(message, message.guild)

    async def _follow_late(self, message: discord.Message) -> None:
        if message.guild is not None:
            async with self._before(message, message.guild):
                await on_edit(self, message)

    @asynccontextmanager
    async def _before(self, message: discord.Message, guild: discord.Guild) -> AsyncIterator[None]:
        """Around what comes before it is known what a message is: told to whoever speaks to the bot, else logged.

        What happens to one message is taken in its order, so that an edit finds the draft that the message brought.
        """
        replied_to = message.reference.resolved if message.reference else None
        is_to_me = isinstance(replied_to, discord.Message) and replied_to.author == self.user

        async def say(sentence: str) -> None:
            if is_to_me or self._words_to_me(message) is not None:
                await message.reply(sentence, nonce=nonce_of(message), mention_author=False)

        turn = self._turns.setdefault(message.id, asyncio.Lock())
        async with turn, Boundary(supported(guild.preferred_locale.value), say, "message"):
            yield

    def _words_to_me(self, message: discord.Message) -> str | None:
        """What follows the mention of this bot, or of its own role; None where there is none."""
        return after_mention(message.content, own_names(self, message))

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """What brought no draft before may bring one now: most often a name was mended that the bot did not know."""
        message = payload.message
        if message.guild is None or message.edited_at is None or message.author.bot or message.webhook_id:
            return
        async with self._before(message, message.guild):
            if await on_edit(self, message) or self.at_discord(self.desk.clock()) - message.edited_at > LATE_EDIT:
                return
            if not await self._watching.take(message, is_edit=True):
                await self._hear(message, message.guild)

    async def _answer_direct(self, message: discord.Message) -> None:
        """In every language: a message does not tell which one its author has."""

        async def say(sentence: str) -> None:
            await message.reply(sentence, nonce=f"m{message.id}", mention_author=False)

        async with Boundary(FALLBACK, say, "direct message"):
            await say("\n".join(text(language, "help.direct") for language in languages()))


async def run_client(build: Callable[[], ReviewBot], token: str, stop: asyncio.Event) -> None:
    """Keeps a client running until `stop` is set: where one ends by itself, the next is built after a while.

    Raises Problem for a token or an intent that Discord refuses, and for an end of the connection that it calls final:
    waiting does not help there.
    """
    wait = FIRST_WAIT
    while not stop.is_set():
        began = monotonic()
        error = await _run_once(build(), token, stop)
        if stop.is_set():
            return
        if isinstance(error, discord.PrivilegedIntentsRequired):
            raise Problem("chat_problem.intents")
        if isinstance(error, discord.LoginFailure) or (
            isinstance(error, discord.ConnectionClosed) and error.code == BAD_TOKEN
        ):
            raise Problem("chat_problem.login")
        code = error.code if isinstance(error, discord.ConnectionClosed) else None
        if code in FINAL:
            raise Problem("chat_problem.closed", code=code)
        wait = FIRST_WAIT if monotonic() - began > STEADY else wait
        log.error("chat.restart", error=type(error).__name__, code=code, seconds=wait)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await stop.wait()
        wait = min(2 * wait, LONGEST_WAIT)


async def _run_once(client: ReviewBot, token: str, stop: asyncio.Event) -> BaseException | None:
    """Runs one client until it ends or `stop` is set; what it ended with."""
    running = asyncio.create_task(client.start(token))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await client.close()
        for task in (running, stopping):
            task.cancel()
        await asyncio.wait({running, stopping})
    return None if running.cancelled() else running.exception()
