"""What every handler works with, and the one boundary behind which nothing fails in silence."""

from __future__ import annotations

import asyncio
import json
import secrets
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import aiohttp
import discord
import structlog

from bot.chat.draft.crowd import ANSWERED, note_thinking
from bot.chat.late import Late
from bot.chat.markup import ago, plain
from bot.config import Settings
from bot.errors import Problem
from bot.jobs.breaker import Away
from bot.services.limits import TooMany
from bot.store import guilds
from bot.store.database import Store
from bot.store.own import workspace_of
from bot.texts import supported, text

if TYPE_CHECKING:
    from bot.chat.draft.attachments import Kept

# What a call to Discord may end in; the last: half an answer, to which nobody knows what was done.
NOT_SENT = (discord.HTTPException, aiohttp.ClientError, OSError, json.JSONDecodeError)
SKEW = timedelta(minutes=1)  # between this clock and Discord's, beyond what is known of it
VOID_TOKEN = 50027  # of an interaction
TOO_LATE = (10062, ANSWERED)  # the interaction is void or was answered: nothing can be said there any more
LONGEST_SENTENCE = 1900
LATE = 1.5  # seconds after which something is acknowledged before it is done
SAY_AGAIN = (1.0, 3.0, 10.0)  # seconds until what a message is answered is said once more, where that failed

Done = TypeVar("Done")

log = structlog.get_logger(__name__)


class Queue(Protocol):
    """What works off stored drafts."""

    def wake(self) -> None: ...

    def coming_in(self) -> AbstractContextManager[None]: ...

    async def let_in(self) -> None: ...

    @property
    def away(self) -> Away | None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    store: Store
    queue: Queue
    settings: Settings
    clock: Callable[[], datetime]
    batch_stored: asyncio.Event = field(default_factory=asyncio.Event)  # set where there is a new batch

    async def language(self, guild_id: int) -> str:
        """What the server is answered in where everybody reads it."""
        return await self.store.read_together(guilds.guild_language, guild_id)


class DeskClient(discord.Client):
    """A client whose handlers find their desk in `interaction.client.desk`."""

    desk: Desk
    kept: Kept
    late: Late
    ahead = timedelta(0)  # of this machine's clock before Discord's

    def at_discord(self, moment: datetime) -> datetime:
        """What Discord's clock shows when this machine's shows that: by it Discord numbers and dates messages."""
        return moment - self.ahead


Interaction = discord.Interaction[DeskClient]


def may_pass(error: Exception) -> bool:
    """Whether the same call may succeed later: everything but a clear no from Discord.

    That the bot's token is void is none: the operator gives it a new one. An interaction's is void for good.
    """
    if not isinstance(error, discord.HTTPException):
        return True
    return error.status >= 500 or error.status == 429 or (error.status == 401 and error.code != VOID_TOKEN)


def name_of(error: Exception) -> str:
    """For the log and the operator."""
    return f"{error.status}/{error.code}" if isinstance(error, discord.HTTPException) else type(error).__name__


def own_language(interaction: Interaction) -> str:
    return supported(interaction.locale.value)


def guild_of(interaction: Interaction) -> int:
    """The server it happens in. Raises Problem in direct messages, and where a person alone has the bot."""
    is_persons = interaction.is_user_integration() and not interaction.is_guild_integration()
    if interaction.guild_id is None or is_persons:
        raise Problem("chat_problem.server_only")
    return interaction.guild_id


def place_of(interaction: Interaction) -> int:
    """The server it happens in, or where the bot is in none, the person's own workspace."""
    if interaction.is_guild_integration() and interaction.guild_id is not None:
        return interaction.guild_id
    return workspace_of(interaction.user.id)


async def tell(interaction: Interaction, sentence: str, file: discord.File | None = None) -> None:
    """One sentence for the person's eyes only, whether or not the interaction was answered before.

    Where 'thinking' stands, and stays until something takes its place, it stands there for all who see that; the
    `file` never does.
    """
    more: dict[str, Any] = {"ephemeral": True} if file is None else {"ephemeral": True, "file": file}
    if interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        await interaction.edit_original_response(content=sentence)
        if file is not None:
            await interaction.followup.send(**more)
    elif interaction.response.is_done():
        await interaction.followup.send(sentence, **more)
    else:
        await interaction.response.send_message(sentence, **more)


