"""Encodings are found by the bytes, and damage stays where it is."""

from __future__ import annotations

import codecs
from io import BytesIO, StringIO

import pytest

from bot.errors import Problem
from bot.past_content.encoding import BAD_BYTE, SAMPLE_BYTES, decode_text, detect, lines, text_of

JAPANESE = "本文,日付\n今日は朝から海まで歩いた。,2026-01-02\nカフェで新しい靴の話をした。,2026-01-03\n"
FRENCH = (
    "texte;date\nC’était très bon – un café crème.;2026-01-02\nÀ bientôt à la plage, ça va être drôle.;2026-01-03\n"
)
SPANISH = "texto\nMañana salgo a correr con mi señora y después, café.\n"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        *((JAPANESE, codec) for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp932", "euc_jp", "iso2022_jp")),
        *((JAPANESE, codec) for codec in ("utf-16-le", "utf-16-be")),
        *((text, codec) for text in (FRENCH, SPANISH) for codec in ("utf-8", "utf-16", "utf-16-le", "cp1252")),
        ("text\nPříliš žluťoučký kůň úpěl ďábelské ódy o zahradě.\n", "cp1250"),
        ("text\nСегодня утром шёл дождь, и мы пили чай.\n", "cp1251"),
        ("text\n오늘은 바다까지 걸었어요. 커피도 마셨어요.\n", "euc_kr"),
        ("text\nplain words\n", "ascii"),
    ],
)
def test_text_comes_back_whole(text: str, codec: str) -> None:
    decoded = decode_text(text.encode(codec))
    assert decoded is not None
    assert decoded.removeprefix("\ufeff") == text


@pytest.mark.parametrize("words", ["très bien", "naïve", "schöne Grüße"])
def test_a_few_western_words_are_not_taken_for_japanese(words: str) -> None:
    assert decode_text(f"text\n{words}\n".encode("cp1252")) == f"text\n{words}\n"


@pytest.mark.parametrize("words", ["海", "カフェ", "おはよう"])
@pytest.mark.parametrize("codec", ["cp932", "euc_jp", "iso2022_jp"])
def test_a_few_japanese_words_are_enough(words: str, codec: str) -> None:
    assert decode_text(words.encode(codec)) == words


def test_the_sample_starts_where_ascii_ends() -> None:
    late = b"text\n" + b"plain words\n" * (SAMPLE_BYTES // 6) + "海まで歩いた。\n".encode("cp932") * 20
    assert detect(BytesIO(late), "posts.csv") == "cp932"


def test_single_bad_bytes_do_not_change_the_encoding_of_a_file() -> None:
    damaged = JAPANESE.encode() + b"bad \xff byte\n" + JAPANESE.encode()
    assert detect(BytesIO(damaged), "posts.csv") == "utf-8"
    damaged = JAPANESE.encode("cp932") * 9 + b"bad \xff byte\n"
    assert detect(BytesIO(damaged), "posts.csv") == "cp932"


@pytest.mark.parametrize("codec", ["utf-8", "cp932", "euc_jp", "cp1252"])
def test_a_bad_byte_is_marked_and_its_neighbours_survive(codec: str) -> None:
    text = text_of(BytesIO(b"one\x81,two\n"), codec).read()
    assert text == f"one{BAD_BYTE},two\n"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 an archive",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0 a photo",
        b"%PDF-1.7\n",
        codecs.BOM_UTF8[:1] + bytes(range(256)) * 4,
        bytes(1000),
    ],
)
def test_binary_files_are_refused_with_the_formats_that_are_read(data: bytes) -> None:
    with pytest.raises(Problem, match=r"holiday\.bin is not a text file\. CSV and JSON"):
        detect(BytesIO(data), "holiday.bin")
    assert decode_text(data) is None


def test_bytes_in_no_known_encoding_are_refused() -> None:
    with pytest.raises(Problem, match=r"The characters of odd\.csv cannot be read"):
        detect(BytesIO(bytes(range(1, 256)) * 100), "odd.csv")


def test_lines_are_numbered_and_overlong_ones_left_out() -> None:
    text = f"one\r\n{'x' * 50}\nthree\n\nfive"
    assert list(lines(StringIO(text, newline=""), limit=20)) == [
        (1, "one\r\n"),
        (2, None),
        (3, "three\n"),
        (4, "\n"),
        (5, "five"),
    ]
