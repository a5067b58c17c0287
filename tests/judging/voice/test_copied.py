"""Copied spans are found wherever they stand, belong to a stored post, and never overlap."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.judging.voice.copied import MIN_TOKENS, Copied, CopyIndex, without

POSTS = (
    "The night train to the coast leaves at ten past nine.",
    "I mended the tent twice, and it still smells of rain!",
    "See you on the pier tonight, friends",
    "Soup again. See you on the pier tonight, friends",
    "Low tide. See you on the pier tonight, friends",
    "今日は古い自転車を直してから、港までゆっくり走りました。",
)
INDEX = CopyIndex(POSTS)


def copied(draft: str) -> list[str]:
    return [draft[span.start : span.end] for span in INDEX.spans(draft)]


def test_finds_the_longest_span_and_its_post() -> None:
    draft = "Buy this lamp! The night train to the coast leaves at ten, they say."
    assert INDEX.spans(draft) == (Copied(15, 57, 0),)
    assert draft[15:57] == "The night train to the coast leaves at ten"


def test_four_tokens_are_a_coincidence() -> None:
    assert copied("We saw the night train to nowhere, and mended the tent twice only.") == []


@pytest.mark.parametrize(
    "draft",
    [
        "THE NIGHT, TRAIN to - the coast leaves",
        "The ｎｉｇｈｔ train to the coast leaves",
        "The ni\u200bght train to the coast leaves",
        "the night 😍 train to the 😍 coast leaves",
    ],
)
def test_case_width_marks_and_hidden_characters_hide_nothing(draft: str) -> None:
    assert copied(draft) == [draft]


def test_spans_of_two_posts_are_found_one_after_the_other() -> None:
    draft = "The night train to the coast leaves, I mended the tent twice, and it shows"
    assert [span.post for span in INDEX.spans(draft)] == [0, 1]


def test_scripts_without_spaces_need_more_than_an_everyday_phrase() -> None:
    assert copied("本当に古い自転車を直してから") == []
    assert copied("告知です！古い自転車を直してから、港までゆっくり走りました。") == [
        "古い自転車を直してから、港までゆっくり走りました"
    ]


def test_a_phrase_of_many_posts_is_a_habit_and_stays_in_the_measured_text() -> None:
    draft = "New lamp. See you on the pier tonight, friends"
    (span,) = INDEX.spans(draft)
    assert span.habit
    assert without(draft, [span]) == draft


def test_cuts_what_is_copied_from_few_posts() -> None:
    draft = "Look: I mended the tent twice, and it still works"
    assert without(draft, INDEX.spans(draft)) == "Look:   works"


@pytest.mark.parametrize("posts", [(), ("",), ("one two",), ("a b c d", "e f g h")])
def test_nothing_is_copied_from_next_to_nothing(posts: tuple[str, ...]) -> None:
    assert CopyIndex(posts).spans("a b c d e f g h one two") == ()


PIECES = st.sampled_from([piece for post in POSTS for piece in (post, post[:30], post[10:])]) | st.text(max_size=20)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=5))
def test_every_span_lies_in_the_draft_and_stands_in_its_post(pieces: list[str]) -> None:
    draft = " ".join(pieces)
    end = 0
    for span in INDEX.spans(draft):
        assert end <= span.start < span.end <= len(draft)
        end = span.end
        # The piece alone must be found whole in the post it names, and only there.
        alone = CopyIndex([POSTS[span.post]]).spans(draft[span.start : span.end])
        assert [(one.start, one.end) for one in alone] == [(0, span.end - span.start)]
        assert len(draft[span.start : span.end].split()) >= MIN_TOKENS or any("ぁ" <= c <= "鿿" for c in draft)
