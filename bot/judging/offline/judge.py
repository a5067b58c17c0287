"""The judge for when no model is configured: it measures, it does not read, and says so.

Every level follows from a count or a measured likeness, with the posts behind it quoted. What only reading could tell
(irony, a changed mind, a belief put in other words) it leaves open, and it is content to end in 'cannot tell'.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.judging.answer import Answer, CriterionAnswer
from bot.judging.evidence import Evidence
from bot.judging.offline.beliefs import belief_consistency
from bot.judging.offline.facts import Facts, gather_facts, quote
from bot.judging.phrases import count_phrases, phrase_pattern
from bot.judging.rubric import MAX_SPONSORED_SHARE
from bot.judging.words import count_words, fold
from bot.model import CriterionKey, Level, Message, PastPost, Stance

# Likeness of a sponsored draft, calibrated on labelled drafts: see tests/benchmarks/.
VOICE_LEVELS = ((0.65, Level.L3), (0.35, Level.L2), (0.15, Level.L1), (0.0, Level.L0))
VOICE_UNLIKE = 0.35
SALES_LANGUAGE = 3  # calls, codes, claims and superlatives together from which a post sells


class OfflineJudge:
    """Satisfies `bot.judging.answer.Judge` without any endpoint."""

    kind = "offline"
    model = "none"
    prompt_hash = ""

    async def read(self, evidence: Evidence) -> Answer:
        facts = gather_facts(evidence)
        return Answer(
            {
                CriterionKey.SHARED_VALUES: _shared_values(facts),
                CriterionKey.FOLLOWER_FIRST: _follower_first(facts),
                CriterionKey.VOICE_MATCH: _voice_match(facts),
                CriterionKey.BELIEF_CONSISTENCY: belief_consistency(facts),
                CriterionKey.NOT_JUST_FOR_MONEY: _not_just_for_money(facts),
                CriterionKey.DISCLOSURE: CriterionAnswer((), Message("offline.disclosure"), Level.ABSTAIN),
            },
            questions=_questions(facts),
        )


def _shared_values(facts: Facts) -> CriterionAnswer:
    """Has the influencer voiced the brand's values in own posts, and does the draft take them up?"""
    best: tuple[int, int, tuple[str, ...], str, list[PastPost]] | None = None
    for value in facts.evidence.campaign.brand.values:
        words = (value.name, *value.words)
        posts = [post for post in facts.own if count_words(post.text, words)]
        found = (min(len(posts), 2), count_words(facts.evidence.draft, words), words, value.name, posts)
        if best is None or found[:2] > best[:2]:
            best = found
    n = len(facts.own)
    if best is None:
        return CriterionAnswer((), Message("offline.values_unknown"), Level.ABSTAIN)
    witnesses, echoed, words, name, posts = best
    if not witnesses:
        return CriterionAnswer(
            quote(facts.answered[:1], ()),
            Message("offline.values_unvoiced", {"n": n}),
            Level.L1 if facts.sales else Level.L2,
        )
    level = Level.L4 if witnesses > 1 and echoed else Level.L3 if witnesses > 1 else Level.L2
    ranked = sorted(posts, key=lambda post: -count_words(post.text, words))
    reasoning = Message("offline.values_voiced", {"value": name, "count": len(posts), "n": n})
    return CriterionAnswer(quote(ranked[:2], words), reasoning, level)


def _follower_first(facts: Facts) -> CriterionAnswer:
    """Selling against showing: marks of selling on one side, a theme that followers know on the other."""
    evidence, marks = facts.evidence, facts.sales
    theme = facts.nearest[:1]
    values = {"count": marks}
    if marks >= SALES_LANGUAGE:
        level = Level.L1 if theme and len(evidence.draft) > 200 else Level.L0
        return CriterionAnswer(quote(facts.answered[:1], ()), Message("offline.sells", values), level)
    if not theme:
        return CriterionAnswer((), Message("offline.no_theme", {"n": len(facts.own)}), Level.L1 if marks else Level.L2)
    return CriterionAnswer(
        quote(theme, (evidence.draft,)), Message("offline.theme", values), Level.L2 if marks > 1 else Level.L3
    )


def _voice_match(facts: Facts) -> CriterionAnswer:
    likeness = facts.value.get("likeness")
    if likeness is None:
        return CriterionAnswer((), Message("offline.voice_unknown"), Level.ABSTAIN)
    level = next(level for floor, level in VOICE_LEVELS if likeness >= floor)
    alike = level in (Level.L2, Level.L3)
    message = Message(
        "offline.voice_alike" if alike else "offline.voice_unlike",
        {"percent": round(100 * likeness), "n": facts.evidence.posts_stored},
    )
    posts = facts.nearest[:2] or facts.answered[:1]
    return CriterionAnswer(
        quote(posts, (facts.evidence.draft,), Stance.SUPPORTS if alike else Stance.CONTRADICTS), message, level
    )


def _not_just_for_money(facts: Facts) -> CriterionAnswer:
    """A link to the product from before the deal, own use, and an honest word against it."""
    evidence = facts.evidence
    n = len(evidence.posts)
    linked = facts.linked
    folded = fold(evidence.draft)
    own_use, drawback = count_phrases("own_use", folded), count_phrases("drawback", folded)
    if linked:
        level = Level.L4 if len(linked) > 1 and own_use and drawback else Level.L3 if own_use or drawback else Level.L2
        ranked = sorted(linked, key=lambda post: -count_words(post.text, facts.topic))
        reasoning = Message(
            "offline.linked", {"count": len(linked), "n": n, "category": evidence.campaign.brand.category}
        )
        return CriterionAnswer(quote(ranked[:2], facts.topic), reasoning, level)
    unlike = facts.value.get("likeness", 1.0) < VOICE_UNLIKE
    sells = facts.sales >= SALES_LANGUAGE
    saturated = facts.value.get("sponsored_share", 0.0) > MAX_SPONSORED_SHARE
    if sells and unlike:
        level = Level.L0
    elif sells or unlike or saturated:
        level = Level.L1
    else:  # in their own voice and not selling: whether the reason is honest has to be read
        level = Level.L2 if own_use else Level.ABSTAIN
    key = "offline.just_for_money" if level is Level.L0 else "offline.never_linked"
    reasoning = Message(key, {"n": n, "category": evidence.campaign.brand.category})
    return CriterionAnswer(quote(_principle(facts), (), Stance.CONTRADICTS), reasoning, level)


def _principle(facts: Facts) -> Sequence[PastPost]:
    """What they said about lending their name, else what their followers know them for."""
    pattern = phrase_pattern("refused_promotion")
    return [post for post in facts.own if pattern.search(fold(post.text))][-1:] or facts.answered[:1]


def _questions(facts: Facts) -> tuple[Message, ...]:
    brand = facts.evidence.campaign.brand.name
    asked = []
    if not facts.value.get("brand_mentions"):
        asked.append(Message("offline.ask_use", {"brand": brand}))
    if not count_phrases("drawback", fold(facts.evidence.draft)):
        asked.append(Message("offline.ask_drawback", {"brand": brand}))
    return tuple(asked)
