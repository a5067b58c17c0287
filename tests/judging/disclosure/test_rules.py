"""The rules as data: every row sourced and dated, malformed rows refused in one sentence, a guild's own rows."""

import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from bot.judging.disclosure.check import Outcome, check
from bot.judging.disclosure.load import guild_rules, jurisdiction, rulebook
from bot.judging.disclosure.patterns import expand
from bot.judging.disclosure.rulebook import RuleError, Status

OWN = {
    "id": "own-team-tag",
    "jurisdiction": "de",
    "labels": ["acmecrew"],
    "status": "accepted",
    "language": "de",
    "source_url": "https://acme.example/rules",
    "source_kind": "code",
    "as_of": date(2026, 11, 1),
    "confidence": "M",
}


def test_the_jurisdictions_asked_for_are_there() -> None:
    book = rulebook()
    assert set(book.jurisdictions) >= {"US", "UK", "IE", "EU", "DE", "FR", "IT", "ES", "JP", "CA", "AU", "IN"}
    assert book.aliases["GB"] == "UK"
    assert book.aliases["AT"] == book.aliases["AUT"] == "AT"
    assert book.aliases["EL"] == "GR"
    assert book.aliases["DE"] == "DE"


def test_every_row_is_dated_and_sourced() -> None:
    book = rulebook()
    for place in book.jurisdictions.values():
        for rule in place.labels:
            assert rule.source.as_of >= date(2026, 1, 1), rule.id
            assert rule.source.url.startswith("https://") or rule.source.kind == "none", rule.id
            assert (rule.source.kind == "none") <= (rule.source.confidence == "L"), rule.id
            if rule.status is Status.UNSOURCED:
                assert rule.source.confidence == "L", rule.id
        assert any(rule.status is Status.ACCEPTED for rule in place.labels)
    assert all(flag.category in book.sensitive_words for flag in book.sensitive)
    assert all(flag.scope in book.platforms or flag.scope in book.jurisdictions for flag in book.sensitive)


@pytest.mark.parametrize("code", sorted(rulebook().jurisdictions))
def test_no_label_has_two_rows_in_force_on_one_day(code: str) -> None:
    book = rulebook()
    for day in (date(2016, 6, 1), date(2024, 1, 1), book.as_of):
        seen: dict[str, str] = {}
        for rule in book.jurisdictions[code].labels:
            if rule.in_force(day):
                for label in (one for each in rule.labels for one in expand(each)):
                    assert seen.setdefault(label, rule.id) == rule.id, label


@pytest.mark.parametrize("code", sorted(rulebook().jurisdictions))
def test_every_ready_line_passes_where_it_is_offered(code: str) -> None:
    place = rulebook().jurisdictions[code]
    for relation in place.fixes:
        line = place.fix(relation, place.languages).replace("{brand}", "Acme")
        text = f"{line} new serum https://acme.example/x" if relation == "affiliate" else f"{line} new serum"
        found = check(text, countries=[code], brand="Acme", relation=relation)
        assert found.outcome is Outcome.PASS, (relation, line)


def minimal(**label: Any) -> dict[str, Any]:
    row = {"id": "xx-ad", "labels": ["ad"], "status": "accepted", "language": "en", "source": "law"} | label
    return {
        "code": "XX",
        "languages": ["en"],
        "name": {"en": "Nowhere"},
        "sources": {
            "law": {
                "source_url": "https://law.example",
                "source_kind": "law",
                "as_of": date(2026, 1, 1),
                "confidence": "H",
            }
        },
        "placement": {"id": "xx-placement", "source": "law"},
        "tool": {"id": "xx-tool", "severity": "warn", "source": "law"},
        "fix": {"paid": {"en": "Ad |"}},
        "label": [{key: value for key, value in row.items() if value is not None}],
    }


