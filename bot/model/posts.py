"""Past posts: what an influencer wrote before, and who may use it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Visibility(StrEnum):
    """Who may ever see a draft: the team of the guild, or its author alone (self-check)."""

    TEAM = "team"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class PastPost:
    """One public post of the influencer. `id` is the platform's, or `x:` and a hash where the export has none."""

    id: str
    text: str
    created_at: datetime | None = None  # UTC
    url: str | None = None
    platform: str = "unknown"
    kind: str = "post"  # post, reel, story, video, reply
    language: str | None = None
    sponsored: bool | None = None  # None: the export does not say
    likes: int | None = None
    comments: int | None = None

    @property
    def sha256(self) -> str:
        """Changes when anything a judge may read of the post changes."""
        parts = (self.id, self.text, self.created_at.isoformat() if self.created_at else "", str(self.sponsored))
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def snapshot_hash(posts: tuple[PastPost, ...]) -> str:
    """sha256 over the posts in stored order: names the exact history a verdict was earned from."""
    digest = hashlib.sha256()
    for post in posts:
        digest.update(bytes.fromhex(post.sha256))
    return digest.hexdigest()


def short_id(post_id: str) -> str:
    """A post's id for people: eight characters tell the posts of one history apart."""
    return post_id.removeprefix("x:")[:8]
