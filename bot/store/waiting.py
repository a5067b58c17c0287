"""What waits for somebody: a text that nobody has decided about, and a draft of theirs that has to be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.decisions import SETTLES, DecisionKind
from bot.store.erasure import HOLDS_TEXT
from bot.store.sight import channel_of
from bot.store.tables import batch, batch_item, decision, draft, outbox, revision


@dataclass(frozen=True, slots=True)
class Waiting:
    """For whom: their own drafts to be changed, and where they decide every text that is to be decided about."""

    person_id: int
    decides: bool


_LATER = revision.alias()
HAS_NEWER = exists().where(_LATER.c.draft_id == revision.c.draft_id, _LATER.c.number > revision.c.number)
_LAST_WORD = (  # the last approval, wish for changes or withdrawal about a row of `revision`
    select(decision.c.kind)
    .where(decision.c.revision_id == revision.c.id, decision.c.kind.in_([*SETTLES, DecisionKind.WITHDRAW]))
    .order_by(decision.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
# About a text that was replaced or taken out nobody decides any more.
IS_OPEN = and_(func.coalesce(_LAST_WORD, "").not_in(SETTLES), ~HAS_NEWER, HOLDS_TEXT)
_IS_TO_CHANGE = and_(_LAST_WORD == DecisionKind.ASK_FOR_CHANGES, ~HAS_NEWER, HOLDS_TEXT)


def waits(wanted: Waiting) -> ColumnElement[bool]:
    """The condition that a judged row of `revision` with its `draft` waits for that person."""
    is_to_decide = IS_OPEN if wanted.decides else false()
    return or_(is_to_decide, and_(draft.c.author_id == wanted.person_id, _IS_TO_CHANGE))


async def cards_of(conn: AsyncConnection, revision_ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
    """Channel and message of the cards on which these stand: their own, or that of their batch."""
    found = await conn.execute(
        select(
            revision.c.id,
            func.coalesce(outbox.c.channel_id, channel_of(batch)).label("channel_id"),
            func.coalesce(outbox.c.message_id, batch.c.message_id).label("message_id"),
        )
        .outerjoin(outbox, outbox.c.revision_id == revision.c.id)
        .outerjoin(batch_item, batch_item.c.revision_id == revision.c.id)
        .outerjoin(batch, batch.c.id == batch_item.c.batch_id)
        .where(revision.c.id.in_(revision_ids))
    )
    return {row.id: (row.channel_id, row.message_id) for row in found if row.channel_id and row.message_id}
