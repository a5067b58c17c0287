"""How many others write as a draft is written. Without them likeness tells the language, not the person.

Measured by tests/benchmarks/lone_voice.py. Of strangers' drafts in Russian 73 % seem to be the influencer's own where
nobody else writes it, 21 % where two others do; from two on, more writers change little in any language.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.judging.voice.grams import Keys, Sparse
from bot.judging.voice.text import words
from bot.past_content.language import guess_language, told_language

ENOUGH = 2  # others
SHARED_WORDS = 0.3  # of a draft's words stand in others' posts too: below, they write in some other language
_PRIOR_WORDS = 5  # so many words as in the author's own posts are added: a draft has few


@dataclass(frozen=True, slots=True)
class Speech:
    """The language of one author's posts, by guess, and how often each word stands in them."""

    language: str
    words: Sparse

    @classmethod
    def of(cls, posts: Sequence[str]) -> "Speech":
        return cls(guess_language(posts), _counted(_words(posts)))


@dataclass(frozen=True, slots=True)
class Speeches:
    """Of all authors together: how many write each language, and how many use each word."""

    languages: Mapping[str, int]
    words: Sparse

    @classmethod
    def of(cls, speeches: Iterable[Speech]) -> "Speeches":
        every = list(speeches)
        used = _counted(np.concatenate([speech.words.keys for speech in every]))
        return cls(Counter(speech.language for speech in every), used)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One author among all. `usual` is the share of the words of the author's own posts that others use too."""

    own: Speech
    everybody: Speeches
    usual: float

    @classmethod
    def of(cls, own: Speech, everybody: Speeches) -> "Comparison":
        shared = own.words.counts[everybody.words.look_up(own.words.keys) > 1]
        return cls(own, everybody, float(shared.sum()) / max(int(own.words.counts.sum()), 1))

    def writers(self, draft: str) -> int:
        """How many others write the language of `draft` and the author's own; 0 where its words say that none does."""
        found = _words([draft])
        shared = self.everybody.words.look_up(found) > (self.own.words.look_up(found) > 0)
        if shared.sum() + _PRIOR_WORDS * self.usual < SHARED_WORDS * (len(found) + _PRIOR_WORDS):
            return 0
        usual = self.own.language
        asked = {usual, told_language(draft) or usual}  # both: a sentence in a language of others proves nothing
        return min(self.everybody.languages.get(language, 0) - (language == usual) for language in asked)


def _words(texts: Iterable[str]) -> Keys:
    """A number for each word; hashtags, masks and marks are none."""
    found = (word for text in texts for word in words(text.lower()) if word[0].isalpha())
    return np.array([zlib.crc32(word.encode("utf-8", "replace")) for word in found], np.uint32).view(np.int32)


def _counted(found: Keys) -> Sparse:
    keys, counts = np.unique(found, return_counts=True)
    return Sparse(keys, counts.astype(np.int32))
