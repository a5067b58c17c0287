"""Tells an author how far the reading of a long history is, in the place where the answer will stand.

Only where an interaction has an original to edit: the answer replaces it all the same. Beside a message the note would
be a post of its own, to be delivered once and taken away again, so there the reaction of the intake has to do.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from math import inf
from time import monotonic
from typing import cast

import discord
import structlog

from bot.chat.desk import NOT_SENT, DeskClient
from bot.chat.verdict.views import notice_view
from bot.model.drafts import AnswerKind
from bot.services.dossiers import DossierProgress
from bot.services.progress import Board
from bot.store.drafts import Work
from bot.texts import text

ORIGINAL = cast(int, "@original")  # Discord's name for it; the library passes any id on
PAUSE = 5.0  # seconds between two notes on one draft
EARLY = timedelta(seconds=4)  # an acknowledgement is taken for three seconds; until it came there is no original

log = structlog.get_logger(__name__)


class ProgressNotes:
    """`tell` ends before the next answers are begun: so no note can come after an answer."""

    def __init__(self, client: DeskClient, board: Board) -> None:
        self._client, self._board = client, board
        self._told: dict[int, tuple[float, DossierProgress]] = {}  # by revision: when, what

    async def tell(self) -> None:
        """One edit for each draft that waits, where there is something new to say and the last one is long enough ago.

        What Discord refuses is left out: only the answer has to arrive.
        """
        waiting = self._board.under_way()
        ids = {work.revision.id for work, _ in waiting}
        self._told = {key: told for key, told in self._told.items() if key in ids}
        await asyncio.gather(*(self._edit(*one) for one in waiting if self._is_due(*one)))

    def _is_due(self, work: Work, progress: DossierProgress) -> bool:
        when, what = self._told.get(work.revision.id, (-inf, None))
        return work.answer.kind is AnswerKind.INTERACTION and progress != what and monotonic() - when >= PAUSE

    async def _edit(self, work: Work, progress: DossierProgress) -> None:
        percent = 100 * progress.done // progress.chunks
        values = {"posts": progress.posts, "tokens": progress.tokens, "percent": percent}
        view = notice_view(text(work.answer.language, "notice.dossier", **values))
        webhook = discord.Webhook.partial(work.answer.application_id, work.answer.token, client=self._client)
        may_go_on = True
        try:
            await webhook.edit_message(ORIGINAL, view=view)
        except NOT_SENT as error:
            log.info("progress.refused", revision_id=work.revision.id, error=type(error).__name__)
            is_early = self._client.desk.clock() - work.revision.created_at < EARLY
            may_go_on = is_early or not isinstance(error, discord.HTTPException) or error.status >= 500
        self._told[work.revision.id] = (monotonic() if may_go_on else inf), progress
