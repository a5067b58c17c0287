"""One row becomes one post, or says why not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model.posts import PastPost
from bot.past_content.encoding import BAD_BYTE
from bot.past_content.rows import BadRow, Row, to_post


def post(**values: object) -> PastPost:
    converted = to_post(Row(7, {"text": "Rain all day", **values}))
    assert not isinstance(converted, BadRow)
    return converted[0]


def bad(**values: object) -> str:
    converted = to_post(Row(7, values))
    assert isinstance(converted, BadRow)
    assert converted.line == 7
    return converted.reason.key


def test_every_field_is_carried_over() -> None:
    assert post(
        id="p-1",
        created_at="2026-01-02T03:04:05Z",
        url="https://photos.example/p-1",
        platform="Instagram",
        kind="REEL",
        language="ja-JP",
        sponsored="yes",
        likes="1,840",
        comments=96,
    ) == PastPost(
        id="p-1",
        text="Rain all day",
        created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        url="https://photos.example/p-1",
        platform="instagram",
        kind="reel",
        language="ja",
        sponsored=True,
        likes=1840,
        comments=96,
    )


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "import_row.no_text"),
        ({"text": " \n"}, "import_row.no_text"),
        ({"text": ["a", "list"]}, "import_row.no_text"),
        ({"text": "RT @somebody: their words"}, "import_row.repost"),
        ({"text": "their words", "kind": "Retweet"}, "import_row.repost"),
        ({"text": f"half a w{BAD_BYTE}rd"}, "import_row.bad_bytes"),
        ({"text": "a\0b"}, "import_row.bad_bytes"),
        ({"text": "whole", "id": BAD_BYTE}, "import_row.bad_bytes"),
    ],
)
def test_rows_that_give_no_post_say_why(values: dict[str, object], reason: str) -> None:
    assert bad(**values) == reason


def test_a_made_id_depends_on_time_text_and_media_and_nothing_else() -> None:
    made = post(created_at="2026-01-02", media=[{"uri": "a.jpg"}, {"uri": "b.jpg"}], likes=1)
    assert made.id.startswith("x:")
    assert len(made.id) == 66
    assert made.id == post(created_at="2026-01-02T00:00:00Z", media="a.jpg", likes=2).id
    others = [
        post(created_at="2026-01-03", media="a.jpg"),
        post(created_at="2026-01-02", media="b.jpg"),
        post(created_at="2026-01-02", media="a.jpg", text="Rain all night"),
        post(created_at="2026-01-02"),
        post(created_at="2026-01-02", url="https://photos.example/p-1"),
    ]
    assert len({made.id, *(other.id for other in others)}) == 6


def test_undated_posts_with_the_same_words_stay_apart_by_what_the_date_cell_says() -> None:
    assert post(created_at="03/04/2025").id != post(created_at="04/05/2025").id


def test_parts_of_a_made_id_cannot_run_into_each_other() -> None:
    assert post(text="ab", media="c").id != post(text="a", media="bc").id


@pytest.mark.parametrize("damaged", ["1.23457E+17", "1E+17", "x" * 201])
def test_an_id_that_a_spreadsheet_rounded_is_not_used(damaged: str) -> None:
    assert post(id=damaged).id.startswith("x:")


def test_numbers_are_ids_too() -> None:
    assert post(id=1234567890123456789).id == "1234567890123456789"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        *((raw, True) for raw in (True, "TRUE", "yes", 1, "はい", "PR", "○", "sí", "1.0")),
        *((raw, False) for raw in (False, "false", "No", 0, "いいえ", "なし")),
        *((raw, None) for raw in ("", None, "perhaps", "unknown")),
    ],
)
def test_sponsored_is_true_false_or_not_said(raw: object, expected: bool | None) -> None:
    assert post(sponsored=raw).sponsored is expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        *((raw, 1840) for raw in (1840, "1840", "1,840", "1.840", "1 840", "1840.0", 1840.0)),
        ("12,345,678", 12_345_678),
        (0, 0),
        *((raw, None) for raw in ("", "many", "-3", "1.5", [1, 2], True)),
    ],
)
def test_counts(raw: object, expected: int | None) -> None:
    assert post(likes=raw).likes == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Reels", "reel"),
        ("リール", "reel"),
        ("STORY", "story"),
        ("動画", "video"),
        ("reply", "reply"),
        ("Image", "post"),
    ],
)
def test_kinds(raw: str, expected: str) -> None:
    assert post(kind=raw).kind == expected


@pytest.mark.parametrize(
    ("raw", "expected"), [("en", "en"), ("PT_br", "pt"), ("English", None), ("und", None), ("", None)]
)
def test_languages(raw: str, expected: str | None) -> None:
    assert post(language=raw).language == expected


@pytest.mark.parametrize("raw", [1766287542, 1766287542.0, 1766287542000, "1766287542"])
def test_dates_may_be_numbers(raw: object) -> None:
    assert post(created_at=raw).created_at == datetime(2025, 12, 21, 3, 25, 42, tzinfo=UTC)


def test_an_unreadable_date_keeps_the_post_and_leaves_a_note() -> None:
    converted = to_post(Row(7, {"text": "Rain", "created_at": "03/04/2025"}))
    assert not isinstance(converted, BadRow)
    kept, note = converted
    assert kept.created_at is None
    assert note is not None
    assert (note.line, note.reason.key) == (7, "import_row.date_ambiguous")
