"""Small invented values for tests. Each takes only what a test cares about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.judging.answer import Claim, CriterionAnswer
from bot.judging.evidence import Evidence
from bot.model.messages import Message
from bot.model.posts import PastPost, snapshot_hash
from bot.model.verdicts import DisclosureLine, Level, Signal, Stance
from bot.model.workspace import Brand, BrandValue, Campaign, Influencer

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def make_post(
    number: int, text: str, *, days_ago: int = 100, sponsored: bool | None = False, likes: int | None = None
) -> PastPost:
    return PastPost(
        f"p{number}",
        text,
        NOW - timedelta(days=days_ago),
        f"https://photos.example/p{number}",
        "instagram",
        sponsored=sponsored,
        likes=likes,
    )


def make_brand() -> Brand:
    return Brand(
        1,
        7,
        "Pebbleway",
        handle="@pebbleway",
        aliases=("Pebbleway Shoes",),
        category="running shoes",
        category_words=("running shoes", "trainers"),
        competitors=("Stridewell",),
        claims=("never wears out",),
        values=(BrandValue("repair", ("mend", "repair")),),
    )


def make_campaign(**changes: object) -> Campaign:
    values: dict[str, object] = {"must_say": ("Fly like never before!",), "countries": ("US",)}
    return Campaign(1, 7, "Spring", make_brand(), **(values | changes))  # type: ignore[arg-type] # test convenience


def make_influencer() -> Influencer:
    return Influencer(1, 7, "mossy_miles", "Mo Field", "en", "US", "instagram")


def make_evidence(
    draft: str,
    posts: Sequence[PastPost] = (),
    *,
    signals: dict[str, float] | None = None,
    campaign: Campaign | None = None,
) -> Evidence:
    posts = tuple(posts)
    return Evidence(
        draft,
        make_influencer(),
        campaign or make_campaign(),
        posts,
        len(posts),
        snapshot_hash(posts),
        tuple(Signal(key, value, "count") for key, value in (signals or {}).items()),
        DisclosureLine("PASS", None, None),
        "en",
    )


def claim(post_id: str, quote: str, stance: Stance = Stance.SUPPORTS, **more: str) -> Claim:
    return Claim("history", post_id, quote, stance, **more)  # type: ignore[arg-type] # test convenience


def criterion_answer(level: Level, *evidence: Claim) -> CriterionAnswer:
    return CriterionAnswer(evidence, Message("literal", {"text": "because"}), level)
