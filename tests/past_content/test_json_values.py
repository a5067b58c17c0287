"""JSON text is cut into values however it is broken into lines and chunks."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.past_content.json_values import values

JSON = st.recursive(
    st.text(max_size=8) | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


class Dripping(StringIO):
    """Hands out a few characters at a time, so that every value is cut somewhere."""

    def read(self, size: int | None = -1) -> str:
        del size
        return super().read(3)


@given(st.lists(JSON, max_size=5), st.sampled_from([None, 1]), st.booleans())
def test_members_of_an_array(members: list[object], indent: int | None, escaped: bool) -> None:
    text = json.dumps(members, indent=indent, ensure_ascii=escaped)
    assert [json.loads(piece or "") for _, piece in values(Dripping(text), depth=1)] == members


@given(
    st.lists(st.dictionaries(st.text(max_size=4), JSON, max_size=3), max_size=4),
    st.sampled_from(["", " ", "\n", ",\n"]),
)
def test_objects_one_after_another(objects: list[object], between: str) -> None:
    text = between.join(json.dumps(one, indent=1) for one in objects)
    assert [json.loads(piece or "") for _, piece in values(Dripping(text), depth=0)] == objects


def test_lines_are_those_where_values_begin() -> None:
    text = '[\n  {"a": 1},\n  {\n    "b": "]"\n  },\n\n "c"\n]\n'
    assert [line for line, _ in values(StringIO(text), depth=1)] == [2, 3, 7]


def test_a_value_that_is_no_json_leaves_the_others_whole() -> None:
    assert [piece for _, piece in values(StringIO("[{'a': 1}, nothing, {\"b\": 2}]"), depth=1)] == [
        "{'a': 1}",
        "nothing",
        '{"b": 2}',
    ]


@pytest.mark.parametrize("depth", [0, 1])
def test_a_bracket_too_many_is_passed_over(depth: int) -> None:
    text = '{"a": 1}]] {"b": 2}' if depth == 0 else '[{"a": 1}]] [{"b": 2}]'
    pieces = [piece for _, piece in values(StringIO(text), depth) if piece and piece.startswith("{")]
    assert pieces == ['{"a": 1}', '{"b": 2}']


@pytest.mark.parametrize("end", ["", ",", "\n"])
def test_an_array_that_breaks_off_keeps_what_came_before(end: str) -> None:
    assert [piece for _, piece in values(StringIO('[{"a": 1},{"b": 2}' + end), depth=1)] == ['{"a": 1}', '{"b": 2}']


def test_a_value_without_end_is_given_up() -> None:
    endless = StringIO('[{"a": 1}, {"b": "' + "x" * 40_000_000)
    assert list(values(endless, depth=1)) == [(1, '{"a": 1}'), (1, None)]
