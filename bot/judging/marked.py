"""Outside text as the judge sees it: every line carries an unguessable mark, so that no text can pass for another.

A line has four columns, `mark|source|note|text`. Only the last one holds outside text, and only one line of it.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from hashlib import sha256

from bot.judging.hygiene import strip_invisible

MARK_LENGTH = 8

# Beyond what hygiene takes out: joiners and tags even inside emoji and flags, variation selectors (all of them can
# carry hidden text to a model) and halves of surrogate pairs, which cannot be sent at all.
_UNSEEN = re.compile("[\u200b-\u200f\ufe00-\ufe0f\ud800-\udfff\U000e0000-\U000e01ef]")


def history_mark(key: bytes, snapshot: str) -> str:
    """The same for one history as long as `key` lives, so that the prompt's beginning stays cacheable."""
    return hmac.new(key, snapshot.encode(), sha256).hexdigest()[:MARK_LENGTH]


def new_mark() -> str:
    return secrets.token_hex(MARK_LENGTH // 2)


def visible(text: str) -> str:
    """`text` without anything that shows nothing; `\\n` is the only line break left."""
    return strip_invisible(_UNSEEN.sub("", text))


def marked(mark: str, source: str, note: str, text: str) -> str:
    """`text` as marked lines, at least one. `source` and `note` are ours, never outside text."""
    first, *others = visible(text).split("\n")
    return "\n".join([f"{mark}|{source}|{note}|{first}", *(f"{mark}|{source}||{line}" for line in others)])


def unmarked(text: str, marks: Iterable[str]) -> str:
    """A quote of several lines as it stands in the source: whole column prefixes that were copied along are removed."""
    for mark in marks:
        if mark in text:
            text = re.sub(rf"{re.escape(mark)}\|\w+\|[^|\n]{{0,40}}\|", "", text)
    return visible(text)
