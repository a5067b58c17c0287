"""The quote check: a quote is shown only when it stands verbatim in the stored post it names.

Both sides are normalised (invisible characters, full-width forms, curly quotes, white space), matched, and the match is
mapped back: people are shown the raw slice of the post, never the judge's own string.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bot.judging.answer import Claim
from bot.model.posts import PastPost
from bot.model.verdicts import Quote

MIN_CHARACTERS = 12
MIN_WORDS = 3
MIN_CHARACTERS_UNSPACED = 6  # Japanese, Chinese, Thai ...: no spaces to count words by

_DROPPED = re.compile("[\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]")
_FOLDED = str.maketrans("‘’‚‛′“”„‟″‐‑‒–—―−", "'''''\"\"\"\"\"-------")
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` is normalised; `origin[i]` is the index in the raw text of the character that gave text[i]."""

    text: str
    origin: tuple[int, ...]


def normalise(raw: str) -> Normalised:
    """Case is kept. Runs of white space become one blank; each character remembers where it came from.

    Decomposed (NFKD) character by character, so that a composed and a decomposed が or é are the same.
    """
    characters: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(raw):
        if _DROPPED.match(character):
            continue
        for piece in unicodedata.normalize("NFKD", character).translate(_FOLDED):
            blank = piece.isspace()
            if blank and (not characters or characters[-1] == " "):
                continue
            characters.append(" " if blank else piece)
            origin.append(index)
    while characters and characters[-1] == " ":
        characters.pop()
        origin.pop()
    return Normalised("".join(characters), tuple(origin))


def find(quote: str, raw: str) -> tuple[int, int] | None:
    """Where `quote` stands in `raw` as [start, end) of the raw text; None where it does not."""
    return _find(normalise(quote).text, normalise(raw))


def _find(needle: str, hay: Normalised) -> tuple[int, int] | None:
    at = hay.text.find(needle) if needle else -1
    if at < 0:
        return None
    return hay.origin[at], hay.origin[at + len(needle) - 1] + 1


def long_enough(quote: str) -> bool:
    """Too short a quote proves nothing: 'I love it' stands in everybody's posts."""
    quote = unicodedata.normalize("NFC", quote)
    if _UNSPACED.search(quote):
        return len(quote) >= MIN_CHARACTERS_UNSPACED
    return len(quote) >= MIN_CHARACTERS and len(quote.split()) >= MIN_WORDS


class QuoteCheck:
    """Checks quotes against one history; normalises each post once."""

    def __init__(self, posts: Iterable[PastPost]) -> None:
        self._posts = {post.id: post for post in posts}
        self._normalised: dict[str, Normalised] = {}

    def verify(self, claim: Claim) -> Quote | None:
        """The quote as it stands in the store, or None.

        Right words under a wrong id are given the right one if they stand in exactly one post.
        """
        needle = normalise(claim.quote.strip().strip("…").removesuffix("...")).text
        if not needle:
            return None
        if claim.post_id in self._posts and (quote := self._quote(claim, needle, claim.post_id)):
            return quote
        elsewhere = [post_id for post_id in self._posts if needle in self._text(post_id).text]
        return self._quote(claim, needle, elsewhere[0]) if len(elsewhere) == 1 else None

    def _quote(self, claim: Claim, needle: str, post_id: str) -> Quote | None:
        hay, post = self._text(post_id), self._posts[post_id]
        if not (long_enough(needle) or needle == hay.text):
            return None
        span = _find(needle, hay)
        if span is None:
            return None
        start, end = span
        return Quote(post_id, post.text[start:end], start, end, claim.stance, post.created_at, post.url)

    def _text(self, post_id: str) -> Normalised:
        if post_id not in self._normalised:
            self._normalised[post_id] = normalise(self._posts[post_id].text)
        return self._normalised[post_id]


def shown(span_of: str, limit: int = 180) -> str:
    """`span_of` cut at a word for display; the cut is marked."""
    if len(span_of) <= limit:
        return span_of
    cut = span_of[:limit].rsplit(" ", 1)[0] if " " in span_of[limit // 2 : limit] else span_of[:limit]
    return cut.rstrip() + " …"
