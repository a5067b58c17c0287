"""Answers go out: every due row of the outbox ends delivered, given up, or due again later.

An edit of an interaction's original may be repeated; a post carries the row's nonce, by which Discord knows it again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import cast

import discord
import structlog
from discord.abc import Messageable

from bot.chat.desk import NOT_SENT, DeskClient
from bot.chat.markup import plain
from bot.chat.views import names_verdict, notice_view, verdict_view
from bot.model import AnswerKind, Visibility
from bot.store import outbox, verdicts
from bot.store.outbox import Due, Notice
from bot.store.verdicts import StoredVerdict
from bot.texts import text

BATCH = 10
LOOK_AGAIN = 1.0  # seconds
FIRST_WAIT, LONGEST_WAIT = 1.0, 600.0  # seconds between attempts, doubling
NONCE_LIFE = timedelta(minutes=2)  # Discord keeps nonces for "a few minutes"
HISTORY = 200  # messages
EARLY = timedelta(seconds=4)  # an acknowledgement is taken for three seconds
ORIGINAL = cast(int, "@original")  # Discord's name for it; the library passes any id on
UNKNOWN_WEBHOOK = 10015  # the token is void, or Discord has not seen the acknowledgement yet

Way = Callable[[], Awaitable[tuple[int, int]]]  # delivers, and says where: channel and message

log = structlog.get_logger(__name__)


class Delivery:
    """Works off the outbox. Woken by `stored`, which is set when an answer is stored, and looks by itself as well."""

    def __init__(self, client: DeskClient, stored: asyncio.Event) -> None:
        self._client, self._stored = client, stored
        self._desk = client.desk
        self._is_stopping = False

    def stop(self) -> None:
        """Ends `run` after what is under way."""
        self._is_stopping = True
        self._stored.set()

    async def run(self) -> None:
        while not self._is_stopping:
            self._stored.clear()
            [busy] = await asyncio.gather(self.round(), return_exceptions=True)
            if isinstance(busy, Exception):  # such as a database out of reach
                log.error("delivery.failed", error=type(busy).__name__)
            if busy is not True and not self._is_stopping:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN):
                        await self._stored.wait()

    async def round(self) -> bool:
        """Tries what is due now, a batch at most; whether there was anything."""
        async with self._desk.store.read() as conn:
            rows = await outbox.due_answers(conn, self._desk.clock(), BATCH)
            notices = await outbox.due_notices(conn, BATCH)
        await asyncio.gather(*(self._notify(notice) for notice in notices))
        ends = await asyncio.gather(*(self._deliver(row) for row in rows), return_exceptions=True)
        for row, end in zip(rows, ends, strict=True):
            if isinstance(end, Exception):
                log.error("delivery.defect", revision_id=row.revision_id, error=type(end).__name__)
                await self._later(row, type(end).__name__)
        return bool(rows)

    async def _notify(self, notice: Notice) -> None:
        """Says once that there is no verdict yet, or none to come. Tried again only where nobody said no."""
        answer = notice.answer
        view = notice_view(text(answer.language, f"notice.{notice.kind}"))
        try:
            if answer.kind is AnswerKind.INTERACTION:
                webhook = discord.Webhook.partial(answer.application_id, answer.token, client=self._client)
                await webhook.edit_message(ORIGINAL, view=view)
            else:
                reference = discord.MessageReference(
                    message_id=answer.message_id, channel_id=answer.channel_id, fail_if_not_exists=False
                )
                channel = self._client.get_partial_messageable(answer.channel_id)
                await channel.send(view=view, nonce=notice.nonce, reference=reference)
        except NOT_SENT as error:
            log.warning("delivery.notice_refused", revision_id=notice.revision_id, why=_name(error))
            if _may_pass(error):
                return
        async with self._desk.store.write() as conn:
            await outbox.mark_told(conn, notice)

    async def _deliver(self, row: Due) -> None:
        async with self._desk.store.read() as conn:
            stored = await verdicts.verdict_of(conn, row.revision_id)
        refusals: list[str] = []
        for way in self._ways(row, stored):
            try:
                channel_id, message_id = await way()
            except NOT_SENT as error:
                if _may_pass(error):
                    await self._later(row, _name(error))
                    return
                if self._is_early(error, stored):
                    await self._later(row, _name(error), FIRST_WAIT)
                    return
                refusals.append(_name(error))
                log.warning("delivery.refused", revision_id=row.revision_id, why=refusals[-1])
                continue
            async with self._desk.store.write() as conn:
                await outbox.mark_delivered(conn, row.revision_id, channel_id, message_id, self._desk.clock())
            return
        async with self._desk.store.write() as conn:
            await outbox.give_up(conn, row.revision_id, ", ".join(refusals))

    def _ways(self, row: Due, stored: StoredVerdict) -> Iterator[Way]:
        """What to try, one after the other, each where the one before was refused for good."""
        if row.answer.kind is AnswerKind.INTERACTION:
            yield lambda: self._edit_original(row, stored)
        if stored.draft.visibility is Visibility.PRIVATE:
            yield lambda: self._send_direct(row, stored, "card.late_private")
            return
        yield lambda: self._post(row, stored)
        yield lambda: self._send_direct(row, stored, "card.late_direct")

    async def _edit_original(self, row: Due, stored: StoredVerdict) -> tuple[int, int]:
        webhook = discord.Webhook.partial(row.answer.application_id, row.answer.token, client=self._client)
        view = verdict_view(stored, row.answer.language)
        message = await webhook.edit_message(ORIGINAL, view=view)
        return message.channel.id, message.id

    async def _post(self, row: Due, stored: StoredVerdict) -> tuple[int, int]:
        answer = row.answer
        channel = self._client.get_partial_messageable(answer.channel_id)
        if standing := await self._standing(channel, row, stored):
            return standing
        if answer.kind is AnswerKind.REPLY:
            target = discord.MessageReference(
                message_id=answer.message_id, channel_id=answer.channel_id, fail_if_not_exists=False
            )
            view = verdict_view(stored, answer.language)
            message = await channel.send(view=view, nonce=row.nonce, reference=target)
        else:
            note = text(answer.language, "card.late_answer", who=plain(stored.author_name, 60))
            view = verdict_view(stored, answer.language, note=note)
            message = await channel.send(view=view, nonce=row.nonce)
        return message.channel.id, message.id

    async def _send_direct(self, row: Due, stored: StoredVerdict, why: str) -> tuple[int, int]:
        """No buttons: in direct messages nothing tells which server they belong to."""
        channel = await self._client.create_dm(discord.Object(row.answer.user_id))
        if standing := await self._standing(channel, row, stored):
            return standing
        note = text(row.answer.language, why, number=stored.number)
        view = verdict_view(stored, row.answer.language, note=note, buttons=False)
        message = await channel.send(view=view, nonce=row.nonce)
        return channel.id, message.id

    async def _standing(self, channel: Messageable, row: Due, stored: StoredVerdict) -> tuple[int, int] | None:
        """Where the answer stands already, though nobody noted it, once its nonce may have been forgotten."""
        if self._desk.clock() - row.created_at < NONCE_LIFE or self._client.user is None:
            return None
        with contextlib.suppress(discord.Forbidden):  # without the right to read, posting is all there is
            async for message in channel.history(limit=HISTORY, after=row.created_at):
                if message.author.id == self._client.user.id and names_verdict(message, stored.number):
                    return message.channel.id, message.id
        return None

    def _is_early(self, error: Exception, stored: StoredVerdict) -> bool:
        """A judge can be faster than the acknowledgement: until that arrived there is no original to edit."""
        is_unknown = isinstance(error, discord.NotFound) and error.code == UNKNOWN_WEBHOOK
        return is_unknown and self._desk.clock() - stored.revision.created_at < EARLY

    async def _later(self, row: Due, why: str, seconds: float | None = None) -> None:
        wait = seconds or min(FIRST_WAIT * 2.0 ** min(row.attempts, 20), LONGEST_WAIT)
        log.info("delivery.later", revision_id=row.revision_id, why=why, seconds=wait)
        async with self._desk.store.write() as conn:
            await outbox.retry_later(conn, row.revision_id, self._desk.clock() + timedelta(seconds=wait), why)


def _may_pass(error: Exception) -> bool:
    """Whether the same call may succeed later: everything but a clear no from Discord."""
    return not isinstance(error, discord.HTTPException) or error.status >= 500 or error.status == 429


def _name(error: Exception) -> str:
    return f"{error.status}/{error.code}" if isinstance(error, discord.HTTPException) else type(error).__name__
