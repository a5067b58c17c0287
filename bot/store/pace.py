"""How much came in of late and how much waits. The statements of every draft are built once: building costs most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, ScalarSelect, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.drafts import RevisionState
from bot.model.posts import Visibility
from bot.store.drafts import TEAM, audience_of
from bot.store.tables import draft, revision
from bot.store.types import UtcTime

IN_WORK = (RevisionState.RECEIVED, RevisionState.JUDGING)


@dataclass(frozen=True, slots=True)
class Pace:
    """What is past a limit, as far as the person who asks may know.

    `by_person` and `by_guild`: when the newest of those drafts came in that must be forgotten before another may come;
    None where there is room. `waiting` and `waiting_here`: drafts without a verdict, in all and of the guild's team.
    """

    by_person: datetime | None
    by_guild: datetime | None
    waiting: int
    waiting_here: int


def _sent(*, by_person: bool) -> ScalarSelect[datetime]:
    """When the draft came in that has as many newer ones after it as may come in since `since`."""
    in_guild = revision.c.guild_id == bindparam("guild")
    query = select(revision.c.created_at).where(in_guild, revision.c.created_at > bindparam("since", type_=UtcTime))
    if by_person:
        query = query.join(draft, draft.c.id == revision.c.draft_id).where(
            draft.c.author_id == bindparam("person"), revision.c.audience.in_((TEAM, bindparam("audience")))
        )
    else:
        query = query.where(revision.c.audience == TEAM)
    most: BindParameter[int] = bindparam("person_most" if by_person else "guild_most")
    return query.order_by(revision.c.created_at.desc()).offset(most).limit(1).scalar_subquery()


def _waiting(*, here: bool) -> ScalarSelect[int]:
    query = select(func.count()).where(revision.c.state.in_(IN_WORK))
    if here:
        query = query.where(revision.c.guild_id == bindparam("guild"), revision.c.audience == TEAM)
    return query.scalar_subquery()


_PACE = select(
    _sent(by_person=True).label("by_person"),
    _sent(by_person=False).label("by_guild"),
    _waiting(here=False).label("waiting"),
    _waiting(here=True).label("waiting_here"),
)


async def pace(
    conn: AsyncConnection,
    guild_id: int,
    person_id: int,
    visibility: Visibility,
    since: datetime,
    *,
    person_most: int,
    guild_most: int,
) -> Pace:
    """Measured against how many drafts a person and the team of a guild may send in since `since`.

    Private drafts count for their author alone, and only where that author sends a private one: what a team is told
    says nothing of them.
    """
    values = {"guild": guild_id, "person": person_id, "audience": audience_of(visibility, person_id), "since": since}
    found = await conn.execute(_PACE, values | {"person_most": person_most, "guild_most": guild_most})
    return Pace(**found.mappings().one())


async def waiting_since(conn: AsyncConnection, guild_id: int) -> datetime | None:
    """When the oldest team draft without a verdict came in; None where there is none."""
    query = select(func.min(revision.c.created_at)).where(
        revision.c.guild_id == guild_id, revision.c.audience == TEAM, revision.c.state.in_(IN_WORK)
    )
    found: datetime | None = await conn.scalar(query)
    return found


async def waits_for(conn: AsyncConnection) -> Mapping[str, int]:
    """For the operator: how many drafts of all servers wait for what, as their last attempt said."""
    waits = (revision.c.state == RevisionState.RECEIVED) & (revision.c.why != "")
    count = func.count()
    found = await conn.execute(
        select(revision.c.why, count).where(waits).group_by(revision.c.why).order_by(count.desc())
    )
    return {row.why: row[1] for row in found}
