"""Folding: what becomes of letters, spaces and URLs, and the way back to the raw text."""

import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judging.disclosure.text import URL_MARK, code_points, fold, fold_look_alikes

RAW = st.text(st.sampled_from("aÉé İß\u200b\u0301＃ｱﾌﾟ㈱𝐀\t\r\n\u00a0プか\u3099🅰ﬁ…/.:#wh"), max_size=40) | st.text(
    max_size=20
)


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("Publicité", "publicite"),
        ("publicite\u0301", "publicite"),
        ("プロモーション", "プロモーション"),
        ("ﾌﾟﾛﾓｰｼｮﾝ", "プロモーション"),
        ("フ\u309aロ", "プロ"),
        ("＃ＡＤ", "#ad"),
        ("𝐀𝐃 Ⓐⓓ", "ad ad"),
        ("a\u200b\u2060\ufe0fd\u00ad", "ad"),
        ("paid \t \u00a0\u200b partnership", "paid partnership"),
        ("isn’t", "isn't"),
        ("STRASSE straße", "strasse strasse"),
        ("line\r\nline\u2028line", "line \nline\nline"),
        ("#a\u0336d\u0336", "#ad"),
        ("Été\0\0", "ete\0\0"),
    ],
)
def test_fold(raw: str, folded: str) -> None:
    assert fold(raw).text == folded


@pytest.mark.parametrize("url", ["https://acme.example/#ad", "http://a.example", "www.acme.example/#ad"])
def test_urls_are_blanked_out(url: str) -> None:
    folded = fold(f"see {url} now").text
    assert folded == f"see {URL_MARK * len(url)} now"


def test_a_bare_address_is_blanked_from_its_dot_on() -> None:
    assert "#ad" not in fold("acme.example/#ad").text


def test_only_the_dotted_capital_i_grows_when_lower_cased() -> None:
    grows = [chr(code) for code in range(sys.maxunicode + 1) if len(chr(code).lower()) != 1]
    assert grows == ["\u0130"]


@given(st.text(min_size=1) | st.sampled_from(["\ud83d\ude00", "\ud83d", "a\0", "\0"]))
def test_code_points_are_those_of_the_text(text: str) -> None:
    assert code_points(text).tolist() == list(map(ord, text))


@given(RAW)
def test_spans_lead_back_to_what_folds_to_the_same_letters(raw: str) -> None:
    folded = fold(raw)
    for at, letter in enumerate(folded.text):
        start, end = folded.raw_span(at, at + 1)
        assert 0 <= start < end <= len(raw)
        if letter != URL_MARK:
            assert letter in fold(raw[start:end]).text


@given(RAW)
def test_spans_follow_each_other(raw: str) -> None:
    folded = fold(raw)
    spans = [folded.raw_span(at, at + 1) for at in range(len(folded.text))]
    assert all(before[0] <= after[0] and before[1] <= after[1] for before, after in pairwise(spans))


def test_look_alikes_are_folded_letter_for_letter() -> None:
    for disguised in ("#аd", "ᴀᴅ", "🅰🅳", "🅐🅓", "ѕponsored", "αd"):
        plain = fold_look_alikes(fold(disguised))
        assert plain is not None
        assert len(plain) == len(fold(disguised).text)
        assert plain.isascii()


@pytest.mark.parametrize(
    "text", ["plain", "été", "新しい美容液", "привет мир", "καλημέρα κόσμε", "🇦🇩 Andorra", "✨ 💕"]
)
def test_ordinary_texts_have_no_look_alikes(text: str) -> None:
    assert fold_look_alikes(fold(text)) is None


def test_invisible_characters_do_not_count_towards_a_fold() -> None:
    assert fold("a\u200b\u200bd").shown_length(4) == 2


def test_accents_of_latin_letters_are_folded() -> None:
    marked = [chr(code) for code in range(0xC0, 0x180) if unicodedata.normalize("NFD", chr(code))[0].isascii()]
    assert len(marked) > 150
    assert all(fold(letter).text.isascii() for letter in marked)
