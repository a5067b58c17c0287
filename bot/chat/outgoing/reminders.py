"""Reminds the people who decide, once, of each verdict whose decision is nearly due. Nothing is decided by time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

import discord
import structlog
from discord import ui

from bot.chat.desk import NOT_SENT, DeskClient, may_pass
from bot.chat.markup import ago, plain
from bot.chat.outgoing.once import own_messages, post, texts_on
from bot.chat.verdict.cards import container
from bot.chat.verdict.pages import NEUTRAL
from bot.services.deadlines import to_remind
from bot.store import reminders
from bot.store.database import StoreUnavailable
from bot.store.nonces import nonce
from bot.store.reminders import Undecided
from bot.texts import text

SWEEP = 60.0  # seconds between two looks
NAMED = 10  # verdicts in one message; the rest is counted
LOOK_BACK = timedelta(days=1)  # so far back a reminder that nobody noted may stand

log = structlog.get_logger(__name__)


class Reminders:
    """One message a channel for all that is due there. Pings nobody: the client allows no mention."""

    def __init__(self, client: DeskClient) -> None:
        self._client = client
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Ends `run` after what is under way."""
        self._stopped.set()

    async def run(self) -> None:
        """At once and then every SWEEP seconds, until `stop`."""
        while not self._stopped.is_set():
            [failure] = await asyncio.gather(self.sweep(), return_exceptions=True)
            if isinstance(failure, Exception) and not isinstance(failure, StoreUnavailable):  # that is in the log
                log.error("reminders.failed", error=type(failure).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SWEEP):
                    await self._stopped.wait()

    async def sweep(self) -> None:
        """Reminds of everything that is due now."""
        due = await to_remind(self._client.desk.store, self._client.desk.clock())
        waiting = [one for one in due if one.channels]
        while waiting:  # what one channel refuses goes on to the next one of its own: that may be somebody's DM
            refused: list[Undecided] = []
            for (_, channel_id), group in groupby(sorted(waiting, key=_place), key=_place):
                here = list(group)
                if not await self._remind(channel_id, here):
                    refused += (_without(one, channel_id) for one in here)
            if nowhere := [one for one in refused if not one.channels]:  # let go: their cards show the deadline
                await self._note(nowhere)
            waiting = [one for one in refused if one.channels]

    async def _remind(self, channel_id: int, due: Sequence[Undecided]) -> bool:
        """False where the channel does not take it; what may pass the next sweep tries again."""
        try:
            await self._post(channel_id, due)
        except NOT_SENT as error:
            if not may_pass(error):
                log.warning("reminders.refused", channel_id=channel_id, error=type(error).__name__)
                return False
        return True

    async def _post(self, channel_id: int, due: Sequence[Undecided]) -> None:
        """What was posted by a process that died before it noted so is noted now, and not said again.

        The nonce does the same where the bot may not read, for as long as Discord remembers it.
        """
        channel = self._client.get_partial_messageable(channel_id)
        said = await self._said(channel)
        if left := [one for one in due if _line(one) not in said]:
            await post(channel, reminder_view(left), nonce("v", left[0].revision_id, left[0].due))
        await self._note(due)

    async def _said(self, channel: discord.PartialMessageable) -> frozenset[str]:
        """The lines of our messages of the last while in that channel."""
        since = self._client.desk.clock() - LOOK_BACK
        found = [texts_on(message) async for message in own_messages(self._client, channel, since)]
        return frozenset(line for texts in found for block in texts for line in block.splitlines())

    async def _note(self, due: Iterable[Undecided]) -> None:
        async with self._client.desk.store.write() as conn:
            await reminders.mark_reminded(conn, [one.revision_id for one in due], self._client.desk.clock())


def _place(one: Undecided) -> tuple[int, int]:
    return one.guild_id, one.channels[0]


def _without(one: Undecided, channel_id: int) -> Undecided:
    return replace(one, channels=tuple(other for other in one.channels if other != channel_id))


def reminder_view(due: Sequence[Undecided]) -> ui.LayoutView:
    """All of one channel, the longest due first."""
    language = due[0].language
    ordered = sorted(due, key=lambda one: one.due)
    lines = [_line(one) for one in ordered[:NAMED]]
    if (more := len(ordered) - NAMED) > 0:
        lines.append(f"-# {text(language, 'reminder.more', count=more)}")
    box = container(NEUTRAL, [text(language, "reminder.one"), "\n".join(lines)])
    return ui.LayoutView(timeout=None).add_item(box)


def _line(one: Undecided) -> str:
    """Never the same for two verdicts: a restored backup gives numbers anew, but the deadline tells them apart."""
    return text(
        one.language,
        "reminder.line",
        number=one.number,
        influencer=f"@{plain(one.handle, 70)}",
        campaign=plain(one.campaign, 90),
        when=ago(one.due),
    )
