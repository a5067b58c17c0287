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

from bot.chat.draft.crowd import Crowd, note_thinking
from bot.store.journal import Event, Journal

_RAW: ContextVar[Mapping[str, Any] | None] = ContextVar("raw", default=None)
_AGAIN: ContextVar[bool] = ContextVar("again", default=False)

log = structlog.get_logger(__name__)


class Late:
    """The late ones of one client. `crowd`: those who come at once, which makes them late."""

    def __init__(self, client: discord.Client, journal: Journal, crowd: Crowd) -> None:
        self.crowd = crowd
        self._journal = journal
        self._is_taken = False
        self._to_note: list[tuple[str, Event, asyncio.Future[bool]]] = []
        self._noting: asyncio.Task[None] | None = None
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
        noted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._to_note.append((str(interaction.id), raw, noted))
        if self._noting is None or self._noting.done():
            self._noting = asyncio.create_task(self._note_all(), name="late")
        return await noted

    async def _note_all(self) -> None:
        """Those of the same moment at once: to wait for the disk costs most."""
        while self._to_note:
            group, self._to_note = self._to_note, []
            is_noted = False
            try:
                await asyncio.to_thread(self._journal.note, [(key, raw) for key, raw, _ in group])
                is_noted = True
            except OSError as error:
                log.warning("late.not_noted", error=type(error).__name__)
            finally:
                for *_, noted in group:
                    if not noted.done():  # somebody waits still
                        noted.set_result(is_noted)

    def recognize(self, interaction: discord.Interaction[Any]) -> None:
        """The library knows nothing of what a process before acknowledged: it is told, so that answers are edits."""
        if _AGAIN.get():
            self._is_taken = True
            note_thinking(interaction)

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
