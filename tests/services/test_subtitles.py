"""Subtitles become the words that are said, whatever wrote them; what is broken is one sentence."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import Problem
from bot.services.subtitles import is_subtitles, spoken_words

SRT = """1
00:00:00,000 --> 00:00:02,500
<i>Ad.</i> This kettle

2
00:00:02,500 --> 00:00:04,000
{\\an8}is <font color="#fff">five</font> years old.

3
00:00:04,000 --> 00:00:05,000
3

"""
VTT = """WEBVTT - a title
Kind: captions

STYLE
::cue { color: red }

NOTE not said --
nor this

intro
00:00.000 --> 00:02.000 align:start position:0%
<v Rin>Salt &amp; pepper,</v> <00:00:01.000><c.loud> said I.</c>

01:00:00.000 --> 01:00:01.000
I <3 tea.
"""
ROLLING = """WEBVTT

00:00:00.000 --> 00:00:02.000
this kettle is

00:00:02.000 --> 00:00:02.010
this kettle is

00:00:02.010 --> 00:00:04.000
this kettle is
five years old

00:00:04.000 --> 00:00:06.000
five years old
and it sings
"""
GROWING = """1
00:00:00,000 --> 00:00:01,000
this

2
00:00:01,000 --> 00:00:02,000
this kettle

3
00:00:02,000 --> 00:00:03,000
this kettle sings
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SRT, "Ad. This kettle is five years old. 3"),
        (VTT, "Salt & pepper, said I. I <3 tea."),
        (ROLLING, "this kettle is five years old and it sings"),
        (GROWING, "this kettle sings"),
        ("1\n0:00:01 --> 0:00:02\n広告です。\n2\n0:00:02 --> 0:00:03\n湯がわく\n", "広告です。 湯がわく"),
        ("1\n00:00:01,000 --> 00:00:02,000\nAd.\n\nStill said.\n", "Ad. Still said."),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("beginning", ["", "\ufeff"])
def test_the_words_that_are_said(text: str, words: str, ends: str, beginning: str) -> None:
    written = beginning + text.replace("\n", ends)
    assert is_subtitles(written)
    assert spoken_words("a.srt", written) == words


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1\n00:00:0x,000 --> 00:00:02,000\nAd.\n", "line 2"),
        ("WEBVTT\n\n00:01 -->\nAd.\n", "line 3"),
        ("", "no captions"),
        ("WEBVTT\n\nNOTE nothing\n", "no captions"),
        ("1\n00:00:01,000 --> 00:00:02,000\n<i> </i>\n", "no captions"),
        ("Just a caption, no times.", "no captions"),
    ],
)
def test_what_is_broken_is_told_in_one_sentence_with_the_files_name(text: str, sentence: str) -> None:
    with pytest.raises(Problem, match=sentence) as told:
        spoken_words("a.srt", text)
    assert str(told.value).startswith("a.srt")
    assert "\n" not in told.value.in_language("ja")


@pytest.mark.parametrize("text", ["A caption.", "Look --> here\nnow", "", "12:30 lunch\n13:00 kettle"])
def test_a_caption_is_no_subtitles(text: str) -> None:
    assert not is_subtitles(text)


@given(
    st.lists(
        st.text("abc 12.", min_size=1).filter(str.strip),
        min_size=1,
        max_size=8,
        unique_by=lambda one: tuple(one.split()),
    )
)
@example(["1", "2"])
def test_no_caption_is_lost(captions: list[str]) -> None:
    blocks = [
        f"{number}\n00:00:{number:02},000 --> 00:00:{number + 1:02},000\n{one}\n"
        for number, one in enumerate(captions, 1)
    ]
    said = spoken_words("a.srt", "\n".join(blocks))
    for one in captions:
        assert " ".join(one.split()) in said
