"""The judge for when no model is configured: it measures, it does not read, and says so.

Every level follows from a count or a measured likeness, with the posts behind it quoted. What only reading could tell
(irony, a changed mind, a belief put in other words) it leaves open, and it is content to end in 'cannot tell'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.judging.answer import Answer, Claim, CriterionAnswer
from bot.judging.evidence import Evidence
from bot.judging.offline.beliefs import belief_consistency, refusal
from bot.judging.offline.facts import SALES_LANGUAGE, Facts, gather_facts, quote
from bot.judging.offline.values import voicing_sentence
from bot.judging.own_words import nothing_to_judge
from bot.judging.phrases import count_phrases
from bot.judging.rubric import MAX_SPONSORED_SHARE
from bot.judging.signal_words import capped_percent
from bot.judging.voice import UNLIKE
from bot.judging.words import best_sentence, count_words, fold, tokens
from bot.model.messages import Message
from bot.model.verdicts import CriterionKey, Level, Stance
from bot.model.workspace import BrandValue

# Likeness of a sponsored draft, calibrated on labelled drafts: see tests/benchmarks/.
VOICE_LEVELS = ((0.65, Level.L3), (UNLIKE, Level.L2), (0.15, Level.L1), (0.0, Level.L0))
_FIRST_TO_CHOOSE = (Stance.CONTRADICTS, Stance.SUPPORTS, Stance.NEUTRAL)  # among the posts to quote
WITNESSES = 2  # quotes a criterion shows; each names more, since a post is quoted for one side only


class OfflineJudge:
    """Satisfies `bot.judging.answer.Judge` without any endpoint."""

    kind = "offline"
    model = "none"
    prompt_hash = ""

    async def read(self, evidence: Evidence) -> Answer:
        facts = gather_facts(evidence)
        return Answer(
            _one_sided(
                {
                    CriterionKey.SHARED_VALUES: _shared_values(facts),
                    CriterionKey.FOLLOWER_FIRST: _follower_first(facts),
                    CriterionKey.VOICE_MATCH: _voice_match(facts),
                    CriterionKey.BELIEF_CONSISTENCY: belief_consistency(facts),
                    CriterionKey.NOT_JUST_FOR_MONEY: _not_just_for_money(facts),
                    CriterionKey.DISCLOSURE: CriterionAnswer((), Message("offline.disclosure"), Level.ABSTAIN),
                }
            ),
            questions=_questions(facts),
        )


def _shared_values(facts: Facts) -> CriterionAnswer:
    """Has the influencer voiced the brand's values in own posts, and does the draft take them up?"""
    n, values = len(facts.own), facts.evidence.campaign.brand.values
    if not values:
        return CriterionAnswer((), Message("offline.values_unknown"), Level.ABSTAIN)
    voiced = {value: _voicing(facts, value) for value in values}
    echoed = {value for value in values if voicing_sentence(facts.evidence.draft, value)}
    best = max(values, key=lambda value: (min(len(voiced[value]), WITNESSES), value in echoed))
    claims = voiced[best]
    if not claims:
        level = Level.L1 if facts.sales and not facts.only_sells else Level.L2  # which then is the reason
        return CriterionAnswer(_instead(facts), Message("offline.values_unvoiced", {"n": n}), level)
    level = Level.L2 if len(claims) < WITNESSES else Level.L4 if best in echoed else Level.L3
    reasoning = Message("offline.values_voiced", {"value": best.name, "count": len(claims), "n": n})
    return CriterionAnswer(claims, reasoning, level)


def _voicing(facts: Facts, value: BrandValue) -> tuple[Claim, ...]:
    """A quote of each own post that voices `value`, first those that do so in most words."""
    words = (value.name, *value.words)
    ranked = sorted(facts.own, key=lambda post: -count_words(post.text, words))
    found = ((post, voicing_sentence(post.text, value)) for post in ranked)
    return tuple(
        Claim("history", post.id, best_sentence(post.text, (sentence,)), Stance.SUPPORTS)
        for post, sentence in found
        if sentence
    )


def _instead(facts: Facts) -> tuple[Claim, ...]:
    """What their followers know them for, where nothing of theirs speaks for the draft."""
    return quote(facts.answered, (), Stance.NEUTRAL)


def _follower_first(facts: Facts) -> CriterionAnswer:
    """Selling against showing: marks of selling on one side, a theme that followers know on the other."""
    evidence, marks = facts.evidence, facts.sales
    theme = facts.nearest[:1]
    values = {"count": marks}
    if facts.only_sells:
        return CriterionAnswer(_instead(facts), Message("offline.only_sells", values), Level.L0)
    if marks >= SALES_LANGUAGE:
        level = Level.L1 if theme and len(evidence.draft) > 200 else Level.L0
        return CriterionAnswer(_instead(facts), Message("offline.sells", values), level)
    if not theme:
        return CriterionAnswer((), Message("offline.no_theme", {"n": len(facts.own)}), Level.L1 if marks else Level.L2)
    level = Level.L2 if marks > 1 else Level.L3
    return CriterionAnswer(quote(facts.nearest, (evidence.draft,)), Message("offline.theme", values), level)


