"""Live texts as people brought them in, each with how it compared. Rows are added, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.decisions import Published, PublishedResult
from bot.store.forgotten import refuse_about_forgotten
from bot.store.tables import published
from bot.store.types import build


async def add_published(
    conn: AsyncConnection,
    revision_id: int,
    result: PublishedResult,
    *,
    person_id: int,
    person_name: str,
    text: str,
    sha256: str,
    now: datetime,
) -> Published:
    """Adds a live text, compared with the text of a revision; the same again, with the same result, adds none.

    Raises Problem for a forgotten influencer.
    """
    await refuse_about_forgotten(conn, revision_id)
    known = await published_of(conn, [revision_id])
    if known and (known[-1].sha256, known[-1].result) == (sha256, result):
        return known[-1]
    row = {
        "revision_id": revision_id,
        "person_id": person_id,
        "person_name": person_name,
        "text": text,
        "sha256": sha256,
        "result": result,
        "created_at": now,
    }
    inserted = await conn.execute(insert(published).values(row).returning(published.c.id))
    return Published(inserted.scalar_one(), revision_id, person_id, person_name, text, sha256, result, now)


async def published_of(conn: AsyncConnection, revision_ids: Sequence[int]) -> tuple[Published, ...]:
    """The live texts compared with these revisions, oldest first."""
    found = await conn.execute(
        select(published).where(published.c.revision_id.in_(revision_ids)).order_by(published.c.id)
    )
    return tuple(
        build(Published, published, row, result=PublishedResult(row[published.c.result])) for row in found.mappings()
    )
