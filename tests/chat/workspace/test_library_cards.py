"""Cards, lists and forms of brands, campaigns and influencers fit into Discord's limits, whatever is stored."""

from __future__ import annotations

from typing import Any

import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.workspace.library_cards import ROWS, Shelf, library_page, removal_card, thing_card
from bot.chat.workspace.library_forms import CHOICE_TEXTS, edit_form
from bot.model.workspace import Brand, BrandValue, Campaign, Influencer
from bot.services.editing import PARTS, Kind, Thing
from bot.store.removal import Hanging
from bot.texts import catalogue, languages
from tests.builders import make_brand, make_campaign

LONG = st.text(max_size=40).map(lambda text: text * 30) | st.sampled_from(["*_`" * 400, "😀" * 900, ""])
WORDS = st.lists(LONG, max_size=8).map(tuple)
VALUES = st.lists(st.builds(BrandValue, name=LONG, words=WORDS), max_size=6).map(tuple)
BRANDS = st.builds(
    Brand,
    id=st.just(1),
    guild_id=st.just(7),
    name=LONG,
    handle=LONG,
    aliases=WORDS,
    about=LONG,
    category=LONG,
    category_words=WORDS,
    competitors=WORDS,
    claims=WORDS,
    values=VALUES,
)
CAMPAIGNS = st.builds(
    Campaign,
    id=st.just(1),
    guild_id=st.just(7),
    name=LONG,
    brand=BRANDS,
    goal=LONG,
    brief=LONG,
    must_say=WORDS,
    countries=WORDS,
    platform=LONG,
    decide_within_hours=st.integers(0, 2160),
)
INFLUENCERS = st.builds(
    Influencer,
    id=st.integers(1, 3),
    guild_id=st.just(7),
    handle=LONG,
    name=LONG,
    language=LONG,
    country=LONG,
    platform=LONG,
    followers=st.none() | st.integers(0, 2**60),
)
LANGUAGES = st.sampled_from(languages())


def length(box: ui.Container[Any]) -> int:
    texts = [one.content for one in box.walk_children() if isinstance(one, ui.TextDisplay)]
    return sum(len(text.encode("utf-16-le")) // 2 for text in texts)


@settings(max_examples=40, deadline=None)
@given(BRANDS | CAMPAIGNS | INFLUENCERS, LANGUAGES)
def test_a_card_fits(thing: Thing, language: str) -> None:
    assert length(thing_card(thing, {1: (3, None)}, 5, language)) <= 3900
    assert length(removal_card(thing, Hanging(1, 2, 3), language)) <= 3900


@settings(max_examples=30, deadline=None)
@given(st.lists(BRANDS | CAMPAIGNS | INFLUENCERS, max_size=25), LANGUAGES, st.integers(0, 9))
def test_a_page_of_a_list_fits_and_there_is_always_one(things: list[Thing], language: str, page: int) -> None:
    shown = library_page(Shelf(Kind.INFLUENCER, things, {2: (10**6, None)}, 5), language, page)
    assert length(shown.box) <= 3900
    assert 0 <= shown.page < shown.pages == max(1, -(-len(things) // ROWS))


@pytest.mark.parametrize("language", languages())
def test_forms_fit_and_every_field_is_named_in_every_language(language: str) -> None:
    for kind, parts in PARTS.items():
        for part, fields in parts.items():
            new = {Kind.INFLUENCER: "x" * 64, Kind.CAMPAIGN: "9" * 18}.get(kind, "")
            for thing_id, extra in ((0, new), (10**17, "")):
                form = edit_form(language, kind, thing_id, part, {"platform": "p" * 200}, title="t" * 99, extra=extra)
                assert len(form.title) <= 45
                assert len(form.custom_id) <= 100
            assert len(form.children) == len(fields) <= 5
            for label in form.children:
                assert isinstance(label, ui.Label)
                assert 0 < len(label.text) <= 45
                assert 0 < len(label.description or "") <= 100


@pytest.mark.parametrize("language", languages())
def test_an_empty_list_says_how_to_fill_it(language: str) -> None:
    for kind in Kind:
        [_, body] = [
            one.content
            for one in library_page(Shelf(kind, (), {}, 5), language, 0).box.walk_children()
            if isinstance(one, ui.TextDisplay)
        ]
        assert f"/{kind} add" in body


def test_every_choice_has_a_name() -> None:
    for fields in PARTS[Kind.CAMPAIGN].values():
        for field in fields:
            if field.name in CHOICE_TEXTS:
                assert {f"{CHOICE_TEXTS[field.name]}.{one}" for one in field.choices} <= catalogue("en").keys()


def test_what_is_stored_is_shown_in_words() -> None:
    [head, body] = [
        one.content
        for one in thing_card(make_campaign(relation="own_brand"), {}, 5, "ja").walk_children()
        if isinstance(one, ui.TextDisplay)
    ]
    assert head == "### Spring"
    assert "Fly like never before!" in body
    assert catalogue("ja")["label_relation.own_brand"] in body
    assert make_brand().name in body
