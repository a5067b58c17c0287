"""The work behind a stored draft: gather what the judge needs, judge, and store verdict and answer together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.config import Llm
from bot.config import Review as ReviewSettings
from bot.errors import BudgetSpent
from bot.judging.answer import Judge
from bot.judging.disclosure.own import compile_own
from bot.judging.review import Case, review, too_thin
from bot.model.dossiers import Dossier
from bot.model.drafts import AnswerKind, Draft
from bot.model.posts import PastPost, Visibility
from bot.services.budget import Budget, Metered
from bot.services.dossiers import DossierProgress, Dossiers, OnDossier
from bot.services.progress import Board
from bot.services.voices import Voices
from bot.store import attachments, drafts, own, posts, spend, verdicts
from bot.store.database import Store
from bot.store.drafts import Work
from bot.store.guild_rules import guild_rules
from bot.store.guilds import guild_settings
from bot.store.verdicts import StoredVerdict

PAID_FOR = 60.0  # seconds that a reading is kept in hand while the database is held: asking again costs again


class Reviewer:
    """Judges one stored revision at a time; safe to run many at once."""

    def __init__(
        self,
        store: Store,
        judge: Judge,
        settings: ReviewSettings,
        clock: Callable[[], datetime],
        on_dossier: OnDossier | None = None,
        *,
        llm: Llm | None = None,
        board: Board | None = None,
    ) -> None:
        """`on_dossier` hears what a dossier will cost, before it is made, and how far it is; `board` shows for whom.

        `llm` holds the prices and caps; without it nothing is capped and no cost known.
        """
        self._store, self._judge, self._settings, self._clock = store, judge, settings, clock
        self._budget = Budget(llm or Llm())
        self._board = board or Board()
        self._on_dossier = on_dossier
        self._voices = Voices(store)
        self._dossiers = Dossiers(store, judge, settings, self._budget, clock, self._hear)

    async def handle(self, revision_id: int) -> StoredVerdict:
        """The verdict on a stored revision, with its outbox row and what it cost in the same transaction.

        Raises JudgeUnavailable when the judge is away, or the server may have nothing more read this month: the
        revision stays due.
        """
        async with self._store.read() as conn:
            work = await drafts.get_work(conn, revision_id)
            payer = _payer(work.draft)
            shared = history = await posts.posts_of(conn, work.influencer.id)
            if work.draft.visibility is Visibility.PRIVATE:
                history = await own.own_history(conn, work.draft.author_id, work.influencer)
                given = frozenset[tuple[str, str]]()
            else:
                given = await posts.given_posts(conn, work.influencer.id)
            files = await attachments.attachments_of(conn, revision_id)
            own_rules = await guild_rules(conn, work.draft.guild_id)
            settings = await guild_settings(conn, work.draft.guild_id)
            spent = await spend.this_month(conn, payer, self._clock())
        if history == shared:
            profile = await self._voices.profile(work.influencer)
        else:  # own posts are measured apart: nothing of them may stand in what a team is measured against
            profile = await self._voices.profile_apart(work.influencer, [post.text for post in history])
        thin = too_thin(history, self._settings, self._clock())
        if not thin and self._judge.kind != "offline" and self._budget.is_used_up(spent):
            raise BudgetSpent(spend.next_month(self._clock()))
        if own_rules:  # compiled once for each set, not in the way of others
            await asyncio.to_thread(compile_own, own_rules)
        dossier = None if thin else await self._dossier(work, history)
        case = Case(
            draft=work.revision.text,
            influencer=work.influencer,
            campaign=replace(work.campaign, format=work.draft.format or work.campaign.format),
            posts=history,
            profile=profile,
            language=work.answer.language,
            not_read=work.revision.not_read,
            dossier=dossier,
            spoken=work.revision.spoken,
            images=tuple(file for file in files if file.is_image),
            own_rules=own_rules,
            guild_countries=settings.countries,
            given=given,
        )
        return await self._judged(work, case)

    async def _dossier(self, work: Work, history: tuple[PastPost, ...]) -> Dossier | None:
        """For a team from what is kept for it; for a self-check from the person's own notes, so that what it had read
        makes no team's next draft quicker or cheaper."""
        if not self._dossiers.are_needed(history):
            return None
        if work.draft.visibility is Visibility.PRIVATE:
            async with self._store.write() as conn:
                apart = await own.own_influencer(conn, work.draft.author_id, work.influencer)
            work = replace(work, influencer=apart)
        with self._board.waits(work):
            return await self._dossiers.dossier(work.influencer, history)

    async def _judged(self, work: Work, case: Case) -> StoredVerdict:
        """Judges, and books what was read in the transaction of the verdict; where there comes none, by itself."""
        judge, payer = Metered(self._judge), _payer(work.draft)
        answer_needed = work.answer.kind is not AnswerKind.NONE
        try:
            verdict = await review(case, judge, self._settings, self._clock())
            now = self._clock()
            async with self._store.write(patience=PAID_FOR) as conn:
                await spend.book(conn, payer, now, self._budget.charges(judge.readings))
                stored = await verdicts.record_verdict(
                    conn, work.revision.id, verdict, now, answer_needed=answer_needed
                )
            judge.readings.clear()
            return stored
        finally:
            if judge.readings:  # the verdict failed or its draft was erased, but they were paid for
                async with self._store.write() as conn:
                    await spend.book(conn, payer, self._clock(), self._budget.charges(judge.readings))

    def _hear(self, progress: DossierProgress) -> None:
        self._board.hear(progress)
        if self._on_dossier:
            self._on_dossier(progress)


def _payer(draft: Draft) -> int:
    """On whom calls are booked: a server's sum tells nothing of self-checks, which are each person's own."""
    return own.workspace_of(draft.author_id) if draft.visibility is Visibility.PRIVATE else draft.guild_id
