"""Every outcome, reason and question can be said in both languages, always with the reservation."""

import string
from typing import Any

import pytest

from bot.judging.disclosure import Outcome, check
from bot.judging.disclosure_load import rulebook
from bot.judging.disclosure_messages import country_lines, report, texts
from tests.judging.test_disclosure import read_cases


def keys(table: Any) -> Any:
    return {key: keys(value) for key, value in table.items()} if isinstance(table, dict) else None


def fields(text: str) -> set[str | None]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def leaves(table: Any) -> list[str]:
    return [leaf for value in table.values() for leaf in leaves(value)] if isinstance(table, dict) else [table]


def test_both_languages_have_the_same_keys_and_fields() -> None:
    english, japanese = texts("en"), texts("ja")
    assert keys(english) == keys(japanese)
    for one, other in zip(leaves(english), leaves(japanese), strict=True):
        assert fields(one) == fields(other), one


def test_every_key_that_the_rules_name_has_a_text() -> None:
    book, say = rulebook(), texts("en")
    assert set(say["outcome"]) == set(Outcome)
    for place in book.jurisdictions.values():
        asked = {rule.question for rule in place.relations.values()} | {
            rule.question for rule in place.formats.values()
        }
        assert asked - {""} <= set(say["question"]), place.code
        assert place.tool_severity in say["detail"]
    assert {platform.tool for platform in book.platforms.values() if platform.tool} == set(say["tool"])
    assert set(book.sensitive_words) == set(say["category"])


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_case_can_be_said(language: str) -> None:
    for case in read_cases():
        said = report(case.run(), language, format=str(case.options.get("format", "photo")))
        assert "{" not in said
        assert "2026-11-22" in said


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Not legal advice."), ("ja", "法的助言ではありません"), ("xx", "Not legal advice.")]
)
def test_a_report_always_carries_the_reservation(language: str, words: str) -> None:
    said = report(check("#ad", countries=["US"]), language)
    assert words in said
    assert "2026-11-22" in said


def test_a_line_gives_outcome_reason_ready_line_and_source() -> None:
    result = check("{x} " + "x" * 130 + " #ad", countries=["US"]).results[0]
    assert country_lines(result) == [
        "United States: label comes too late",
        "'#ad' ends at character 138; readers see the first 125 before they tap 'more'.",
        "Ready line: Ad |",
        "Source: https://help.instagram.com/1643471055915254 (2026-11-22, confidence M)",
    ]


def test_a_label_with_braces_is_shown_as_it_is() -> None:
    found = check("sponsored by {acme}", countries=["UK"], brand="{acme}")
    assert "{acme}" in report(found)


def test_nothing_to_disclose_is_said_in_one_line() -> None:
    assert report(check("hi", countries=["US"], relation="none"), "ja") == "表記の必要はありません"