def _voice_match(facts: Facts) -> CriterionAnswer:
    likeness = facts.value.get("likeness")
    if "writers" in facts.value:
        return _voice_alone(facts)
    if likeness is None:
        return CriterionAnswer((), nothing_to_judge(facts.value) or Message("offline.voice_unknown"), Level.ABSTAIN)
    level = next(level for floor, level in VOICE_LEVELS if likeness >= floor)
    alike = level in (Level.L2, Level.L3)
    values: dict[str, object] = {"percent": capped_percent(likeness), "n": facts.evidence.posts_stored}
    stance = Stance.SUPPORTS if alike else Stance.NEUTRAL  # how they write is no word against anything
    if facts.copied:  # what is pasted in shows nothing of how they write
        post, piece = facts.copied[0]
        copied = Claim("history", post.id, best_sentence(post.text, tokens(piece)), stance)
        message = Message(f"offline.copied_{'alike' if alike else 'unlike'}", values | {"post": post.id})
        return CriterionAnswer((copied,), message, level)
    message = Message("offline.voice_alike" if alike else "offline.voice_unlike", values)
    return CriterionAnswer(quote(facts.nearest or facts.answered, (facts.evidence.draft,), stance), message, level)


def _voice_alone(facts: Facts) -> CriterionAnswer:
    """Nobody to compare with: whoever writes in their language would seem to be them, so a person has to read."""
    if facts.copied:
        post, piece = facts.copied[0]
        message = Message("offline.copied_alone", {"post": post.id})
        return CriterionAnswer(quote([post], tokens(piece), Stance.NEUTRAL), message, Level.ABSTAIN)
    quotes = quote(facts.nearest or facts.answered, (facts.evidence.draft,), Stance.NEUTRAL)
    return CriterionAnswer(quotes, Message("offline.voice_alone"), Level.ABSTAIN)


def _not_just_for_money(facts: Facts) -> CriterionAnswer:
    """A link to the product from before the deal, own use, and an honest word against it."""
    evidence = facts.evidence
    n = len(evidence.posts)
    linked = facts.linked
    folded = fold(evidence.draft)
    own_use, drawback = count_phrases("own_use", folded), count_phrases("drawback", folded)
    if linked:
        level = Level.L4 if len(linked) > 1 and own_use and drawback else Level.L3 if own_use or drawback else Level.L2
        if facts.only_sells:
            return CriterionAnswer(_instead(facts), Message("offline.only_sells", {"count": facts.sales}), Level.L1)
        ranked = sorted(linked, key=lambda post: -count_words(post.text, facts.topic))
        reasoning = Message(
            "offline.linked", {"count": len(linked), "n": n, "category": evidence.campaign.brand.category}
        )
        return CriterionAnswer(quote(ranked, facts.topic), reasoning, level)
    unlike = facts.value.get("likeness", 1.0) < UNLIKE
    sells = facts.sales >= SALES_LANGUAGE
    saturated = facts.value.get("sponsored_share", 0.0) > MAX_SPONSORED_SHARE
    if facts.only_sells or (sells and unlike):
        level = Level.L0
    elif sells or unlike or saturated:
        level = Level.L1
    else:  # in their own voice and not selling: whether the reason is honest has to be read
        level = Level.L2 if own_use else Level.ABSTAIN
    key = "offline.just_for_money" if level is Level.L0 else "offline.never_linked"
    reasoning = Message(key, {"n": n, "category": evidence.campaign.brand.category})
    return CriterionAnswer(refusal(facts) or _instead(facts), reasoning, level)


def _one_sided(answers: Mapping[CriterionKey, CriterionAnswer]) -> dict[CriterionKey, CriterionAnswer]:
    """`answers` with the first witnesses of each, none of whom another answer quotes for the other side.

    What speaks against the draft chooses first, then what speaks for it; what merely shows how they are comes last.
    """
    side: dict[str, Stance] = {}
    chosen = dict(answers)
    for key in sorted(answers, key=lambda key: _FIRST_TO_CHOOSE.index(_stance(answers[key]))):
        free = [claim for claim in answers[key].evidence if side.get(claim.post_id, claim.stance) is claim.stance]
        shown = free[: _wanted(key, answers[key])]
        chosen[key] = replace(answers[key], evidence=tuple(shown))
        side |= {claim.post_id: claim.stance for claim in shown}
    return chosen


def _wanted(key: CriterionKey, answer: CriterionAnswer) -> int:
    """One post is an example of a theme, or of what they write about instead; proof and a voice take two."""
    instead = _stance(answer) is not Stance.SUPPORTS and key is not CriterionKey.VOICE_MATCH
    return 1 if instead or key is CriterionKey.FOLLOWER_FIRST else WITNESSES


def _stance(answer: CriterionAnswer) -> Stance:
    """That of all its quotes."""
    return answer.evidence[0].stance if answer.evidence else Stance.NEUTRAL


def _questions(facts: Facts) -> tuple[Message, ...]:
    brand = facts.evidence.campaign.brand.name
    asked = []
    if not facts.value.get("brand_mentions"):
        asked.append(Message("offline.ask_use", {"brand": brand}))
    if not count_phrases("drawback", fold(facts.evidence.draft)):
        asked.append(Message("offline.ask_drawback", {"brand": brand}))
    return tuple(asked)
