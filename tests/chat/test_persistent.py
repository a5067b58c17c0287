"""Everything that can be pressed, chosen or sent off is told by its id alone, so it outlives the process that made it.

That nothing else is ever sent is checked for every call of every test, in tests/traffic.py.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.routes import BUTTONS, ROUTES
from tests.traffic import forgotten

ASCII = st.characters(codec="ascii")
LONGEST_ID = 100  # Discord's limit
STRANGER: Any = None  # nobody in particular pressed it: what is made of an id depends on the id alone


def ids(pattern: re.Pattern[str]) -> st.SearchStrategy[str]:
    matching = st.from_regex(pattern, fullmatch=True, alphabet=ASCII)
    return matching.filter(lambda custom_id: len(custom_id) <= LONGEST_ID)


def kinds(below: type[Any] = ui.DynamicItem) -> Iterator[type[Any]]:
    for kind in below.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_kind_of_component_is_registered() -> None:
    assert {kind for kind in kinds() if kind.__module__.startswith("bot.")} == set(BUTTONS)


@pytest.mark.parametrize("kind", BUTTONS, ids=lambda kind: kind.__name__)
def test_a_component_comes_back_from_its_id(kind: type[ui.DynamicItem[Any]]) -> None:
    template = kind.__discord_ui_compiled_template__
    assert re.match(r"v\d:", template.pattern)

    @settings(max_examples=20, deadline=None)
    @given(ids(template))
    def comes_back(custom_id: str) -> None:
        assert [one for one in BUTTONS if one.__discord_ui_compiled_template__.fullmatch(custom_id)] == [kind]
        written = remade(kind, custom_id)  # as the bot writes it: a number may have had zeros in front
        assert remade(kind, written) == written

    comes_back()


def remade(kind: type[ui.DynamicItem[Any]], custom_id: str) -> str:
    """The id of what the library makes of a component with `custom_id` that somebody used."""
    match = kind.__discord_ui_compiled_template__.fullmatch(custom_id)
    assert match is not None
    is_list = kind.__name__.endswith("Select")
    used: ui.Item[Any] = ui.Select(custom_id=custom_id) if is_list else ui.Button(custom_id=custom_id)
    made = asyncio.run(kind.from_custom_id(STRANGER, used, match))
    return str(made.custom_id)


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in ROUTES], ids=lambda pattern: pattern.pattern[:30])
def test_a_form_is_told_by_its_id(pattern: re.Pattern[str]) -> None:
    assert pattern.pattern.startswith("form:v1:")

    @settings(max_examples=20, deadline=None)
    @given(ids(pattern))
    def is_told(custom_id: str) -> None:
        assert [one for one, _ in ROUTES if one.fullmatch(custom_id)] == [pattern]

    is_told()


def test_what_only_its_own_process_would_know_is_found() -> None:
    row = {"type": 1, "components": [{"type": 2, "custom_id": "5f3a", "style": 1}]}
    assert list(forgotten({"components": [{"type": 17, "components": [row]}]}))
    assert list(forgotten({"type": 4, "data": {"components": [row]}}))
    assert list(forgotten({"type": 9, "data": {"custom_id": "5f3a", "components": []}}))
    assert not list(forgotten({"type": 9, "data": {"custom_id": "form:v1:review:1:2", "components": []}}))
