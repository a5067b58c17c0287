"""What can be counted about a draft and its history without a model. Each signal is a number with unit, n and posts.

No signal holds reach: likes and comments enter only as a ratio between the influencer's own posts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from statistics import median

from bot.judging import own_words
from bot.judging.phrases import count_phrases
from bot.judging.voice import Likeness
from bot.judging.words import count_words, fold, tokens, word_count
from bot.model.posts import PastPost
from bot.model.verdicts import Signal
from bot.model.workspace import Brand, Campaign
from bot.past_content.language import guess_language

RECENT = 30  # posts over which the sponsored share is taken
MIN_WORDS = 8  # below, a text's language is a guess
MIN_ANSWERED = 3  # posts of each sort before followers' answers are compared

_CODES = re.compile(
    r"https?://\S+ | <url> | \bwww\.\S+ | \b(?:code|código|kode)\s*:?\s*[\"“]?[A-Z0-9]{4,}\b"
    r"| \b\d{1,2}\s?%\s(?:off|rabatt|de\ descuento)\b | \d{1,2}[%%]オフ",
    re.IGNORECASE | re.VERBOSE,
)
_CODE_WORDS = re.compile(r"\b[A-Z]{3,}[0-9]{1,3}\b")
_DISCLOSED = re.compile(
    r"(?<!\w)#(?:ad|advert|sponsored|paid|anzeige|werbung|publi|publicidad|pr|pub|gifted)(?!\w)"
    r"|(?:^|\n)\s*(?:ad|advert|anzeige|werbung|publicidad)\s*[|:–—-]"
    r"|[【\[](?:pr|広告|プロモーション)[】\]]|#(?:広告|プロモーション)",
)
_EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")


def is_sponsored(post: PastPost) -> bool:
    """What the export says; where it says nothing, whether the text discloses it."""
    return post.sponsored if post.sponsored is not None else bool(_DISCLOSED.search(fold(post.text)))


def brand_words(brand: Brand) -> tuple[str, ...]:
    handle = (brand.handle.lstrip("@"),) if brand.handle else ()
    return (brand.name, *brand.aliases, *handle)


def measure(
    draft: str, campaign: Campaign, posts: Sequence[PastPost], likeness: Likeness | None, now: datetime
) -> tuple[Signal, ...]:
    """All signals of one draft. `posts` oldest first, `now` in UTC."""
    return (
        *_of_draft(draft, campaign),
        *own_words.signals(draft, brand_words(campaign.brand)),
        *_of_history(campaign, posts, now),
        *_of_habit(draft, posts),
        *_of_voice(likeness),
    )


def by_key(signals: Sequence[Signal]) -> dict[str, float]:
    """Values alone; what could not be measured is left out."""
    return {signal.key: signal.value for signal in signals if signal.value is not None}


def _of_draft(draft: str, campaign: Campaign) -> tuple[Signal, ...]:
    brand, folded = campaign.brand, fold(draft)
    words = max(1, word_count(draft))
    brand_share = count_words(draft, brand_words(brand)) / words
    codes = len(_CODES.findall(draft)) + len(set(_CODE_WORDS.findall(draft)))
    forced = sum(len(line) for line in campaign.must_say if fold(line).strip() and fold(line).strip() in folded)
    return (
        Signal("brand_share", brand_share, "share"),
        Signal(
            "topic_words", count_words(draft, (*brand_words(brand), brand.category, *brand.category_words)), "count"
        ),
        Signal("product_claims", count_words(draft, brand.claims), "count"),
        Signal("calls_to_action", count_phrases("calls_to_action", folded), "count"),
        Signal("codes_and_links", codes, "count"),
        Signal("superlatives", count_phrases("superlatives", folded), "count"),
        Signal("forced_share", min(1.0, forced / max(1, len(draft))), "share"),
    )


def _of_history(campaign: Campaign, posts: Sequence[PastPost], now: datetime) -> tuple[Signal, ...]:
    brand, n = campaign.brand, len(posts)
    with_brand = tuple(post.id for post in posts if count_words(post.text, brand_words(brand)))
    own_category = tuple(
        post.id
        for post in posts
        if count_words(post.text, (brand.category, *brand.category_words)) and not is_sponsored(post)
    )
    rivals = [post for post in posts if count_words(post.text, brand.competitors)]
    sponsored = [post for post in posts if is_sponsored(post)]
    recent = posts[-RECENT:]
    share = sum(is_sponsored(post) for post in recent) / len(recent) if recent else None
    return (
        Signal("brand_mentions", len(with_brand), "count", n, with_brand),
        Signal("category_mentions", len(own_category), "count", n, own_category),
        Signal("competitor_days", _days_since(rivals, now), "days", n, tuple(post.id for post in rivals)),
        Signal("sponsored_share", share, "share", len(recent)),
        Signal("sponsored_days", _days_since(sponsored, now), "days", n, tuple(post.id for post in sponsored[-1:])),
        _answered(posts, sponsored),
    )


def _answered(posts: Sequence[PastPost], sponsored: Sequence[PastPost]) -> Signal:
    """How much followers answer sponsored posts, as a ratio to the influencer's own posts (median likes + comments)."""
    of_sponsored = {post.id for post in sponsored}
    answers = {post.id: (post.likes or 0) + (post.comments or 0) for post in posts if post.likes is not None}
    paid = [count for post_id, count in answers.items() if post_id in of_sponsored]
    own = [count for post_id, count in answers.items() if post_id not in of_sponsored]
    enough = len(paid) >= MIN_ANSWERED and len(own) >= MIN_ANSWERED and median(own) > 0
    return Signal("sponsored_answer", round(median(paid) / median(own), 3) if enough else None, "ratio", len(paid))


