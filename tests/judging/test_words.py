import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judging.search import PostSearch
from bot.judging.words import best_sentence, count_words, sentences, tokens, word_count
from tests.builders import make_post


@pytest.mark.parametrize(
    ("text", "words", "count"),
    [
        ("I mend and I mended, mending daily", ("mend",), 3),
        ("amendment", ("mend",), 0),
        ("Running   Shoes and running\nshoes", ("running shoes",), 2),
        ("the bin, the bins, the binary", ("bin",), 2),
        ("米ぬか石けんで手を洗う", ("石けん", "米ぬか"), 2),
        ("anything", (), 0),
        ("anything", ("",), 0),
        ("a.c", ("a.c",), 1),
        ("abc", ("a.c",), 0),
        ("It’s equal", ("it's",), 1),
    ],
)
def test_listed_words_are_found_whole(text: str, words: tuple[str, ...], count: int) -> None:
    assert count_words(text, words) == count


def test_scripts_without_spaces_are_cut_in_pairs() -> None:
    assert tokens("Run 走る人 now") == ["run", "走る", "る人", "now"]
    assert word_count("走る人です now") == 3


@given(st.text(max_size=200), st.lists(st.text(max_size=10), max_size=4))
def test_the_best_sentence_is_verbatim(text: str, words: list[str]) -> None:
    assert best_sentence(text, words) in text
    assert all(sentence in text for sentence in sentences(text))


def test_the_best_sentence_holds_the_words() -> None:
    text = "Rain again. " + "Nothing happened on the way to the shop. " * 5 + "I mended the trainers. Then tea."
    assert "I mended the trainers." in best_sentence(text, ("mend",))


def test_search_ranks_rare_shared_words_first() -> None:
    posts = [make_post(1, "rain and tea"), make_post(2, "the old trainers and tea"), make_post(3, "tea and tea")]
    search = PostSearch(posts)
    assert [post.id for post in search.nearest(["my trainers, tea"], 2)] == ["p2", "p3"]
    assert search.nearest(["xylophone"], 5) == ()
    assert PostSearch([]).nearest(["tea"], 5) == ()


def test_search_finds_japanese() -> None:
    posts = [make_post(1, "河原を走った"), make_post(2, "石けんを作った")]
    assert [post.id for post in PostSearch(posts).nearest(["米ぬかの石けん"], 1)] == ["p2"]
