"""Forgets what nobody can want any more. What people put in is not touched here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import dossier_chunk, outbox


async def forget_deliveries(conn: AsyncConnection, before: datetime, limit: int) -> int:
    """Drops answers delivered before that; those that wait or were given up on stay. Returns how many, up to `limit`.

    A revision that was answered is not due again without its row: its state says so, and it has its verdict.
    """
    return await _drop(conn, outbox, and_(outbox.c.delivered_at < before, outbox.c.due.is_(None)), limit)


async def forget_notes(conn: AsyncConnection, prompt_hash: str, limit: int) -> int:
    """Drops the notes on histories that other prompts than these made: they are never read again.

    Those of other models stay, somebody may go back to one. Returns how many, up to `limit`.
    """
    return await _drop(conn, dossier_chunk, dossier_chunk.c.prompt_hash != prompt_hash, limit)


async def _drop(conn: AsyncConnection, table: Table, which: ColumnElement[bool], limit: int) -> int:
    key = tuple_(*table.primary_key)
    dropped = await conn.execute(delete(table).where(key.in_(select(*table.primary_key).where(which).limit(limit))))
    return dropped.rowcount
