"""Whether a text voices a brand's value: by a word that is the value's own, or by two everyday ones side by side."""

from __future__ import annotations

from bot.judging.phrases import listed_words
from bot.judging.words import count_words, found_words, sentences
from bot.model.workspace import BrandValue

_SAME = 3  # letters by which forms of an everyday word (last, lasts, lasted) are taken for one


def voicing_sentence(text: str, value: BrandValue) -> str | None:
    """The first sentence of `text` that voices `value`; None where none does."""
    return next((sentence for sentence in sentences(text) if _voices(sentence, value)), None)


def _voices(sentence: str, value: BrandValue) -> bool:
    found = found_words(sentence, (value.name, *value.words))
    everyday = {word[:_SAME] for word in found if _is_everyday(word)}
    return len(everyday) > 1 or any(not _is_everyday(word) for word in found)


def _is_everyday(word: str) -> bool:
    return " " not in word and count_words(word, listed_words("everyday_words")) > 0
