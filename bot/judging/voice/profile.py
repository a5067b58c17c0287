"""Voice likeness, measured without an LLM: how much a draft resembles an influencer's stored posts.

Likeness is no proof of authorship: a good imitation passes.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.judging.voice.comparison import ENOUGH, Comparison, Speech, Speeches
from bot.judging.voice.copied import Copied, CopyIndex, without
from bot.judging.voice.features import MEASURES, Everybody, LeaveOut, Own, Sides, measure
from bot.judging.voice.grams import Encoded, Floats, encode
from bot.judging.voice.model import Model, Reference, design, fitted, probability
from bot.judging.voice.text import normalise, without_number

THIN_POSTS = 5
THIN_CHARACTERS = 20
STRONG_BACKGROUND = 4
UNLIKE = 0.35  # a likeness below is low: it stands even where there are too few others, for that only makes it higher
_OWN_SAMPLE = 150
_COHORT = 200
_WINDOW = 300  # newest posts a voice is taken from: it drifts, and older ones blur it


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a draft stands to the stored posts of one influencer.

    `probability` 0..1 that it resembles them; `percentile` 0..100 of the influencer's own posts that resemble the rest
    less than the draft does; both rest on the `novel_characters` that are not `copied` from a stored post.
    `length_percentile` 0..100 places the draft's length among the stored posts' lengths. `features` explain.
    `writers` is how many others write as the draft is written.
    """

    probability: float
    percentile: float
    length_percentile: float
    n_posts: int
    novel_characters: int
    copied: tuple[Copied, ...]
    features: Mapping[str, float]
    thin_history: bool
    thin_draft: bool
    weak_background: bool
    writers: int

    @property
    def told(self) -> float | None:
        """The probability, or None where it may say something of the language alone."""
        return self.probability if self.writers >= ENOUGH or self.probability < UNLIKE else None

    @property
    def thin(self) -> bool:
        """Too little to measure by: the numbers are there, but should not be leant on."""
        return self.thin_history or self.thin_draft


