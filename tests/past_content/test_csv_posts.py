"""CSV as spreadsheets and exports write it, whole and damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import Problem
from bot.model.posts import PastPost
from bot.past_content.reading import read_posts
from tests.past_content.files import bad, read, texts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posts.csv"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(path: Path, delimiter: str) -> None:
    other = ";" if delimiter == "," else ","
    data = f'id{delimiter}Caption\n1{delimiter}"beans{delimiter} rain"\n2{delimiter}tea{other} toast{other} jam\n'
    assert texts(read(path, data)) == [f"beans{delimiter} rain", f"tea{other} toast{other} jam"]


def test_many_delimiters_in_a_name_do_not_deceive(path: Path) -> None:
    assert texts(read(path, "Caption;Notes on tone, light, place, mood, weather\nbeans, rain;\n")) == ["beans, rain"]


def test_one_column_is_enough(path: Path) -> None:
    assert texts(read(path, "本文\n海まで歩いた。\n雨。\n")) == ["海まで歩いた。", "雨。"]


def test_cells_may_hold_line_breaks_quotes_and_delimiters(path: Path) -> None:
    data = 'text,likes\r\n"one\r\n\r\ntwo, ""three""",5\r\nfour,6\r\n'
    assert texts(read(path, data)) == ['one\n\ntwo, "three"', "four"]


def test_blank_lines_the_sep_line_and_blanks_after_delimiters(path: Path) -> None:
    data = 'sep=;\n\nid; text\n\n1; "beans; rain"\n;;\n'
    assert texts(read(path, data)) == ["beans; rain"]


def test_rows_without_text_are_listed_with_their_lines(path: Path) -> None:
    items = read(path, 'id,text\n1,"two\nlines"\n2,\n3,three\n4,"  "\n')
    assert texts(items) == ["two\nlines", "three"]
    assert bad(items) == [(4, "no_text"), (6, "no_text")]


def test_a_text_cut_by_its_own_delimiter_is_not_half_read(path: Path) -> None:
    items = read(path, "id,text\n1,beans, rain and tea\n2,toast\n3,jam,,\n")
    assert texts(items) == ["toast", "jam"]
    assert bad(items) == [(2, "too_many_cells")]


@pytest.mark.parametrize("broken", ['1,"never closed', '1,"closed" too early'])
def test_a_stray_quote_costs_one_row(path: Path, broken: str) -> None:
    items = read(path, f'id,text\n0,before\n{broken}\n2,after\n3,"the\nend"\n')
    assert texts(items) == ["before", "after", "the\nend"]
    assert bad(items) == [(3, "broken_quotes")]


def test_a_cell_without_end_does_not_swallow_a_large_file(path: Path) -> None:
    rows = "".join(f"{number},plain words here\n" for number in range(20_000))
    items = read(path, f'id,text\nx,"never closed\n{rows}')
    assert len(texts(items)) == 20_000
    assert bad(items) == [(2, "broken_quotes")]


def test_an_overlong_line_costs_one_row(path: Path) -> None:
    items = read(path, f"id,text\n1,{'x' * 1_200_000}\n2,after\n")
    assert texts(items) == ["after"]
    assert bad(items) == [(2, "broken_quotes")]


@pytest.mark.parametrize("codec", ["utf-8", "cp932"])
def test_a_bad_byte_costs_one_row(path: Path, codec: str) -> None:
    good = "海まで歩いた。猫が雨宿り中。".encode(codec)
    items = read(path, b"text\n" + (good + b"\n") * 3 + b"caf\x81 \n" + good + b"\n")
    assert texts(items) == [good.decode(codec)] * 4
    assert bad(items) == [(5, "bad_bytes")]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp932", "euc_jp"])
def test_japanese_in_every_usual_encoding(path: Path, codec: str) -> None:
    data = '投稿ID,投稿日時,本文,いいね\nk1,2026年1月2日 3時04分,"海まで、\n歩いた。",12\n'.encode(codec)
    (post,) = read_posts_of(path, data)
    assert (post.id, post.text, post.likes) == ("k1", "海まで、\n歩いた。", 12)
    assert post.created_at is not None
    assert post.created_at.isoformat() == "2026-01-02T03:04:00+00:00"


def read_posts_of(path: Path, data: bytes) -> list[PastPost]:
    return [item for item in read(path, data) if isinstance(item, PastPost)]


def test_western_accents_in_a_windows_file(path: Path) -> None:
    data = "Texte;Date\nC’était très bon, un café crème à la plage;2026-01-02\n".encode("cp1252")
    assert texts(read(path, data)) == ["C’était très bon, un café crème à la plage"]


def test_no_column_with_texts_names_those_there_are(path: Path) -> None:
    path.write_text("sha1,weather\n1,rain\n")
    with pytest.raises(Problem, match=r"posts\.csv has no column with the texts.*sha1, weather"):
        read_posts(path)


def test_the_layout_says_what_was_recognised(path: Path) -> None:
    path.write_text("Post ID;Caption\n1;beans\n")
    layout = read_posts(path).layout
    assert layout.values["encoding"] == "utf-8"
    assert layout.values["columns"] == "Post ID, Caption"
