"""Which of a team's verdicts somebody may look up: those of a channel are no business of who cannot see it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, Table, func, or_, select, true

from bot.store.tables import account_link, batch, batch_item, draft, revision


@dataclass(frozen=True, slots=True)
class Sight:
    """What was answered in these channels and threads (None: anywhere), and a person's own drafts besides.

    Their own are those they handed in, and those about the influencer whom the team has confirmed them to be.
    """

    person_id: int = 0
    channels: frozenset[int] | None = None


NOBODY = -1  # in the place of a person's id
EVERYTHING = Sight()  # for the program itself and whoever runs it


def seen(sight: Sight) -> ColumnElement[bool]:
    """The condition that a row of `revision` is within sight."""
    if sight.channels is None:
        return true()
    linked = select(account_link.c.influencer_id).where(
        account_link.c.user_id == sight.person_id, account_link.c.confirmed_at.is_not(None)
    )
    is_own = (draft.c.author_id == sight.person_id) | draft.c.influencer_id.in_(linked)
    in_batches = select(batch_item.c.revision_id).join(batch, batch.c.id == batch_item.c.batch_id)
    return or_(
        answered_in(revision, sight.channels),
        revision.c.id.in_(in_batches.where(answered_in(batch, sight.channels))),
        revision.c.draft_id.in_(select(draft.c.id).where(is_own)),
    )


def answered_in(table: Table, channels: Set[int]) -> ColumnElement[bool]:
    """Rows of `revision` or `batch` whose answer goes into one of these channels."""
    return channel_of(table).in_(channels)


def channel_of(table: FromClause) -> ColumnElement[int]:
    """Where the answer to a row of `revision` or `batch` goes; 0: nowhere in Discord."""
    return func.json_extract(table.c.answer, "$.channel_id")
