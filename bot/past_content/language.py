"""Guesses the language of posts, for an influencer about whom nothing else is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_SCRIPTS = (  # kana before Han: Japanese uses both
    ("ja", re.compile("[\u3041-\u30fa]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0430-\u044f]")),
    ("ar", re.compile("[\u0620-\u064a]")),
)
_STOPWORDS = {
    "en": "the and you is it to of in my this for with that are was have not be at what we",
    "es": "el los las que y en un una por con para es muy pero más mi lo del cómo está gracias",
    "de": "der die das und ich ist nicht ein eine mit auf für zu den von auch es war wir aber",
    "fr": "le les et des un une je est pas pour dans que qui sur avec ce mais c'est vous nous du",
    "it": "il gli che di e un una per con non è sono mi ma anche della questo più ho grazie",
    "pt": "o os que e um uma para com não é do da em muito mas eu você mais obrigado está",
}
_VOTES = {language: frozenset(words.split()) for language, words in _STOPWORDS.items()}
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_MIN_WORDS, _MIN_SHARE = 8, 0.1  # words of a text, and how many of them vote, below which its language is a guess


def guess_language(texts: Iterable[str]) -> str:
    """ISO 639-1 code by script, then by a vote of frequent words; "en" where nothing speaks for another."""
    text = "\n".join(texts).lower()
    return _by_script(text) or _by_vote(_WORD.findall(text))[0]


def told_language(text: str) -> str | None:
    """The same of one text; None where it is too short, or has too few frequent words, to tell."""
    text = text.lower()
    if language := _by_script(text):
        return language
    words = _WORD.findall(text)
    language, votes = _by_vote(words)
    return language if len(words) >= _MIN_WORDS and votes >= _MIN_SHARE * len(words) else None


def _by_script(text: str) -> str | None:
    letters = sum(character.isalpha() for character in text)
    told = (language for language, pattern in _SCRIPTS if len(pattern.findall(text)) * 8 > letters > 0)
    return next(told, None)


def _by_vote(words: Iterable[str]) -> tuple[str, int]:
    """The language that most of the words speak for, and how many do."""
    counts = Counter(words)
    votes = {language: sum(counts[word] for word in frequent) for language, frequent in _VOTES.items()}
    language = max(votes, key=lambda language: votes[language])
    return language, votes[language]
