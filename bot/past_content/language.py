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


def guess_language(texts: Iterable[str]) -> str:
    """ISO 639-1 code by script, then by a vote of frequent words; "en" where nothing speaks for another."""
    text = "\n".join(texts).lower()
    letters = sum(character.isalpha() for character in text)
    for language, pattern in _SCRIPTS:
        if len(pattern.findall(text)) * 8 > letters > 0:
            return language
    counts = Counter(_WORD.findall(text))
    scores = {language: sum(counts[word] for word in words) for language, words in _VOTES.items()}
    return max(scores, key=lambda language: scores[language])
