"""The files that came with a revision, as they were then; they go with it when it is erased."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.drafts import Attachment
from bot.store.tables import attachment
from bot.store.types import build, stored


async def add_attachments(conn: AsyncConnection, revision_id: int, files: Sequence[Attachment]) -> None:
    """Stores `files`, numbered from 1, for the transaction that stores the revision."""
    rows = [
        stored(file, attachment) | {"revision_id": revision_id, "number": number, "sha256": file.sha256}
        for number, file in enumerate(files, 1)
    ]
    if rows:
        await conn.execute(insert(attachment), rows)


async def attachments_of(conn: AsyncConnection, revision_id: int) -> tuple[Attachment, ...]:
    """All files of one revision with their bytes, in the order in which they were sent."""
    found = await conn.execute(
        select(attachment).where(attachment.c.revision_id == revision_id).order_by(attachment.c.number)
    )
    return tuple(build(Attachment, attachment, row) for row in found.mappings())
