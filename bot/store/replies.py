"""What people answered to the findings about them. Rows are added, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.decisions import Reply
from bot.model.verdicts import CriterionKey
from bot.store.forgotten import refuse_about_forgotten
from bot.store.tables import reply
from bot.store.types import build


async def add_reply(
    conn: AsyncConnection,
    revision_id: int,
    criterion: CriterionKey | None,
    *,
    person_id: int,
    person_name: str,
    words: str,
    now: datetime,
) -> Reply:
    """Adds an answer to the verdict on a revision; what the same person has already said there is added only once.

    Raises Problem for a forgotten influencer.
    """
    await refuse_about_forgotten(conn, revision_id)
    for known in await replies_to(conn, [revision_id]):
        if (known.criterion, known.person_id, known.text) == (criterion, person_id, words):
            return known
    row = {
        "revision_id": revision_id,
        "criterion": criterion or "",
        "person_id": person_id,
        "person_name": person_name,
        "text": words,
        "created_at": now,
    }
    inserted = await conn.execute(insert(reply).values(row).returning(reply.c.id))
    return Reply(inserted.scalar_one(), revision_id, criterion, person_id, person_name, words, now)


async def replies_to(conn: AsyncConnection, revision_ids: Sequence[int]) -> tuple[Reply, ...]:
    """The answers to the verdicts on these revisions, oldest first."""
    found = await conn.execute(select(reply).where(reply.c.revision_id.in_(revision_ids)).order_by(reply.c.id))
    return tuple(
        build(Reply, reply, row, criterion=CriterionKey(row[reply.c.criterion]) if row[reply.c.criterion] else None)
        for row in found.mappings()
    )
