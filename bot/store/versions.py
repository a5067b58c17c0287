"""The texts of one draft, and the messages by which people speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.drafts import TEAM
from bot.store.sight import EVERYTHING, Sight, seen
from bot.store.tables import attachment, revision, verdict


@dataclass(frozen=True, slots=True)
class SentText:
    """One text of a draft, judged or not."""

    revision_id: int
    number: int  # 1, 2, ...
    text: str
    spoken: str
    sha256: str
    sent_by: int  # Discord user id; 0 for the command line and for a deleted person
    is_typed: bool  # on the command line
    created_at: datetime
    files: tuple[str, ...]  # names


async def newest_revision(conn: AsyncConnection, guild_id: int, draft_id: int) -> int | None:
    """The id of the newest text of a draft."""
    newest = select(revision.c.id).where(revision.c.guild_id == guild_id, revision.c.draft_id == draft_id)
    found: int | None = await conn.scalar(newest.order_by(revision.c.number.desc()).limit(1))
    return found


async def newest_number(conn: AsyncConnection, guild_id: int, draft_id: int) -> str | None:
    """V-12 of the newest text of a team's draft that has a verdict; None where none has."""
    judged = select(verdict.c.number).join(revision, revision.c.id == verdict.c.revision_id)
    judged = judged.where(revision.c.guild_id == guild_id, revision.c.audience == TEAM, revision.c.draft_id == draft_id)
    number = await conn.scalar(judged.order_by(revision.c.number.desc()).limit(1))
    return None if number is None else f"V-{number}"


async def draft_of_message(conn: AsyncConnection, guild_id: int, message_id: int) -> int | None:
    """The team's draft that came by this message, as its first text or a later one; None for any other message."""
    key = f"message:{message_id}"
    one = select(revision.c.draft_id).where(
        revision.c.guild_id == guild_id, revision.c.audience == TEAM, revision.c.source_key == key
    )
    found: int | None = await conn.scalar(one)
    return found


async def is_known_event(conn: AsyncConnection, guild_id: int, draft_id: int, source_key: str) -> bool:
    """Whether this event brought a text of the draft already."""
    known = select(revision.c.id).where(
        revision.c.guild_id == guild_id, revision.c.draft_id == draft_id, revision.c.source_key == source_key
    )
    return await conn.scalar(known) is not None


async def texts_of(
    conn: AsyncConnection, guild_id: int, draft_id: int, sight: Sight = EVERYTHING
) -> tuple[SentText, ...]:
    """All texts of a draft within `sight`, oldest first."""
    texts = select(revision).where(revision.c.guild_id == guild_id, revision.c.draft_id == draft_id, seen(sight))
    rows = (await conn.execute(texts.order_by(revision.c.number))).all()
    named = await conn.execute(
        select(attachment.c.revision_id, attachment.c.name)
        .where(attachment.c.revision_id.in_([row.id for row in rows]))
        .order_by(attachment.c.revision_id, attachment.c.number)
    )
    files = named.all()
    return tuple(
        SentText(
            row.id,
            row.number,
            row.text,
            row.spoken,
            row.sha256,
            row.answer.user_id,
            row.source_key.startswith("cli:"),
            row.created_at,
            tuple(file.name for file in files if file.revision_id == row.id),
        )
        for row in rows
    )
