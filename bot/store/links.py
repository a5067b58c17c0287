"""Which person an influencer is: asked for by the person, confirmed by somebody of the team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.workspace import Influencer
from bot.store.forgotten import refuse_forgotten
from bot.store.tables import account_link, influencer
from bot.store.types import build

_KEY = ("guild_id", "influencer_id", "user_id")


@dataclass(frozen=True, slots=True)
class Link:
    """What somebody of the team said to it: `confirmed_by` alone is a no, `confirmed_at` with it a yes."""

    influencer: Influencer
    user_id: int
    user_name: str
    asked_at: datetime
    confirmed_by: int | None
    confirmed_at: datetime | None

    @property
    def waits(self) -> bool:
        """For somebody of the team."""
        return self.confirmed_by is None and self.confirmed_at is None


async def ask_link(conn: AsyncConnection, whose: Influencer, user_id: int, user_name: str, now: datetime) -> Link:
    """Notes that the person says to be that influencer. Asked before, it stays as it is; after a no it is asked anew.

    Raises Problem for a forgotten influencer.
    """
    await refuse_forgotten(conn, whose.id)
    row = {
        "guild_id": whose.guild_id,
        "influencer_id": whose.id,
        "user_id": user_id,
        "user_name": user_name,
        "asked_at": now,
    }
    anew = {"user_name": user_name, "asked_at": now, "confirmed_by": None}
    is_refused = account_link.c.confirmed_by.is_not(None) & account_link.c.confirmed_at.is_(None)
    asked = insert(account_link).values(row)
    await conn.execute(asked.on_conflict_do_update(index_elements=_KEY, set_=anew, where=is_refused))
    [link] = await _links(conn, _of(whose.guild_id, whose.id, user_id))
    return link


async def find_link(conn: AsyncConnection, guild_id: int, influencer_id: int, user_id: int) -> Link | None:
    found = await _links(conn, _of(guild_id, influencer_id, user_id))
    return found[0] if found else None


async def confirm_link(
    conn: AsyncConnection, guild_id: int, influencer_id: int, user_id: int, by: int, now: datetime
) -> bool:
    """False, and nothing done, where it no longer waits."""
    return await _answer(conn, _of(guild_id, influencer_id, user_id), confirmed_by=by, confirmed_at=now)


async def refuse_link(conn: AsyncConnection, guild_id: int, influencer_id: int, user_id: int, by: int) -> bool:
    """The row stays, so that the person can read the answer. False, and nothing done, where it no longer waits."""
    return await _answer(conn, _of(guild_id, influencer_id, user_id), confirmed_by=by)


async def _answer(conn: AsyncConnection, which: ColumnElement[bool], **values: object) -> bool:
    waits = account_link.c.confirmed_by.is_(None) & account_link.c.confirmed_at.is_(None)
    done = await conn.execute(update(account_link).where(which, waits).values(**values))
    return done.rowcount == 1


async def remove_link(conn: AsyncConnection, guild_id: int, influencer_id: int, user_id: int) -> bool:
    gone = await conn.execute(delete(account_link).where(_of(guild_id, influencer_id, user_id)))
    return gone.rowcount == 1


async def links_of(conn: AsyncConnection, user_id: int, guild_id: int | None = None) -> tuple[Link, ...]:
    """The links of one person in a guild, or in all, oldest first."""
    which = account_link.c.user_id == user_id
    return await _links(conn, which if guild_id is None else which & (account_link.c.guild_id == guild_id))


async def links_to(conn: AsyncConnection, guild_id: int, influencer_id: int) -> tuple[Link, ...]:
    """Those that the team has confirmed, of all people who are that influencer, oldest first."""
    which = (account_link.c.guild_id == guild_id) & (account_link.c.influencer_id == influencer_id)
    return await _links(conn, which & account_link.c.confirmed_at.is_not(None))


async def linked_users(conn: AsyncConnection, guild_id: int, influencer_id: int) -> tuple[int, ...]:
    """The people whom the team has confirmed to be that influencer."""
    which = (account_link.c.guild_id == guild_id) & (account_link.c.influencer_id == influencer_id)
    confirmed = select(account_link.c.user_id).where(which, account_link.c.confirmed_at.is_not(None))
    return tuple((await conn.scalars(confirmed.order_by(account_link.c.user_id))).all())


def _of(guild_id: int, influencer_id: int, user_id: int) -> ColumnElement[bool]:
    here = (account_link.c.guild_id == guild_id) & (account_link.c.influencer_id == influencer_id)
    return here & (account_link.c.user_id == user_id)


async def _links(conn: AsyncConnection, which: ColumnElement[bool]) -> tuple[Link, ...]:
    found = await conn.execute(
        select(account_link, influencer)
        .join(influencer, influencer.c.id == account_link.c.influencer_id)
        .where(which)
        .order_by(account_link.c.asked_at)
    )
    return tuple(
        build(Link, account_link, row, influencer=build(Influencer, influencer, row)) for row in found.mappings()
    )
