"""Mojibake is undone, clean text is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.past_content.repair import repair

CLEAN = ("広告", "it’s", "😠 no", "Dvořák", "café", "naïve", "plain", "á é í", "Grüße", "¡Hola!")


@pytest.mark.parametrize("text", CLEAN)
def test_mojibake_of_meta_exports_is_undone(text: str) -> None:
    assert repair(text.encode().decode("latin-1")) == text


@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_stays(text: str) -> None:
    assert repair(text) == text


@given(st.text(st.characters(min_codepoint=0x100, exclude_categories=["Cs"]), min_size=1))
def test_text_beyond_latin_1_stays_as_it_is(text: str) -> None:
    assert repair(text) == text.strip()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_was_broken_that_way_comes_back(text: str) -> None:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if text.isascii() or max(text) > "\xff":  # a text of Latin-1 alone could itself look like mojibake
        assert repair(text.encode().decode("latin-1")) == text


@given(st.text())
def test_the_result_can_always_be_stored(text: str) -> None:
    assert repair(text).encode("utf-8").decode("utf-8") == repair(text)


def test_line_ends_and_outer_blanks_are_normalised() -> None:
    assert repair(" one\r\ntwo\rthree\n") == "one\ntwo\nthree"


def test_lone_surrogates_are_replaced_and_pairs_joined() -> None:
    assert repair("a\ud83d b \ud83d\ude00") == "a\ufffd b 😀"
