"""Numbers as people would say them."""

import pytest

from bot.judging.signal_words import capped_percent, in_words
from bot.model.verdicts import Signal
from bot.texts import render


def said(key: str, value: float, unit: str, n: int, language: str = "en") -> str:
    words = in_words(Signal(key, value, unit, n))
    assert words
    return render(language, words)


@pytest.mark.parametrize(
    ("value", "english", "japanese"),
    [
        (57.14, "Longer than 57 % of their 49 posts.", "本文の長さは、本人の投稿 49 件のうち 57% を上回ります。"),
        (0, "Shorter than all of their 49 posts.", "本文は、本人の投稿 49 件のどれよりも短いです。"),
    ],
)
def test_a_length_stands_among_their_posts(value: float, english: str, japanese: str) -> None:
    assert said("length_percentile", value, "percentile", 49) == english
    assert said("length_percentile", value, "percentile", 49, "ja") == japanese


@pytest.mark.parametrize("key", ["length_percentile", "likeness_percentile"])
@pytest.mark.parametrize("value", [0, 0.2, 50, 99.8, 100])
def test_nobody_reads_of_a_hundred_or_of_no_post(key: str, value: float) -> None:
    text = said(key, value, "percentile", 12)
    assert "of 100" not in text
    assert " 0 %" not in text
    assert "100 %" not in text


@pytest.mark.parametrize(
    ("probability", "words"),
    [(1, "above 95 %"), (0.96, "above 95 %"), (0.95, "95 %"), (0.5, "50 %"), (0.05, "5 %"), (0.0, "below 5 %")],
)
def test_a_likeness_is_never_certain(probability: float, words: str) -> None:
    assert render("en", capped_percent(probability)) == words
    assert said("likeness", probability, "probability", 47) == f"Likeness to 47 stored posts: {words}."
