"""The disclosure check as a verdict carries it: authoritative, in one line, with flags and a server's own rules."""

from datetime import date

import pytest

from bot.judging.label import check_label, is_fine, label_criterion
from bot.model.verdicts import DisclosureLine, Level
from bot.model.workspace import GuildRule
from bot.texts import render
from tests.builders import make_campaign, make_influencer

OWN = GuildRule(3, 7, "DE", "acmecrew", "accepted", "de", "Agreed on Monday", date(2026, 11, 22))


def said(line: DisclosureLine, language: str = "en") -> str:
    return " ".join(render(language, message) for message in line.messages)


def test_the_worst_country_decides_and_gives_the_line_to_paste() -> None:
    line = check_label("#ad my shoes", make_campaign(countries=("US", "DE")), make_influencer())
    assert (line.outcome, line.country, line.fix) == ("AMBIGUOUS", "DE", "Werbung |")
    assert not is_fine(line)
    assert label_criterion(line).level is Level.L1


def test_one_line_in_front_serves_all_countries() -> None:
    campaign = make_campaign(countries=("UK", "DE"))
    line = check_label("my shoes", campaign, make_influencer())
    assert (line.fix, line.in_front) == ("Ad | Werbung |", True)
    assert check_label(f"{line.fix} my shoes", campaign, make_influencer()).outcome == "PASS"
    denied = check_label("not an ad, my shoes", campaign, make_influencer())
    assert (denied.fix, denied.in_front) == ("Ad |", False)


def test_a_video_is_judged_by_what_is_shown_and_said() -> None:
    campaign = make_campaign(countries=("UK",), format="video", platform="youtube")
    asked = check_label("#ad my shoes", campaign, make_influencer())
    assert (asked.outcome, asked.fix) == ("NOT_ASSESSABLE", None)
    assert "What text stands on the picture, or what is said?" in said(asked)
    assert check_label("", campaign, make_influencer(), "This video is an ad.").outcome == "PASS"
    assert check_label("", campaign, make_influencer(), overlay=["shoes", "ad"]).outcome == "PASS"
    missing = check_label("#ad", campaign, make_influencer(), "I love these shoes.")
    assert (missing.outcome, is_fine(missing)) == ("MISSING", False)


def test_a_rule_of_the_server_goes_before_the_shipped_ones_and_is_named() -> None:
    campaign = make_campaign(countries=("DE",))
    assert check_label("#acmecrew", campaign, make_influencer()).outcome == "MISSING"
    line = check_label("#acmecrew", campaign, make_influencer(), own_rules=[OWN])
    assert (line.outcome, line.rule) == ("PASS", "own-3")
    assert "This server's own rule own-3" in said(line)
    assert "このサーバー独自のルール own-3" in said(line, "ja")


def test_a_rule_that_no_longer_holds_stops_no_review() -> None:
    broken = GuildRule(4, 7, "ATLANTIS", "acmecrew", "accepted", "de", "x", date(2026, 11, 22))
    line = check_label("#ad my shoes", make_campaign(), make_influencer(), own_rules=[broken, OWN])
    assert line.outcome == "PASS"
    assert "own rule own-4 no longer holds" in said(line)


@pytest.mark.parametrize("platform", ["x", "instagram"])
def test_sensitive_products_come_with_their_source_the_banned_first(platform: str) -> None:
    campaign = make_campaign(countries=("US", "UK", "FR"), platform=platform)
    line = check_label("Ad | a glass of wine and a vape", campaign, make_influencer())
    assert {"alcohol", "tobacco"} == {flag.category for flag in line.flags}
    assert [flag.effect for flag in line.flags] == sorted(flag.effect for flag in line.flags)
    assert all(flag.source.startswith("https://") and flag.as_of == "2026-11-22" for flag in line.flags)
    assert {platform, "UK", "FR"} <= {flag.where for flag in line.flags}
    assert check_label("Ad | a cup of tea", campaign, make_influencer()).flags == ()


def test_countries_of_the_server_are_checked_beside_the_campaigns_and_the_strictest_counts() -> None:
    campaign = make_campaign(countries=("US",))
    assert check_label("#ad my shoes", campaign, make_influencer()).outcome == "PASS"
    line = check_label("#ad my shoes", campaign, make_influencer(), guild_countries=("US", "DE"))
    assert (line.outcome, line.country, line.fix) == ("AMBIGUOUS", "DE", "Werbung |")
    nowhere = check_label("my shoes", make_campaign(countries=()), make_influencer(), guild_countries=("JP",))
    assert "JP" in said(nowhere)
    assert "US" in said(nowhere)  # where the influencer lives, as without the server's
