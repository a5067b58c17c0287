"""What a judge reads about one draft: chosen from the whole history, in stable order, without any reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.judging.search import PostSearch
from bot.model.dossiers import Dossier, Statement
from bot.model.drafts import Attachment
from bot.model.posts import PastPost
from bot.model.verdicts import DisclosureLine, Signal
from bot.model.workspace import Campaign, Influencer

LINE_TOKENS = 14  # mark, number, date and sponsored flag in front of each post
FURTHER_LINE_TOKENS = 8  # mark and number in front of its other lines


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything one reading rests on. `posts` are oldest first, the same for every draft where they fit whole.

    Else `posts` are the newest ones and those that the dossier quotes, again the same for every draft; `nearest` are
    what this draft brings along, also oldest first, and may repeat a post that is only quoted.
    """

    draft: str  # after hygiene; line breaks kept
    influencer: Influencer
    campaign: Campaign
    posts: tuple[PastPost, ...]
    posts_stored: int
    snapshot: str  # snapshot_hash of the whole stored history
    signals: tuple[Signal, ...]
    disclosure: DisclosureLine
    language: str  # of the answer, e.g. "ja"
    dossier: Dossier | None = None
    only_quoted: frozenset[str] = frozenset()  # ids of `posts` of which nothing but the dossier's quotes is read
    nearest: tuple[PastPost, ...] = ()
    reading: int = 1  # of several readings of the same; each has an order of its own in what is not shared by drafts
    spoken: str = ""  # the end of `draft` that is not written but said in the video
    images: tuple[Attachment, ...] = ()

    @property
    def read_whole(self) -> tuple[str, ...]:
        """Ids of the posts that are read from beginning to end."""
        posts = (*(post for post in self.posts if post.id not in self.only_quoted), *self.nearest)
        return tuple(dict.fromkeys(post.id for post in posts))


def estimated_tokens(text: str) -> int:
    """Tokens a model will count, to within a quarter: four characters of a spaced script, or one of an unspaced one."""
    unspaced = sum(character >= "\u2e80" for character in text)
    return unspaced + (len(text) - unspaced + 3) // 4


def post_tokens(post: PastPost) -> int:
    """What a post costs to read, with the marks in front of its lines."""
    return estimated_tokens(post.text) + LINE_TOKENS + FURTHER_LINE_TOKENS * post.text.count("\n")


def history_tokens(posts: Iterable[PastPost]) -> int:
    return sum(map(post_tokens, posts))


@dataclass(frozen=True, slots=True)
class Selection:
    """Posts that fit a budget, oldest first. `newest` are chosen for their age alone, whatever the draft is about."""

    newest: tuple[PastPost, ...]
    nearest: tuple[PastPost, ...] = ()


def select_posts(
    posts: tuple[PastPost, ...], queries: Sequence[str], *, budget_tokens: int, noted: Sequence[Statement] = ()
) -> Selection:
    """The whole history where it fits the budget, else the newest and of the others those most worth reading.

    A third of the budget goes to the newest posts, so that today's voice is always read. `noted` are statements that
    are not read themselves: the posts they quote are.
    """
    if history_tokens(posts) <= budget_tokens:
        return Selection(posts)
    newest = _fitting(posts[::-1], budget_tokens // 3)
    left = budget_tokens - history_tokens(newest.values())
    near = PostSearch(posts, noted).worth_reading(queries)
    nearest = _fitting([post for post in near if post.id not in newest], left)
    return Selection(
        tuple(post for post in posts if post.id in newest), tuple(post for post in posts if post.id in nearest)
    )


def _fitting(candidates: Iterable[PastPost], room: int) -> dict[str, PastPost]:
    """The first of `candidates` that still fit, by id; a longer one is passed over."""
    chosen = {}
    for post in candidates:
        if (cost := post_tokens(post)) <= room:
            chosen[post.id] = post
            room -= cost
    return chosen
