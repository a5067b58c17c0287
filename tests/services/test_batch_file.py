"""Tables of drafts as people save them, and the table they get back."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Problem
from bot.model.drafts import RevisionState
from bot.model.messages import Message
from bot.model.verdicts import DisclosureLine, Outcome
from bot.services.batch_file import read_table, write_table
from bot.services.batches import MOST
from bot.store.batches import Row
from bot.texts import render

ROWS = """ハンドル,キャンペーン,本文,形式
@mossy_miles,春の山道,「直して履く」それが私です。,動画
hana,秋,靴を直しました、自分で。,
"""


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp932", "euc_jp"])
def test_japanese_in_every_usual_encoding(codec: str) -> None:
    found = read_table("drafts.csv", ROWS.encode(codec), "ja")
    assert [(one.label, one.handle, one.campaign, one.format) for one in found] == [
        ("2 行目", "@mossy_miles", "春の山道", "video"),
        ("3 行目", "hana", "秋", ""),
    ]
    assert found[0].text == "「直して履く」それが私です。"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("names", [("Handle", "Campaign", "Draft"), ("INFLUENCER", "campaign name", "Caption")])
def test_names_of_columns_in_any_case_and_order(delimiter: str, names: tuple[str, str, str]) -> None:
    handle, campaign, text = names
    data = delimiter.join([text, "notes", handle, campaign]) + "\n" + delimiter.join(["I mend.", "!", "@a", "Spring"])
    [found] = read_table("drafts.csv", data.encode(), "en")
    assert (found.handle, found.campaign, found.text, found.problem) == ("@a", "Spring", "I mend.", None)


def test_rows_are_numbered_as_a_spreadsheet_does() -> None:
    data = 'handle,text\na,"one\r\n\ntwo"\n\nb,next\n,\nc,last\n'
    assert [(one.label, one.handle) for one in read_table("x.csv", data.encode(), "en", campaign="x")] == [
        ("Row 2", "a"),
        ("Row 4", "b"),
        ("Row 6", "c"),
    ]


def test_a_row_that_cannot_be_taken_says_why_and_costs_no_other() -> None:
    data = 'handle,text,format\na,one,poem\nb,"never closed,\nc,two, ,extra\nd,fine,reel\n'
    found = {one.label: one for one in read_table("x.csv", data.encode(), "en", campaign="x")}
    assert [render("en", one.problem) for one in found.values() if one.problem] == [
        "There is no format 'poem'. Use caption, video or story.",
        "The quote marks do not pair up, or the line is too long.",
        "4 cells under 3 columns: a text with the delimiter in it needs quote marks around it.",
    ]
    assert (found["Row 5"].handle, found["Row 5"].format, found["Row 5"].problem) == ("d", "video", None)


def test_what_stands_beside_the_table_fills_what_a_row_leaves_open() -> None:
    found = read_table("x.csv", b"text,campaign\none,\ntwo,Winter\n", "en", handle="a", campaign="Spring")
    assert [(one.handle, one.campaign) for one in found] == [("a", "Spring"), ("a", "Winter")]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "batch_problem.empty"),
        (b"just a draft, with a comma\nand a line", "batch_problem.columns"),
        (b"text\nno handle anywhere\n", "batch_problem.columns"),
        (b"handle,campaign,words\na,b,c\n", "batch_problem.columns"),
        (b"handle,text\na,b\n", "batch_problem.no_campaign_column"),
        (b"handle,campaign,text\n", "batch_problem.empty"),
        (b"handle,campaign,text\n" + b"a,b,c\n" * (MOST + 1), "batch_problem.too_many"),
        (b"\x89PNG\r\n\x1a\n", "import_problem.binary"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_problem(data: bytes, key: str) -> None:
    with pytest.raises(Problem) as problem:
        read_table("x.csv", data, "en")
    assert problem.value.message.key == key


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


@settings(max_examples=50)
@given(st.lists(st.tuples(words, words, words), min_size=1, max_size=5))
def test_no_cell_of_the_table_sent_back_is_a_formula_and_no_word_is_lost(rows: list[tuple[str, str, str]]) -> None:
    said = [
        Row(at, a, None, b, c, "=1+1", RevisionState.ANSWERED, "V-1", Outcome.FITS, Message("literal", {"text": a}))
        for at, (a, b, c) in enumerate(rows)
    ]
    data = write_table(said, "en")
    assert data.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))[1:]
    assert len(table) == len(rows)
    for cells, (a, b, c) in zip(table, rows, strict=True):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
        assert [cell.removeprefix("'") for cell in cells[:1] + cells[2:4]] == [
            one.removeprefix("'") for one in (a, b, c)
        ]


@pytest.mark.parametrize(
    ("language", "column", "said"),
    [("en", "Advertising label", "no label"), ("ja", "広告表示", "広告表示がありません")],
)
def test_the_label_of_each_draft_has_a_column(language: str, column: str, said: str) -> None:
    row = Row(0, "Row 2", None, state=RevisionState.ANSWERED, disclosure=DisclosureLine("MISSING", None, None))
    data = write_table([row, Row(1, "Row 3", None)], language).decode("utf-8-sig")
    found = [one[column] for one in csv.DictReader(StringIO(data, newline=""))]
    assert found == [said, ""]


@pytest.mark.parametrize("cell", ["＝1+1", "＋x", "\n=1", "=1"])
def test_a_cell_that_a_spreadsheet_would_count_is_guarded(cell: str) -> None:
    data = write_table([Row(0, cell, Message("batch_problem.no_handle"))], "en")
    [_, cells] = csv.reader(StringIO(data.decode("utf-8-sig"), newline=""))
    assert cells[0] == f"'{cell}"
