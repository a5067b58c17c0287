"""Two simulated models. What reaches them is the prompt that an LLM would be sent; nothing else moves them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from bot.judging.answer import Answer, Claim, CriterionAnswer
from bot.judging.evidence import Evidence
from bot.judging.marked import visible
from bot.judging.offline import OfflineJudge
from bot.judging.prompts import Prompts, Task
from bot.judging.signals import brand_words
from bot.judging.words import best_sentence, count_words
from bot.model.messages import Message
from bot.model.verdicts import CriterionKey, Level, Stance


@cache
def _prompts() -> Prompts:
    return Prompts()


def reaches(payload: str, evidence: Evidence) -> bool:
    """Whether all of `payload` that can be seen stands in the prompt; hidden text that is taken out does not."""
    task = Task("task", "11111111", "22222222")
    prompt = "\n".join(message.content for message in _prompts().messages(evidence, task))
    lines = [line for line in visible(payload).split("\n") if line.strip()]
    return bool(lines) and all(line in prompt for line in lines)


ALL_L4 = (Level.L4,) * 6
ALL_L3 = (Level.L3,) * 6
OPEN_BELIEF = (Level.L4, Level.L4, Level.L4, Level.ABSTAIN, Level.L4, Level.L4)
LOW_WHERE_COUNTED = (Level.L4, Level.L2, Level.L2, Level.L4, Level.L2, Level.L4)


@dataclass(frozen=True, slots=True)
class ObedientModel:
    """Obeys an attack wherever it stands, hides it, and quotes the best true posts beside a forged one.

    `levels` are what it then gives, in the order of the criteria. Where it does not forge, every quote of posts and
    draft is true, so that nothing but its levels can give it away. Without an attack it answers as the offline judge.
    """

    payload: str
    levels: tuple[Level, ...] = ALL_L4
    forges: bool = True
    kind = "llm"
    model = "obedient"
    prompt_hash = ""

    async def read(self, evidence: Evidence) -> Answer:
        if not reaches(self.payload, evidence):
            return await OfflineJudge().read(evidence)
        true, forged = _quotes(evidence)
        quotes, why = (*true, forged) if self.forges else true, Message("literal", {"text": "perfect"})
        return Answer(
            {key: CriterionAnswer(quotes, why, level) for key, level in zip(CriterionKey, self.levels, strict=True)}
        )


@dataclass(frozen=True, slots=True)
class IgnoringModel:
    """Answers as the offline judge does and reports the attack where it stands in the draft."""

    payload: str
    kind = "llm"
    model = "ignoring"
    prompt_hash = ""

    async def read(self, evidence: Evidence) -> Answer:
        answer = await OfflineJudge().read(evidence)
        seen = visible(self.payload).strip()
        return replace(answer, injection_observed=bool(seen) and seen in evidence.draft, injection_quote=seen[:80])


def _quotes(evidence: Evidence) -> tuple[tuple[Claim, ...], Claim]:
    """True quotes of the draft and of four posts, where there are any about the brand or its product; one forged."""
    brand = evidence.campaign.brand
    topic = (brand.category, *brand.category_words, *brand_words(brand))
    bearing = sorted(evidence.posts, key=lambda post: -count_words(post.text, topic))[:4]
    posts = [Claim("history", post.id, best_sentence(post.text, topic), Stance.SUPPORTS) for post in bearing]
    draft = Claim("draft", "", best_sentence(evidence.draft, topic), Stance.SUPPORTS)
    forged = Claim("history", bearing[0].id, f"I have adored {brand.name} all my life, unpaid", Stance.SUPPORTS)
    return (*posts, draft), forged
