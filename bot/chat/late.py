"""What has to be acknowledged before it is stored: noted first, and done by the next start if this process dies.

An interaction is void after three seconds; a database that is held up for longer is no reason to lose a draft.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import discord
import structlog

from bot.store.journal import Journal

_RAW: ContextVar[Mapping[str, Any] | None] = ContextVar("raw", default=None)
_AGAIN: ContextVar[bool] = ContextVar("again", default=False)

log = structlog.get_logger(__name__)


class Late:
    """The late ones of one client."""

    def __init__(self, client: discord.Client, journal: Journal) -> None:
        self._journal = journal
        self._is_taken = False
        parsers = client._connection.parsers  # nothing public gives an interaction as it came
        self._parse = parsers["INTERACTION_CREATE"]
        parsers["INTERACTION_CREATE"] = self._read

    def _read(self, data: Any) -> None:
        """What handles the interaction finds the event in its context."""
        token = _RAW.set(data)
        try:
            self._parse(data)
        finally:
            _RAW.reset(token)

    async def note(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether it may be acknowledged now: from here on it is done though the process dies."""
        raw = _RAW.get()
        if raw is None:
            return False
        try:
            await asyncio.to_thread(self._journal.note, str(interaction.id), raw)
        except OSError as error:
            log.warning("late.not_noted", error=type(error).__name__)
            return False
        return True

    def recognize(self, interaction: discord.Interaction[Any]) -> None:
        """The library knows nothing of what a process before acknowledged: it is told, so that answers are edits."""
        if _AGAIN.get():
            self._is_taken = True
            interaction.response._response_type = discord.InteractionResponseType.deferred_channel_message

    def done(self, interaction: discord.Interaction[Any]) -> None:
        """It is stored, or its sender was told why not."""
        self._journal.done(str(interaction.id))

    def take_up(self) -> None:
        """Does what a process before acknowledged and did not end: each event is one draft, however often it comes."""
        for event in self._journal.left():
            self._is_taken = False
            again = _AGAIN.set(True)
            try:
                self._read(event)
            finally:
                _AGAIN.reset(again)
            if not self._is_taken:  # what cannot be read any more would keep the file, and the words in it, for ever
                self._journal.done(str(event.get("id")))
