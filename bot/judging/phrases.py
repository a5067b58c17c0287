"""The listed phrases of phrases.toml as patterns over folded text."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files


@cache
def listed_words(name: str) -> tuple[str, ...]:
    """The list `name` in all languages. Raises KeyError for a list that phrases.toml does not have."""
    return tuple(phrase for phrases in _listed(name).values() for phrase in phrases)


@cache
def phrase_pattern(name: str) -> re.Pattern[str]:
    """Any phrase of the list `name` in any language: whole words, or as it stands in Japanese.

    Raises KeyError for a list that phrases.toml does not have.
    """
    listed = _listed(name)
    spaced = [re.escape(phrase) for code, phrases in listed.items() if code != "ja" for phrase in phrases]
    unspaced = [re.escape(phrase) for phrase in listed.get("ja", ())]
    return re.compile("|".join([rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)", *unspaced]))


def _listed(name: str) -> dict[str, list[str]]:
    lists: dict[str, dict[str, list[str]]] = tomllib.loads(
        files(__package__ or __name__).joinpath("phrases.toml").read_text("utf-8")
    )
    return lists[name]


def count_phrases(name: str, folded: str) -> int:
    return len(phrase_pattern(name).findall(folded))
