"""What every handler works with, and the one boundary behind which nothing fails in silence."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol

import aiohttp
import discord
import structlog

from bot.chat.markup import plain
from bot.config import Settings
from bot.errors import Problem
from bot.store import library
from bot.store.database import Store
from bot.texts import supported, text

NOT_SENT = (discord.HTTPException, aiohttp.ClientError, OSError)  # what a call to Discord may end in
TOO_LATE = (10062, 40060)  # the interaction is void or was answered: nothing can be said there any more
LONGEST_SENTENCE = 1900

log = structlog.get_logger(__name__)


class Queue(Protocol):
    """What works off stored drafts."""

    def wake(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    store: Store
    queue: Queue
    settings: Settings
    clock: Callable[[], datetime]

    async def language(self, guild_id: int) -> str:
        """What the server is answered in where everybody reads it."""
        async with self.store.read() as conn:
            return await library.guild_language(conn, guild_id)


class DeskClient(discord.Client):
    """A client whose handlers find their desk in `interaction.client.desk`."""

    desk: Desk


Interaction = discord.Interaction[DeskClient]


def own_language(interaction: Interaction) -> str:
    return supported(interaction.locale.value)


def guild_of(interaction: Interaction) -> int:
    """The server it happens in. Raises Problem in direct messages."""
    if interaction.guild_id is None:
        raise Problem("chat_problem.server_only")
    return interaction.guild_id


async def tell(interaction: Interaction, sentence: str) -> None:
    """One sentence for the person's eyes only, whether or not the interaction was answered before."""
    if interaction.response.is_done():
        await interaction.followup.send(sentence, ephemeral=True)
    else:
        await interaction.response.send_message(sentence, ephemeral=True)


def guarded(interaction: Interaction, what: str) -> Boundary:
    """The boundary of one interaction; `what` names the handler in the log."""

    async def say(sentence: str) -> None:
        await tell(interaction, sentence)

    return Boundary(own_language(interaction), say, what)


class Boundary:
    """`async with`: a Problem becomes its sentence, a defect a sentence with a number that is also in the log."""

    def __init__(self, language: str, say: Callable[[str], Awaitable[None]], what: str) -> None:
        self._language, self._say, self._what = language, say, what

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
        try:
            await self._say(plain(self._sentence(error, trace), LONGEST_SENTENCE))
        except NOT_SENT as failure:
            log.warning("chat.not_said", what=self._what, error=type(failure).__name__)
        return True

    def _sentence(self, error: Exception, trace: TracebackType | None) -> str:
        if isinstance(error, Problem):
            return error.in_language(self._language)
        reference = secrets.token_hex(4)
        where = "".join(traceback.format_tb(trace))  # without the error's own text, which may hold a draft's
        log.error("chat.defect", what=self._what, reference=reference, error=type(error).__name__, trace=where)
        return text(self._language, "chat_problem.defect", reference=reference)
