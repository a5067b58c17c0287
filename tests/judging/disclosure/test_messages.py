"""Every outcome, reason and question can be said in both languages, always with the reservation."""

import json
from functools import partial

import pytest

from bot.judging.disclosure.check import Outcome, check
from bot.judging.disclosure.load import rulebook
from bot.judging.disclosure.messages import as_data, country_lines, report
from bot.judging.disclosure.ready import with_ready_line
from bot.texts import catalogue
from tests.judging.disclosure.test_check import read_cases


def texts(section: str) -> set[str]:
    return {key.removeprefix(f"{section}.") for key in catalogue("en") if key.startswith(f"{section}.")}


def test_every_key_that_the_rules_name_has_a_text() -> None:
    book = rulebook()
    assert texts("label_outcome") == set(Outcome)
    for place in book.jurisdictions.values():
        asked = {rule.question for rule in place.relations.values()} | {
            rule.question for rule in place.formats.values()
        }
        assert asked - {""} <= texts("label_question"), place.code
        assert place.tool_severity in texts("label_detail")
    assert {platform.tool for platform in book.platforms.values() if platform.tool} == texts("label_tool")
    assert set(book.sensitive_words) == texts("label_category")


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
        "Rule us-placement. Source: https://help.instagram.com/1643471055915254 (2026-11-22, confidence medium)",
    ]


def test_a_label_with_braces_is_shown_as_it_is() -> None:
    found = check("sponsored by {acme}", countries=["UK"], brand="{acme}")
    assert "{acme}" in report(found)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "only the general EU rules were checked"), ("ja", "国独自のルールはここにありません")],
)
def test_a_country_without_national_rules_is_said_to_have_none(language: str, words: str) -> None:
    assert words in report(check("Werbung | Serum", countries=["AT"]), language)
    assert words not in report(check("Werbung | Serum", countries=["DE"]), language)


def test_the_line_that_a_text_has_already_is_not_offered_again() -> None:
    assert "Ready line" not in report(check("Advertisement | moje boty", countries=["CZ"]))
    assert "Ready line: Advertisement |" in report(check("#reklama moje boty", countries=["CZ"]))


def test_nothing_to_disclose_is_said_in_one_line() -> None:
    assert report(check("hi", countries=["US"], relation="none"), "ja") == "広告表示の必要はありません"


def test_a_platform_that_is_not_on_file_is_said_to_be_unknown() -> None:
    assert "not on file here" in report(check("#ad", countries=["US"], platform="newnet"))
    assert "not on file here" not in report(check("#ad", countries=["US"], platform="threads"))


def test_a_line_that_lacks_the_brand_is_not_called_ready() -> None:
    def said(brand: str) -> str:
        return report(with_ready_line("new boots", partial(check, countries=["AU"], brand=brand)))

    assert "Not ready yet" in said("")
    assert "Ready to paste" in said("Acme")


def test_other_programs_get_every_country_its_source_and_the_reservation() -> None:
    asked = partial(check, countries=["US", "DE"], platform="tiktok")
    found = json.loads(json.dumps(as_data(with_ready_line("#ad wine", asked))))
    american, german = found["results"]
    assert (american["outcome"], american["fix"], american["rule"]) == ("PASS", None, "us-ad")
    assert (german["outcome"], german["label"], german["fix"]) == ("AMBIGUOUS", "#ad", "Werbung |")
    assert [one["span"] for one in (american, *found["sensitive"])] == [[0, 3], [4, 8], [4, 8]]
    for row in (american, german, *found["sensitive"]):
        assert row["source"].startswith("https://")
        assert (row["as_of"], row["confidence"] in "HML") == ("2026-11-22", True)
    assert (found["outcome"], found["ready_line"]) == ("AMBIGUOUS", "Werbung |")
    assert found["reservation"] == "Not legal advice. Rules as of 2026-11-22."


def test_other_programs_get_no_line_to_add_where_all_is_well() -> None:
    found = as_data(check("#ad", countries=["US"]))
    assert (found["fix"], found["ready_line"]) == (None, None)
    assert as_data(check("hi", countries=["US"], relation="none"))["reservation"] is None
