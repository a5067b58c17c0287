"""Files are told apart by their bytes; which of them is the draft is clear, or asked."""

from __future__ import annotations

import pytest

from bot.errors import Problem
from bot.model.drafts import Attachment
from bot.services.files import LONGEST_NAME, attachment, sort_out
from bot.texts import render

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
SRT = b"1\n00:00:00,000 --> 00:00:01,000\nAd. It sings.\n"
TEXT = attachment("draft.txt", "Ad. A kettle, grün.".encode("utf-16"))
SUBTITLES = attachment("talk.txt", SRT)
PICTURE = attachment("kettle.txt", PNG)
VIDEO = attachment("kettle.png", b"\x00\x00\x00\x18ftypmp42" + bytes(30))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\x89PNG", "application/octet-stream"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        (b"GIF89a" + bytes(20), "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "application/octet-stream"),
        (b"%PDF-1.7", "application/pdf"),
        (b"words", "text/plain"),
        (b"", "text/plain"),
        (SRT, "application/x-subrip"),
        (b"\xef\xbb\xbfWEBVTT\n", "text/vtt"),
        (VIDEO.data, "application/octet-stream"),
    ],
)
def test_bytes_tell_what_a_file_is(data: bytes, kind: str) -> None:
    assert attachment("picture.png", data).content_type == kind


def test_everything_is_kept_and_what_nobody_reads_is_named() -> None:
    sent = sort_out("", [TEXT, SUBTITLES, PICTURE, VIDEO])
    assert (sent.text, sent.spoken) == ("Ad. A kettle, grün.", "Ad. It sings.")
    assert sent.attachments == (TEXT, SUBTITLES, PICTURE, VIDEO)
    assert [render("en", message) for message in sent.not_read] == ["the file kettle.png"]


def test_subtitles_alone_are_a_draft_and_go_beside_typed_words() -> None:
    assert sort_out(" ", [SUBTITLES]).spoken == "Ad. It sings."
    assert sort_out("A caption.", [SUBTITLES]).text == "A caption."


@pytest.mark.parametrize(
    ("typed", "files", "key"),
    [
        ("words", [TEXT], "chat_problem.text_or_file"),
        ("", [TEXT, TEXT], "chat_problem.one_file"),
        ("words", [SUBTITLES, SUBTITLES], "chat_problem.one_file"),
        ("", [PICTURE], "submit_problem.only_picture"),
        ("", [PICTURE, VIDEO], "submit_problem.not_text"),
        ("", [], "chat_problem.no_draft"),
        ("words", [attachment("a.srt", b"no times")], "subtitle_problem.nothing_said"),
        ("words", [attachment("a.VTT", b"00:1 --> x")], "subtitle_problem.time"),
    ],
)
def test_what_is_unclear_is_asked(typed: str, files: list[Attachment], key: str) -> None:
    with pytest.raises(Problem) as told:
        sort_out(typed, files)
    assert told.value.message.key == key


@pytest.mark.parametrize("name", ["a\nb\x00.png", "x" * 500, "\u202egnp.exe", " ", "../../etc/passwd"])
def test_a_name_is_one_short_visible_line(name: str) -> None:
    shown = attachment(name, PNG).name
    assert 0 < len(shown) <= LONGEST_NAME
    assert shown.isprintable()
