"""What a server's drafts wait for, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.store import drafts, pace, spend
from bot.store.database import Store
from bot.store.drafts import Unfinished
from bot.store.spend import Spend


@dataclass(frozen=True, slots=True)
class Status:
    """`team`: the team drafts of one server. `own`: the private ones of whoever asks, for their eyes only."""

    team: Unfinished
    own: Unfinished
    waiting_since: datetime | None  # the oldest team draft without a verdict
    spent: Spend  # by the server this month


async def status(store: Store, guild_id: int, viewer_id: int, now: datetime) -> Status:
    async with store.read() as conn:
        return Status(
            team=await drafts.unfinished(conn, guild_id),
            own=await drafts.unfinished(conn, guild_id, person_id=viewer_id),
            waiting_since=await pace.waiting_since(conn, guild_id),
            spent=await spend.this_month(conn, guild_id, now),
        )
