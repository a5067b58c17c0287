"""How much one person and one server may send in, so that nobody fills the queue for everybody else."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config import Limits
from bot.errors import Problem
from bot.model.posts import Visibility
from bot.store import pace

HOUR = timedelta(hours=1)
QUEUE_PAUSE = timedelta(minutes=15)  # until a long queue is worth another look


class TooMany(Problem):
    """A limit is reached. The sentence ends where the time `until` belongs: each surface writes it in its own way."""

    def __init__(self, key: str, until: datetime, **values: object) -> None:
        self.until = until
        super().__init__(f"limit_problem.{key}", **values)


async def check(
    conn: AsyncConnection,
    guild_id: int,
    person_id: int,
    visibility: Visibility,
    limits: Limits,
    now: datetime,
    *,
    more: int = 0,
) -> None:
    """Raises TooMany where the drafts stored, with `more` still to come, are past a limit.

    What a team reads about is counted from what the team can see: private drafts count for their author alone, and
    alone where that author sends a private one.
    """
    room = {"person_most": max(limits.person_per_hour - more, 0), "guild_most": max(limits.guild_per_hour - more, 0)}
    found = await pace.pace(conn, guild_id, person_id, visibility, now - HOUR, **room)
    if found.waiting + more > limits.waiting:
        raise TooMany("queue", now + QUEUE_PAUSE)
    if found.by_person or more > limits.person_per_hour:
        raise TooMany("person", (found.by_person or now) + HOUR, count=limits.person_per_hour)
    if visibility is Visibility.PRIVATE:
        return
    if found.by_guild or more > limits.guild_per_hour:
        raise TooMany("guild", (found.by_guild or now) + HOUR, count=limits.guild_per_hour)
    if found.waiting_here + more > limits.guild_waiting:
        raise TooMany("waiting", now + QUEUE_PAUSE, count=limits.guild_waiting)
