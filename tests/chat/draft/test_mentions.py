from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.draft.mentions import Mention, after_mention, parse

KNOWN = ("Spring", "Spring: trail days", "春の 山歩き")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (" @mossy_miles Spring: I mend.", Mention("mossy_miles", "Spring", "I mend.")),
        (" mossy_miles spring: I mend.", Mention("mossy_miles", "Spring", "I mend.")),
        (" @mossy_miles Spring: trail days: I mend.", Mention("mossy_miles", "Spring: trail days", "I mend.")),
        (' @mossy_miles "Autumn: mud" I mend: twice', Mention("mossy_miles", "Autumn: mud", "I mend: twice")),
        (" @mossy_miles “Autumn”: I mend.", Mention("mossy_miles", "Autumn", "I mend.")),
        (" @mossy_miles Autumn: I mend: twice", Mention("mossy_miles", "Autumn", "I mend: twice")),
        (" @mossy_miles: I mend: twice", Mention("mossy_miles", "", "I mend: twice")),
        (" @mossy_miles\nI mend.\nTwice: so.", Mention("mossy_miles", "", "I mend.\nTwice: so.")),
        (" @mossy_miles Spring\nI mend.", Mention("mossy_miles", "Spring", "I mend.")),
        (" https://www.instagram.com/mossy_miles/ Spring: I mend.", Mention("mossy_miles", "Spring", "I mend.")),
        (" https://tiktok.com/@mossy_miles?lang=en: I mend.", Mention("mossy_miles", "", "I mend.")),
        (" ＠mossy_miles 春の 山歩き：直して使う。", Mention("mossy_miles", "春の 山歩き", "直して使う。")),
        (" @mossy_miles 「秋の道」 直して使う。", Mention("mossy_miles", "秋の道", "直して使う。")),
        ("", None),
        (" thanks!", None),
        (" @mossy_miles", None),
        (" @mossy_miles Spring", None),
        (" @mossy_miles Spring:   ", None),
        (" @mossy_miles hello there", None),
        (f" @mossy_miles {'x' * 101}: I mend.", None),
    ],
)
def test_a_mention_is_read_as_people_write_it(words: str, found: Mention | None) -> None:
    assert parse(words, KNOWN, with_file=False) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (" @mossy_miles", Mention("mossy_miles", "", "")),
        (" @mossy_miles Spring: trail days", Mention("mossy_miles", "Spring: trail days", "")),
        (" @mossy_miles Autumn mud", Mention("mossy_miles", "Autumn mud", "")),
        (" @mossy_miles Spring: I mend.", Mention("mossy_miles", "Spring", "I mend.")),
        ("", None),
    ],
)
def test_with_a_file_no_words_are_needed(words: str, found: Mention | None) -> None:
    assert parse(words, KNOWN, with_file=True) == found


def test_only_what_follows_the_first_mention_counts() -> None:
    assert after_mention("hey <@!5> @a b: c <@5>", ("<@5>", "<@!5>")) == " @a b: c <@5>"
    assert after_mention("@a b: c", ("<@5>",)) is None


@given(st.text(alphabet='@＠:：\n"「」 ab春', max_size=40), st.booleans())
def test_anything_may_be_written(words: str, with_file: bool) -> None:
    found = parse(words, KNOWN, with_file=with_file)
    assert found is None or (found.handle and (found.text or with_file))
