"""What is told of followers' answers is about the months that are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.model.posts import PastPost
from bot.services.trends import trend
from bot.store import posts
from bot.store.database import Store
from tests.store.values import make_place

GUILD = 1_180_000_000_000_000_008
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def three(days: int, likes: int, *, sponsored: bool) -> list[PastPost]:
    at = NOW - timedelta(days=days)
    names = (f"{days}-{likes}-{number}" for number in range(3))
    return [PastPost(name, name, at, None, "instagram", likes=likes, sponsored=sponsored) for name in names]


async def test_answers_are_compared_over_the_months_that_are_shown(store: Store) -> None:
    async with store.write() as conn:
        place = await make_place(conn, GUILD)
        recent = three(20, 10, sponsored=False) + three(30, 5, sponsored=True)
        await posts.add_posts(conn, place.influencer.id, recent + three(800, 900, sponsored=True))
    found = await trend(store, GUILD, place.influencer.handle, NOW)
    assert (found.own_answers, found.sponsored_answers) == (10, 5)
    assert (sum(found.months.own), sum(found.months.sponsored)) == (3, 3)


async def test_sponsored_posts_of_years_ago_are_not_compared_with_those_of_today(store: Store) -> None:
    async with store.write() as conn:
        place = await make_place(conn, GUILD)
        await posts.add_posts(conn, place.influencer.id, three(20, 10, sponsored=False) + three(800, 5, sponsored=True))
    found = await trend(store, GUILD, place.influencer.handle, NOW)
    assert (found.own_answers, found.sponsored_answers) == (None, None)
