import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Problem
from bot.judging.hygiene import clean, strip_invisible


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("", "no text"),
        (" \n\t ", "no text"),
        ("\u200b\u200b", "no text"),
        ("😀😀", "no text"),
        ("x" * 101, "up to 100"),
        ("ab\x00cd", "not readable"),
        ("\x01\x02\x03\x04 ab", "not readable"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_one_sentence(raw: str, says: str) -> None:
    with pytest.raises(Problem) as refused:
        clean(raw, max_characters=100)
    assert says in str(refused.value)
    assert refused.value.in_language("ja") != str(refused.value)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a\u200bb\u2060c\ufeff", "abc"),
        ("one\r\ntwo\u2028three\x85four\x0bfive", "one\ntwo\nthree\nfour\nfive"),
        ("safe\U000e0041\U000e0042 words", "safe words"),
        ("family 👨\u200d👩\u200d👧 and 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", None),
        ("\u202eright to left", "right to left"),
    ],
)
def test_what_shows_nothing_is_taken_out_and_emoji_stay_whole(raw: str, text: str | None) -> None:
    assert strip_invisible(raw) == (raw if text is None else text)


def test_the_raw_draft_is_kept_beside_the_cleaned_one() -> None:
    draft = clean("a\u200bbc def", max_characters=100)
    assert (draft.raw, draft.text) == ("a\u200bbc def", "abc def")
    assert draft.injection.by == ("hidden_characters",)


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing_more(raw: str) -> None:
    once = strip_invisible(raw)
    assert strip_invisible(once) == once
