"""What is said in a video, from its subtitles: SubRip (.srt) and WebVTT (.vtt), rolling captions too."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from bot.errors import Problem

ENDINGS = (".srt", ".vtt")
_TIME = r"(?:\d{1,3}:)?[0-5]?\d:[0-5]?\d(?:[.,]\d{1,3})?"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_TAG = re.compile(r"</?(?:[bciuv]|lang|ruby|rt|font)\b[^<>]*>|<[\d:.]+>|\{\\[^{}]*\}", re.IGNORECASE)
_LINE_END = re.compile("\r\n?|\n")


def is_subtitles(text: str) -> bool:
    """Whether `text` is timed captions, whatever its file is called."""
    lines = _lines(text)
    return lines[0].startswith("WEBVTT") or any(map(_TIMING.fullmatch, lines[:20]))


def spoken_words(name: str, text: str) -> str:
    """All that the captions in `text` say, on one line; what rolling captions repeat is said once.

    Raises Problem, which names the file `name`, where a time is broken or nothing is said.
    """
    said: list[str] = []
    before: Sequence[str] = ()
    for caption in _captions(name, _lines(text)):
        for line in caption:
            if line in before:
                continue
            if before and line.startswith(f"{before[-1]} ") and said[-1:] == [before[-1]]:
                said.pop()  # captions that grow word by word
            said.append(line)
        before = caption or before
    if not said:
        raise Problem("subtitle_problem.nothing_said", file=name)
    return " ".join(said)


def _lines(text: str) -> list[str]:
    return _LINE_END.split(text.removeprefix("\ufeff"))


def _captions(name: str, lines: Sequence[str]) -> Iterator[list[str]]:
    """The lines of each caption, without tags and blank ones."""
    is_vtt = lines[0].startswith("WEBVTT")
    caption: list[str] = []
    is_open = False
    for number, line in enumerate(lines):
        if "-->" in line:
            if not _TIMING.fullmatch(line):
                raise Problem("subtitle_problem.time", file=name, line=number + 1)
            yield caption
            caption, is_open = [], True
        elif is_vtt and not line.strip():
            is_open = False  # what follows may be a note or a style; SubRip has none, and blank lines within captions
        elif is_open and not _is_counter(lines, number) and (words := _words(line)):
            caption.append(words)
    yield caption


def _words(line: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", line)).split())


def _is_counter(lines: Sequence[str], number: int) -> bool:
    """Whether a line is the number of the next caption rather than words of this one."""
    return lines[number].strip().isdecimal() and number + 1 < len(lines) and "-->" in lines[number + 1]
