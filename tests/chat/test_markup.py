from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.markup import LONGEST_URL, code_block, link, plain, width
from tests.chat.hostile import anything, shown, visible


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("plain words", "plain words"),
        ("two\n\nlines\tand   blanks", "two lines and blanks"),
        ("**bold** _it_ ~~no~~ ||hid|| `code`", r"\*\*bold\*\* \_it\_ \~\~no\~\~ \|\|hid\|\| \`code\`"),
        ("[click](https://bad.example)", r"\[click\](https:\//bad.example)"),
        ("<@123456789012345678>", "\\<@\u200b123456789012345678\\>"),
        ("@everyone @here @mossy_miles", "@\u200beveryone @\u200bhere @mossy\\_miles"),
        ("# title", r"\# title"),
        ("- item", r"\- item"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("half \ud800 a sign\x00", "half a sign"),
        ("修理して使う 🫖", "修理して使う 🫖"),
        ("", ""),
    ],
)
def test_what_is_sent_shows_exactly_the_words(given: str, sent: str) -> None:
    assert plain(given, 200) == sent


def test_a_cut_text_says_so_and_never_ends_in_half_an_escape() -> None:
    assert plain("*" * 50, 10) == r"\*\*\*\*…"
    assert plain("word " * 50, 12) == "word word w…"


@given(anything, st.integers(10, 400))
def test_nothing_from_outside_exceeds_its_budget_or_says_more_than_its_words(text: str, limit: int) -> None:
    sent = plain(text, limit)
    assert width(sent) <= limit
    assert "\n" not in sent
    assert visible(text).startswith(visible(shown(sent)).removesuffix("…"))


@given(anything)
def test_a_code_block_ends_only_at_its_end(text: str) -> None:
    block = code_block(text, 150)
    assert block.count("```") == 2
    assert width(block) <= 150


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://photos.example/p1", "https://photos.example/p1"),
        ("https://photos.example/p 1)[x](y", "https://photos.example/p%201%29%5Bx%5D%28y"),
        ("javascript:alert(1)", None),
        ("https://discord.com@bad.example/", None),
        ("discord://x", None),
        ("https://", None),
        ("https://[bad", None),
        ("https://half.example/\ud800", None),
        ("https://long.example/" + "a" * LONGEST_URL, None),
        (None, None),
    ],
)
def test_links_lead_to_plain_web_addresses_only(url: str | None, target: str | None) -> None:
    assert link("open", url) == (f"[open]({target})" if target else "")
