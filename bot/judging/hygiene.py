"""First look at a draft: what cannot be judged is refused in one sentence, what shows nothing is taken out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.errors import Problem
from bot.judging.injection import ORDINARY_INVISIBLE, find_injection
from bot.model.verdicts import Injection

LINE_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]")


@dataclass(frozen=True, slots=True)
class CleanDraft:
    """A draft fit to be judged. `raw` is what people see and approve, `text` what is measured and read.

    `text` ends with `spoken`, where something is said in a video.
    """

    raw: str
    text: str
    injection: Injection
    spoken: str = ""


def clean(raw: str, *, max_characters: int, spoken: str = "") -> CleanDraft:
    """`spoken` is judged like the written words `raw` and stands after them.

    Raises Problem for a draft that is empty, too long, or no text at all.
    """
    raw, text = readable(raw, max_characters=max_characters, spoken=spoken)
    return CleanDraft(raw, text, find_injection(raw, text), strip_invisible(spoken))


def readable(raw: str, *, max_characters: int, spoken: str = "") -> tuple[str, str]:
    """The whole draft, as it is and without what shows nothing. Raises Problem like `clean`."""
    raw = f"{raw}\n\n{spoken}" if spoken else raw
    if len(raw) > max_characters:
        raise Problem("draft_problem.too_long", characters=len(raw), limit=max_characters)
    if "\x00" in raw or len(_CONTROL.findall(raw)) > len(raw) / 20:
        raise Problem("draft_problem.binary")
    text = strip_invisible(raw)
    if not any(unicodedata.category(character)[0] in "LN" for character in text):
        raise Problem("draft_problem.empty")
    return raw, text


def strip_invisible(raw: str) -> str:
    """`raw` with \\n as only line break and without characters that show nothing; emoji and flags stay whole."""
    pieces, at = [], 0
    for ordinary in ORDINARY_INVISIBLE.finditer(raw):
        pieces += [_INVISIBLE.sub("", raw[at : ordinary.start()]), ordinary[0]]
        at = ordinary.end()
    pieces.append(_INVISIBLE.sub("", raw[at:]))
    return LINE_BREAKS.sub("\n", _CONTROL.sub("", "".join(pieces))).strip()
