"""Keeps the card of every running batch true: posted once, edited while drafts are read, and a last time at the end.

The card is posted once (see `outgoing.once`); an edit may be repeated. So whatever dies, the next process goes on where
this one stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from math import inf
from time import monotonic

import discord
import structlog
from discord.abc import Messageable

from bot.chat.batch.batch_cards import is_card_of, progress_view, summary_view
from bot.chat.desk import NOT_SENT, DeskClient, may_pass
from bot.chat.outgoing.delivery import KEPT_TRYING, REFUSED_WAIT
from bot.chat.outgoing.once import Once, post_once, reference_to
from bot.model.drafts import AnswerKind
from bot.store import batches
from bot.store.batches import Batch, Row, Tally
from bot.store.database import StoreUnavailable
from bot.store.nonces import nonce

LOOK_AGAIN = 0.5  # seconds, while a batch is running
SWEEP = 60.0  # seconds, while none is
PAUSE = 1.5  # seconds between two edits of one card
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0  # seconds between attempts, doubling

log = structlog.get_logger(__name__)


class BatchNews:
    """Woken by `desk.batch_stored`; `run` until `stop`."""

    def __init__(self, client: DeskClient) -> None:
        self._client, self._desk = client, client.desk
        self._began = self._desk.clock()
        self._tried: set[int] = set()  # to post a card for, by batch
        self._under_way: dict[int, asyncio.Task[None]] = {}  # by batch
        self._told: dict[int, tuple[Tally, bool]] = {}  # what a card shows
        self._next: dict[int, float] = {}  # when it may be touched again
        self._waits: dict[int, float] = {}  # seconds after a failure
        self._is_stopping = False

    def stop(self) -> None:
        """Ends `run` after what is under way."""
        self._is_stopping = True
        self._desk.batch_stored.set()

    async def run(self) -> None:
        try:
            while not self._is_stopping:
                self._desk.batch_stored.clear()
                pause = await self._begin()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._desk.batch_stored.wait()
            await asyncio.gather(*self._under_way.values())
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _begin(self) -> float:
        """Begins what is due; gives the seconds until the next look."""
        try:
            async with self._desk.store.read() as conn:
                running = await batches.running(conn)
        except StoreUnavailable:  # is in the log
            return LOOK_AGAIN
        for batch in running:
            if batch.id not in self._under_way and monotonic() >= self._next.get(batch.id, -inf):
                self._under_way[batch.id] = task = asyncio.create_task(self._work(batch))
                task.add_done_callback(partial(self._ended, batch.id))
        soon = monotonic() + SWEEP
        return LOOK_AGAIN if any(self._next.get(batch.id, -inf) < soon for batch in running) else SWEEP

    def _ended(self, batch_id: int, _: asyncio.Task[None]) -> None:
        del self._under_way[batch_id]

    async def _work(self, batch: Batch) -> None:
        """Never raises: whatever went wrong is tried again later."""
        [end] = await asyncio.gather(self._tell(batch), return_exceptions=True)
        if not isinstance(end, Exception):
            self._waits.pop(batch.id, None)
            return
        wait = self._waits.get(batch.id, FIRST_WAIT)
        self._waits[batch.id] = min(2 * wait, LONGEST_WAIT)
        self._next[batch.id] = monotonic() + wait
        log.warning("batch_news.later", batch_id=batch.id, error=type(end).__name__, seconds=wait)

    async def _tell(self, batch: Batch) -> None:
        async with self._desk.store.read() as conn:
            tally = await batches.tally(conn, batch.id)
        try:
            if batch.message_id is None:
                await self._post(batch, tally)
            elif not tally.waiting:
                await self._end(batch)
            else:
                await self._progress(batch, tally)
        except NOT_SENT as error:
            if may_pass(error):
                raise
            # Refused for good, or the card was taken away: the verdicts stand in the history all the same.
            log.warning("batch_news.refused", batch_id=batch.id, error=type(error).__name__)
            if batch.message_id is None and self._desk.clock() - batch.created_at < KEPT_TRYING:
                self._next[batch.id] = monotonic() + REFUSED_WAIT
            else:
                await self._finish(batch)

    async def _post(self, batch: Batch, tally: Tally) -> None:
        """Into the channel, or where it does not take it to the sender."""
        try:
            channel: Messageable = self._client.get_partial_messageable(batch.answer.channel_id)
            message = await self._posted(channel, batch, tally)
        except NOT_SENT as error:
            if may_pass(error):
                raise
            channel = await self._client.create_dm(discord.Object(batch.answer.user_id))
            message = await self._posted(channel, batch, tally)
        async with self._desk.store.write() as conn:
            await batches.note_card(conn, batch, message.channel.id, message.id)

    async def _posted(self, channel: Messageable, batch: Batch, tally: Tally) -> discord.Message:
        answer, view = batch.answer, self._view(batch, tally)
        self._told.pop(batch.id, None)  # an earlier process may have posted it: then it shows what was true then
        is_reply = answer.kind is AnswerKind.REPLY and isinstance(channel, discord.PartialMessageable)
        target = reference_to(answer.channel_id, answer.message_id) if is_reply else None
        may_stand = batch.created_at < self._began or batch.id in self._tried
        self._tried.add(batch.id)
        name, is_it = nonce("bt", batch.id, batch.created_at), partial(is_card_of, batch_id=batch.id)
        return await post_once(self._client, channel, view, Once(name, batch.created_at, is_it, may_stand, target))

    def _view(self, batch: Batch, tally: Tally) -> discord.ui.LayoutView:
        is_away = self._desk.queue.away is not None
        self._told[batch.id] = tally, is_away
        self._next[batch.id] = monotonic() + PAUSE
        return progress_view(batch, tally, batch.answer.language, is_away=is_away)

    async def _progress(self, batch: Batch, tally: Tally) -> None:
        if self._told.get(batch.id) != (tally, self._desk.queue.away is not None):
            await self._edit(batch, self._view(batch, tally))

    async def _end(self, batch: Batch) -> None:
        async with self._desk.store.read() as conn:
            rows = await batches.batch_rows(conn, batch.id)
        await self._edit(batch, summary_view(batch, rows, batch.answer.language))
        await self._finish(batch, rows)

    async def _edit(self, batch: Batch, view: discord.ui.LayoutView) -> None:
        assert batch.message_id is not None  # posted before
        channel = self._client.get_partial_messageable(batch.answer.channel_id)
        await channel.get_partial_message(batch.message_id).edit(view=view)

    async def _finish(self, batch: Batch, shown: tuple[Row, ...] | None = None) -> None:
        """Leaves it running where something was decided since the rows that are `shown` were read."""
        async with self._desk.store.write() as conn:
            if shown is not None and await batches.batch_rows(conn, batch.id) != shown:
                return
            await batches.finish(conn, batch.id, self._desk.clock())
        for noted in (self._told, self._next, self._waits):
            noted.pop(batch.id, None)
        self._tried.discard(batch.id)