@dataclass(frozen=True, slots=True)
class Profile:
    """All that scoring a draft needs of one author; made by `Corpus.profile`, never changed."""

    sides: Sides
    own: Reference
    others: Reference
    own_log_odds: Floats
    own_lengths: Floats
    copies: CopyIndex
    comparison: Comparison
    n_posts: int
    n_voice: int
    weak_background: bool
    model: Model

    def measure(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Measures and model inputs of normalised texts, one row each."""
        encoded = encode(texts)
        measured = measure(encoded, self.sides)
        return measured, design(measured, self.own, self.others, self.n_voice, encoded.chars.lengths.astype(float))

    def novel(self, draft: str) -> tuple[str, tuple[Copied, ...]]:
        """The normalised part of `draft` that is not copied from a stored post, and what is."""
        copied = self.copies.spans(draft)
        return without_number(normalise(without(draft, copied))), copied


@dataclass(frozen=True, slots=True)
class _Cohort:
    """A spread of all authors' posts, ready to be measured against any one author."""

    posts: Encoded
    leave_out: LeaveOut
    authors: NDArray[np.str_]


class Corpus:
    """The stored posts of all influencers of a store; each one's background is all the others.

    `samples` names authors who only lend their posts as background (invented ones, for a store that is still empty).
    Putting or removing an author costs one encoding of that author's posts. Profiles made before stay valid.
    """

    def __init__(
        self, posts_by_author: Mapping[str, Sequence[str]], *, samples: Iterable[str] = (), model: Model | None = None
    ) -> None:
        self._model = model or fitted()
        self._samples = frozenset(samples)
        self._posts: dict[str, tuple[str, ...]] = {}
        self._cohort: _Cohort | None = None
        self._speech: dict[str, Speech] = {}
        self._speeches: Speeches | None = None
        self._everybody = Everybody.empty()
        if posts_by_author:
            self.update(posts_by_author)

    def __contains__(self, author: str) -> bool:
        return author in self._posts

    def put(self, author: str, posts: Sequence[str]) -> None:
        """Adds an author, or replaces what is stored of one; no posts at all removes the author."""
        self.update({author: posts})

    def update(self, changes: Mapping[str, Sequence[str]]) -> None:
        """`put` for several authors at once."""
        removed = [self._counts(self._posts.pop(author)) for author in changes if author in self._posts]
        added = {author: tuple(posts) for author, posts in changes.items() if any(map(str.strip, posts))}
        self._everybody = self._everybody.changed(map(self._counts, added.values()), removed)
        self._posts.update(added)
        self._speech = {author: one for author, one in self._speech.items() if author not in changes}
        self._speech |= {author: Speech.of(_voice(posts)) for author, posts in added.items()}
        self._cohort = self._speeches = None

    def updated(self, changes: Mapping[str, Sequence[str]]) -> "Corpus":
        """A corpus with the changes of `update`; this one stays as it is."""
        other = copy(self)
        other._posts = dict(self._posts)
        other.update(changes)
        return other

    def _counts(self, posts: Sequence[str]) -> Own:
        return Own.of(encode(_voice(posts)), self._model.edges)

    def profile(self, author: str) -> Profile:
        """Raises KeyError for an author of whom nothing is stored."""
        posts = _voice(self._posts[author])
        sides = Sides(self._counts(self._posts[author]), self._everybody, self._model.edges)
        sample = encode(_some(posts, _OWN_SAMPLE))
        own = measure(sample, sides, LeaveOut.of(sample, from_own=True))
        others = self._others(author, sides)
        own_reference, others_reference = Reference.of(own), Reference.of(others)
        inputs = design(own, own_reference, others_reference, len(posts), sample.chars.lengths.astype(float))
        speeches = self._speeches = self._speeches or Speeches.of(self._speech.values())
        return Profile(
            sides=sides,
            own=own_reference,
            others=others_reference,
            own_log_odds=np.sort(self._model.log_odds(inputs, sponsored=False)),
            own_lengths=np.sort(np.array([len(post) for post in posts], float)),
            copies=CopyIndex(self._posts[author]),
            comparison=Comparison.of(self._speech[author], speeches),
            n_posts=len(self._posts[author]),
            n_voice=len(posts),
            weak_background=len(self._posts.keys() - self._samples - {author}) < STRONG_BACKGROUND,
            model=self._model,
        )

    def _others(self, author: str, sides: Sides) -> Floats:
        """Measures of the other authors' posts in the cohort, each left out of the background."""
        cohort = self._cohort = self._cohort or self._make_cohort()
        others = np.flatnonzero(cohort.authors != author)
        return measure(cohort.posts, sides, cohort.leave_out).take(others, axis=0)

    def _make_cohort(self) -> _Cohort:
        authors = _some(list(self._posts), _COHORT)
        each = -(-_COHORT // len(authors))
        rows = [(author, post) for author in authors for post in _some(_voice(self._posts[author]), each)]
        encoded = encode([post for _, post in rows])
        return _Cohort(encoded, LeaveOut.of(encoded, from_own=False), np.array([author for author, _ in rows]))


def _voice(posts: Sequence[str]) -> list[str]:
    """The posts a voice is taken from, normalised."""
    return [normalise(post) for post in posts[-_WINDOW:]]


def _some(items: Sequence[str], wanted: int) -> list[str]:
    """At most `wanted` items, spread evenly."""
    at = np.linspace(0, len(items) - 1, min(len(items), wanted)).astype(int)
    return [items[i] for i in at.tolist()]


def likeness(draft: str, profile: Profile, *, sponsored: bool = True) -> Likeness:
    """Measures the part of `draft` that is not copied from a stored post.

    A draft with nothing novel in it is measured whole, marked `thin_draft`.
    """
    novel, copied = profile.novel(draft)
    measured, inputs = profile.measure([novel or normalise(draft)])
    log_odds = profile.model.log_odds(inputs, sponsored=sponsored)
    return Likeness(
        probability=float(probability(log_odds)[0]),
        percentile=_percentile(profile.own_log_odds, float(log_odds[0])),
        length_percentile=_percentile(profile.own_lengths, len(normalise(draft))),
        n_posts=profile.n_posts,
        novel_characters=len(novel),
        copied=copied,
        features=dict(zip(MEASURES, measured[0].tolist(), strict=True)),
        thin_history=profile.n_posts < THIN_POSTS,
        thin_draft=len(novel) < THIN_CHARACTERS,
        weak_background=profile.weak_background,
        writers=profile.comparison.writers(novel or normalise(draft)),
    )


def _percentile(ordered: Floats, value: float) -> float:
    """Share of `ordered` below `value`, ties counted half."""
    below, upto = np.searchsorted(ordered, value, "left"), np.searchsorted(ordered, value, "right")
    return float(50 * (below + upto) / len(ordered))
