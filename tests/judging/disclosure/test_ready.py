"""The line offered makes every country pass beside what the text says already, and it is as short as can be."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.judging.disclosure.check import Disclosure, Outcome, check
from bot.judging.disclosure.messages import report
from bot.judging.disclosure.ready import with_ready_line

PLACES = ("US", "UK", "IE", "DE", "FR", "IT", "ES", "JP", "CA", "AU", "IN", "EU")
BEGUN = ["", "#ad ", "Ad | ", "Werbung | ", "【PR】", "#pub ", "#sponsored ", "#collab ", "#gifted ", "Paid promo "]
SAID = [
    "my new shoes",
    "Mein Serum\n\nso gut",
    "新しい美容液 #朝",
    "loving it 👏 #skin #glow",
    "https://a.example/shoes",
]
SETS = st.lists(st.sampled_from((*PLACES, "AT", "NL", "PL", "DK")), min_size=1, max_size=6, unique=True)


def run(text: str, *countries: str, format: str = "caption", brand: str = "Acme") -> Disclosure:
    return with_ready_line(text, partial(check, countries=countries, brand=brand, format=format))


@pytest.mark.parametrize(
    ("text", "countries", "line"),
    [
        ("my new shoes", ("UK", "DE"), "Ad | Werbung |"),
        ("Werbung | my new shoes", ("UK", "DE"), "Ad |"),
        ("#ad my new shoes", ("UK", "DE"), "Werbung |"),
        ("【PR】新しい靴", ("JP", "DE"), "Werbung |"),
        ("my new shoes", ("UK", "US", "IE"), "Ad |"),
        ("Ad | my new shoes", ("UK", "US"), ""),
        ("mijn schoenen", ("NL", "AT", "DE"), "Werbung | Advertentie |"),
        ("moje boty", ("CZ", "DE"), "Werbung | Advertisement |"),  # no Czech label is sourced
        ("Werbung | Advertisement | moje boty", ("CZ", "DE"), ""),
    ],
)
def test_the_fewest_labels_that_suffice(text: str, countries: tuple[str, ...], line: str) -> None:
    assert run(text, *countries).ready == line


@given(st.sampled_from(BEGUN), st.sampled_from(SAID), SETS, st.sampled_from(["", "Acme"]))
@settings(max_examples=120, deadline=None)
def test_with_the_line_in_front_every_country_passes(begun: str, said: str, countries: list[str], brand: str) -> None:
    text = begun + said
    found = run(text, *countries, brand=brand)
    assert bool(found.ready) != (found.outcome is Outcome.PASS)
    if found.ready:
        mended = check(f"{found.ready} {text}", countries=countries, brand=brand)
        assert {one.outcome for one in mended.results} == {Outcome.PASS}


def test_all_countries_at_once() -> None:
    found = run("my new shoes", *PLACES, brand="")
    assert check(f"{found.ready} my new shoes", countries=PLACES).outcome is Outcome.PASS


@pytest.mark.parametrize("text", ["not an ad, my shoes", "my shoes"])
def test_no_line_where_none_can_help(text: str) -> None:
    found = run(text, "UK", format="caption" if text.startswith("not") else "video")
    assert (found.ready, bool(found.fix)) == ("", True)


def test_the_line_stands_once_and_instead_of_those_of_each_country() -> None:
    said = report(run("my new shoes", "UK", "DE"))
    assert said.count("Ad | Werbung |") == 1
    assert "Ready line:" not in said
    assert "Ready line: Ad |" in report(check("my new shoes", countries=["UK"]))
