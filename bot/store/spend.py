"""What the model calls of each guild come to: one row a guild, month (UTC) and model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Row, Select, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import spend

_COUNTS = (spend.c.calls, spend.c.prompt_tokens, spend.c.cached_tokens, spend.c.completion_tokens)


@dataclass(frozen=True, slots=True)
class Spend:
    """Calls, tokens and cost. `cached_tokens` are among `prompt_tokens`.

    `cost` is in millionths of the currency that the prices are in, of the calls whose price was known; None: of none.
    """

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost: int | None = None

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Spend) -> Spend:
        costs = [cost for cost in (self.cost, other.cost) if cost is not None]
        return Spend(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
            sum(costs) if costs else None,
        )


def next_month(now: datetime) -> datetime:
    """The first moment of the month after that of `now`, in UTC."""
    today = now.astimezone(UTC)
    return datetime(today.year + today.month // 12, today.month % 12 + 1, 1, tzinfo=UTC)


async def book(conn: AsyncConnection, guild_id: int, now: datetime, spent: Mapping[str, Spend]) -> None:
    """Adds what was spent, by model, to the month of `now`."""
    for model, one in spent.items():
        statement = insert(spend).values(
            guild_id=guild_id,
            month=_month(now),
            model=model,
            calls=one.calls,
            prompt_tokens=one.prompt_tokens,
            cached_tokens=one.cached_tokens,
            completion_tokens=one.completion_tokens,
            cost=one.cost,
        )
        more = statement.excluded
        sums: dict[str, object] = {column.name: column + more[column.name] for column in _COUNTS}
        # A sum with null would be null; of two unknown costs the sum stays unknown.
        sums["cost"] = func.coalesce(spend.c.cost + more.cost, spend.c.cost, more.cost)
        await conn.execute(statement.on_conflict_do_update(index_elements=["guild_id", "month", "model"], set_=sums))


async def this_month(conn: AsyncConnection, guild_id: int, now: datetime) -> Spend:
    """All that one guild spent in the month of `now`."""
    found = await conn.execute(_sums(now).where(spend.c.guild_id == guild_id))
    return _spend(row) if (row := found.one_or_none()) else Spend()


async def all_this_month(conn: AsyncConnection, now: datetime) -> dict[int, Spend]:
    """For the operator: what each guild spent in the month of `now`, by guild id; those without calls are left out."""
    return {row.guild_id: _spend(row) for row in await conn.execute(_sums(now))}


def _month(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y-%m}"


def _sums(now: datetime) -> Select[tuple[int, ...]]:
    columns = (*_COUNTS, spend.c.cost)
    query = select(spend.c.guild_id, *(func.sum(column).label(column.name) for column in columns))
    return query.where(spend.c.month == _month(now)).group_by(spend.c.guild_id).order_by(spend.c.guild_id)


def _spend(row: Row[tuple[int, ...]]) -> Spend:
    return Spend(row.calls, row.prompt_tokens, row.cached_tokens, row.completion_tokens, row.cost)
