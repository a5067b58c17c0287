"""No quote reaches people unless its words stand in the post it names."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judging.quotes import QuoteCheck, find, long_enough, normalise, shown
from bot.model.posts import PastPost
from bot.model.verdicts import Stance
from tests.builders import claim, make_post

POSTS = (
    make_post(1, "I mended the old trainers again.\nThird sole, same laces."),
    make_post(2, "Never lend your name to a thing you would not give your own children."),
    make_post(3, "今日も五時に起きて、河原をゆっくり走りました。"),
    make_post(4, "Yes."),
)


def verified(post_id: str, quote: str) -> tuple[str, str] | None:
    found = QuoteCheck(POSTS).verify(claim(post_id, quote))
    return (found.post_id, found.text) if found else None


@pytest.mark.parametrize(
    ("post_id", "quote", "expected"),
    [
        ("p1", "mended the old trainers", ("p1", "mended the old trainers")),
        (
            "p1",
            "trainers again. Third sole",
            ("p1", "trainers again.\nThird sole"),
        ),  # white space folded, raw slice shown
        ("p1", "“mended the old trainers", None),  # a quotation mark is a character too
        ("p1", "mended the new trainers", None),
        ("p1", "Mended the old trainers", None),  # case is kept
        ("p1", "the old", None),  # too short to prove anything
        ("p2", "mended the old trainers", ("p1", "mended the old trainers")),  # wrong id, right post
        ("nowhere", "mended the old trainers", ("p1", "mended the old trainers")),
        ("p3", "五時に起きて", ("p3", "五時に起きて")),
        ("p3", "五時", None),
        ("p4", "Yes.", ("p4", "Yes.")),  # the whole post
        (
            "p2",
            "Never lend your name to a thing…",
            ("p2", "Never lend your name to a thing"),
        ),  # the judge's own ellipsis
        ("p1", "", None),
        ("p1", "   ", None),
    ],
)
def test_a_quote_stands_in_its_post_or_is_dropped(post_id: str, quote: str, expected: tuple[str, str] | None) -> None:
    assert verified(post_id, quote) == expected


def test_words_that_stand_in_two_posts_are_not_given_an_id() -> None:
    twins = (
        make_post(1, "we always run together at dawn"),
        make_post(2, "we always run together at dawn, rain or not"),
    )
    assert QuoteCheck(twins).verify(claim("p9", "we always run together")) is None
    assert QuoteCheck(twins).verify(claim("p2", "we always run together")) is not None


def test_typography_and_hidden_characters_do_not_matter() -> None:
    post = PastPost("p1", "She said: “it’s — honestly — the o\u200bld pair”")
    found = QuoteCheck([post]).verify(claim("p1", '"it\'s - honestly - the old pair"'))
    assert found is not None
    assert found.text == "“it’s — honestly — the o\u200bld pair”"


def test_stance_date_and_link_come_from_the_store() -> None:
    found = QuoteCheck(POSTS).verify(claim("p2", "lend your name to a thing", Stance.CONTRADICTS))
    assert found is not None
    assert (found.stance, found.created_at, found.url) == (Stance.CONTRADICTS, POSTS[1].created_at, POSTS[1].url)


@given(st.text(min_size=1, max_size=80), st.data())
def test_any_slice_of_a_post_is_found_and_shown_raw(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    span = find(text[start:end], text)
    needle = normalise(text[start:end]).text
    if not needle:
        assert span is None
    elif span is not None:  # a slice may cut a composed character in two; what is found reads the same
        assert needle in normalise(text[span[0] : span[1]]).text


@given(st.text(min_size=1, max_size=60))
def test_composition_does_not_matter(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert normalise(composed).text == normalise(decomposed).text


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_is_found_stands_there(quote: str, post: str) -> None:
    span = find(quote, post)
    if span is not None:
        start, end = span
        assert 0 <= start < end <= len(post)
        assert normalise(quote).text in normalise(post[start:end]).text


def test_length_is_counted_by_script() -> None:
    assert long_enough("three small words")
    assert not long_enough("two words-only")
    assert long_enough("河原をゆっくり")
    assert not long_enough("河原を")


def test_long_quotes_are_cut_at_a_word() -> None:
    assert shown("short enough", 20) == "short enough"
    assert shown("one two three four five six", 15) == "one two three …"
