"""What the offline judge counts with: the own posts, the nearest, the most answered, and where the brand stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.judging.answer import Claim
from bot.judging.evidence import Evidence
from bot.judging.phrases import phrase_pattern
from bot.judging.search import PostSearch
from bot.judging.signals import brand_words, by_key, is_sponsored
from bot.judging.voice.copied import CopyIndex
from bot.judging.words import best_sentence, count_words, fold, found_words, tokens, word_count
from bot.model.posts import PastPost
from bot.model.verdicts import Stance

SALES_LANGUAGE = 3  # calls, codes, claims and superlatives together from which a post sells
COPIED_SHARE = 0.1  # of the draft: a piece of it from which a copy is spoken of
_NOTHING_SAID = 2  # words that may be left beside the selling
_TAGS = re.compile(r"[#@]\w+|https?://\S+|\b\w*\d\w*")


@dataclass(frozen=True, slots=True)
class Facts:
    evidence: Evidence
    value: dict[str, float]  # signals by key
    own: tuple[PastPost, ...]  # not sponsored, oldest first
    nearest: tuple[PastPost, ...]  # own posts nearest to the draft, best first
    answered: tuple[PastPost, ...]  # own posts that followers answered most, best first
    posts_with: Counter[str]  # in how many own posts a stem stands
    copied: tuple[tuple[PastPost, str], ...]  # posts of which a piece is pasted into the draft, with that piece

    @property
    def sales(self) -> int:
        """Marks of selling, of any kind, in the draft."""
        keys = ("calls_to_action", "codes_and_links", "product_claims", "superlatives")
        return int(sum(self.value.get(key, 0) for key in keys))

    @property
    def written(self) -> str:
        """The draft without the pieces that are pasted from a post."""
        text = self.evidence.draft
        for _, piece in self.copied:
            text = text.replace(piece, " ")
        return text

    @property
    def only_sells(self) -> bool:
        """Whether next to nothing is left of the draft without calls to action, praise, codes, tags and the brand."""
        left = fold(self.evidence.draft)
        for pattern in (phrase_pattern("calls_to_action"), phrase_pattern("superlatives"), _TAGS):
            left = pattern.sub(" ", left)
        named = sum(map(word_count, found_words(left, self.topic)))
        return self.sales > 0 and word_count(left) - named <= _NOTHING_SAID

    @property
    def brand(self) -> tuple[str, ...]:
        """The words that name the brand."""
        return brand_words(self.evidence.campaign.brand)

    @property
    def topic(self) -> tuple[str, ...]:
        """The words that name the brand or its kind of product."""
        brand = self.evidence.campaign.brand
        return (brand.category, *brand.category_words, *self.brand)

    @property
    def linked(self) -> list[PastPost]:
        """Own posts that speak of the brand or its kind of product."""
        return [post for post in self.own if count_words(post.text, self.topic)]

    @property
    def since_brand(self) -> tuple[PastPost, ...]:
        """Own posts after the newest that names the brand; all of them where none does."""
        last = max((i for i, post in enumerate(self.own) if count_words(post.text, self.brand)), default=-1)
        return self.own[last + 1 :]


def gather_facts(evidence: Evidence) -> Facts:
    own = tuple(post for post in evidence.posts if not is_sponsored(post))
    answered = sorted(own, key=lambda post: -((post.likes or 0) + 10 * (post.comments or 0)))
    value = by_key(evidence.signals)
    copied = _copied(evidence) if value.get("copied_characters") else ()
    pasted = {post.id for post, _ in copied}
    nearest = PostSearch([post for post in own if post.id not in pasted]).nearest([evidence.draft], 5)
    posts_with = Counter(stem for post in own for stem in stems(post.text))
    return Facts(evidence, value, own, nearest, tuple(answered[:5]), posts_with, copied)


def _copied(evidence: Evidence) -> tuple[tuple[PastPost, str], ...]:
    """The longest piece first; turns of phrase that they keep using are no copies, nor are a few words."""
    spans = CopyIndex([post.text for post in evidence.posts]).spans(evidence.draft)
    least = COPIED_SHARE * len(evidence.draft)
    pasted = [span for span in spans if not span.habit and span.end - span.start >= least]
    longest = sorted(pasted, key=lambda span: span.start - span.end)
    return tuple((evidence.posts[span.post], evidence.draft[span.start : span.end]) for span in longest)


def stems(text: str) -> set[str]:
    """Words without a plural s, which is enough to meet 'sausage' in 'sausages'."""
    return {word.removesuffix("s") if len(word) > 4 else word for word in tokens(text)}


def quote(posts: Iterable[PastPost], words: Iterable[str], stance: Stance = Stance.SUPPORTS) -> tuple[Claim, ...]:
    """The telling sentence of each post, verbatim. A text among `words` stands for all its words."""
    wanted = tuple(word for text in words for word in (text.split() if len(text) > 60 else (text,)))
    return tuple(Claim("history", post.id, best_sentence(post.text, wanted), stance) for post in posts)
