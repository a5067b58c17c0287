"""Who was forgotten stays forgotten: asked by all that stores words about an influencer, where it stores them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.store.tables import draft, influencer, revision

IS_FORGOTTEN: ColumnElement[bool] = influencer.c.forgotten_at.is_not(None)
# Built once, since every draft asks: building costs most.
_HANDLE = select(influencer.c.handle).where(influencer.c.id == bindparam("wanted"), IS_FORGOTTEN)
_HANDLE_OF_TEXT = (
    select(influencer.c.handle)
    .select_from(revision.join(draft, draft.c.id == revision.c.draft_id))
    .join(influencer, influencer.c.id == draft.c.influencer_id)
    .where(revision.c.id == bindparam("wanted"), IS_FORGOTTEN)
)


async def refuse_forgotten(conn: AsyncConnection, influencer_id: int) -> None:
    """Raises Problem for a forgotten influencer: no text about them is stored again."""
    _refuse(await conn.scalar(_HANDLE, {"wanted": influencer_id}))


async def refuse_about_forgotten(conn: AsyncConnection, revision_id: int) -> None:
    """Raises Problem for the text of a forgotten influencer: nobody says anything of it any more."""
    _refuse(await conn.scalar(_HANDLE_OF_TEXT, {"wanted": revision_id}))


def _refuse(handle: str | None) -> None:
    if handle is not None:
        raise Problem("submit_problem.forgotten", handle=handle)
