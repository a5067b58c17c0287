"""Countries and a platform as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Problem
from bot.services.where import Where, country_code, read_where


@pytest.mark.parametrize(
    ("typed", "countries", "platform"),
    [
        ("US, instagram", ("US",), "instagram"),
        ("Japan, Instagram", ("JP",), "instagram"),
        ("USA, insta", ("US",), "instagram"),
        ("日本、インスタ", ("JP",), "instagram"),
        ("ＪＰ、Ｉｎｓｔａｇｒａｍ", ("JP",), "instagram"),
        ("JP，US", ("JP", "US"), ""),
        ("United Kingdom Tik Tok", ("UK",), "tiktok"),
        ("in the United States and Germany on X", ("US", "DE"), "x"),
        ("ドイツ・フランス／ユーチューブ", ("DE", "FR"), "youtube"),
        ("米国 (ig)", ("US",), "instagram"),
        ("gb", ("UK",), ""),
        ("br", ("BR",), ""),  # no rules on file, which the check says
        ("instagram", (), "instagram"),
        (" ", (), ""),
    ],
)
def test_countries_and_platform(typed: str, countries: tuple[str, ...], platform: str) -> None:
    assert read_where(typed) == Where(countries, platform)


@pytest.mark.parametrize(("typed", "what"), [("Narnia, insta", "Narnia"), ("JP, instagrm", "instagrm")])
def test_what_is_not_understood_is_named(typed: str, what: str) -> None:
    with pytest.raises(Problem, match=what):
        read_where(typed)


@given(st.text("abdeinstuxJPUS日本、, ", min_size=3, max_size=20))
def test_no_name_is_passed_over_in_silence(typed: str) -> None:
    try:
        found = read_where(typed)
    except Problem:
        return
    names = set(typed.casefold().replace(",", " ").replace("、", " ").split()) - {"the", "and", "in", "on"}
    assert (found == Where()) == (not names)


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("日本", "JP"),
        (" japan ", "JP"),
        ("アメリカ", "US"),
        ("gb", "gb"),
        ("ＪＰ", "JP"),
        ("Narnia", "Narnia"),
        ("", ""),
    ],
)
def test_a_country_is_known_by_its_name_and_a_code_stays(named: str, code: str) -> None:
    assert country_code(named) == code
