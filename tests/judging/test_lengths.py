"""A text longer than its platform takes is noted, and decides nothing."""

from dataclasses import replace

import pytest

from bot.config import Review
from bot.judging.lengths import too_long
from bot.judging.offline import OfflineJudge
from bot.judging.review import review
from bot.texts import render
from tests.builders import make_campaign
from tests.judging.test_own_words import CASE
from tests.sample_cases import NOW


@pytest.mark.parametrize(
    ("platform", "text", "is_long"),
    [
        ("instagram", "a" * 2_200, False),
        ("instagram", "a" * 2_201, True),
        ("tiktok", "a" * 4_001, True),
        ("youtube", "a" * 5_001, True),
        ("threads", "a" * 501, True),
        ("x", "a" * 280, False),
        ("x", "石" * 140, False),
        ("x", "石" * 141, True),
        ("x", "a" * 250 + " https://example.org/" + "b" * 200, False),
        ("other", "a" * 9_999, False),
    ],
)
def test_each_platform_has_its_own_limit(platform: str, text: str, is_long: bool) -> None:
    assert bool(too_long(f"{text}\n", make_campaign(platform=platform))) is is_long


def test_the_words_of_a_story_stand_in_its_picture() -> None:
    assert too_long("a" * 9_999, make_campaign(platform="instagram", format="story")) == ()


async def test_it_is_a_note_and_moves_no_verdict() -> None:
    case = replace(CASE, campaign=replace(CASE.campaign, platform="threads"))
    here, elsewhere = [await review(one, OfflineJudge(), Review(), NOW) for one in (case, CASE)]
    assert here.outcome is elsewhere.outcome
    assert elsewhere.notes == ()
    assert "longer than Threads takes" in render("en", here.notes[0])
    assert "of at most 500," in render("en", here.notes[0])
