"""A server's own rules: checked like the shipped ones, before them, and never in the way of a review."""

from datetime import date

import pytest

from bot.judging.disclosure.check import Outcome, check
from bot.judging.disclosure.messages import report
from bot.judging.disclosure.own import own_row, require_usable, usable
from bot.judging.disclosure.rulebook import RuleError
from bot.model.workspace import GuildRule

TODAY = date(2026, 11, 22)


def rule(
    label: str = "acmecrew",
    status: str = "accepted",
    country: str = "DE",
    language: str = "de",
    source: str = "Agreed on Monday",
    number: int = 7,
) -> GuildRule:
    return GuildRule(number, 1, country, label, status, language, source, TODAY)


@pytest.mark.parametrize(
    ("status", "text", "outcome", "detail"),
    [
        ("accepted", "#acmecrew Serum", Outcome.PASS, "label"),
        ("ambiguous", "#acmecrew Serum", Outcome.AMBIGUOUS, "weak"),
        ("refused", "#acmecrew Serum", Outcome.AMBIGUOUS, "refused"),
        ("accepted", "die acmecrew war da", Outcome.MISSING, "undelimited_word"),
        ("accepted", "#acmecrews Serum", Outcome.AMBIGUOUS, "near_miss"),
    ],
)
def test_an_own_rule_counts_as_its_status_says(status: str, text: str, outcome: Outcome, detail: str) -> None:
    [result] = check(text, countries=["DE"], extra_rules=[own_row(rule(status=status))]).results
    assert (result.outcome, result.detail, result.rule_id, result.is_own) == (outcome, detail, "own-7", True)
    assert (result.source_url, result.as_of, result.confidence) == ("Agreed on Monday", TODAY, "L")


def test_it_goes_before_the_shipped_rule_for_the_same_label() -> None:
    assert check("#ad Serum", countries=["DE"]).outcome is Outcome.AMBIGUOUS
    assert check("#ad Serum", countries=["DE"], extra_rules=[own_row(rule("ad"))]).outcome is Outcome.PASS


def test_it_holds_in_its_country_alone() -> None:
    found = check("#acmecrew", countries=["DE", "UK"], extra_rules=[own_row(rule())])
    assert [result.outcome for result in found.results] == [Outcome.PASS, Outcome.WRONG_LANGUAGE]


def test_a_japanese_label_also_counts_at_the_start_of_a_line() -> None:
    own = own_row(rule("協賛", country="JP", language="ja"))
    assert check("協賛です。美容液", countries=["JP"]).outcome is not Outcome.PASS
    assert check("協賛です。美容液", countries=["JP"], extra_rules=[own]).outcome is Outcome.PASS


def test_a_denial_is_not_overruled_by_it() -> None:
    found = check("not an ad #acmecrew", countries=["DE"], extra_rules=[own_row(rule())])
    assert found.outcome is Outcome.CONTRADICTED


@pytest.mark.parametrize(("language", "words"), [("en", "This server's own rule"), ("ja", "このサーバー独自のルール")])
def test_the_report_names_it_as_the_servers_own(language: str, words: str) -> None:
    said = report(check("#acmecrew", countries=["DE"], extra_rules=[own_row(rule())]), language)
    assert words in said
    assert "own-7" in said
    assert "Agreed on Monday" in said
    assert words not in report(check("#ad", countries=["DE"], extra_rules=[own_row(rule())]), language)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (rule(country="XX"), "jurisdiction = 'XX' is unknown"),
        (rule(status="fine"), "status = 'fine' is unknown"),
        (rule(label="!"), "has no letters"),
        (rule(label="x"), "is a single letter"),
        (rule(label="(a|b)" * 20), "more than 16 choices"),
        (rule(source=""), "source_url = '' is not a str"),
    ],
)
def test_a_rule_that_does_not_hold_is_told_apart(broken: GuildRule, says: str) -> None:
    with pytest.raises(RuleError, match="own rules, number 1, row 'own-7'") as caught:
        require_usable(broken)
    assert says in str(caught.value)
    assert usable([broken, rule(number=8)]) == ([own_row(rule(number=8))], [broken])
