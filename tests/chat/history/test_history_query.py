from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.history import history_query
from bot.errors import Problem
from bot.model.verdicts import Outcome
from bot.store.verdicts import Decided

ids = st.integers(0, 2**32 - 1)
people = st.integers(0, 2**64 - 1)
days = st.none() | st.dates(history_query.FIRST_DAY, history_query.LAST_DAY)
searches = st.builds(
    history_query.Search,
    requester=people,
    page=ids,
    influencer=ids,
    campaign=ids,
    brand=ids,
    outcome=st.none() | st.sampled_from(Outcome),
    decision=st.none() | st.sampled_from(Decided),
    person=people,
    since=days,
    until=days,
    words=st.text(max_size=history_query.LONGEST_WORDS),
)


@given(searches)
def test_a_search_fits_into_an_id_and_comes_back_from_it(search: history_query.Search) -> None:
    assert len(search.custom_id) <= 100
    match = history_query.ID.fullmatch(search.custom_id)
    assert match is not None
    assert history_query.from_match(match) == search


@given(searches.map(lambda search: search.custom_id) | st.text(max_size=100))
def test_whatever_looks_like_such_an_id_can_be_read(custom_id: str) -> None:
    if match := history_query.ID.fullmatch(custom_id):
        assert isinstance(history_query.from_match(match), history_query.Search)


@pytest.mark.parametrize("typed", [" 2026-01-31", "2026/1/31", "2026.01.31", "2026年1月31日", "２０２６－０１－３１"])
def test_a_day_is_understood_however_it_is_typed(typed: str) -> None:
    assert history_query.day_named(typed) == date(2026, 1, 31)


@pytest.mark.parametrize("typed", ["", "soon", "2026-13-01", "1999-12-31", "9999-01-01", "31.1.2026", "2026-1-31-1"])
def test_what_is_no_date_is_told(typed: str) -> None:
    with pytest.raises(Problem, match="is no date"):
        history_query.day_named(typed)
