"""Leave-one-out measures a post as if it were not in its store; a profile sets an author against the others alone."""

import numpy as np
import pytest

from bot.judging.voice import Corpus
from bot.judging.voice.features import MEASURES, Everybody, LeaveOut, Own, Sides, measure
from bot.judging.voice.grams import Encoded, encode
from bot.judging.voice.model import fitted
from bot.judging.voice.text import normalise
from tests.judging.voice.voices import posts_of

EDGES = fitted().edges
OWN, OTHERS = posts_of("loud", 12), posts_of("chatty", 12)


def encoded(posts: list[str]) -> Encoded:
    return encode([normalise(post) for post in posts])


def sides(own: list[str], others: list[str]) -> Sides:
    counts = [Own.of(encoded(posts), EDGES) for posts in (own, others)]
    return Sides(counts[0], Everybody.empty().changed(add=counts), EDGES)


def row(name: str, posts: list[str], own: list[str]) -> float:
    return float(measure(encoded(posts), sides(own, OTHERS))[0, MEASURES.index(name)])


def test_leaving_a_post_out_is_as_if_it_had_never_been_stored() -> None:
    post = encoded([OWN[4]])
    left_out = measure(post, sides(OWN, OTHERS), LeaveOut.of(post, from_own=True))
    never_stored = measure(post, sides(OWN[:4] + OWN[5:], OTHERS))
    assert np.allclose(left_out, never_stored, atol=1e-12)
    assert not np.allclose(left_out, measure(post, sides(OWN, OTHERS)), atol=0.01)


def test_leaving_a_post_out_of_the_background_likewise() -> None:
    post = encoded([OTHERS[4]])
    left_out = measure(post, sides(OWN, OTHERS), LeaveOut.of(post, from_own=False))
    never_stored = measure(post, sides(OWN, OTHERS[:4] + OTHERS[5:]))
    assert np.allclose(left_out, never_stored, atol=1e-12)


def test_taking_an_author_out_of_everybody_restores_the_rest() -> None:
    one, two = (Own.of(encoded(posts), EDGES) for posts in (OWN, OTHERS))
    rest, expected = (
        Everybody.empty().changed(add=[one, two]).changed(remove=[one]),
        Everybody.empty().changed(add=[two]),
    )
    assert np.array_equal(rest.chars.table(), expected.chars.table())
    assert np.array_equal(rest.words.table(), expected.words.table())
    assert np.array_equal(rest.habits, expected.habits)
    assert (rest.n_chars, rest.n_words, rest.n_posts) == (expected.n_chars, expected.n_words, expected.n_posts)


@pytest.mark.parametrize("name", ["char_3", "char_5", "word_1", "habit_sentence"])
def test_own_texts_measure_positive_and_others_negative(name: str) -> None:
    assert row(name, posts_of("loud", 1, seed=3), OWN) > 0 > row(name, posts_of("chatty", 1, seed=3), OWN)


@pytest.mark.parametrize("name", ["char_hashtag", "word_hashtag", "char_emoji", "word_emoji"])
def test_favourite_marks_gain_little_and_foreign_marks_cost_in_full(name: str) -> None:
    favourite = ["so" + " #vibes 😍" * 4]
    assert row(name, favourite, OWN) == 0
    assert 0 < row(f"{name}_limited", favourite, OWN) <= 0.05
    theirs = [f"{post} #zebra 🦓" for post in OTHERS]
    against = measure(encoded([f"{posts_of('chatty', 1, seed=5)[0]} #zebra 🦓"]), sides(OWN, theirs))[0]
    assert against[MEASURES.index(name)] < against[MEASURES.index(f"{name}_limited")] == -0.05


def test_an_author_is_never_set_against_own_posts() -> None:
    assert np.isnan(Corpus({"me": OWN}).profile("me").others.mean).all()
    assert not np.isnan(Corpus({"me": OWN, "other": OTHERS}).profile("me").others.mean).any()
