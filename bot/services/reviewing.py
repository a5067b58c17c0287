"""The work behind a stored draft: gather what the judge needs, judge, and store verdict and answer together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.config import Review as ReviewSettings
from bot.judging.answer import Judge
from bot.judging.review import Case, review, too_thin
from bot.model import AnswerKind
from bot.services.dossiers import Dossiers, OnDossier
from bot.services.voices import Voices
from bot.store import drafts, posts, verdicts
from bot.store.database import Store
from bot.store.verdicts import StoredVerdict


class Reviewer:
    """Judges one stored revision at a time; safe to run many at once."""

    def __init__(
        self,
        store: Store,
        judge: Judge,
        settings: ReviewSettings,
        clock: Callable[[], datetime],
        on_dossier: OnDossier | None = None,
    ) -> None:
        """`on_dossier` hears what a dossier will cost, before it is made, and how far it is."""
        self._store, self._judge, self._settings, self._clock = store, judge, settings, clock
        self._voices = Voices(store)
        self._dossiers = Dossiers(store, judge, settings, on_dossier)

    async def handle(self, revision_id: int) -> StoredVerdict:
        """The verdict on a stored revision, with its outbox row in the same transaction.

        Raises JudgeUnavailable when the judge is away: the revision stays due.
        """
        async with self._store.read() as conn:
            work = await drafts.get_work(conn, revision_id)
            history = await posts.posts_of(conn, work.influencer.id)
        profile = await self._voices.profile(work.influencer)
        thin = too_thin(history, self._settings, self._clock())
        dossier = None if thin else await self._dossiers.dossier(work.influencer.id, history)
        case = Case(
            draft=work.revision.text,
            influencer=work.influencer,
            campaign=replace(work.campaign, format=work.draft.format or work.campaign.format),
            posts=history,
            profile=profile,
            language=work.answer.language,
            not_read=work.revision.not_read,
            dossier=dossier,
        )
        verdict = await review(case, self._judge, self._settings, self._clock())
        async with self._store.write() as conn:
            return await verdicts.record_verdict(
                conn,
                revision_id,
                verdict,
                self._clock(),
                answer_needed=work.answer.kind is not AnswerKind.NONE,
            )
