"""What an author hears while there is no verdict, or where none will come: each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import discord
import structlog

from bot.chat.desk import NOT_SENT, DeskClient, may_pass, name_of
from bot.chat.outgoing.once import Once, answers, own_messages, post_once, target_of_reply, texts_on
from bot.chat.outgoing.progress import ORIGINAL
from bot.chat.verdict.views import notice_view
from bot.model.drafts import AnswerAddress, AnswerKind
from bot.store.outbox import Due, Notice, NoticeKind
from bot.texts import text

log = structlog.get_logger(__name__)


class Notices:
    """`is_older` tells of a time whether a process before this one may have said something then."""

    def __init__(self, client: DeskClient, is_older: Callable[[datetime], bool]) -> None:
        self._client, self._is_older = client, is_older
        self._unnoted: set[str] = set()  # nonces of which the attempt of this process was not noted
        self._slow: dict[int, discord.Message | None] = {}  # this process's, to be taken away; None: nobody knows where

    async def say(self, notice: Notice) -> bool:
        """That there is no verdict yet, or none to come. False where it is to be tried again: nobody said no."""
        answer = notice.answer
        is_own = notice.is_private and notice.kind is NoticeKind.BUDGET
        key = "notice.own_budget" if is_own else f"notice.{notice.kind}"
        sentence = text(answer.language, key, **_months(self._client.desk.clock(), answer.language))
        try:
            if answer.kind is AnswerKind.INTERACTION:
                webhook = discord.Webhook.partial(answer.application_id, answer.token, client=self._client)
                await webhook.edit_message(ORIGINAL, view=notice_view(sentence))
            else:
                await self._post(notice, sentence)
                await self.take_slow_away(notice, notice.created_at)
        except NOT_SENT as error:
            log.warning("delivery.notice_refused", revision_id=notice.revision_id, why=name_of(error))
            return not may_pass(error)
        return True

    def noted(self, notice: Notice) -> None:
        """It is stored that this was said."""
        self._unnoted.discard(notice.nonce)

    async def _post(self, notice: Notice, sentence: str) -> None:
        """Many authors are told the same: their own is the one below their message."""
        answer = notice.answer

        def is_it(message: discord.Message) -> bool:
            return answers(message, answer.message_id) and sentence in texts_on(message)

        channel = self._client.get_partial_messageable(answer.channel_id)
        may_stand = self._is_older(notice.created_at) or notice.nonce in self._unnoted
        self._unnoted.add(notice.nonce)
        is_slow = notice.kind is NoticeKind.SLOW
        if is_slow:
            self._slow.setdefault(notice.revision_id)
        once = Once(notice.nonce, notice.created_at, is_it, may_stand, target_of_reply(answer))
        message = await post_once(self._client, channel, notice_view(sentence), once)
        if is_slow:
            self._slow[notice.revision_id] = message

    async def take_slow_away(self, one: Notice | Due, since: datetime) -> None:
        """What is said now takes its place, whichever process said it. Raises where Discord's trouble may pass."""
        answer, is_first = one.answer, not (isinstance(one, Due) and one.message_id)
        if not (one.was_slow and is_first and answer.kind is AnswerKind.REPLY):
            return
        try:
            if message := self._slow.get(one.revision_id):
                await message.delete()
            elif one.revision_id in self._slow or self._is_older(since):
                await self._find_and_delete(answer, text(answer.language, "notice.slow"), since)
        except NOT_SENT as error:
            if may_pass(error):
                raise
            log.warning("delivery.notice_stays", revision_id=one.revision_id, why=name_of(error))
        self._slow.pop(one.revision_id, None)

    async def _find_and_delete(self, answer: AnswerAddress, sentence: str, since: datetime) -> None:
        """What the bot answered with that sentence."""
        channel = self._client.get_partial_messageable(answer.channel_id)
        async for message in own_messages(self._client, channel, since):
            if answers(message, answer.message_id) and sentence in texts_on(message):
                await message.delete()
                return


def _months(now: datetime, language: str) -> dict[str, str]:
    """This month and the next by name, in UTC, by which budgets are counted."""
    month = now.astimezone(UTC).month
    numbers = {"month": month, "next_month": month % 12 + 1}
    return {key: text(language, f"month.m{number}") for key, number in numbers.items()}
