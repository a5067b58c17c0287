"""What a model noted of the chunks of long histories: read once, kept until the posts change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.dossiers import ReadChunk
from bot.store.forgotten import refuse_forgotten
from bot.store.tables import dossier_chunk

KEY = ["influencer_id", "chunk_sha256", "prompt_hash", "model"]


@dataclass(frozen=True, slots=True)
class Maker:
    """Whose history, and what it is read with: chunks read otherwise are others."""

    influencer_id: int
    prompt_hash: str
    model: str


async def read_chunks(conn: AsyncConnection, maker: Maker) -> dict[str, ReadChunk]:
    """All chunks kept, by their hash."""
    found = await conn.execute(select(dossier_chunk.c.chunk_sha256, dossier_chunk.c.body).where(_made_by(maker)))
    return {row.chunk_sha256: row.body for row in found}


async def keep_chunk(conn: AsyncConnection, maker: Maker, chunk_sha256: str, chunk: ReadChunk) -> None:
    """Keeps one chunk; of two with the same hash the later stands. Raises Problem for a forgotten influencer, whose
    posts may have been under the reader's eyes meanwhile."""
    await refuse_forgotten(conn, maker.influencer_id)
    statement = insert(dossier_chunk).values(
        influencer_id=maker.influencer_id,
        chunk_sha256=chunk_sha256,
        prompt_hash=maker.prompt_hash,
        model=maker.model,
        body=chunk,
    )
    await conn.execute(statement.on_conflict_do_update(index_elements=KEY, set_={"body": statement.excluded.body}))


async def drop_other_chunks(conn: AsyncConnection, maker: Maker, current: Collection[str]) -> None:
    """Forgets the chunks of posts that are no longer cut that way, so that nothing quotes what was taken back."""
    kept = await conn.scalars(select(dossier_chunk.c.chunk_sha256).where(_made_by(maker)))
    for chunk_sha256 in set(kept) - set(current):
        await conn.execute(delete(dossier_chunk).where(_made_by(maker), dossier_chunk.c.chunk_sha256 == chunk_sha256))


def _made_by(maker: Maker) -> ColumnElement[bool]:
    return (
        (dossier_chunk.c.influencer_id == maker.influencer_id)
        & (dossier_chunk.c.prompt_hash == maker.prompt_hash)
        & (dossier_chunk.c.model == maker.model)
    )
