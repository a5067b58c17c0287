"""Answers go out: every due row of the outbox ends delivered, given up, or due again later.

An edit of an interaction's original may be repeated; a post is made once (see `once`). A row that was delivered before
is due because its card has something new to say: then the message that stands is edited, and people hear of decisions
made since.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from functools import partial

import discord
import structlog

from bot.chat.desk import NOT_SENT, DeskClient, may_pass, name_of
from bot.chat.markup import plain
from bot.chat.outgoing.decision_news import tell_news, told_by
from bot.chat.outgoing.notices import Notices
from bot.chat.outgoing.once import Once, post_once, target_of_reply
from bot.chat.outgoing.progress import EARLY, ORIGINAL, ProgressNotes
from bot.chat.personal.handing_in import target_of
from bot.chat.verdict.views import number_on, verdict_view
from bot.jobs.clock import Watched
from bot.model.drafts import AnswerKind
from bot.model.posts import Visibility
from bot.services.progress import Board
from bot.store import outbox, verdicts
from bot.store.database import StoreUnavailable, Work
from bot.store.outbox import Due, Notice, Told
from bot.store.verdicts import StoredVerdict
from bot.texts import text

BATCH = 200  # looked at
AT_ONCE = 20  # sent
LOOK_AGAIN = 1.0  # seconds
DATABASE_PAUSE = 2.0  # seconds before what was sent is noted again
FIRST_WAIT, LONGEST_WAIT = 1.0, 600.0  # seconds between attempts, doubling
REFUSED_WAIT = 3600.0  # seconds until what everybody refused is tried again: permissions are mended by people
KEPT_TRYING = timedelta(days=7)
UNKNOWN_WEBHOOK = 10015  # the token is void, or Discord has not seen the acknowledgement yet

Way = Callable[[], Awaitable[tuple[int, int]]]  # delivers, and says where: channel and message

log = structlog.get_logger(__name__)


class Delivery:
    """Works off the outbox. Woken by `stored`, which is set when an answer is stored, and looks by itself as well.

    `board` says which drafts wait for a long history to be read.
    """

    def __init__(self, client: DeskClient, stored: asyncio.Event, board: Board) -> None:
        self._client, self._stored = client, stored
        self._progress = ProgressNotes(client, board)
        self._desk = client.desk
        self._began = self._desk.clock()
        self._time = Watched(self._desk.clock)
        self._notices = Notices(client, self._is_older)
        self._under_way: dict[str, asyncio.Task[None]] = {}  # by lane
        self._is_stopping = False

    def stop(self) -> None:
        """Ends `run` after what is under way."""
        self._is_stopping = True
        self._stored.set()

    async def run(self) -> None:
        """Until `stop`, and then until what is under way has ended."""
        self._begin("recall", self._recall())
        try:
            while not self._is_stopping:
                await self._desk.queue.let_in()
                self._stored.clear()
                [failure] = await asyncio.gather(self._begin_due(), return_exceptions=True)
                if isinstance(failure, Exception):  # such as a database out of reach
                    log.error("delivery.failed", error=type(failure).__name__)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN):
                        await self._stored.wait()
            await asyncio.gather(*self._under_way.values())
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _begin_due(self) -> None:
        """Begins what is due, as far as there is room. Trouble with one answer holds up no other lane's."""
        await self._progress.tell()
        if self._time.was_set_back():  # what is due by what it showed before would wait for hours
            await self._recall()
        busy = set(self._under_way)  # before the look: what ends during it is due there still
        async with self._desk.store.read() as conn:
            rows = await outbox.due_answers(conn, self._desk.clock(), BATCH)
            notices = await outbox.due_notices(conn, BATCH)
        waiting: list[Notice | Due] = [*notices, *rows]
        for one in waiting:
            if self._is_stopping or len(self._under_way) >= AT_ONCE:
                return
            if (lane := _lane(one)) not in busy:
                busy.add(lane)
                self._begin(lane, self._work(one))

    def _begin(self, lane: str, work: Coroutine[None, None, None]) -> None:
        self._under_way[lane] = task = asyncio.create_task(work)
        task.add_done_callback(partial(self._ended, lane))

    def _ended(self, lane: str, _: asyncio.Task[None]) -> None:
        del self._under_way[lane]
        self._stored.set()

    async def _recall(self) -> None:
        """Whoever starts the bot again may have mended what was in the way."""
        await self._note(lambda conn: outbox.recall(conn, self._desk.clock()))

    async def _work(self, one: Notice | Due) -> None:
        """Never raises: a defect, too, is tried again later."""
        work = self._notify(one) if isinstance(one, Notice) else self._deliver(one)
        [end] = await asyncio.gather(work, return_exceptions=True)
        if isinstance(end, Exception):
            log.error("delivery.defect", revision_id=one.revision_id, error=type(end).__name__)
            if isinstance(one, Due):
                await self._later(one, type(end).__name__)
            else:
                await asyncio.sleep(LOOK_AGAIN)

    async def _notify(self, notice: Notice) -> None:
        if not await self._notices.say(notice):
            await asyncio.sleep(LOOK_AGAIN)
            return
        await self._note(lambda conn: outbox.mark_told(conn, notice))
        self._notices.noted(notice)

    async def _deliver(self, row: Due) -> None:
        async with self._desk.store.read() as conn:
            stored = await verdicts.verdict_of(conn, row.revision_id)
        told = told_by(stored)
        if row.answer.kind is AnswerKind.NONE:  # of a batch, whose card shows the verdict
            if await self._all_know(row, stored):
                await self._delivered(row, row.channel_id, row.message_id, told)
            return
        refusals: list[str] = []
        for way in self._ways(row, stored):
            try:
                channel_id, message_id = await way()
            except NOT_SENT as error:
                if may_pass(error):
                    await self._later(row, name_of(error))
                    return
                if self._is_early(error, stored):
                    await self._later(row, name_of(error), FIRST_WAIT)
                    return
                refusals.append(name_of(error))
                log.warning("delivery.refused", revision_id=row.revision_id, why=refusals[-1])
                continue
            if await self._all_know(row, stored):
                await self._delivered(row, channel_id, message_id, told)
            return
        if row.message_id is not None and not await self._all_know(row, stored):
            return
        why = ", ".join(refusals)
        if row.message_id is None and self._desk.clock() - row.created_at < KEPT_TRYING:
            await self._later(row, why, REFUSED_WAIT)
        else:
            await self._note(lambda conn: outbox.give_up(conn, row.revision_id, why))

    def _ways(self, row: Due, stored: StoredVerdict) -> Iterator[Way]:
        """What to try, one after the other, each where the one before was refused for good."""
        if row.message_id is not None:
            yield lambda: self._edit_standing(row, stored)
            return
        if row.answer.kind is AnswerKind.INTERACTION:
            yield lambda: self._edit_original(row, stored)
        if stored.draft.visibility is Visibility.PRIVATE:
            yield lambda: self._send_direct(row, stored, "card.late_private")
            return
        yield lambda: self._post(row, stored)
        yield lambda: self._send_direct(row, stored, "card.late_direct")

    async def _edit_original(self, row: Due, stored: StoredVerdict) -> tuple[int, int]:
        webhook = discord.Webhook.partial(row.answer.application_id, row.answer.token, client=self._client)
        target = await target_of(self._client, stored, row.answer.channel_id)
        view = verdict_view(stored, row.answer.language, target=target)
        # None takes away a sentence that stands there; that one may, the library's types forgot.
        message = await webhook.edit_message(ORIGINAL, content=None, view=view)  # type: ignore[call-overload]
        return message.channel.id, message.id

    async def _edit_standing(self, row: Due, stored: StoredVerdict) -> tuple[int, int]:
        """The card where it was delivered, as it is now. A private one in a channel is an answer nobody else sees."""
        answer, language = row.answer, row.answer.language
        channel_id, message_id = row.channel_id or 0, row.message_id or 0
        is_direct = channel_id != answer.channel_id
        is_private = stored.draft.visibility is Visibility.PRIVATE
        if is_private and not is_direct:
            return await self._edit_original(row, stored)
        note = text(language, "card.late_private" if is_private else "card.late_direct", number=stored.number)
        target, has_buttons = await target_of(self._client, stored, 0), not is_direct or is_private
        view = verdict_view(stored, language, note=note if is_direct else "", buttons=has_buttons, target=target)
        message = self._client.get_partial_messageable(channel_id).get_partial_message(message_id)
        await message.edit(view=view)
        return channel_id, message_id

    async def _all_know(self, row: Due, stored: StoredVerdict) -> bool:
        """Tells people of decisions made since the card was last up to date. False: put off, Discord is away."""
        try:
            await self._notices.take_slow_away(row, stored.revision.created_at)
            await tell_news(self._client, row, stored, self._began)
        except NOT_SENT as error:
            await self._later(row, name_of(error))
            return False
        return True

    async def _post(self, row: Due, stored: StoredVerdict) -> tuple[int, int]:
        answer, who = row.answer, plain(stored.author_name, 60)
        if answer.kind is not AnswerKind.REPLY:
            note = text(answer.language, "card.late_answer", who=who)
        elif answer.message_id:
            note = ""
        else:
            note = text(answer.language, "card.sent_in", who=who, words=plain(stored.revision.text, 200))
        channel = self._client.get_partial_messageable(answer.channel_id)
        view = verdict_view(stored, answer.language, note=note)
        message = await post_once(self._client, channel, view, self._once(row, stored, target_of_reply(answer)))
        return message.channel.id, message.id

    async def _send_direct(self, row: Due, stored: StoredVerdict, why: str) -> tuple[int, int]:
        """No buttons for a team's: in direct messages nothing tells which server they belong to."""
        channel = await self._client.create_dm(discord.Object(row.answer.user_id))
        note = text(row.answer.language, why, number=stored.number)
        is_own = stored.draft.visibility is Visibility.PRIVATE  # told by the person, wherever it is pressed
        target = await target_of(self._client, stored, 0)
        view = verdict_view(stored, row.answer.language, note=note, buttons=is_own, target=target)
        message = await post_once(self._client, channel, view, self._once(row, stored, None))
        return channel.id, message.id

    def _once(self, row: Due, stored: StoredVerdict, reply_to: discord.MessageReference | None) -> Once:
        def is_it(message: discord.Message) -> bool:
            return number_on(message) == stored.number

        # A post is younger than the verdict; an original that became the card came with the acknowledgement.
        is_form = row.answer.kind is AnswerKind.INTERACTION
        since = stored.revision.created_at if is_form else row.created_at
        may_stand = row.attempts > 0 or self._is_older(row.created_at)
        return Once(row.nonce, since, is_it, may_stand, reply_to)

    def _is_older(self, created_at: datetime) -> bool:
        """Whether a process before this one may have told of it: then, or by a clock that was set back since."""
        return not self._began <= created_at <= self._desk.clock()

    def _is_early(self, error: Exception, stored: StoredVerdict) -> bool:
        """A judge can be faster than the acknowledgement: until that arrived there is no original to edit."""
        is_unknown = isinstance(error, discord.NotFound) and error.code == UNKNOWN_WEBHOOK
        return is_unknown and self._desk.clock() - stored.revision.created_at < EARLY

    async def _later(self, row: Due, why: str, seconds: float | None = None) -> None:
        wait = seconds or min(FIRST_WAIT * 2.0 ** min(row.attempts, 20), LONGEST_WAIT)
        log.info("delivery.later", revision_id=row.revision_id, why=why, seconds=wait)
        due = self._desk.clock() + timedelta(seconds=wait)
        await self._note(lambda conn: outbox.retry_later(conn, row.revision_id, due, why))

    async def _delivered(self, row: Due, channel_id: int | None, message_id: int | None, told: Told) -> None:
        where = row.revision_id, channel_id, message_id
        now = self._desk.clock()
        await self._note(lambda conn: outbox.mark_delivered(conn, *where, now, due=row.due, told=told))

    async def _note(self, done: Work) -> None:
        """Stores what was done, when the database allows: until then nothing further is sent, and nothing again."""
        while True:
            with contextlib.suppress(StoreUnavailable):  # is in the log
                async with self._desk.store.write() as conn:
                    await done(conn)
                return
            await asyncio.sleep(DATABASE_PAUSE)


def _lane(one: Notice | Due) -> str:
    """What goes one after the other: all posts into a channel, which Discord's limits order anyway."""
    if one.answer.kind is AnswerKind.REPLY and not (isinstance(one, Due) and one.message_id):
        return f"channel {one.answer.channel_id}"
    return f"revision {one.revision_id}"
