"""The files that somebody sends with a draft: told apart by their bytes, never by name or by what the sender says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from bot.errors import Problem
from bot.judging.hygiene import strip_invisible
from bot.model.drafts import Attachment
from bot.model.messages import Message
from bot.past_content.encoding import decode_text
from bot.services.subtitles import ENDINGS, is_subtitles, spoken_words

LONGEST_NAME = 80
_SUBTITLES = ("text/vtt", "application/x-subrip")
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent, sorted: the words of the draft, what is said in its video, every file, and what is not read."""

    text: str
    spoken: str = ""
    attachments: tuple[Attachment, ...] = ()
    not_read: tuple[Message, ...] = ()


def attachment(name: str, data: bytes) -> Attachment:
    return Attachment(clean_name(name), content_type(data), data)


def clean_name(name: str) -> str:
    """A file's name as one short line of visible characters."""
    return " ".join(strip_invisible(name).split())[:LONGEST_NAME] or "?"


def is_text(file: Attachment) -> bool:
    """Whether it may be the draft or its subtitles."""
    return file.content_type in ("text/plain", *_SUBTITLES)


def content_type(data: bytes) -> str:
    """By how the bytes begin, or by whether they are text; application/octet-stream for all others."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    text = decode_text(data)
    if text is None:
        return "application/octet-stream"
    if not is_subtitles(text):
        return "text/plain"
    return _SUBTITLES[0 if text.removeprefix("\ufeff").startswith("WEBVTT") else 1]


def sort_out(typed: str, files: Sequence[Attachment], not_read: Sequence[Message] = ()) -> Sent:
    """Which of the words and files is the draft, which the subtitles of its video. Images are left to the judge.

    Raises Problem: words and a text file, several of a kind, no words at all, subtitles that cannot be read.
    """
    subtitles = [file for file in files if _is_subtitles(file)]
    texts = [file for file in files if file.content_type == "text/plain" and file not in subtitles]
    if typed.strip() and texts:
        raise Problem("chat_problem.text_or_file", file=texts[0].name)
    for several in (texts, subtitles):
        if len(several) > 1:
            raise Problem("chat_problem.one_file", files=[file.name for file in several])
    if not (typed.strip() or texts or subtitles):
        raise _no_words(files)
    used = (*texts, *subtitles)
    others = [one for one in files if one not in used and not one.is_image]
    return Sent(
        text=_text(texts[0]) if texts else typed,
        spoken=spoken_words(subtitles[0].name, _text(subtitles[0])) if subtitles else "",
        attachments=tuple(files),
        not_read=(*(Message("not_read_file.file", {"file": one.name}) for one in others), *not_read),
    )


def _no_words(files: Sequence[Attachment]) -> Problem:
    if not files:
        return Problem("chat_problem.no_draft")
    why = "only_picture" if all(file.is_image for file in files) else "not_text"
    return Problem(f"submit_problem.{why}", file=files[0].name)


def _is_subtitles(file: Attachment) -> bool:
    """Text that is called subtitles counts as such: where it is none, that has to be said."""
    if file.content_type == "text/plain":
        return PurePath(file.name).suffix.lower() in ENDINGS
    return file.content_type in _SUBTITLES


def _text(file: Attachment) -> str:
    text = decode_text(file.data)
    assert text is not None  # that is how its type was told
    return text
