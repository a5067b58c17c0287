"""What goes into a column comes out the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from bot.model.messages import Message
from bot.model.verdicts import Verdict
from bot.store.types import Json, UtcTime
from bot.texts import render
from tests.store.values import a_verdict

DIALECT = sqlite.dialect()
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3.5))]))


def number_of(moment: datetime) -> int:
    number = UtcTime().process_bind_param(moment, DIALECT)
    assert number is not None
    return number


@given(MOMENTS.filter(lambda moment: 1 < moment.year < 9999))
def test_a_time_comes_back_to_the_microsecond_in_utc(moment: datetime) -> None:
    back = UtcTime().process_result_value(number_of(moment), DIALECT)
    assert back == moment
    assert back.tzinfo is UTC


@given(MOMENTS, MOMENTS)
def test_stored_times_have_the_order_of_the_times(one: datetime, other: datetime) -> None:
    assert (number_of(one) < number_of(other)) == (one < other)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcTime().process_bind_param(datetime(2026, 1, 1), DIALECT)  # noqa: DTZ001 - the naive time is the point


def test_a_verdict_with_everything_comes_back_equal() -> None:
    column = Json(Verdict)
    assert column.process_result_value(column.process_bind_param(a_verdict(), DIALECT), DIALECT) == a_verdict()


def test_a_message_within_a_message_reads_the_same_after_storage() -> None:
    inner = Message("outcome.fits")
    message = Message("name_problem.unknown_handle", {"handle": inner, "known": (inner, "x")})
    column = Json(Message)
    back = column.process_result_value(column.process_bind_param(message, DIALECT), DIALECT)
    assert render("ja", back) == render("ja", message)
    assert render("en", Message("outcome.fits")) in render("en", back)
