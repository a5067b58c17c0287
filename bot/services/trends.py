"""How things went: verdicts, posts and followers' answers of one influencer, and the drafts of one campaign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from bot.judging.signals import is_sponsored
from bot.model.posts import PastPost
from bot.model.verdicts import Outcome
from bot.model.workspace import Campaign, Influencer
from bot.services.names import find_campaign, find_influencer
from bot.store import posts, trends
from bot.store.database import Store
from bot.store.sight import EVERYTHING, Sight
from bot.store.trends import Judged
from bot.store.verdicts import Decided

WEEKS, MONTHS = 12, 12
SHOWN = 8  # verdicts whose levels are shown
MOST_NAMED = 10  # influencers of a campaign, those with the most verdicts
MIN_ANSWERED = 3  # posts of a sort before followers' answers are compared


@dataclass(frozen=True, slots=True)
class Weeks:
    """Verdicts by outcome and week; each count belongs to the Monday at its place in `starts`."""

    starts: tuple[date, ...]
    counts: Mapping[Outcome, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Months:
    """Posts by month, oldest first. Answers are the median of likes and comments a post; None: no likes known."""

    starts: tuple[date, ...]
    own: tuple[int, ...]
    sponsored: tuple[int, ...]
    own_answers: tuple[float | None, ...]
    sponsored_answers: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    influencer: Influencer
    newest: tuple[Judged, ...]  # at most SHOWN, oldest first
    weeks: Weeks
    months: Months
    own_answers: float | None  # over the posts of these months; None: too few to compare
    sponsored_answers: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    campaign: Campaign
    weeks: Weeks
    by_influencer: tuple[tuple[str, Mapping[Outcome, int]], ...]  # most verdicts first
    others: Mapping[Outcome, int]  # of influencers without a line of their own
    decisions: Mapping[Decided, int]  # about the newest text of each draft
    open: tuple[str, ...]  # numbers, oldest first


async def trend(store: Store, guild_id: int, handle: str, now: datetime, sight: Sight = EVERYTHING) -> Trend:
    """Raises Problem for a handle that is not stored. Counts team verdicts within `sight`, and the team's posts."""
    async with store.read() as conn:
        influencer = await find_influencer(conn, guild_id, handle)
        found = await trends.judged(conn, guild_id, influencer_id=influencer.id, sight=sight)
        history = await posts.posts_of(conn, influencer.id)
    months = by_month(history, now.date())
    shown = [post for post in history if post.created_at and post.created_at.date() >= months.starts[0]]
    paid, own = _answers(shown, sponsored=True), _answers(shown, sponsored=False)
    is_enough = min(len(paid), len(own)) >= MIN_ANSWERED
    return Trend(
        influencer,
        found[-SHOWN:],
        by_week(found, now.date()),
        months,
        median(own) if is_enough else None,
        median(paid) if is_enough else None,
    )


async def overview(store: Store, guild_id: int, campaign: str, now: datetime, sight: Sight = EVERYTHING) -> Overview:
    """Raises Problem for a campaign that is not stored. Counts team verdicts within `sight` alone."""
    async with store.read() as conn:
        what = await find_campaign(conn, guild_id, campaign)
        found = await trends.judged(conn, guild_id, campaign_id=what.id, sight=sight)
    each: dict[str, Counter[Outcome]] = {}
    for one in found:
        each.setdefault(one.handle, Counter())[one.outcome] += 1
    ranked = sorted(each.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    newest = [one for one in found if one.is_newest]
    return Overview(
        what,
        by_week(found, now.date()),
        tuple(ranked[:MOST_NAMED]),
        sum((counts for _, counts in ranked[MOST_NAMED:]), Counter[Outcome]()),
        Counter(_decided(one) for one in newest),
        tuple(one.number for one in newest if one.decision is None),
    )


def by_week(found: Iterable[Judged], today: date) -> Weeks:
    """The last WEEKS weeks, this one included; in UTC, from Monday on."""
    monday = today - timedelta(days=today.weekday())
    starts = tuple(monday - timedelta(weeks=back) for back in reversed(range(WEEKS)))
    counted = Counter((one.outcome, _monday(one.created_at.date())) for one in found)
    return Weeks(starts, {outcome: tuple(counted[outcome, start] for start in starts) for outcome in Outcome})


def by_month(history: Sequence[PastPost], today: date) -> Months:
    """The last MONTHS months, this one included; posts without a date are left out."""
    number = today.year * 12 + today.month - 1
    starts = tuple(date(back // 12, back % 12 + 1, 1) for back in range(number - MONTHS + 1, number + 1))
    grouped: dict[tuple[bool, date], list[PastPost]] = {}
    for post in history:
        if post.created_at is not None:
            month = post.created_at.date().replace(day=1)
            grouped.setdefault((is_sponsored(post), month), []).append(post)

    def counts(sponsored: bool) -> tuple[int, ...]:
        return tuple(len(grouped.get((sponsored, start), ())) for start in starts)

    def answers(sponsored: bool) -> tuple[float | None, ...]:
        found = (_answers(grouped.get((sponsored, start), ()), sponsored=sponsored) for start in starts)
        return tuple(median(one) if one else None for one in found)

    return Months(starts, counts(False), counts(True), answers(False), answers(True))


def _answers(history: Sequence[PastPost], *, sponsored: bool) -> list[int]:
    """Likes and comments of each post whose likes are known."""
    return [
        post.likes + (post.comments or 0)
        for post in history
        if post.likes is not None and is_sponsored(post) is sponsored
    ]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _decided(one: Judged) -> Decided:
    return Decided(one.decision) if one.decision else Decided.OPEN
