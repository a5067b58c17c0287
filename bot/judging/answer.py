"""What a judge (a model or the offline one) hands back before code has checked anything of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.judging.evidence import Evidence
from bot.model.drafts import Attachment
from bot.model.messages import Message
from bot.model.verdicts import CriterionKey, Level, Reading, Stance, Suggestion

DECLINED = "llm.declined"  # the reasoning of every criterion where a model will not judge the draft


@dataclass(frozen=True, slots=True)
class Claim:
    """A quote as the judge gave it: to be verified against the post it names before anybody sees it.

    `conflict` says where a contradiction lies: in the product or brand, in the wording alone, or nowhere.
    """

    source: Literal["history", "draft", "brief"]
    post_id: str  # "" unless source is history
    quote: str
    stance: Stance
    conflict: Literal["none", "wording", "product"] = "none"


@dataclass(frozen=True, slots=True)
class CriterionAnswer:
    evidence: tuple[Claim, ...]
    reasoning: Message
    level: Level


@dataclass(frozen=True, slots=True)
class Answer:
    """All six criteria, none missing. No outcome: code computes that."""

    criteria: Mapping[CriterionKey, CriterionAnswer]
    readings: tuple[Reading, ...] = ()
    deciding: tuple[Claim, ...] = ()  # the past posts that decide the case, best first
    injection_observed: bool = False
    injection_quote: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    questions: tuple[Message, ...] = ()
    seen: tuple[Attachment, ...] = ()  # the images of the draft that the judge was shown


class Judge(Protocol):
    """Reads the evidence of one draft. Raises JudgeUnavailable when it cannot be reached; never guesses instead."""

    @property
    def kind(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def prompt_hash(self) -> str: ...
    async def read(self, evidence: Evidence) -> Answer: ...
