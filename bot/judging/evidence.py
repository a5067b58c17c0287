"""What a judge reads about one draft: chosen from the whole history, in stable order, without any reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.judging.search import PostSearch
from bot.model import Campaign, DisclosureLine, Influencer, PastPost, Signal

LINE_TOKENS = 14  # mark, number, date and sponsored flag in front of each post


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything one reading rests on. `posts` are oldest first, the same for every draft where they fit whole."""

    draft: str  # after hygiene; line breaks kept
    influencer: Influencer
    campaign: Campaign
    posts: tuple[PastPost, ...]
    posts_stored: int
    snapshot: str  # snapshot_hash of the whole stored history
    signals: tuple[Signal, ...]
    disclosure: DisclosureLine
    language: str  # of the answer, e.g. "ja"


def estimated_tokens(text: str) -> int:
    """Tokens a model will count, to within a quarter: four characters of a spaced script, or one of an unspaced one."""
    unspaced = sum(character >= "\u2e80" for character in text)
    return unspaced + (len(text) - unspaced + 3) // 4


def select_posts(posts: tuple[PastPost, ...], queries: Sequence[str], *, budget_tokens: int) -> tuple[PastPost, ...]:
    """The whole history where it fits the budget, else the newest and the posts nearest to any query. Oldest first.

    A third of the budget goes to the newest posts, whatever they are about, so that today's voice is always read.
    """
    cost = {post.id: estimated_tokens(post.text) + LINE_TOKENS for post in posts}
    if sum(cost.values()) <= budget_tokens:
        return posts
    chosen: set[str] = set()
    left = budget_tokens
    for share, candidates in ((3, posts[::-1]), (1, PostSearch(posts).nearest(queries, len(posts)))):
        room = left // share
        for post in candidates:
            if post.id not in chosen and cost[post.id] <= room:
                chosen.add(post.id)
                room -= cost[post.id]
                left -= cost[post.id]
    return tuple(post for post in posts if post.id in chosen)
