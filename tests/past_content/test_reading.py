"""Whatever people hand over is recognised, streamed, and refused in one sentence where it cannot be used."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Problem
from bot.model.posts import PastPost
from bot.past_content.reading import read_posts
from bot.past_content.repair import repair
from bot.past_content.rows import BadRow
from tests.past_content.files import read, texts, write_csv, write_jsonl

WORDS = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)
    .map(repair)
    .filter(lambda text: text and repair(text) == text and not text.startswith("RT @"))
)
POSTS = st.builds(
    PastPost,
    id=st.from_regex(r"[A-Za-z][\w\-]{0,20}", fullmatch=True).map(repair).filter(lambda text: repair(text) == text),
    text=WORDS,
    created_at=st.none() | st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants bounds without zone
    url=st.none() | st.from_regex(r"https://photos\.example/[a-z0-9]{1,9}", fullmatch=True),
    platform=st.sampled_from(["unknown", "instagram", "tiktok"]),
    kind=st.sampled_from(["post", "reel", "story", "video", "reply"]),
    language=st.none() | st.sampled_from(["en", "ja"]),
    sponsored=st.none() | st.booleans(),
    likes=st.none() | st.integers(0, 10**9),
    comments=st.none() | st.integers(0, 10**9),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@settings(deadline=None)
@given(
    posts=st.lists(POSTS, min_size=1, max_size=6),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_posts_written_as_csv_come_back_the_same(
    folder: Path, posts: list[PastPost], delimiter: str, encoding: str
) -> None:
    write_csv(folder / "posts.csv", posts, delimiter=delimiter, encoding=encoding)
    assert list(read_posts(folder / "posts.csv")) == posts


@settings(deadline=None)
@given(posts=st.lists(POSTS, min_size=1, max_size=6), as_array=st.booleans(), ascii_only=st.booleans())
def test_posts_written_as_json_come_back_the_same(
    folder: Path, posts: list[PastPost], as_array: bool, ascii_only: bool
) -> None:
    write_jsonl(folder / "posts.jsonl", posts, as_array=as_array, ascii_only=ascii_only)
    assert list(read_posts(folder / "posts.jsonl")) == posts


@settings(deadline=None)
@given(data=st.binary(max_size=300))
def test_any_file_gives_posts_bad_rows_or_one_problem(folder: Path, data: bytes) -> None:
    for prefix, name in (
        (b"text,id\n", "any.csv"),
        (b'{"text": "beans"}\n', "any.jsonl"),
        (b"[", "any.json"),
        (b"", "any"),
    ):
        try:
            items = read(folder / name, prefix + data)
        except Problem:
            continue
        assert all(text.strip() for text in texts(items))


def test_text_that_cannot_be_decoded_any_further_is_a_problem(tmp_path: Path) -> None:
    data = "本文\n海まで歩いた。\n".encode("iso2022_jp") + b"\x1b$(abcdefghijkl"
    with pytest.raises(Problem, match=r"characters of \S+ cannot be read"):
        read(tmp_path / "posts.csv", data)


def test_the_content_decides_where_the_name_does_not(tmp_path: Path) -> None:
    assert texts(read(tmp_path / "posts.txt", '{"text": "beans"}\n')) == ["beans"]
    assert texts(read(tmp_path / "posts.txt", "id,text\n1,beans\n")) == ["beans"]
    assert texts(read(tmp_path / "posts.txt", '"beans"\n')) == ["beans"]
    assert texts(read(tmp_path / "posts.csv", '"text"\n"beans"\n')) == ["beans"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.csv", b"", r"^empty\.csv has no rows"),
        ("blank.csv", b"\n \n\n", r"^blank\.csv has no rows"),
        ("photo.jpg", b"\xff\xd8\xff\xe0\0\0", r"^photo\.jpg is not a text file\. CSV and JSON are read here"),
        ("posts.html", b"\n<!DOCTYPE html><title>posts</title>", r"^posts\.html is a web page\."),
        ("posts.zip", b"PK\x03\x04\0\0", r"^posts\.zip is not a text file"),
    ],
)
def test_unusable_files_are_refused_in_one_sentence(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(Problem, match=message):
        read(tmp_path / name, data)


def test_missing_files_folders_and_unknown_formats(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="There is no file"):
        read_posts(tmp_path / "nothing.csv")
    with pytest.raises(Problem, match="is not a file"):
        read_posts(tmp_path)
    with pytest.raises(Problem, match=r"no format 'xlsx'.*auto, csv, jsonl"):
        read_posts(tmp_path / "nothing.csv", format="xlsx")


ACCOUNTS = '{"creator": "wren", "stored": ["a", "b"]}\n{"creator": "@Tam", "stored": ["c"]}\n'
TABLE = "username,text\nwren,a\n@Tam,c\nwren,b\n"


@pytest.mark.parametrize(("name", "data"), [("accounts.jsonl", ACCOUNTS), ("accounts.csv", TABLE)])
def test_of_several_accounts_only_the_one_asked_for_is_read(tmp_path: Path, name: str, data: str) -> None:
    assert texts(read(tmp_path / name, data, handle="@Wren")) == ["a", "b"]
    assert texts(read(tmp_path / name, data, handle="tam")) == ["c"]
    assert read_posts(tmp_path / name, handle="tam").layout.values["account"] == "@Tam"
    with pytest.raises(Problem, match=r"no posts of @kim\. It holds: wren, @Tam\."):
        read_posts(tmp_path / name, handle="kim")
    with pytest.raises(Problem, match=r"several accounts: wren, @Tam\."):
        read_posts(tmp_path / name)


def test_the_only_account_is_taken_under_any_handle(tmp_path: Path) -> None:
    assert texts(read(tmp_path / "one.jsonl", '{"handle": "wren.old", "posts": ["a"]}', handle="wren")) == ["a"]


def test_at_most_ten_accounts_are_named(tmp_path: Path) -> None:
    path = tmp_path / "accounts.jsonl"
    path.write_text("".join(json.dumps({"creator": f"c{number}", "posts": ["a"]}) + "\n" for number in range(30)))
    with pytest.raises(Problem, match=r"c8, c9, …\."):
        read_posts(path, handle="kim")


def test_a_file_can_be_read_again_and_reports_progress(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    write_csv(path, [PastPost(f"p{number}", "beans " * 20) for number in range(2000)])
    seen: list[tuple[int, int]] = []
    file = read_posts(path, on_progress=lambda done, total: seen.append((done, total)))
    assert len(list(file)) == len(list(file)) == 2000
    once = seen[: len(seen) // 2]
    assert once == sorted(once) == seen[len(seen) // 2 :]
    assert len(once) == 5
    assert once[0][0] < path.stat().st_size / 2
    assert once[-1] == (path.stat().st_size, path.stat().st_size)


@pytest.mark.parametrize(("name", "rows"), [("posts.csv", 50_000), ("posts.jsonl", 10_000), ("posts.json", 10_000)])
def test_large_files_stream_in_little_memory(tmp_path: Path, name: str, rows: int) -> None:
    path = tmp_path / name
    lines = (json.dumps({"text": f"Morning {number}, {'beans and rain, ' * 40}"}) for number in range(rows))
    with path.open("w") as file:
        if name == "posts.csv":
            file.write("text\n")
            file.writelines(f'"Morning {number}, {"beans and rain, " * 40}"\n' for number in range(rows))
        else:
            file.write("[\n" if name == "posts.json" else "")
            file.writelines(f"{line},\n" for line in lines)
    assert path.stat().st_size > 6_000_000
    tracemalloc.start()
    count = sum(1 for item in read_posts(path) if not isinstance(item, BadRow))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == rows
    assert peak < 3_000_000
