"""Words of a text in any script, and how a listed word is found in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{UNSPACED}ー]+|[^\\W_{UNSPACED}]+(?:['’][^\\W_{UNSPACED}]+)*")
_UNSPACED_RUN = re.compile(f"[{UNSPACED}]")
_BREAK = re.compile(r"(?<=[.!?…])\s+|(?<=[。!?])|\n+")


def fold(text: str) -> str:
    """NFKC, case folded, straight apostrophes: the form in which words are compared."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


def tokens(text: str) -> list[str]:
    """Words in order; runs of a script without spaces give their overlapping pairs of characters."""
    return list(_tokens(fold(text)))


def _tokens(folded: str) -> Iterator[str]:
    for run in _RUN.findall(folded):
        if _UNSPACED_RUN.match(run) and len(run) > 1:
            yield from (run[i : i + 2] for i in range(len(run) - 1))
        else:
            yield run


def word_count(text: str) -> int:
    """How long a text is in words; two characters of a script without spaces count as one."""
    return sum(max(1, len(run) // 2) if _UNSPACED_RUN.match(run) else 1 for run in _RUN.findall(fold(text)))


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Any of `words`: whole words with a short ending (rule -> rules); as they stand where no spaces are written."""
    alternatives = []
    for word in sorted({fold(word).strip() for word in words} - {""}, key=len, reverse=True):
        body = r"\s+".join(map(re.escape, word.split()))
        if _UNSPACED_RUN.search(word):
            alternatives.append(body)
        else:
            ending = r"\w{0,3}" if len(word) >= 4 else "s?"
            alternatives.append(rf"(?<!\w){body}{ending}(?!\w)")
    return re.compile("|".join(alternatives)) if alternatives else None


def found_words(text: str, words: Iterable[str]) -> list[str]:
    """Any of `words` as they stand in `text`, folded, each as often as it does."""
    pattern = _pattern(tuple(words))
    return pattern.findall(fold(text)) if pattern else []


def count_words(text: str, words: Iterable[str]) -> int:
    """How often any of `words` stands in `text`."""
    return len(found_words(text, words))


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """[start, end) of each piece of `text` between full stops, question marks and line breaks; none is blank."""
    spans, start = [], 0
    for match in (*_BREAK.finditer(text), None):
        end = match.start() if match else len(text)
        if text[start:end].strip():
            spans.append((start, end))
        start = match.end() if match else end
    return spans


def sentences(text: str) -> list[str]:
    """The sentences of `text`, verbatim, outer blanks trimmed."""
    return [text[start:end].strip() for start, end in sentence_spans(text)]


def best_sentence(text: str, words: Iterable[str], limit: int = 220) -> str:
    """The sentence of `text` that holds most of `words`, widened to its neighbours while short; verbatim in `text`."""
    words, spans = tuple(words), sentence_spans(text)
    if not spans:
        return text.strip()[:limit]
    scores = [count_words(text[start:end], words) for start, end in spans]
    first = last = max(range(len(spans)), key=lambda i: (scores[i], -i))
    while True:
        if last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= limit // 2:
            last += 1
        elif first > 0 and spans[last][1] - spans[first - 1][0] <= limit // 2:
            first -= 1
        else:
            return text[spans[first][0] : spans[last][1]].strip()[:limit].strip()
