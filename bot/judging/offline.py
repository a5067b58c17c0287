"""The judge for when no model is configured: it measures, it does not read, and says so.

Every level follows from a count or a measured likeness, with the posts behind it quoted. What only reading could tell
(irony, a changed mind, a belief put in other words) it leaves open, and it is content to end in 'cannot tell'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.judging.answer import Answer, Claim, CriterionAnswer
from bot.judging.evidence import Evidence
from bot.judging.phrases import count_phrases, phrase_pattern
from bot.judging.quotes import find
from bot.judging.search import PostSearch
from bot.judging.signals import brand_words, by_key, is_sponsored
from bot.judging.words import best_sentence, count_words, fold, sentences, tokens
from bot.model import CriterionKey, Level, Message, PastPost, Stance

# Likeness of a sponsored draft, calibrated on labelled drafts: see tests/benchmarks/.
VOICE_L3, VOICE_L2, VOICE_L1 = 0.65, 0.35, 0.15
FORCED_SHARE = 0.6  # of a forced line's words in one post: it is about that line
RARE_SHARE = 0.1  # of the posts: a word in more of them says nothing about one topic
SALES_LANGUAGE = 3  # calls, codes, claims and superlatives together from which a post sells


class OfflineJudge:
    """Satisfies `bot.judging.answer.Judge` without any endpoint."""

    kind = "offline"
    model = "none"
    prompt_hash = ""

    async def read(self, evidence: Evidence) -> Answer:
        facts = _facts(evidence)
        return Answer(
            {
                CriterionKey.SHARED_VALUES: _shared_values(facts),
                CriterionKey.FOLLOWER_FIRST: _follower_first(facts),
                CriterionKey.VOICE_MATCH: _voice_match(facts),
                CriterionKey.BELIEF_CONSISTENCY: _belief_consistency(facts),
                CriterionKey.NOT_JUST_FOR_MONEY: _not_just_for_money(facts),
                CriterionKey.DISCLOSURE: CriterionAnswer((), Message("offline.disclosure"), Level.ABSTAIN),
            },
            questions=_questions(facts),
        )


@dataclass(frozen=True, slots=True)
class _Facts:
    evidence: Evidence
    value: dict[str, float]  # signals by key
    own: tuple[PastPost, ...]  # not sponsored
    nearest: tuple[PastPost, ...]  # own posts nearest to the draft, best first
    answered: tuple[PastPost, ...]  # own posts that followers answered most, best first
    posts_with: Counter[str]  # in how many own posts a word stands

    @property
    def sales(self) -> int:
        """Marks of selling, of any kind, in the draft."""
        keys = ("calls_to_action", "codes_and_links", "product_claims", "superlatives")
        return int(sum(self.value.get(key, 0) for key in keys))

    @property
    def linked(self) -> list[PastPost]:
        """Own posts that speak of the brand or its kind of product."""
        return [post for post in self.own if count_words(post.text, self.topic)]

    @property
    def topic(self) -> tuple[str, ...]:
        brand = self.evidence.campaign.brand
        return (brand.category, *brand.category_words, *brand_words(brand))


def _facts(evidence: Evidence) -> _Facts:
    own = tuple(post for post in evidence.posts if not is_sponsored(post))
    answered = sorted(own, key=lambda post: -((post.likes or 0) + 10 * (post.comments or 0)))
    nearest = PostSearch(own).nearest([evidence.draft], 5)
    posts_with = Counter(word for post in own for word in _stems(post.text))
    return _Facts(evidence, by_key(evidence.signals), own, nearest, tuple(answered[:5]), posts_with)


def _shared_values(facts: _Facts) -> CriterionAnswer:
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
            _quote(facts.answered[:1], ()),
            Message("offline.values_unvoiced", {"n": n}),
            Level.L1 if facts.sales else Level.L2,
        )
    level = Level.L4 if witnesses > 1 and echoed else Level.L3 if witnesses > 1 else Level.L2
    ranked = sorted(posts, key=lambda post: -count_words(post.text, words))
    reasoning = Message("offline.values_voiced", {"value": name, "count": len(posts), "n": n})
    return CriterionAnswer(_quote(ranked[:2], words), reasoning, level)


def _follower_first(facts: _Facts) -> CriterionAnswer:
    """Selling against showing: marks of selling on one side, a theme that followers know on the other."""
    evidence, marks = facts.evidence, facts.sales
    theme = facts.nearest[:1]
    values = {"count": marks}
    if marks >= SALES_LANGUAGE:
        level = Level.L1 if theme and len(evidence.draft) > 200 else Level.L0
        return CriterionAnswer(_quote(facts.answered[:1], ()), Message("offline.sells", values), level)
    if not theme:
        return CriterionAnswer((), Message("offline.no_theme", {"n": len(facts.own)}), Level.L1 if marks else Level.L2)
    return CriterionAnswer(
        _quote(theme, (evidence.draft,)), Message("offline.theme", values), Level.L2 if marks > 1 else Level.L3
    )


def _voice_match(facts: _Facts) -> CriterionAnswer:
    likeness = facts.value.get("likeness")
    if likeness is None:
        return CriterionAnswer((), Message("offline.voice_unknown"), Level.ABSTAIN)
    level = (
        Level.L3
        if likeness >= VOICE_L3
        else Level.L2
        if likeness >= VOICE_L2
        else Level.L1
        if likeness >= VOICE_L1
        else Level.L0
    )
    alike = level in (Level.L2, Level.L3)
    message = Message(
        "offline.voice_alike" if alike else "offline.voice_unlike",
        {"percent": round(100 * likeness), "n": facts.evidence.posts_stored},
    )
    posts = facts.nearest[:2] or facts.answered[:1]
    return CriterionAnswer(
        _quote(posts, (facts.evidence.draft,), Stance.SUPPORTS if alike else Stance.CONTRADICTS), message, level
    )


def _belief_consistency(facts: _Facts) -> CriterionAnswer:
    """Refusals that name the product are found by words. What may be one, but has to be read, is left open with it."""
    unread = Message("offline.nothing_said", {"n": len(facts.own)})
    if not facts.value.get("brand_mentions"):  # who has praised the brand itself has not refused its kind
        for name, level in (("refused_promotion", Level.L0), ("refused_use", Level.L1)):
            if claims := _refusals(facts, name, naming=facts.topic):
                return CriterionAnswer(claims, Message("offline.refused"), level)
    for claims, key in (
        (_about_forced_line(facts), "offline.forced_line"),
        (_changed_mind(facts), "offline.changed_mind"),
        (() if facts.linked else _refusals(facts, "refused_promotion"), "offline.refuses_some"),
    ):
        if claims:
            return CriterionAnswer(claims, Message(key), Level.ABSTAIN)
    return CriterionAnswer((), unread, Level.ABSTAIN)


def _refusals(facts: _Facts, name: str, *, naming: tuple[str, ...] = ()) -> tuple[Claim, ...]:
    """The newest sentence with a phrase of the list `name`, and with one of the words `naming` where given."""
    pattern = phrase_pattern(name)
    for post in reversed(facts.own):
        for sentence in sentences(post.text):
            if pattern.search(fold(sentence)) and (not naming or count_words(sentence, naming)):
                return (Claim("history", post.id, sentence, Stance.CONTRADICTS, "product"),)
    return ()


def _about_forced_line(facts: _Facts) -> tuple[Claim, ...]:
    """The newest own sentence that holds most words of a line which the brief forces and the draft carries."""
    campaign = facts.evidence.campaign
    named = set(tokens(" ".join(brand_words(campaign.brand))))
    forced = [set(tokens(line)) - named for line in campaign.must_say if find(line, facts.evidence.draft)]
    for post in reversed(facts.own):
        for sentence in sentences(post.text):
            said = set(tokens(sentence))
            if any(len(words) > 2 and len(words & said) >= FORCED_SHARE * len(words) for words in forced):
                return (Claim("history", post.id, sentence, Stance.CONTRADICTS, "wording"),)
    return ()


def _changed_mind(facts: _Facts) -> tuple[Claim, ...]:
    """The newest post that tells of a changed mind in at least two rare words that the draft uses too."""
    pattern, draft = phrase_pattern("changed_mind"), {word for word in _stems(facts.evidence.draft) if len(word) > 3}
    common = max(2, RARE_SHARE * len(facts.own))
    for post in reversed(facts.own):
        if pattern.search(fold(post.text)):
            shared = [word for word in draft & _stems(post.text) if facts.posts_with[word] <= common]
            if len(shared) >= 2:
                return (Claim("history", post.id, best_sentence(post.text, shared), Stance.CONTRADICTS, "wording"),)
    return ()


def _stems(text: str) -> set[str]:
    """Words without a plural s, which is enough to meet 'sausage' in 'sausages'."""
    return {word.removesuffix("s") if len(word) > 4 else word for word in tokens(text)}


def _not_just_for_money(facts: _Facts) -> CriterionAnswer:
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
        return CriterionAnswer(_quote(ranked[:2], facts.topic), reasoning, level)
    unlike = facts.value.get("likeness", 1.0) < VOICE_L2
    sells = facts.sales >= SALES_LANGUAGE
    level = Level.L0 if sells and unlike else Level.L1 if sells or unlike or not own_use else Level.L2
    key = "offline.just_for_money" if level is Level.L0 else "offline.never_linked"
    reasoning = Message(key, {"n": n, "category": evidence.campaign.brand.category})
    return CriterionAnswer(_quote(_principle(facts), (), Stance.CONTRADICTS), reasoning, level)


def _principle(facts: _Facts) -> Sequence[PastPost]:
    """What they said about lending their name, else what their followers know them for."""
    pattern = phrase_pattern("refused_promotion")
    return [post for post in facts.own if pattern.search(fold(post.text))][-1:] or facts.answered[:1]


def _quote(posts: Iterable[PastPost], words: Iterable[str], stance: Stance = Stance.SUPPORTS) -> tuple[Claim, ...]:
    """The telling sentence of each post, verbatim. A text among `words` stands for all its words."""
    wanted = tuple(word for text in words for word in (text.split() if len(text) > 60 else (text,)))
    return tuple(Claim("history", post.id, best_sentence(post.text, wanted), stance) for post in posts)


def _questions(facts: _Facts) -> tuple[Message, ...]:
    brand = facts.evidence.campaign.brand.name
    asked = []
    if not facts.value.get("brand_mentions"):
        asked.append(Message("offline.ask_use", {"brand": brand}))
    if not count_phrases("drawback", fold(facts.evidence.draft)):
        asked.append(Message("offline.ask_drawback", {"brand": brand}))
    return tuple(asked)
