"""Likeness tells an author's drafts from others', is not bought with pasted posts, and says when it knows little."""

import math
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.judging.voice.profile import THIN_CHARACTERS, Corpus, Likeness, Profile, likeness
from tests.judging.voice.voices import MANNERS, library, posts_of

CORPUS = Corpus(library())
CALM = CORPUS.profile("calm")


def average(profile: Profile, manner: str) -> float:
    drafts = posts_of(manner, 8, seed=1)
    return mean(likeness(draft, profile, sponsored=False).probability for draft in drafts)


@pytest.mark.parametrize("author", MANNERS)
def test_own_drafts_score_above_every_other_author(author: str) -> None:
    profile = CORPUS.profile(author)
    others = max(average(profile, other) for other in MANNERS if other != author)
    assert average(profile, author) > others + 0.3


def test_percentile_places_own_drafts_among_own_posts_and_others_below() -> None:
    own = [likeness(draft, CALM, sponsored=False).percentile for draft in posts_of("calm", 8, seed=1)]
    others = [likeness(draft, CALM, sponsored=False).percentile for draft in posts_of("loud", 8, seed=1)]
    assert 10 < mean(own) < 90
    assert max(others) < 5


def test_pasting_an_old_post_into_a_strangers_draft_gains_nothing() -> None:
    stranger, old = posts_of("loud", 1, seed=1)[0], library()["calm"][3]
    plain, pasted = likeness(stranger, CALM), likeness(f"{stranger} {old}", CALM)
    assert pasted.probability == pytest.approx(plain.probability, abs=0.02)
    assert pasted.novel_characters == pytest.approx(plain.novel_characters, abs=2)
    span = pasted.copied[-1]
    assert f"{stranger} {old}"[span.start : span.end] == old.rstrip(".")
    assert library()["calm"][span.post] == old


def test_a_draft_that_is_an_old_post_has_nothing_novel() -> None:
    found = likeness(library()["calm"][5], CALM)
    assert found.novel_characters <= 1
    assert found.thin_draft


def test_same_texts_give_the_same_numbers_whatever_happened_in_between() -> None:
    changed = Corpus({"calm": posts_of("loud", 5)})
    for author, posts in library().items():
        changed.put(author, posts)
    changed.put("passer-by", posts_of("terse", 12, seed=3))
    changed.put("passer-by", ())
    draft = posts_of("calm", 1, seed=2)[0]
    assert "passer-by" not in changed
    assert likeness(draft, changed.profile("calm")).features == likeness(draft, CALM).features


def test_a_profile_is_not_touched_by_later_changes() -> None:
    corpus = Corpus(library())
    profile = corpus.profile("calm")
    before = likeness("The harbour kept me awake.", profile)
    corpus.update({"loud": (), "new": posts_of("calm", 40, seed=4)})
    assert likeness("The harbour kept me awake.", profile) == before


def test_others_who_write_the_same_way_lower_the_likeness() -> None:
    alike = Corpus({**library(), "twin": posts_of("calm", 30, seed=5), "triplet": posts_of("calm", 30, seed=6)})
    assert average(alike.profile("calm"), "calm") < average(CALM, "calm") - 0.05


def test_disclosures_and_hidden_characters_do_not_count() -> None:
    draft = "The harbour kept me awake before breakfast."
    plain = likeness(draft, CALM)
    assert likeness(f"{draft} #ad", CALM).probability == plain.probability
    assert likeness(draft.replace("harbour", "har\u200bbour"), CALM).probability == plain.probability


def test_sponsored_drafts_have_a_calibration_of_their_own() -> None:
    draft = posts_of("calm", 1, seed=1)[0]
    sponsored, plain = likeness(draft, CALM, sponsored=True), likeness(draft, CALM, sponsored=False)
    assert sponsored.probability != plain.probability
    assert sponsored.features == plain.features


def test_says_when_the_history_is_thin() -> None:
    corpus = Corpus({**library(), "calm": posts_of("calm", 4)})
    assert likeness("The harbour kept me awake before breakfast.", corpus.profile("calm")).thin_history
    assert not likeness("The harbour kept me awake before breakfast.", CALM).thin_history


def test_says_when_the_draft_is_thin() -> None:
    assert likeness("x" * (THIN_CHARACTERS - 1), CALM).thin_draft
    assert not likeness("x" * THIN_CHARACTERS, CALM).thin_draft


@pytest.mark.parametrize(("real_others", "weak"), [(3, True), (4, False)])
def test_background_is_weak_until_four_others_are_real(real_others: int, weak: bool) -> None:
    posts = {"me": posts_of("calm", 10)} | {f"real {n}": posts_of("loud", 10, seed=n) for n in range(real_others)}
    samples = {f"sample {n}": posts_of("terse", 10, seed=n) for n in range(8)}
    assert Corpus({**posts, **samples}, samples=samples).profile("me").weak_background is weak


def test_an_author_of_whom_nothing_is_stored_has_no_profile() -> None:
    corpus = Corpus({"me": ["", "  "]})
    assert "me" not in corpus
    with pytest.raises(KeyError):
        corpus.profile("me")


@pytest.mark.parametrize("posts", [["hi"], ["#ad"], ["😍"], ["同じ"], ["Same words every time."] * 9])
@pytest.mark.parametrize("others", [{}, {"one": ["Something else."]}])
def test_odd_stores_still_give_numbers(posts: list[str], others: dict[str, list[str]]) -> None:
    check(likeness("A draft of some words 😍", Corpus({"me": posts, **others}).profile("me")), 24)


@pytest.mark.parametrize("draft", ["", " ", "a", "\n", "#ad", "😍", "\u200b", "\ud800"])
def test_drafts_of_next_to_nothing_are_thin_but_measured(draft: str) -> None:
    found = likeness(draft, CALM)
    check(found, len(draft))
    assert found.thin_draft


def check(found: Likeness, length: int) -> None:
    assert 0 <= found.probability <= 1
    assert 0 <= found.percentile <= 100
    assert 0 <= found.length_percentile <= 100
    assert 0 <= found.novel_characters <= length
    assert all(map(math.isfinite, found.features.values()))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120) | st.sampled_from(library()["calm"]).map(lambda post: post + post[:40]))
def test_any_text_gives_numbers_within_their_bounds(draft: str) -> None:
    check(likeness(draft, CALM), len(draft))
    check(likeness(draft, CALM, sponsored=False), len(draft))


def test_length_percentile_follows_the_length() -> None:
    short, long = likeness("Rain.", CALM), likeness("Rain. " * 60, CALM)
    assert short.length_percentile == 0
    assert long.length_percentile == 100
