"""The sample workspace as values, without a database: every sample draft as a case to be judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from bot import sample
from bot.judging.review import Case
from bot.judging.voice import Corpus
from bot.model.posts import PastPost
from bot.model.workspace import Campaign, Influencer
from bot.past_content.reading import read_posts
from bot.services.workspace import posts_path, read_workspace
from bot.store.search import name_key

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Library:
    influencers: dict[str, Influencer]
    campaigns: dict[str, Campaign]
    posts: dict[str, tuple[PastPost, ...]]
    corpus: Corpus


@cache
def library() -> Library:
    path = sample.workspace()
    workspace = read_workspace(path, [])
    brands = {name_key(table.name): table.brand(1) for table in workspace.brand}
    posts = {
        table.handle: tuple(
            sorted(
                (
                    row
                    for row in read_posts(posts_path(path, str(table.posts)), handle=table.handle.lstrip("@"))
                    if isinstance(row, PastPost)
                ),
                key=lambda post: post.created_at or NOW,
            )
        )
        for table in workspace.influencer
    }
    return Library(
        {table.handle: table.influencer(1) for table in workspace.influencer},
        {table.name: table.campaign(1, brands[name_key(table.brand)]) for table in workspace.campaign},
        posts,
        Corpus({handle: [post.text for post in stored] for handle, stored in posts.items()}),
    )


def case_of(draft: sample.SampleDraft, *, language: str = "en") -> Case:
    known = library()
    return Case(
        draft.text,
        known.influencers[draft.influencer],
        known.campaigns[draft.campaign],
        known.posts[draft.influencer],
        known.corpus.profile(draft.influencer),
        language,
    )
