from __future__ import annotations

import pytest
from hypothesis import given

from bot.chat.draft.mentions import Mention, named_in, parted, parts
from bot.chat.watch.overheard import LEAST_BYTES, Ear, Unclear, attempted, overheard
from tests.chat.hostile import anything

HANDLES = {"mossy_miles": "mossy_miles", "hana.cooks": "Hana.Cooks"}
SPRING, AUTUMN = "Spring: trail days", "Autumn"
OPEN = Ear(HANDLES, (SPRING, AUTUMN))
FIXED = Ear(HANDLES, (SPRING, AUTUMN), AUTUMN)
LONG = "I mend my soles myself, and you asked me how, so here it is at last."


@pytest.mark.parametrize(
    ("words", "ear", "found"),
    [
        ("@mossy_miles Spring: trail days: Ad. I mend.", OPEN, Mention("mossy_miles", SPRING, "Ad. I mend.")),
        ("@Mossy_Miles autumn\nAd: I mend.", OPEN, Mention("mossy_miles", AUTUMN, "Ad: I mend.")),
        ("＠mossy_miles Ad: I mend.", FIXED, Mention("mossy_miles", AUTUMN, "Ad: I mend.")),
        ("@mossy_miles: Ad. I mend.", FIXED, Mention("mossy_miles", AUTUMN, "Ad. I mend.")),
        ("@mossy_miles Spring: trail days: I mend.", FIXED, Mention("mossy_miles", SPRING, "I mend.")),
        ("for @hana.cooks. Autumn, please", OPEN, Mention("Hana.Cooks", AUTUMN, "for @hana.cooks. Autumn, please")),
        ("@mossy_miles: I mend.", OPEN, Unclear()),
        ("@mossy_miles: my autumnal shoes", OPEN, Unclear()),
        ("@mossy_miles\nAutumn or Spring: trail days?", OPEN, Unclear()),
        ("@mossy_milez Autumn: I mend.", OPEN, Unclear("mossy_milez")),
        ("@anna did you see that?", OPEN, None),
        ("@anna look: nice", FIXED, None),
        (LONG, FIXED, None),
    ],
)
def test_what_anybody_writes(words: str, ear: Ear, found: Mention | Unclear | None) -> None:
    assert overheard(words, ear, author="", with_file=False) == found


@pytest.mark.parametrize(
    ("words", "ear", "found"),
    [
        (LONG, FIXED, Mention("mossy_miles", AUTUMN, LONG)),
        (f"Spring: trail days: {LONG}", OPEN, Mention("mossy_miles", SPRING, LONG)),
        (LONG, OPEN, None),  # names nobody and no campaign: talk
        ("ok, thanks!", FIXED, None),
    ],
)
def test_what_an_influencer_writes(words: str, ear: Ear, found: Mention | None) -> None:
    assert overheard(words, ear, author="mossy_miles", with_file=False) == found


def test_a_text_file_of_an_influencer_needs_no_words() -> None:
    assert overheard("", FIXED, author="mossy_miles", with_file=True) == Mention("mossy_miles", AUTUMN, "")


@pytest.mark.parametrize(
    ("raw", "handle"),
    [
        ("@mossy_milez Ad. I mend.", "mossy_milez"),
        ("＠somebody： Ad. I mend.", "somebody"),
        ("@somebody\nAd. I mend.", "somebody"),
        (f"@somebody {LONG}", "somebody"),
        ("@mossy_miles: I mend.", ""),
        ("@anna look: nice", ""),
        ("@everyone: lunch", ""),
        (f"<@1234> {LONG}", ""),
        (f"so @mossy_milez: {LONG}", ""),
        ("", ""),
    ],
)
def test_an_attempt_begins_with_a_handle_that_nobody_has(raw: str, handle: str) -> None:
    assert attempted(raw, FIXED) == attempted(raw, OPEN) == handle


@given(anything)
def test_whatever_is_said_without_a_handle_is_talk(words: str) -> None:
    assert overheard(words.replace("@", "a"), FIXED, author="", with_file=False) is None
    short = words.encode()[: LEAST_BYTES - 1].decode(errors="ignore").replace("@", "a")
    assert overheard(short, FIXED, author="mossy_miles", with_file=False) is None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("for Spring, please", "Spring"),
        ("SPRING TRAIL DAYS it is", "Spring trail days"),
        ("a springy shoe", ""),
        ("秋の靴の下書きです", "秋の靴"),
        ("これはSpringの下書きです", "Spring"),
        ("Spring or 秋の靴", ""),
        ("", ""),
    ],
)
def test_a_campaign_named_in_passing(words: str, found: str) -> None:
    assert named_in(words, ("Spring", "Spring trail days", "秋の靴")) == found


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("@a x: one", ["@a x: one"]),
        ("@a x: one\n---\n@b y: two", ["@a x: one", "@b y: two"]),
        ("@a x: one\n---\nstill one\n ----- \n\n＠b y: two", ["@a x: one\n---\nstill one", "\n＠b y: two"]),
        ("\n---\n@a x: one", ["@a x: one"]),
        ("@a x: one --- @b y: two", ["@a x: one --- @b y: two"]),
    ],
)
def test_only_a_line_of_dashes_before_a_handle_parts_drafts(words: str, expected: list[str]) -> None:
    assert [part.strip("\n") for part in parts(words)] == [part.strip("\n") for part in expected]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("@mossy_miles Autumn: one\n@hana.cooks Spring: trail days: two", 2),
        ("@mossy_miles Autumn: one\n＠Hana.Cooks： two\n\n@mossy_miles\u3000autumn\nthree", 3),
        ("@mossy_miles Autumn: one\n@nobody Autumn: two", 2),
        ("@nobody Autumn: one\n---\n@hana.cooks: two", 2),
        ("@mossy_miles Autumn: one\n@hana.cooks took the picture: look", 1),
        ("@mossy_miles Autumn: one\n@pebbleway: look", 1),
        ("My soles\n@hana.cooks: look", 1),
        ("\n@mossy_miles Autumn: one @hana.cooks: look", 1),
    ],
)
def test_a_line_that_begins_like_a_draft_begins_one(words: str, expected: int) -> None:
    found = parted(words, HANDLES, (SPRING, AUTUMN))
    assert len(parts(found)) == expected
    assert parted(found, HANDLES, (SPRING, AUTUMN)) == found
    assert " ".join(parts(found)).replace("-", "").split() == words.replace("-", "").split()
