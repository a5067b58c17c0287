from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.difference import MOST_PIECES, Change, changes, kept_share

WORDS = ("mend", "shoes", " ", "\n", "#ad", ". ", "靴", "を", "直す", "😀", "don't", "5")
texts = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=30).map("".join)


def applied(before: str, found: tuple[Change, ...]) -> set[str]:
    """Every text that comes of making the changes in `before`, in their order, wherever each may stand."""
    ends = {("", before)}
    for change in found:
        ends = {
            (done + rest[:at] + change.added, rest[at + len(change.removed) :])
            for done, rest in ends
            for at in range(len(rest) + 1)
            if rest.startswith(change.removed, at)
        }
    return {done + rest for done, rest in ends}


@given(st.lists(st.sampled_from(WORDS), max_size=8).map("".join), st.lists(st.sampled_from(WORDS), max_size=8))
def test_the_changes_lead_from_the_one_text_to_the_other(before: str, pieces: list[str]) -> None:
    after = "".join(pieces).strip()
    found = changes(before, after)
    if len(found) <= 2:  # so that the ways to apply them stay few
        assert after in applied(before.strip(), found)


@given(texts, texts)
def test_what_is_removed_stood_there_and_what_is_added_stands_there(before: str, after: str) -> None:
    for change in changes(before, after):
        assert change.removed != change.added
        assert change.removed in before.replace("\r\n", "\n")
        assert change.added in after.replace("\r\n", "\n")


@given(texts)
def test_the_same_text_has_no_changes(text: str) -> None:
    assert changes(text, f"  {text}\r\n") == changes(text.replace("\n", "\r\n"), text) == ()


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("I mend old shoes.", "I mend new shoes.", [("old", "new")]),
        ("I mend shoes #ad", "I mend shoes", [(" #ad", "")]),
        ("worn for years", "worn since May 2020", [("for years", "since May 2020")]),
        ("この靴は宝物です。", "この鞄は宝物です。", [("靴", "鞄")]),
    ],
)
def test_words_are_compared_as_people_see_them(before: str, after: str, found: list[tuple[str, str]]) -> None:
    assert [(one.removed, one.added) for one in changes(before, after)] == found


def test_long_texts_with_little_in_common_take_no_time() -> None:
    before, after = ("\n".join(f"{name} {n} {n * 7 % 31}" for n in range(4 * MOST_PIECES)) for name in ("a", "b"))
    began = time.perf_counter()
    assert changes(before, after)
    kept_share(before, after)
    assert time.perf_counter() - began < 5


def test_how_much_was_kept() -> None:
    draft = "I mend the soles of my shoes myself, and you asked how."
    assert kept_share(draft, draft) == 1
    assert kept_share(draft, draft.replace("shoes", "boots")) > 0.6
    assert kept_share(draft, "thanks, I like it!") < 0.2
    assert kept_share("この靴は私の宝物です。毎朝みがいています。", "ありがとうございます。") < 0.4
    assert kept_share("この靴は私の宝物です。毎朝みがいています。", "この靴は私の宝物です。毎晩みがいています。") > 0.8
    assert kept_share(draft, "") == 0
