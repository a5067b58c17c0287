"""JSON in its shapes: a post a line, plain texts, arrays, accounts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.errors import Problem
from bot.model.posts import PastPost
from bot.past_content.reading import read_posts
from tests.past_content.files import bad, read, texts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posts.jsonl"


def test_a_post_a_line_with_keys_read_like_columns(path: Path) -> None:
    (post,) = read(
        path, '{"postId": 1234567, "Caption": "beans", "isAd": true, "likesCount": 3, "lang": "en", "x": [1]}\n'
    )
    assert post == PastPost("1234567", "beans", sponsored=True, likes=3, language="en")


def test_plain_texts(path: Path) -> None:
    assert texts(read(path, '"beans"\n"rain\\nand tea"\n')) == ["beans", "rain\nand tea"]


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_of_posts_and_texts(path: Path, indent: int | None) -> None:
    posts = [{"text": "beans, [rain] {tea}"}, 'toast \\ "jam"', {"text": "雨"}]
    assert texts(read(path, json.dumps(posts, indent=indent))) == ["beans, [rain] {tea}", 'toast \\ "jam"', "雨"]


@pytest.mark.parametrize("key", ["stored", "posts", "Tweets", "items", "data"])
@pytest.mark.parametrize("indent", [None, 1])
def test_one_object_with_a_list(path: Path, key: str, indent: int | None) -> None:
    data = {"handle": "@wren", "platform": "photos", "lang": "en", key: ["one", {"text": "two", "lang": "ja"}]}
    items = read(path, json.dumps(data, indent=indent))
    assert [(item.text, item.platform, item.language) for item in items if isinstance(item, PastPost)] == [
        ("one", "photos", "en"),
        ("two", "photos", "ja"),
    ]


def test_a_description_of_the_account_is_no_post(path: Path) -> None:
    assert texts(read(path, '{"creator": "wren", "description": "Swims.", "posts": ["one"]}')) == ["one"]


def test_bad_lines_are_listed_and_the_rest_is_read(path: Path) -> None:
    lines = [
        '{"text": "first"}',
        '{"text": "cut off',
        "",
        "42",
        "null",
        '{"caption": ""}',
        '{"weather": "rain"}',
        "[" * 100_000,
        '{"posts": ["in a list", 7, {"likes": 1}]}',
        '{"text": "last"},',
    ]
    items = read(path, "\n".join(lines))
    assert texts(items) == ["first", "in a list", "last"]
    assert bad(items) == [
        (2, "not_json"),
        (4, "not_json"),
        (5, "not_json"),
        (6, "no_text_key"),
        (7, "no_text_key"),
        (8, "not_json"),
        (9, "not_a_post"),
        (9, "no_text"),
    ]


def test_a_bad_byte_in_one_post_of_a_list_costs_that_post(path: Path) -> None:
    items = read(path, '{"posts": ["猫が雨宿り中", "caf\xff", "海まで歩いた"]}'.encode().replace("ÿ".encode(), b"\xff"))
    assert texts(items) == ["猫が雨宿り中", "海まで歩いた"]
    assert bad(items) == [(1, "bad_bytes")]


def test_lines_that_end_in_commas_are_still_lines(path: Path) -> None:
    items = read(path, '{"text": "first"},\n{"text": "cut off,\n{"text": "last"}\n')
    assert texts(items) == ["first", "last"]
    assert bad(items) == [(2, "not_json")]


def test_half_an_emoji_can_be_stored(path: Path) -> None:
    (text,) = texts(read(path, r'{"text": "rain \ud83d"}'))
    assert text == "rain \ufffd"


def test_mojibake_of_exports_is_undone(path: Path) -> None:
    assert texts(read(path, r'{"text": "Rain \u00f0\u009f\u0098\u0080"}')) == ["Rain 😀"]


def test_utf_16_and_windows_line_ends(path: Path) -> None:
    assert texts(read(path, '{"text": "雨"}\r\n{"text": "海"}\r\n'.encode("utf-16"))) == ["雨", "海"]


def test_a_file_said_to_be_json_that_is_none(path: Path) -> None:
    path.write_text("id,text\n1,beans\n")
    with pytest.raises(Problem, match=r"posts\.jsonl is not JSON"):
        read_posts(path, format="jsonl")
