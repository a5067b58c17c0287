"""What is typed into forms: read leniently, checked like a workspace file, never changed by looking at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Problem
from bot.model.workspace import Brand, BrandValue, Campaign, Influencer
from bot.services.editing import PARTS, Field, Kind, require_new, save, shown
from bot.services.workspace import BrandTable, checked
from bot.store import library
from bot.store.database import Store, open_store
from tests.builders import make_brand, make_campaign, make_influencer

GUILD = 7
TEXTS = st.text(max_size=30)
WORDS = st.lists(TEXTS, max_size=4).map(tuple)
BRANDS = st.builds(
    Brand,
    id=st.just(1),
    guild_id=st.just(GUILD),
    name=TEXTS,
    handle=st.none() | TEXTS,
    aliases=WORDS,
    about=TEXTS,
    category=TEXTS,
    category_words=WORDS,
    competitors=WORDS,
    claims=WORDS,
    values=st.lists(st.builds(BrandValue, name=TEXTS, words=WORDS), max_size=3).map(tuple),
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await open_store(tmp_path / "bot.sqlite3")
    yield store
    await store.close()


def field(kind: Kind, name: str) -> Field:
    return next(one for part in PARTS[kind].values() for one in part if one.name == name)


def read(kind: Kind, name: str, typed: str) -> Any:
    return field(kind, name).read(typed)


@pytest.mark.parametrize(
    ("kind", "name", "typed", "meant"),
    [
        (Kind.BRAND, "competitors", "Brasko,  Brasko Sport\n\nBrasko", ["Brasko", "Brasko Sport"]),
        (Kind.BRAND, "aliases", "こぬか石けん、こぬか舎", ["こぬか石けん", "こぬか舎"]),
        (Kind.BRAND, "claims", "hot for ten hours, or longer\n", ["hot for ten hours, or longer"]),
        (Kind.BRAND, "handle", " ", None),
        (
            Kind.BRAND,
            "value",
            "repair: mend, mended\n修理：直す、直した\nless waste",
            [
                {"name": "repair", "words": ["mend", "mended"]},
                {"name": "修理", "words": ["直す", "直した"]},
                {"name": "less waste", "words": []},
            ],
        ),
        (Kind.CAMPAIGN, "countries", "us, GB、jp", ["us", "GB", "jp"]),
        (Kind.CAMPAIGN, "countries", "日本, united kingdom", ["JP", "GB"]),
        (Kind.CAMPAIGN, "decide_within_hours", "４８", 48),
        (Kind.CAMPAIGN, "decide_within_hours", "2m", "2m"),  # refused by the check
        (Kind.CAMPAIGN, "decide_within_hours", "", 0),
        (Kind.CAMPAIGN, "decide_within_hours", "1.5", "1.5"),  # refused by the check
        (Kind.INFLUENCER, "followers", "1.250,000", 1250000),
        (Kind.INFLUENCER, "followers", "", None),
        (Kind.INFLUENCER, "followers", "12.5K", 12500),
        (Kind.INFLUENCER, "followers", "3,2 万", 32000),
        (Kind.INFLUENCER, "country", "日本", "JP"),
    ],
)
def test_what_people_type_is_understood(kind: Kind, name: str, typed: str, meant: object) -> None:
    assert read(kind, name, typed) == meant


@given(BRANDS)
def test_a_form_shows_only_what_it_would_store_unchanged(brand: Brand) -> None:
    for part, fields in PARTS[Kind.BRAND].items():
        with suppress(Problem):  # says to use the file
            filled = shown(Kind.BRAND, part, brand)
            for one in fields:
                again = one.read(filled[one.name])
                if one.name == "value":
                    again = [BrandValue(value["name"], tuple(value["words"])) for value in again]
                stored = brand.values if one.name == "value" else getattr(brand, one.name)
                assert again == (list(stored) if isinstance(stored, tuple) else stored) or not (again or stored)


def test_everything_of_an_ordinary_thing_fits_into_its_forms() -> None:
    for kind, thing in (
        (Kind.BRAND, make_brand()),
        (Kind.CAMPAIGN, make_campaign()),
        (Kind.INFLUENCER, make_influencer()),
    ):
        filled = {name: words for part in PARTS[kind] for name, words in shown(kind, part, thing).items()}
        assert filled.keys() == {one.name for part in PARTS[kind].values() for one in part}
    assert shown(Kind.BRAND, "main", make_brand())["value"] == "repair: mend, repair"


def test_words_that_a_form_would_split_are_not_shown_in_one() -> None:
    brand = Brand(1, GUILD, "Glimmerel", aliases=("Glimmerel, Inc.",))
    assert shown(Kind.BRAND, "main", brand)["name"] == "Glimmerel"
    with pytest.raises(Problem, match="Other names is too long for a form, or would be split"):
        shown(Kind.BRAND, "more", brand)
    with pytest.raises(Problem, match="About the brand"):
        shown(Kind.BRAND, "main", Brand(1, GUILD, "Glimmerel", about="x" * 4001))


@given(st.dictionaries(st.sampled_from(["name", "value", "claims", "about", "category"]), st.text(max_size=60)))
def test_whatever_is_typed_is_a_brand_or_one_sentence(typed: dict[str, str]) -> None:
    values = {name: read(Kind.BRAND, name, words) for name, words in typed.items()}
    with suppress(Problem):
        brand = checked(BrandTable, values).brand(GUILD)
        assert brand.name
        assert all(value.name and all(value.words) for value in brand.values)


async def test_a_part_changes_its_own_fields_alone(store: Store) -> None:
    async with store.write() as conn:
        before = await library.upsert_campaign(conn, replace(make_campaign(), id=0, brand=Brand(0, GUILD, "Tarn")))
    typed = {"platform": "x", "format": "story", "relation": "gift", "decide_within_hours": "24", "brand": "TARN"}
    after = await save(store, GUILD, Kind.CAMPAIGN, before.id, typed)
    assert isinstance(after, Campaign)
    assert (after.id, after.must_say, after.countries) == (before.id, before.must_say, before.countries)
    assert (after.platform, after.format, after.relation, after.decide_within_hours) == ("x", "story", "gift", 24)
    async with store.read() as conn:
        assert await library.get_campaign(conn, GUILD, before.id) == after
        assert await library.get_campaign(conn, GUILD + 1, before.id) is None


async def test_a_name_that_is_taken_and_a_thing_of_another_server_are_refused(store: Store) -> None:
    first = await save(store, GUILD, Kind.BRAND, 0, {"name": "Tarn"})
    await save(store, GUILD, Kind.BRAND, 0, {"name": "Fell"})
    for brand_id in (0, first.id):
        with pytest.raises(Problem, match="already one called Ｆｅｌｌ"):
            await save(store, GUILD, Kind.BRAND, brand_id, {"name": "Ｆｅｌｌ"})
    assert (await save(store, GUILD, Kind.BRAND, first.id, {"name": "TARN"})).id == first.id
    with pytest.raises(Problem, match="no longer stored"):
        await save(store, GUILD + 1, Kind.BRAND, first.id, {"name": "Stolen"})


async def test_an_influencer_is_new_once(store: Store) -> None:
    handle = await require_new(store, GUILD, " @Mossy_Miles ")
    made = await save(store, GUILD, Kind.INFLUENCER, 0, {"lang": "EN", "name": ""}, handle=handle)
    assert isinstance(made, Influencer)
    assert (made.handle, made.name, made.language) == ("Mossy_Miles", "Mossy_Miles", "en")
    with pytest.raises(Problem, match="already one called @mossy_miles"):
        await require_new(store, GUILD, "mossy_miles")
    with pytest.raises(Problem, match="already one called"):
        await save(store, GUILD, Kind.INFLUENCER, 0, {"lang": "en"}, handle="mossy_miles")
