"""Until when a verdict is to be decided on. A deadline reminds people; it never decides anything by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.model.decisions import SETTLES
from bot.model.posts import Visibility
from bot.store import reminders
from bot.store.database import Store
from bot.store.reminders import Undecided
from bot.store.verdicts import StoredVerdict

SHARE = 0.75  # of the time to decide; then people are reminded, while there is still some left
LATE = timedelta(days=7)  # overdue for longer, nobody waits for a reminder any more
MOST = 500  # looked at in one go


def due_at(stored: StoredVerdict) -> datetime | None:
    """When a decision is due; None where its campaign names no time, one stands, or nobody is to decide."""
    hours = stored.campaign.decide_within_hours
    is_settled = any(decision.kind in SETTLES for decision in stored.standing)
    if not hours or is_settled or stored.draft.visibility is Visibility.PRIVATE:
        return None
    return stored.created_at + timedelta(hours=hours)


async def to_remind(store: Store, now: datetime) -> tuple[Undecided, ...]:
    """Verdicts whose decision is nearly due or overdue, and that nobody was reminded of."""
    async with store.read() as conn:
        return await reminders.undecided(conn, now, share=SHARE, late=LATE, limit=MOST)
