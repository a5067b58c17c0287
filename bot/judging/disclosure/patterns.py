"""How a label may be written: each spelling of a rule as the patterns that are scanned for."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from bot.judging.disclosure.text import fold

DENIAL = "denial:"
SENSITIVE = "sensitive:"
NEAR_MISS = "near:"

_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
_NOT_IN_TAGS = dict.fromkeys(map(ord, " '-*."))


class Pattern(NamedTuple):
    """One way to write a label, as scanned for: `phrase`, then what must stand beside it."""

    key: str  # the label as its rule spells it
    phrase: str  # folded
    spelled: str  # as written in the rule, lower case
    beside: str = ""  # "", "brand", "link", or "before" for a brand in front
    joined: bool = False  # only as one tag
    spaced: bool = False  # letters set apart: only to be called obfuscated
    any_handle: bool = False  # where no brand is known, any handle stands for it
    rest: str = ""  # what must follow the brand
    is_word: bool = False  # a label of one word: in a sentence it is but a word of it, and telling it once is enough


@lru_cache(maxsize=4096)
def expand(label: str) -> tuple[str, ...]:
    """All spellings of a label with `(a|b)` in it.

    >>> expand("thanks (to|) {brand}")
    ('thanks to {brand}', 'thanks {brand}')
    """
    group = _ALTERNATIVES.search(label)
    if not group:
        return (" ".join(label.split()),)
    before, after = label[: group.start()], label[group.end() :]
    return tuple(one for choice in group[1].split("|") for one in expand(before + choice + after))


@lru_cache(maxsize=8192)  # each set of rules is compiled anew, and most of its labels are the shipped ones
def fold_label(label: str) -> str:
    return fold(label.strip()).text


def patterns_of(spelled: str, key: str, any_handle: bool) -> tuple[list[Pattern], list[str]]:
    """The patterns of one spelling of a label, and its tags that hold the brand's name."""
    marker = next((m for m in ("{brand}", "{link}") if m in spelled), "")
    if not marker:
        joined = _join(spelled)
        phrase = fold_label(spelled)
        is_word = " " not in phrase and not key.startswith((DENIAL, SENSITIVE))
        found = [Pattern(key, phrase, spelled.lower(), is_word=is_word)]
        if joined != phrase:
            found.append(Pattern(key, joined, spelled.lower(), joined=True))
        return found, []
    words, _, rest = spelled.lower().partition(marker)
    if words.endswith(" "):
        beside, rest = marker[1:-1], fold(rest).text
        tags = [] if rest or beside == "link" else [_join(words) + marker]
        return [Pattern(key, fold_label(words), words, beside, any_handle=any_handle, rest=rest)], tags
    if rest.startswith(" "):
        return [Pattern(key, fold_label(rest), rest, beside="before")], []
    return [], [_join(spelled)]


def _join(label: str) -> str:
    return fold_label(label).translate(_NOT_IN_TAGS)
