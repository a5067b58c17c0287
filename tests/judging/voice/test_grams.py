"""The numbers behind likeness: what is masked, counted and told apart in a text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.judging.voice.grams import CHAR_ORDERS, HABITS, encode
from bot.judging.voice.text import NAME, URL, USER, normalise, words


def test_masks_handles_and_links() -> None:
    assert normalise("hi @ann.b, see https://shop.example/x?y=1 now") == f"hi {USER}, see {URL} now"
    assert normalise("<user> and <name> at <url>") == f"{USER} and {NAME} at {URL}"
    assert normalise("mail me: ann@post.example") == "mail me: ann@post.example"


@pytest.mark.parametrize("disclosure", ["#ad", "#AD", "#Sponsored", "#pr", "【PR】", "#広告", "<disc>"])
def test_drops_disclosures(disclosure: str) -> None:
    assert normalise(f"{disclosure} a quiet day {disclosure}") == "a quiet day"


def test_keeps_hashtags_that_only_begin_like_a_disclosure() -> None:
    assert normalise("#adventure #prague") == "#adventure #prague"


def test_collapses_spaces_and_drops_hidden_characters() -> None:
    assert normalise(" a\n\n b\u200b\u00adc\U000e0041 ") == "a bc"


def test_words_of_scripts_with_and_without_spaces() -> None:
    assert words("it’s #sunny, café!") == ["it’s", "#sunny", ",", "café", "!"]
    assert words("夜行列車でスープを") == ["夜行", "列車", "で", "スープ", "を"]


def habit(text: str, name: str) -> float:
    return float(encode([text]).habits[0, HABITS.index(name)])


@pytest.mark.parametrize(
    ("name", "with_it", "without_it"),
    [
        ("exclamations", "so good!!", "so good."),
        ("upper", "SO GOOD", "so good"),
        ("emoji", "good 😍😍", "good"),
        ("hashtags", "#so #good", "so good"),
        ("ends_hashtag", "so #good", "#so good"),
        ("ends_emoji", "so good 😍", "😍 so good"),
        ("first_lower", "so", "So"),
        ("repeats", "sooo good", "so good"),
        ("commas", "今日、海", "今日 海"),
        ("hiragana", "うみ", "海"),
        ("curly", "it’s", "it's"),
        ("double_stops", "well...", "well."),
    ],
)
def test_habits_tell_texts_apart(name: str, with_it: str, without_it: str) -> None:
    assert habit(with_it, name) > habit(without_it, name)


TEXTS = st.lists(st.text(max_size=30).map(normalise), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_a_post_is_encoded_the_same_alone_and_in_a_batch(texts: list[str]) -> None:
    batch = encode(texts)
    for number, text in enumerate(texts):
        alone = encode([text])
        assert np.array_equal(batch.habits[number], alone.habits[0])
        for together, single in ((batch.chars, alone.chars), (batch.words, alone.words)):
            at = together.scored[together.post[together.scored] == number]
            assert np.array_equal(together.keys[:, at], single.keys[:, single.scored])


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_counts_add_up_and_own_counts_are_those_of_the_post_alone(texts: list[str]) -> None:
    grams = encode(texts).chars
    counts = grams.counts()
    assert counts.counts.sum() == CHAR_ORDERS * len(grams.counted)
    own = grams.own_counts()
    for number, text in enumerate(texts):
        alone = encode([text]).chars
        at = grams.scored[grams.post[grams.scored] == number]
        assert np.array_equal(own[0, at], alone.counts().look_up(alone.keys[0, alone.scored]))


def test_unknown_keys_count_nothing() -> None:
    counts = encode(["ab"]).chars.counts()
    unknown = np.setdiff1d(np.arange(50, dtype=np.int32), counts.keys)
    assert not counts.look_up(unknown).any()


def test_refuses_an_empty_batch() -> None:
    with pytest.raises(ValueError, match="at least one"):
        encode([])
