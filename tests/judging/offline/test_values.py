"""A value is voiced by its own words, not by a common one in another sense."""

import pytest

from bot.judging.offline.values import voicing_sentence
from bot.model.workspace import BrandValue

LASTING = BrandValue("things that last", ("last", "lasts", "lasted", "lifetime", "old"))
ROOM = BrandValue("room for everyone", ("everyone", "room", "lane nine", "belong"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("One of my old students came about the tap.", LASTING),
        ("- they've lasted 400 million years\n- our house lasted four days", LASTING),
        ("The coat is old.\nWe lasted an hour.", LASTING),
        ("saturday in the sorting room", ROOM),
    ],
)
def test_an_everyday_word_alone_voices_nothing(text: str, value: BrandValue) -> None:
    assert voicing_sentence(text, value) is None


@pytest.mark.parametrize(
    ("text", "value", "sentence"),
    [
        ("Rain. It carries a lifetime of dents.", LASTING, "It carries a lifetime of dents."),
        ("Rain. The old flask has lasted.", LASTING, "The old flask has lasted."),
        ("They put me in lane nine.", ROOM, "They put me in lane nine."),
        ("I want things that last.", LASTING, "I want things that last."),
    ],
)
def test_an_own_word_or_two_everyday_ones_in_one_sentence_do(text: str, value: BrandValue, sentence: str) -> None:
    assert voicing_sentence(text, value) == sentence
