"""Past words that may speak against a draft, found by search: refusals, a changed mind, a rival, a line put in a mouth.

Only a refusal that names the product is a finding. The rest is left open with the post beside it: a person has to read
both, and `cannot tell` is the honest outcome.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from bot.judging.answer import Claim, CriterionAnswer
from bot.judging.offline.facts import Facts, quote, stems
from bot.judging.phrases import phrase_pattern
from bot.judging.quotes import find
from bot.judging.search import PostSearch
from bot.judging.words import best_sentence, count_words, fold, sentences, tokens
from bot.model.messages import Message
from bot.model.posts import PastPost
from bot.model.verdicts import Level, Stance
from bot.past_content.language import guess_language

FORCED_SHARE = 0.6  # of a forced line's words in one sentence: it is about that line
RARE_SHARE = 0.1  # of the posts: a word in more of them says nothing about one topic
RIVAL_DAYS = 183  # a rival praised within half a year is remembered
_I = {"i", "i'm", "i've", "i'd", "i'll", "ich", "je", "j'ai"}
_IN_QUOTATION_MARKS = re.compile(r"[\"“「]([^\"“”「」]{2,30})[\"”」]")


def belief_consistency(facts: Facts) -> CriterionAnswer:
    """Refusals of the product that were not taken back since; else what has to be read before anybody can say."""
    for name, level in (("refused_promotion", Level.L0), ("refused_use", Level.L1)):
        if claims := _said(facts.since_brand, name, facts.topic):
            return CriterionAnswer(claims, Message("offline.refused"), level)
    for look, key in _DOUBTS:  # the first that finds something is told
        if claims := look(facts):
            return CriterionAnswer(claims, Message(key), Level.ABSTAIN)
    return CriterionAnswer((), Message("offline.nothing_said", {"n": len(facts.own)}), Level.ABSTAIN)


def _newest_first(posts: Sequence[PastPost]) -> Iterator[tuple[PastPost, str]]:
    """Every sentence with its post: newer words outrank older ones."""
    return ((post, sentence) for post in reversed(posts) for sentence in sentences(post.text))


def _against(post: PastPost, sentence: str, conflict: Literal["wording", "product"] = "product") -> tuple[Claim, ...]:
    return (Claim("history", post.id, sentence, Stance.CONTRADICTS, conflict),)


def _said(posts: Sequence[PastPost], name: str, naming: tuple[str, ...] = ()) -> tuple[Claim, ...]:
    """The newest sentence with a phrase of the list `name`, and with one of the words `naming` where given."""
    pattern = phrase_pattern(name)
    for post, sentence in _newest_first(posts):
        if pattern.search(fold(sentence)) and (not naming or count_words(sentence, naming)):
            return _against(post, sentence)
    return ()


def _refuses_this(facts: Facts) -> tuple[Claim, ...]:
    """The refusal that shares most rare words with the draft, whatever it calls the product; the newest of equals."""
    draft = {stem for stem in stems(facts.written) if len(stem) > 3}
    common = max(2, RARE_SHARE * len(facts.own))
    best: tuple[int, tuple[Claim, ...]] = (0, ())
    for name, needed in (("refused_promotion", 1), ("refused_use", 2), ("promised_not", 2)):
        pattern = phrase_pattern(name)
        for post, sentence in _newest_first(facts.since_brand):
            refused, found = pattern.subn(" ", fold(sentence))
            shared = sum(facts.posts_with[stem] <= common for stem in draft & stems(refused)) if found else 0
            if shared >= needed and shared > best[0]:
                best = shared, _against(post, sentence)
    return best[1]


def refusal(facts: Facts) -> tuple[Claim, ...]:
    """The newest words about what they do not lend their name to."""
    return tuple(
        Claim("history", claim.post_id, best_sentence(post.text, (claim.quote,)), claim.stance)
        for claim in _said(facts.own, "refused_promotion")
        for post in facts.own
        if post.id == claim.post_id
    )


def _about_forced_line(facts: Facts) -> tuple[Claim, ...]:
    """An own sentence that holds most words of a line which the brief forces and the draft carries."""
    named = set(tokens(" ".join(facts.brand)))
    forced = [set(tokens(line)) - named for line in _forced_lines(facts)]
    for post, sentence in _newest_first(facts.own):
        said = set(tokens(sentence))
        if any(len(words) > 2 and len(words & said) >= FORCED_SHARE * len(words) for words in forced):
            return _against(post, sentence, "wording")
    return ()


def _forced_slogan(facts: Facts) -> tuple[Claim, ...]:
    """The own post nearest to a forced line that names the brand: a slogan is nobody's own words."""
    slogans = [line for line in _forced_lines(facts) if count_words(line, facts.brand)]
    nearest = PostSearch(facts.own).nearest(slogans, 1) or facts.answered[:1]
    return quote(nearest, slogans, Stance.CONTRADICTS) if slogans else ()


