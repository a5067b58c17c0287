"""One run: makes the profiles, has every draft scored, and reports."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.evaluation import measures
from bot.evaluation.labelled import Labelled, LabelledDraft
from bot.evaluation.measures import PLAIN, SPONSORED, Report
from bot.evaluation.scored import Scored, ScoredDraft, key_of
from bot.evaluation.scorers import Cost, Scorer
from bot.judging.voice import Corpus


@dataclass(frozen=True, slots=True)
class Run:
    """A run's report and the scored drafts that it rests on."""

    report: Report
    drafts: tuple[ScoredDraft, ...]


async def evaluate(
    labelled: Labelled, scorer: Scorer, on_progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Run:
    """Scores the drafts and measures the scores. A draft of a creator without posts is abstained on, unasked."""
    creators = {creator.name: creator for creator in labelled.creators}
    corpus = Corpus({name: creator.stored for name, creator in creators.items()})
    drafts, done = labelled.drafts, 0
    started = time.perf_counter()
    profiles = {name: corpus.profile(name) for name in {draft.creator for draft in drafts} if name in corpus}
    ready = time.perf_counter()

    async def score(draft: LabelledDraft) -> ScoredDraft:
        nonlocal done
        profile, probability = profiles.get(draft.creator), None
        if profile:
            sponsored = draft.kind in SPONSORED
            probability = await scorer(creators[draft.creator], profile, draft.text, sponsored=sponsored)
        done += 1
        on_progress(done, len(drafts))
        return ScoredDraft(*key_of(draft), probability)

    scored = await asyncio.gather(*map(score, drafts))
    ms_per_draft = 1000 * (time.perf_counter() - ready) / len(drafts)
    ms_per_profile = 1000 * (ready - started) / len(profiles) if profiles else None
    return Run(_report(Scored.of_drafts(scored), scorer.cost, ms_per_draft, ms_per_profile), tuple(scored))


def _report(scored: Scored, cost: Cost, ms_per_draft: float, ms_per_profile: float | None) -> Report:
    return Report(
        auc={name: measures.pair_auc(scored, pair) for name, pair in measures.pairs(scored).items()},
        ece=measures.error_of(scored, PLAIN),
        brier=measures.brier(scored),
        coverage=measures.coverage(scored),
        accuracy_decided=measures.accuracy_decided(scored),
        ms_per_draft=ms_per_draft,
        ms_per_profile=ms_per_profile,
        calls=cost.calls,
        tokens=cost.tokens,
        n=len(scored.label),
        ece_sponsored=measures.error_of(scored, SPONSORED),
        ece_by_chance={
            "plain": measures.chance_of(scored, PLAIN),
            "sponsored": measures.chance_of(scored, SPONSORED),
        },
        auc_interval=measures.auc_intervals(scored),
    )