def _days_since(posts: Sequence[PastPost], now: datetime) -> float | None:
    dates = [post.created_at for post in posts if post.created_at is not None]
    return max(0.0, float((now - max(dates)).days)) if dates else None


def _of_habit(draft: str, posts: Sequence[PastPost]) -> tuple[Signal, ...]:
    lengths = sorted(len(post.text) for post in posts)
    at = 100 * sum(length <= len(draft) for length in lengths) / len(lengths) if lengths else None
    usual = sum(len(_EMOJI.findall(post.text)) for post in posts) / max(1, sum(lengths)) * 100
    here = len(_EMOJI.findall(draft)) / max(1, len(draft)) * 100
    return (
        Signal("length_percentile", at, "percentile", len(lengths)),
        Signal("emoji_against_habit", round(here - usual, 2), "per 100 characters", len(lengths)),
        Signal("words", len(tokens(draft)), "count"),
        _language(draft, posts),
    )


def _language(draft: str, posts: Sequence[PastPost]) -> Signal:
    """In how many of the recent posts long enough to tell the draft's language is written."""
    told = [post for post in posts if word_count(post.text) >= MIN_WORDS][-RECENT:]
    if word_count(draft) < MIN_WORDS or not told:
        return Signal("language_share", None, "share")
    language = guess_language([draft])
    same = sum(guess_language([post.text]) == language for post in told)
    return Signal("language_share", same / len(told), "share", len(told))


def _of_voice(likeness: Likeness | None) -> tuple[Signal, ...]:
    if likeness is None:
        return ()
    copied = sum(span.end - span.start for span in likeness.copied)
    told = likeness.told
    alone = () if told is not None else (Signal("writers", likeness.writers, "count"),)
    return (
        *alone,
        Signal("likeness", None if told is None else round(told, 3), "probability", likeness.n_posts),
        Signal("likeness_percentile", round(likeness.percentile, 1), "percentile", likeness.n_posts),
        Signal("copied_characters", copied, "characters", likeness.n_posts),
    )