def _forced_lines(facts: Facts) -> list[str]:
    return [line for line in facts.evidence.campaign.must_say if find(line, facts.evidence.draft)]


def _changed_mind(facts: Facts) -> tuple[Claim, ...]:
    """A sentence that tells of a changed mind in at least two rare words that the draft uses too."""
    pattern, draft = phrase_pattern("changed_mind"), {stem for stem in stems(facts.evidence.draft) if len(stem) > 3}
    common = max(2, RARE_SHARE * len(facts.own))
    for post, sentence in _newest_first(facts.own):
        if pattern.search(fold(sentence)) and _speaks_as_i(sentence):
            shared = [stem for stem in draft & stems(sentence) if facts.posts_with[stem] <= common]
            if len(shared) > 1:
                return _against(post, sentence, "wording")
    return ()


def _speaks_as_i(sentence: str) -> bool:
    """Whether the writer is the one it is about; languages that leave the person out are taken to be."""
    words = set(tokens(sentence))
    return bool(words & _I) or guess_language([sentence]) not in ("en", "de", "fr")


def _word_in_quotation_marks(facts: Facts) -> tuple[Claim, ...]:
    """A sentence that holds a rare word at arm's length, in quotation marks, which the draft uses as its own."""
    bare = _IN_QUOTATION_MARKS.sub(" ", facts.evidence.draft)
    for post, sentence in _newest_first(facts.own):
        for words in _IN_QUOTATION_MARKS.findall(sentence):
            told = [stem for stem in stems(words) if len(stem) > 3]
            rare = told and all(facts.posts_with[stem] <= 2 for stem in told)
            if rare and len(tokens(words)) <= 3 and count_words(bare, [words.strip(" .,!?")]):
                return _against(post, sentence, "wording")
    return ()


def _refuses_some(facts: Facts) -> tuple[Claim, ...]:
    """What they do not lend their name to, where nothing links them to this kind of product."""
    return () if facts.linked else refusal(facts)


def _not_theirs(facts: Facts) -> tuple[Claim, ...]:
    return _said(facts.since_brand, "not_i", facts.topic)


def _rival(facts: Facts) -> tuple[Claim, ...]:
    """The newest post of the last half year, paid or not, that names a rival."""
    if facts.value.get("competitor_days", RIVAL_DAYS) >= RIVAL_DAYS:
        return ()
    rivals = facts.evidence.campaign.brand.competitors
    newest = [post for post in facts.evidence.posts if count_words(post.text, rivals)][-1]
    return _against(newest, best_sentence(newest.text, rivals))


def _brand_never_named(facts: Facts) -> tuple[Claim, ...]:
    """The newest words about the kind of product: for or against it has to be read where the brand was never named."""
    if facts.value.get("brand_mentions"):
        return ()
    return quote(facts.linked[-1:], facts.topic, Stance.CONTRADICTS)


_DOUBTS: tuple[tuple[Callable[[Facts], tuple[Claim, ...]], str], ...] = (
    (_refuses_this, "offline.refuses_this"),
    (_about_forced_line, "offline.forced_line"),
    (_changed_mind, "offline.changed_mind"),
    (_word_in_quotation_marks, "offline.quoted_word"),
    (_not_theirs, "offline.not_theirs"),
    (_refuses_some, "offline.refuses_some"),
    (_forced_slogan, "offline.forced_slogan"),
    (_rival, "offline.rival"),
    (_brand_never_named, "offline.brand_never_named"),
)
