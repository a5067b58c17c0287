"""Who gives a draft its probability: the measured likeness, or a judge's levels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.config import Review as ReviewSettings
from bot.evaluation.labelled import Creator
from bot.judging.answer import Judge
from bot.judging.review import Case, review
from bot.judging.voice import Profile, likeness
from bot.model.posts import PastPost
from bot.model.verdicts import CriterionKey, Level
from bot.model.workspace import Brand, Campaign, Influencer

PROBABILITIES = {Level.L0: 0.05, Level.L1: 0.25, Level.L2: 0.5, Level.L3: 0.75, Level.L4: 0.95}
NO_CAMPAIGN = Campaign(0, 0, "none", Brand(0, 0, "no brand"), relation="none")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # the stored posts are undated, so no time matters


@dataclass(frozen=True, slots=True)
class Cost:
    """What a scorer spent: calls to an LLM and their tokens."""

    calls: int = 0
    tokens: int = 0


class Scorer(Protocol):
    """Gives the probability that `draft` is the creator's own, or None where it abstains."""

    cost: Cost

    async def __call__(self, creator: Creator, profile: Profile, draft: str, *, sponsored: bool) -> float | None: ...


class OfflineScorer:
    """Measured likeness."""

    cost = Cost()

    async def __call__(self, creator: Creator, profile: Profile, draft: str, *, sponsored: bool) -> float | None:
        del creator  # the profile holds all that is measured against
        return likeness(draft, profile, sponsored=sponsored).probability


class JudgeScorer:
    """A judge's level for the own voice, after the quote check and the caps, as a probability. One reading a draft."""

    def __init__(self, judge: Judge, settings: ReviewSettings) -> None:
        self.cost = Cost()
        self._judge, self._settings = judge, settings

    async def __call__(self, creator: Creator, profile: Profile, draft: str, *, sponsored: bool) -> float | None:
        del sponsored  # a judge is told of every draft that it is one
        verdict = await review(_case(creator, profile, draft), self._judge, self._settings, NEVER)
        calls = self.cost.calls + sum(reading.calls for reading in verdict.judge.readings)
        self.cost = Cost(calls, self.cost.tokens + verdict.judge.tokens)
        return PROBABILITIES.get(verdict.criteria[CriterionKey.VOICE_MATCH].level)


def _case(creator: Creator, profile: Profile, draft: str) -> Case:
    posts = tuple(PastPost(f"{number}", text) for number, text in enumerate(creator.stored))
    influencer = Influencer(0, 0, "influencer", "Influencer", "en", None, "unknown")
    return Case(draft, influencer, NO_CAMPAIGN, posts, profile, "en")
