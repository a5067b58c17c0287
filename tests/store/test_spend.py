"""What is spent is summed by guild, month in UTC and model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from bot.store import spend
from bot.store.database import Store
from bot.store.spend import Spend
from tests.store.values import GUILD

TOKYO = timezone(timedelta(hours=9))
NOVEMBER = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
ONE = Spend(1, 1_000, 800, 100, 2_500_000)


async def test_a_guild_has_one_sum_over_its_models(store: Store) -> None:
    async with store.write() as conn:
        for spent in ({"big": ONE}, {"big": ONE, "small": Spend(2, 10, 0, 5)}):
            await spend.book(conn, GUILD, NOVEMBER, spent)
        await spend.book(conn, GUILD + 1, NOVEMBER, {"big": ONE})
    async with store.read() as conn:
        assert await spend.this_month(conn, GUILD, NOVEMBER) == Spend(4, 2_010, 1_600, 205, 5_000_000)
        assert await spend.this_month(conn, GUILD + 2, NOVEMBER) == Spend()
        assert set(await spend.all_this_month(conn, NOVEMBER)) == {GUILD, GUILD + 1}


async def test_the_month_ends_by_utc_wherever_the_clock_stands(store: Store) -> None:
    async with store.write() as conn:
        await spend.book(conn, GUILD, DECEMBER.astimezone(TOKYO), {"big": ONE})
        await spend.book(conn, GUILD, NOVEMBER.astimezone(TOKYO), {"big": ONE})  # the first of December there
        await spend.book(conn, GUILD, NOVEMBER.replace(year=2025), {"big": ONE})
    async with store.read() as conn:
        for moment in (NOVEMBER, NOVEMBER.replace(day=1), DECEMBER, DECEMBER + timedelta(days=30)):
            assert await spend.this_month(conn, GUILD, moment) == ONE
        assert await spend.all_this_month(conn, DECEMBER + timedelta(days=31)) == {}


async def test_a_cost_that_is_unknown_leaves_the_known_one_standing(store: Store) -> None:
    unknown = Spend(1, 1, 0, 1)
    async with store.write() as conn:
        await spend.book(conn, GUILD, NOVEMBER, {"a": unknown})
        assert (await spend.this_month(conn, GUILD, NOVEMBER)).cost is None
        for one in (unknown, ONE, unknown):
            await spend.book(conn, GUILD, NOVEMBER, {"a": one})
        assert (await spend.this_month(conn, GUILD, NOVEMBER)).cost == ONE.cost


@given(st.integers(0, 50 * 366 * 24 * 60))
def test_the_next_month_is_the_first_moment_of_another(minutes: int) -> None:
    now = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    first = spend.next_month(now)
    assert (first.day, first.hour, first.minute, first.second, first.microsecond) == (1, 0, 0, 0, 0)
    assert now < first <= now + timedelta(days=31)
    assert (first - timedelta(microseconds=1)).month == now.month
