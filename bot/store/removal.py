"""Taking a brand, a campaign or an influencer out of a server, with all that hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.posts import Visibility
from bot.store.drafts import audience_of
from bot.store.tables import brand, campaign, draft, influencer, post

TABLES = {"brand": brand, "campaign": campaign, "influencer": influencer}
Kind = Literal["brand", "campaign", "influencer"]
TEAM = audience_of(Visibility.TEAM, 0)


@dataclass(frozen=True, slots=True)
class Hanging:
    """What goes with it. Private checks and private posts go too, but are never counted for others."""

    campaigns: int = 0
    drafts: int = 0  # of the team, each with its verdicts and decisions
    posts: int = 0  # that the team may use


async def hanging(conn: AsyncConnection, guild_id: int, kind: Kind, its_id: int) -> Hanging:
    campaigns = select(campaign.c.id).where(campaign.c.guild_id == guild_id, campaign.c.brand_id == its_id)
    of = {
        "brand": draft.c.campaign_id.in_(campaigns),
        "campaign": draft.c.campaign_id == its_id,
        "influencer": draft.c.influencer_id == its_id,
    }
    team_drafts = select(func.count()).where(draft.c.guild_id == guild_id, draft.c.audience == TEAM, of[kind])
    team_posts = select(func.count()).where(post.c.influencer_id == its_id, post.c.owner_id.is_(None))
    return Hanging(
        campaigns=await _count(conn, select(func.count()).select_from(campaigns.subquery())) if kind == "brand" else 0,
        drafts=await _count(conn, team_drafts),
        posts=await _count(conn, team_posts) if kind == "influencer" else 0,
    )


async def remove(conn: AsyncConnection, guild_id: int, kind: Kind, its_id: int) -> bool:
    """Whether it was there. All that refers to it goes with it, private checks included."""
    table = TABLES[kind]
    gone = await conn.execute(delete(table).where(table.c.guild_id == guild_id, table.c.id == its_id))
    return gone.rowcount > 0


async def _count(conn: AsyncConnection, query: Select[int]) -> int:
    return int(await conn.scalar(query) or 0)
