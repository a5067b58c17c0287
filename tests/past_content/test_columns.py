"""Columns are found by their names, however they are written."""

from __future__ import annotations

import pytest

from bot.past_content.columns import columns, fields_of, shown


@pytest.mark.parametrize(
    ("name", "field"),
    [
        *((name, "text") for name in ("text", "Caption", " CONTENT ", "Body", "post", "message", "ShareCommentary")),
        *(
            (name, "text")
            for name in ("本文", "テキスト", "投稿", "キャプション", "ﾃｷｽﾄ", "texto", "Légende", "Beitrag")
        ),
        *((name, "id") for name in ("id", "post_id", "Post ID", "POST-ID", "postId", "shortCode", "投稿ID")),
        *(
            (name, "created_at")
            for name in ("created_at", "Date", "TIMESTAMP", "published", "日付", "投稿日時", "fecha")
        ),
        *(
            (name, "likes")
            for name in ("likes", "Like Count", "いいね", "いいね！数", "mi piace", "J’aime", "Gefällt mir")
        ),
        *((name, "comments") for name in ("comments", "commentsCount", "コメント数", "Comentários")),
        *((name, "sponsored") for name in ("sponsored", "ad", "is_ad", "PR", "paid partnership", "広告", "Werbung")),
        *((name, "language") for name in ("lang", "Language", "言語")),
        *((name, "kind") for name in ("kind", "Type", "media_type", "種類")),
        *((name, "platform") for name in ("platform", "プラットフォーム")),
        *((name, "account") for name in ("handle", "username", "アカウント名")),
        *((name, "url") for name in ("url", "Permalink", "リンク")),
    ],
)
def test_names_in_any_case_and_spacing(name: str, field: str) -> None:
    assert dict(columns((name,))) == {field: (0,)}


def test_unknown_names_are_left_out() -> None:
    assert not columns(("", "sha1", "weather", "列"))


def test_the_surest_filled_column_wins() -> None:
    names = ("title", "caption", "url")
    assert fields_of(names, ("A walk", "Rain all day", "")) == {"text": "Rain all day"}
    assert fields_of(names, ("A walk", "", "https://a.example")) == {"text": "A walk", "url": "https://a.example"}


def test_a_short_row_lacks_its_last_fields() -> None:
    assert fields_of(("text", "likes"), ("Rain",)) == {"text": "Rain"}


def test_zero_and_false_are_values() -> None:
    assert fields_of(("likes", "sponsored"), (0, False)) == {"likes": 0, "sponsored": False}


def test_names_shown_to_people_are_few_and_short() -> None:
    assert shown(["a", "b", "c"], 2) == "a, b, …"
    assert shown(["x" * 90]) == "x" * 40 + "…"
