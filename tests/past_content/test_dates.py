"""Dates are read as exports write them, and never guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.past_content.dates import day_comes_first, read_date

MOMENT = datetime(2025, 12, 21, 3, 25, 42, tzinfo=UTC)
MINUTE = MOMENT.replace(second=0)
DAY = datetime(2025, 12, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2025-12-21T03:25:42Z", MOMENT),
        ("2025-12-21T12:25:42+09:00", MOMENT),
        ("2025-12-21T03:25:42+0000", MOMENT),
        ("2025-12-21T03:25:42", MOMENT),
        ("2025-12-21 03:25:42", MOMENT),
        ("2025-12-21 03:25:42 UTC", MOMENT),
        ("2025-12-21 03:25:42 +0000", MOMENT),
        ("2025-12-21T03:25:42.000Z", MOMENT),
        (" 2025-12-21 ", DAY),
        ("20251221", DAY),
        ("Sun Dec 21 03:25:42 +0000 2025", MOMENT),
        ("Sun, 21 Dec 2025 03:25:42 GMT", MOMENT),
        ("Sun, 21 Dec 2025 03:25:42 +0000", MOMENT),
        ("1766287542", MOMENT),
        ("1766287542.0", MOMENT),
        ("1.766287542E+09", MOMENT),
        ("1766287542000", MOMENT),
        ("1766287542000000", MOMENT),
        ("2025/12/21", DAY),
        ("2025/12/21 3:25", MINUTE),
        ("2025/12/21 03:25:42", MOMENT),
        ("2025.12.21", DAY),
        ("2025年12月21日", DAY),
        ("2025年12月21日(日) 3:25", MINUTE),
        ("2025年12月21日 3時25分", MINUTE),
        ("2025年12月21日 午後3時25分", MINUTE + timedelta(hours=12)),
        ("21/12/2025", DAY),
        ("12/21/2025", DAY),
        ("12/21/2025 3:25 PM", MINUTE + timedelta(hours=12)),
        ("12/21/2025 12:25 AM", DAY + timedelta(minutes=25)),
        ("21.12.2025", DAY),
        ("5.4.2025 09:00", datetime(2025, 4, 5, 9, tzinfo=UTC)),
        ("04/04/2025", datetime(2025, 4, 4, tzinfo=UTC)),
        ("Dec 21, 2025", DAY),
        ("21 December 2025 03:25", MINUTE),
    ],
)
def test_dates_are_read_into_utc(raw: str, expected: datetime) -> None:
    assert read_date(raw) == (expected, None)


@pytest.mark.parametrize("raw", ["03/04/2025", "3-4-2025", "03/04/2025 10:00"])
def test_a_date_that_could_be_two_days_is_left_open(raw: str) -> None:
    moment, reason = read_date(raw)
    assert moment is None
    assert reason is not None
    assert reason.key == "import_row.date_ambiguous"


@pytest.mark.parametrize(
    "raw",
    ["yesterday", "13/13/2025", "2025-02-30", "0", "12", "99999999999999999999", "0001-01-01T00:00:00+14:00", "1e400"],
)
def test_what_is_no_date_says_so(raw: str) -> None:
    moment, reason = read_date(raw)
    assert moment is None
    assert reason is not None
    assert reason.key == "import_row.date_unreadable"


@pytest.mark.parametrize("raw", ["", "  "])
def test_an_empty_cell_is_no_date_and_no_fault(raw: str) -> None:
    assert read_date(raw) == (None, None)


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001 - hypothesis wants bounds without zone
    st.integers(-12 * 60, 14 * 60),
)
def test_every_iso_date_with_a_zone_is_the_same_moment(naive: datetime, offset: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=offset)))
    assert read_date(moment.isoformat()) == (moment, None)


@given(st.text(max_size=30) | st.from_regex(r"[0-9/.:年月日eE+\- ]{1,20}", fullmatch=True))
def test_any_text_gives_a_moment_a_reason_or_nothing(text: str) -> None:
    moment, reason = read_date(text)
    assert moment is None or reason is None


@pytest.mark.parametrize(
    ("dates", "day_first"),
    [
        (["03/04/2025", "", "04/13/2025"], False),
        (["03/04/2025", "13/04/2025 10:00"], True),
        (["03/04/2025", "04/03/2025"], None),
        (["13/04/2025", "04/13/2025"], None),
        (["2025-01-02", "13/04/2025"], None),
    ],
)
def test_the_whole_file_says_whether_the_day_comes_first(dates: list[str], day_first: bool | None) -> None:
    assert day_comes_first(dates) is day_first
    expected = None if day_first is None else datetime(2025, *((4, 3) if day_first else (3, 4)), tzinfo=UTC)
    assert read_date("03/04/2025", day_first=day_first)[0] == expected
