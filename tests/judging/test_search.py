"""What is found in a history: words, inflected words, telling posts, and no post twice in other words."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judging.characters import CharacterIndex
from bot.judging.search import PostSearch
from bot.judging.telling import standardised
from bot.model.dossiers import Statement, StatementKind
from bot.model.posts import PastPost
from bot.model.verdicts import Quote, Stance


def posts_of(*texts: str) -> tuple[PastPost, ...]:
    return tuple(PastPost(f"p{at}", text) for at, text in enumerate(texts))


CHATTER = tuple(f"Cloud {at} over the quay, tea at {at % 12}." for at in range(60))
TELLING = (
    "My father sold the shop because he promised a rival he would never pay for praise, and I signed that letter too."
)
TELLING_JA = "父と約束した。お金をもらって人にすすめることは、もう二度としないと決めた。"


def first(texts: tuple[str, ...], *queries: str, number: int = 1) -> list[str]:
    return [post.text for post in PostSearch(posts_of(*texts)).worth_reading(queries)[:number]]


def test_a_post_that_shares_words_comes_first() -> None:
    texts = (*CHATTER, "The umbrella broke again.")
    assert first(texts, "An umbrella for the storm") == ["The umbrella broke again."]


@pytest.mark.parametrize(
    ("post", "query"),
    [("Regenschirme tropfen hier.", "Ein Regenschirm"), ("傘が壊れたままの朝。", "折りたたみ傘が壊れた人へ")],
)
def test_an_inflected_word_is_met(post: str, query: str) -> None:
    assert first((*CHATTER, post), query) == [post]


@pytest.mark.parametrize("telling", [TELLING, TELLING_JA])
def test_a_telling_post_is_read_though_it_shares_no_word(telling: str) -> None:
    texts = (*CHATTER[:30], telling, *CHATTER[30:])
    assert first(texts, "umbrella weather") == [telling]


def test_kinds_of_words_count_beside_rare_words() -> None:
    """As long and as rare in words as the other, but nobody speaks in it."""
    flat = (
        "Larch spruce hornbeam, granite basalt, heron bittern curlew, ferry barge dinghy, lichen sedge bracken, flint."
    )
    plain = (
        "I promised my father: never again money, said nothing, heron bittern curlew, ferry barge dinghy, lichen sedge."
    )
    assert first((*CHATTER, flat, plain), "umbrella") == [plain]


def test_a_far_nearer_post_comes_before_a_telling_one() -> None:
    near = "Umbrella ribs, umbrella cloth, umbrella handles: the umbrella maker of the old town."
    assert first((*CHATTER, TELLING, near), "the umbrella maker: umbrella cloth and ribs", number=2) == [near, TELLING]


def test_what_repeats_a_better_post_comes_last() -> None:
    repeats = tuple(f"The umbrella maker opens at nine on market days, stall {at}." for at in range(8))
    found = first((*CHATTER, *repeats), "umbrella maker", number=5)
    assert sum("umbrella" in text for text in found) == 1


def test_a_noted_post_is_near_where_its_note_is_and_is_read_before_others() -> None:
    posts = posts_of(*CHATTER, TELLING)
    quote = Quote("p7", CHATTER[7], 0, len(CHATTER[7]), Stance.SUPPORTS)
    note = Statement(StatementKind.REFUSAL, "parasols", "Refuses all parasols.", (quote,))
    assert PostSearch(posts).worth_reading(["parasols"])[0].id == "p60"
    assert PostSearch(posts, [note]).worth_reading(["parasols"])[0].id == "p7"


def test_nearest_holds_nothing_that_shares_no_word() -> None:
    search = PostSearch(posts_of(*CHATTER, "The umbrella broke again.", TELLING))
    assert [post.text for post in search.nearest(["An umbrella"], 9)] == ["The umbrella broke again."]


@given(st.lists(st.text(max_size=60), max_size=12), st.lists(st.text(max_size=60), max_size=4))
def test_every_post_is_ranked_once(texts: list[str], queries: list[str]) -> None:
    posts = posts_of(*texts)
    assert sorted(post.id for post in PostSearch(posts).worth_reading(queries)) == sorted(post.id for post in posts)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=8), st.text(max_size=40))
def test_runs_of_characters_are_shared_within_a_text_alone(texts: list[str], query: str) -> None:
    scores = CharacterIndex(texts).scores([query])
    assert scores.shape == (len(texts),)
    assert np.isfinite(scores).all()
    assert not CharacterIndex(["ab", "cd", "ef"]).scores(["abcdef", "b\nc"]).any()


def test_standardised_numbers_have_one_measure() -> None:
    assert standardised(np.array([2.0, 4.0, 6.0])).tolist() == pytest.approx([-1.2247449, 0, 1.2247449])
    assert standardised(np.ones(3)).tolist() == [0, 0, 0]


def test_two_thousand_posts_are_searched_in_a_fraction_of_a_second() -> None:
    """Processor time, best of three: a tenth of a second on an idle machine, and room for a busy one."""
    words = (" ".join(CHATTER) + TELLING).split()
    posts = posts_of(*(" ".join(words[(at * 7 + step * 3) % len(words)] for step in range(20)) for at in range(2000)))
    taken = []
    for _ in range(3):
        begun = process_time()
        PostSearch(posts).worth_reading([TELLING, "umbrella"])
        taken.append(process_time() - begun)
    assert min(taken) < 0.4