def test_a_minimal_file_loads() -> None:
    assert jurisdiction(minimal(), "xx.toml").labels[0].labels == ("ad",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"status": "fine"}, "status = 'fine' is unknown; use one of accepted, "),
        ({"status": None}, "status is missing."),
        ({"labels": []}, "labels is empty."),
        ({"labels": ["\u200b"]}, "label '\\u200b' has no letters."),
        ({"labels": ["(a|)"]}, "label '(a|)' has no letters."),
        ({"labels": ["(a|b)" * 17]}, "has more than 16 choices"),
        ({"labels": "ad"}, "labels = 'ad' is not a list of texts."),
        ({"labels": [1]}, "labels = [1] is not a list of texts."),
        ({"language": ""}, "language = '' is not a str."),
        ({"source": "nobody"}, "source = 'nobody' is not in [sources]."),
        ({"source": None}, "source_url is missing."),
        ({"relations": ["friend"]}, "relations: friend is unknown; use "),
        ({"forms": ["shout"]}, "forms: shout is unknown; use "),
        ({"colour": "red"}, "colour is not a key of this kind of row."),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "valid_to lies before valid_from."),
        ({"valid_from": "soon"}, "valid_from = 'soon' is not a date such as 2026-11-22."),
    ],
)
def test_a_malformed_row_is_refused_with_file_and_row(change: dict[str, Any], says: str) -> None:
    with pytest.raises(RuleError) as caught:
        jurisdiction(minimal(**change), "xx.toml")
    assert str(caught.value).startswith("xx.toml, [[label]], row 'xx-ad': ")
    assert says in str(caught.value)


def test_an_undated_source_is_refused() -> None:
    data = minimal()
    del data["sources"]["law"]["as_of"]
    with pytest.raises(RuleError, match=r"xx\.toml, \[sources\.law\]: as_of is missing: every rule needs the day"):
        jurisdiction(data, "xx.toml")


def test_two_rows_of_one_name_are_refused() -> None:
    data = minimal()
    data["label"] *= 2
    with pytest.raises(RuleError, match="two rows are called 'xx-ad'"):
        jurisdiction(data, "xx.toml")


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(RuleError, match="lable is not a key"):
        jurisdiction(minimal() | {"lable": []}, "xx.toml")


def test_a_guild_may_add_a_label() -> None:
    text = "#acmecrew mein Serum"
    assert check(text, countries=["DE"]).outcome is Outcome.MISSING
    found = check(text, countries=["DE"], extra_rules=[OWN])
    assert found.outcome is Outcome.PASS
    assert found.results[0].rule_id == "own-team-tag"
    assert check(text, countries=["DE"]).outcome is Outcome.MISSING


def test_a_guild_may_be_stricter_than_the_shipped_rules() -> None:
    stricter = OWN | {"id": "own-no-anzeige", "labels": ["anzeige"], "status": "refused", "as_of": "2026-11-01"}
    found = check("Anzeige | Serum", countries=["DE"], extra_rules=[stricter])
    assert (found.outcome, found.rule) == (Outcome.AMBIGUOUS, "own-no-anzeige")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"as_of": None}, "own rules, number 2, row 'own-team-tag': as_of is missing"),
        ({"jurisdiction": "ZZ"}, "jurisdiction = 'ZZ' is unknown; use one of "),
        ({"confidence": "sure"}, "confidence = 'sure' is unknown"),
    ],
)
def test_a_guilds_malformed_row_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(RuleError) as caught:
        guild_rules([OWN, OWN | change], rulebook())
    assert says in str(caught.value)


