"""What a verdict is made of: levels, findings, quotes, disclosure, and who judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.messages import Message


class Outcome(StrEnum):
    """What a verdict comes to; computed by code, never named by a model."""

    FITS = "fits"
    REVISE = "revise"
    DOES_NOT_FIT = "does_not_fit"
    CANNOT_TELL = "cannot_tell"


class Level(StrEnum):
    """How far one criterion is met. High is good for all six criteria."""

    L0 = "L0"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    ABSTAIN = "abstain"

    @property
    def points(self) -> int | None:
        """0..4, or None where the criterion abstains."""
        return None if self is Level.ABSTAIN else int(self.value[1])


class CriterionKey(StrEnum):
    """The six questions of the rubric, in the order in which they are asked."""

    SHARED_VALUES = "shared_values"
    FOLLOWER_FIRST = "follower_first"
    VOICE_MATCH = "voice_match"
    BELIEF_CONSISTENCY = "belief_consistency"
    NOT_JUST_FOR_MONEY = "not_just_for_money"
    DISCLOSURE = "disclosure"


class Stance(StrEnum):
    """What a past post says to the draft. A model names only the first two."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    NEUTRAL = "neutral"  # shows what or how they write, where nothing of theirs speaks for the draft


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that stand verbatim in the stored post `post_id` at [start, end)."""

    post_id: str
    text: str
    start: int
    end: int
    stance: Stance
    created_at: datetime | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion as judged: the level after all caps, and what carries it."""

    level: Level
    reasoning: Message
    quotes: tuple[Quote, ...] = ()
    draft_quotes: tuple[str, ...] = ()  # verbatim pieces of the draft (or of the brief)
    caps: tuple[Message, ...] = ()  # why code lowered the level
    claimed: Level | None = None  # what the judge said before the caps
    conflict: str = "none"  # where a contradiction lies: none, wording, product
    brief_at_fault: bool = False  # a line forced by the brief carries the fault


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason shown to people. `weight` orders them; `criterion` is None for findings about the input itself."""

    criterion: CriterionKey | None
    message: Message
    stance: Stance
    weight: float
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """A number measured by code. `value` None: not measurable here. `n`: how many posts it rests on."""

    key: str
    value: float | None
    unit: str  # share, count, days, ratio, percentile, characters, probability
    n: int = 0
    post_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DisclosureFlag:
    """A kind of product with rules of its own on a platform or in a country. It asks for a closer look, no more."""

    category: str  # alcohol, health, ...
    where: str  # platform or country code
    effect: str  # banned, restricted
    note: Mapping[str, str]  # language -> sentence
    source: str  # address
    as_of: str


@dataclass(frozen=True, slots=True)
class DisclosureLine:
    """The disclosure check as shown: outcome and rule from code alone."""

    outcome: str  # see judging/disclosure.py
    rule: str | None
    fix: str | None
    messages: tuple[Message, ...] = ()
    as_of: str | None = None
    country: str | None = None
    flags: tuple[DisclosureFlag, ...] = ()
    in_front: bool = False  # put in front of the text, the fix makes every country pass


@dataclass(frozen=True, slots=True)
class Injection:
    """Whether something that was read talks to its reviewer, and what says so."""

    observed: bool = False
    by: tuple[str, ...] = ()  # families of patterns, hidden_characters; judge, judge_elsewhere (in a post or the brief)
    quote: str = ""

    @property
    def in_draft(self) -> bool:
        """Whether the draft itself speaks to its reviewer, rather than something that was read beside it."""
        return any(finder not in ("judge_elsewhere", "setting") for finder in self.by)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An edit bound to a piece of the draft. Never a whole post."""

    draft_quote: str
    suggestion: str
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer of a judge as it was received, kept for audit and replay."""

    raw: str
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    latency_ms: int = 0
    calls: int = 1


@dataclass(frozen=True, slots=True)
class JudgeInfo:
    """Who judged, by which rules, at what cost."""

    kind: str  # offline, llm
    model: str
    rubric: str
    prompt_hash: str
    readings: tuple[Reading, ...] = ()
    latency_ms: int = 0
    quotes_dropped: int = 0
    dossier_readings: tuple[Reading, ...] = ()  # what of the dossier was made for this verdict

    @property
    def tokens(self) -> int:
        return sum(
            reading.prompt_tokens + reading.completion_tokens for reading in (*self.readings, *self.dossier_readings)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything one review found. Stored whole; shown in parts."""

    outcome: Outcome
    because: Message  # the rule that led to the outcome
    reasons: tuple[Finding, ...]
    criteria: Mapping[CriterionKey, Criterion]
    disclosure: DisclosureLine
    signals: tuple[Signal, ...]
    injection: Injection
    judge: JudgeInfo
    posts_stored: int
    evidence_ids: tuple[str, ...]  # of the posts read whole, in the order read: with snapshot and prompt, to replay it
    snapshot: str
    next_step: Message
    deciding: tuple[Quote, ...] = ()  # the past posts that decide the case, as a judge that reads named them
    not_read: tuple[Message, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    questions: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()  # what the team should know and no criterion asks about
    posts_given: int = 0  # of those stored, by the influencer to the team: her own choice of what speaks for her

    @property
    def posts_read(self) -> int:
        return len(self.evidence_ids)
