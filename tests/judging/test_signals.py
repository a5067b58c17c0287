"""Each signal counts what it says it counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.judging.phrases import count_phrases, phrase_pattern
from bot.judging.signal_words import in_words
from bot.judging.signals import by_key, is_sponsored, measure
from bot.judging.voice import Corpus, likeness
from bot.judging.words import fold
from bot.model.posts import PastPost
from bot.model.verdicts import Signal
from bot.texts import languages, render
from tests.builders import NOW, make_campaign, make_post

HISTORY = (
    make_post(1, "Mud and my old trainers, again.", days_ago=300, likes=100),
    make_post(2, "Ad | Stridewell sent me socks.", days_ago=200, sponsored=True, likes=20),
    make_post(3, "Pebbleway mended my soles for free.", days_ago=150, likes=120),
    make_post(4, "Rain. Tea. Dog. That was the day, and I would not have it any other way.", days_ago=90, likes=80),
    make_post(5, "Ad | A watch, for a week.", days_ago=40, sponsored=True, likes=30),
    make_post(6, "Ad | Another watch.", days_ago=30, sponsored=True, likes=40),
)


def measured(draft: str, posts: tuple[PastPost, ...] = HISTORY) -> dict[str, float]:
    profile = Corpus({"me": [post.text for post in posts]}).profile("me") if posts else None
    alike = likeness(draft, profile, sponsored=True) if profile else None
    return by_key(measure(draft, make_campaign(), posts, alike, NOW))


@pytest.mark.parametrize(
    ("draft", "key", "value"),
    [
        ("Pebbleway Pebbleway mud mud", "brand_share", 0.5),
        ("They never wears out, never wears out", "product_claims", 2),
        ("Shop now, link in bio, don’t miss it", "calls_to_action", 3),
        ("Use MUD20 or https://shop.example and get 20 % off", "codes_and_links", 3),
        ("The best, most amazing trainers", "superlatives", 2),
        ("Fly like never before! And some words of my own.", "forced_share", 22 / 48),
        ("mud", "brand_mentions", 1),
        ("mud", "category_mentions", 1),
        ("mud", "competitor_days", 200),
        ("mud", "sponsored_share", 0.5),
        ("mud", "sponsored_days", 30),
        ("mud", "sponsored_answer", 0.3),
        ("mud", "words", 1),
        ("This is what I have to say about the mud and the old trainers", "language_share", 1),
        ("Das ist alles, was ich über den Matsch und die alten Schuhe sagen will", "language_share", 0),
    ],
)
def test_a_signal_counts_what_it_says(draft: str, key: str, value: float) -> None:
    assert measured(draft)[key] == pytest.approx(value, abs=0.01)


def test_an_empty_history_leaves_out_what_cannot_be_measured() -> None:
    found = measured("mud", ())
    assert not {"likeness", "sponsored_share", "competitor_days", "length_percentile"} & set(found)


def test_old_words_pasted_in_are_counted() -> None:
    assert measured("New. Pebbleway mended my soles for free. New.")["copied_characters"] > 25


@pytest.mark.parametrize(
    ("text", "sponsored"),
    [
        ("#ad mud", True),
        ("Ad | mud", True),
        ("【PR】靴", True),
        ("Werbung | Matsch", True),
        ("a bad ad", False),
        ("adventure #adidas", False),
    ],
)
def test_a_post_whose_export_says_nothing_counts_by_its_label(text: str, sponsored: bool) -> None:
    assert is_sponsored(PastPost("p", text)) is sponsored
    assert is_sponsored(PastPost("p", text, sponsored=not sponsored)) is not sponsored


def test_reach_enters_only_as_a_ratio() -> None:
    famous = tuple(replace(post, likes=(post.likes or 0) * 1000) for post in HISTORY)
    assert measured("mud", famous) == measured("mud")


def test_time_moves_only_what_counts_days() -> None:
    profile = Corpus({"me": [post.text for post in HISTORY]}).profile("me")
    alike = likeness("mud", profile, sponsored=True)
    now, later = (by_key(measure("mud", make_campaign(), HISTORY, alike, NOW + timedelta(days=d))) for d in (0, 7))
    assert {key for key in now if now[key] != later[key]} == {"competitor_days", "sponsored_days"}


@pytest.mark.parametrize(
    "name",
    ["calls_to_action", "superlatives", "refused_promotion", "refused_use", "changed_mind", "own_use", "drawback"],
)
def test_every_list_of_phrases_is_a_pattern_that_needs_words(name: str) -> None:
    assert phrase_pattern(name).search("") is None
    assert count_phrases(name, fold("nothing of the kind stands here")) == 0


@pytest.mark.parametrize("language", languages())
def test_every_signal_has_words(language: str) -> None:
    profile = Corpus({"me": [post.text for post in HISTORY]}).profile("me")
    signals = measure("mud", make_campaign(), HISTORY, likeness("mud", profile, sponsored=True), NOW)
    said = [render(language, words) for signal in signals if (words := in_words(signal))]
    assert len(said) == sum(signal.value is not None for signal in signals)
    assert all("{" not in sentence for sentence in said)


def test_what_was_not_measured_is_not_said() -> None:
    assert in_words(Signal("likeness", None, "probability")) is None
