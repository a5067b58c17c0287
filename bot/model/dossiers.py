"""A long history, read once: what its posts state, each with its quote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.verdicts import Quote, Reading


class StatementKind(StrEnum):
    """What a statement of a dossier is about, those first that most often decide a case."""

    REFUSAL = "refusal"
    PROMISE = "promise"
    BELIEF = "belief"
    CHANGED_MIND = "changed_mind"
    VALUE = "value"
    PARTNER = "partner"
    FOLLOWERS = "followers"
    HABIT = "habit"
    THEME = "theme"


@dataclass(frozen=True, slots=True)
class Statement:
    """What past posts say, in a model's words, and the verified quotes that it rests on; never without one."""

    kind: StatementKind
    topic: str  # a word or two; of two statements of a kind and topic the newer one outranks the older
    text: str  # one line
    quotes: tuple[Quote, ...]

    @property
    def dates(self) -> tuple[datetime, ...]:
        """Of the quoted posts, earliest first; undated ones left out."""
        return tuple(sorted(quote.created_at for quote in self.quotes if quote.created_at is not None))


@dataclass(frozen=True, slots=True)
class ReadChunk:
    """What one chunk of a history says. Statements that failed a check are counted, not kept."""

    statements: tuple[Statement, ...] = ()
    unproven: int = 0  # no quote of theirs stands in a post
    addressed: int = 0  # they or their quotes speak to a reviewer
    declined: bool = False  # the model would not read these posts


@dataclass(frozen=True, slots=True)
class Dossier:
    """What a whole history says, made without sight of any draft. Kind by kind, the newest statement first."""

    statements: tuple[Statement, ...]
    without_room: tuple[Statement, ...] = ()  # not read themselves, but they tell which posts are worth it
    unproven: int = 0
    addressed: int = 0
    posts_declined: int = 0
    readings: tuple[Reading, ...] = ()  # what was asked for now; empty where all of it had been made before

    @property
    def cited(self) -> frozenset[str]:
        """Ids of the posts that are quoted."""
        return frozenset(quote.post_id for statement in self.statements for quote in statement.quotes)

    @property
    def left_out(self) -> int:
        return len(self.without_room)