def test_rules_of_another_day() -> None:
    def outcome(day: date) -> Outcome:
        return check("#ad mein Serum", countries=["DE"], as_of=day).outcome

    assert outcome(date(2016, 12, 31)) is Outcome.PASS
    assert outcome(date(2017, 1, 1)) is Outcome.AMBIGUOUS


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"countries": ["XX"]}, "There are no disclosure rules for 'XX'; use one of AT, AU, "),
        ({"countries": []}, "The disclosure check needs a country; use one of "),
        ({"countries": ["US"], "relation": "friend"}, "The relation 'friend' is unknown; use one of affiliate, "),
        (
            {"countries": ["US"], "audience_languages": ["french"]},
            "The audience language 'french' is not a code",
        ),
        ({"countries": ["US"], "format": "poem"}, "The format 'poem' is unknown; use one of caption, "),
    ],
)
def test_unknown_input_is_refused_in_one_sentence(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        check("#ad", **options)
    assert str(caught.value).startswith(says)


def test_a_single_text_is_not_taken_for_its_letters() -> None:
    assert check("#ad", countries="US").outcome is Outcome.PASS
    assert check("x", countries=["UK"], format="story", overlay_text="ad").outcome is Outcome.PASS


def test_a_label_of_signs_does_no_harm() -> None:
    own = OWN | {"labels": ["(werbung", "[x]", "広告("], "id": "own-signs"}
    assert check("(werbung mein Serum", countries=["DE"], extra_rules=[own]).results[0].jurisdiction == "DE"


def test_nothing_is_checked_without_a_relation() -> None:
    found = check("loving it", countries=["US"], relation="none")
    assert (found.outcome, found.results) == (Outcome.NOT_CHECKED, ())


def test_countries_are_asked_once_each_in_the_order_given() -> None:
    found = check("#ad", countries=["gb", "UK", "us", "AT", "PL"])
    assert [result.jurisdiction for result in found.results] == ["UK", "US", "AT", "PL"]


def test_a_member_state_without_a_file_gets_the_general_rules_in_its_own_language() -> None:
    austria, german = rulebook().place("AT"), rulebook().place("DE")
    assert (austria.general, german.general, austria.name["en"]) == ("EU", "", "Austria")
    assert austria.fix("paid", austria.languages) == "Werbung |"
    assert check("Werbung | Serum", countries=["Austria", "オーストリア"]).results[0].rule_id == "eu-word-de"


@pytest.mark.parametrize("code", sorted(rulebook().states))
def test_the_line_of_every_member_state_is_its_best(code: str) -> None:
    """It passes where a word of the country's language is sourced; else it is English, and weak."""
    state = rulebook().place(code)
    line = state.fix("paid", state.languages)
    found = check(f"{line} new serum", countries=[code])
    sourced = any(rule.status is Status.ACCEPTED and rule.language in state.languages for rule in state.labels)
    assert found.outcome is (Outcome.PASS if sourced else Outcome.AMBIGUOUS)
    assert sourced or line == "Advertisement |"


def test_a_rule_of_ones_own_for_the_union_holds_in_its_member_states() -> None:
    own = OWN | {"jurisdiction": "EU"}
    assert check("#acmecrew Serum", countries=["AT"], extra_rules=[own]).outcome is Outcome.PASS
    assert check("#acmecrew Serum", countries=["DE"], extra_rules=[own]).outcome is not Outcome.PASS


def test_an_unknown_platform_lowers_the_confidence() -> None:
    assert check("#ad", countries=["UK"], platform="newnet").results[0].confidence == "L"
    assert check("#ad", countries=["UK"]).results[0].confidence == "M"


def test_a_ready_line_speaks_the_language_of_the_audience() -> None:
    found = check("loving it", countries=["CA"], audience_languages=["fr"], brand="Acme")
    assert found.fix == "#pub"
    assert check("loving it", countries=["FR"], brand="Acme").fix == "Collaboration commerciale avec Acme –"


def test_without_a_brand_a_handle_stands_for_it_but_thanks_are_no_label() -> None:
    assert check("sponsored by @acme", countries=["US"]).outcome is Outcome.PASS
    assert check("sponsored by a good mood", countries=["US"]).outcome is Outcome.MISSING
    assert check("sponsored by @acme.official", countries=["US"]).results[0].label == "sponsored by @acme.official"
    assert check("thanks @friend", countries=["US"]).outcome is Outcome.MISSING
    assert check("thanks @acme for the free mug", countries=["US"], relation="gift").outcome is Outcome.PASS
    assert check("thanks @acme for the talk", countries=["US"], relation="gift").outcome is Outcome.MISSING
    assert check("loving this collab", countries=["US"], brand="Acme").outcome is Outcome.MISSING
    assert check("Acme, loving this collab", countries=["US"], brand="Acme").outcome is Outcome.AMBIGUOUS


def test_a_brand_may_begin_with_an_article() -> None:
    assert check("sponsored by The Tarn", countries=["US"], brand="The Tarn").outcome is Outcome.PASS
    assert check("sponsored by the Tarn", countries=["US"], brand="Tarn").outcome is Outcome.PASS
    assert check('sponsored by: the @"tarn', countries=["US"], brand="Tarn").outcome is Outcome.PASS


def test_thanks_at_the_start_are_not_beside_a_brand_at_the_end() -> None:
    said = check("thanks all. i love acme!", countries=["US"], brand="Acme", relation="gift")
    assert said.outcome is Outcome.MISSING


def test_sensitive_products_are_flagged_with_their_source() -> None:
    found = check("#ad my favourite wine", countries=["UK", "US"], platform="x")
    assert [(flag.rule.id, flag.span) for flag in found.sensitive] == [
        ("x-alcohol", (17, 21)),
        ("uk-alcohol", (17, 21)),
        ("us-alcohol", (17, 21)),
    ]
    assert found.outcome is Outcome.PASS
    assert check("#ad winery tour", countries=["UK"], platform="x").sensitive == ()
    assert [flag.rule.id for flag in check("#PR 仮想通貨", countries=["FR"], platform="threads").sensitive] == [
        "fr-finance"
    ]


def test_importing_the_check_reads_no_rules() -> None:
    code = (
        "import bot.judging.disclosure.check, bot.judging.disclosure.load as l; print(l.rulebook.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