async def acknowledge(
    interaction: Interaction,
    work: Coroutine[Any, Any, Done],
    *,
    is_private: bool,
    telling: Callable[[Done], Awaitable[object]] | None = None,
) -> None:
    """Does `work`, then acknowledges; where that takes long the other way round: an interaction is void after 3 s.

    What is acknowledged first is noted before, so that it is done whatever happens to this process. So is `telling`,
    which is given what `work` gives: the next start may do both again. Raises what they raise. Whoever hears of it
    where 'thinking' stands already reads it there (`tell`).
    """
    client, working = interaction.client, asyncio.ensure_future(work)
    with client.desk.queue.coming_in():
        await asyncio.wait({working}, timeout=LATE)
        if not working.done() and not await client.late.note(interaction):
            await asyncio.wait({working})
        if working.done():
            working.result()
            if telling is not None:
                await client.late.note(interaction)
        if not interaction.response.is_done():
            await _think(interaction, is_private=is_private)
    done = await working
    client.desk.queue.wake()
    if telling is not None:
        await telling(done)
    client.late.done(interaction)


async def _think(interaction: Interaction, *, is_private: bool) -> None:
    """Says that the bot is thinking. Where that fails it is done all the same: the answer finds another way."""
    for _ in range(2):  # where only Discord's answer got lost, the second time tells
        try:
            await interaction.response.defer(thinking=True, ephemeral=is_private)
            return
        except discord.HTTPException as error:  # the library repeats what may pass
            if error.code == ANSWERED:
                note_thinking(interaction)
            else:
                log.warning("chat.not_acknowledged", error=type(error).__name__)
            return
        except NOT_SENT as error:
            log.warning("chat.not_acknowledged", error=type(error).__name__)


@asynccontextmanager
async def guarded(
    interaction: Interaction, what: str, typed: Callable[[], discord.File | None] = lambda: None
) -> AsyncIterator[None]:
    """The boundary of one interaction; `what` names the handler in the log, `typed` gives what is to be given back."""
    language = own_language(interaction)

    async def say(sentence: str) -> None:
        if file := typed():
            sentence = f"{sentence}\n{text(language, 'chat_problem.given_back')}"
        await tell(interaction, sentence, file)

    async with Boundary(language, say, what, waits=()):  # void in a moment, and told to try again
        yield
    interaction.client.late.done(interaction)  # what is wrong with it was said


class Boundary:
    """`async with`: a Problem becomes its sentence, a defect a sentence with a number that is also in the log.

    `say` is called again after each of `waits`, in seconds, until it succeeds: it posts with a nonce of its own.
    """

    def __init__(
        self, language: str, say: Callable[[str], Awaitable[None]], what: str, *, waits: Sequence[float] = SAY_AGAIN
    ) -> None:
        self._language, self._say, self._what, self._waits = language, say, what, waits

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(
        self, _: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):  # none, or the end of the program
            return False
        if isinstance(error, discord.HTTPException) and error.code in TOO_LATE:
            log.warning("chat.too_late", what=self._what, code=error.code)
            return True
        when = f" {ago(error.until)}" if isinstance(error, TooMany) else ""
        await self._tell(plain(self._sentence(error, trace), LONGEST_SENTENCE) + when)
        return True

    async def _tell(self, sentence: str) -> None:
        for wait in (*self._waits, None):
            try:
                await self._say(sentence)
                return
            except NOT_SENT as failure:
                log.warning("chat.not_said", what=self._what, error=type(failure).__name__)
                if wait is None or not may_pass(failure):
                    return
            await asyncio.sleep(wait)

    def _sentence(self, error: Exception, trace: TracebackType | None) -> str:
        if isinstance(error, Problem):
            return error.in_language(self._language)
        reference = secrets.token_hex(4)
        where = "".join(traceback.format_tb(trace))  # without the error's own text, which may hold a draft's
        log.error("chat.defect", what=self._what, reference=reference, error=type(error).__name__, trace=where)
        return text(self._language, "chat_problem.defect", reference=reference)
