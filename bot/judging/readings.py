"""From one draft's evidence to checked criteria: one reading, and further ones where the first cannot be relied on.

A reading whose outcome hangs on a conflict, with the measure or with itself, is taken twice more. A draft that speaks
to its reviewer is read once more without those words, and whatever the words gained is taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.judging import rubric
from bot.judging.answer import DECLINED, Answer, CriterionAnswer, Judge
from bot.judging.conflicts import in_conflict, is_new_reason, left_open
from bot.judging.evidence import Evidence
from bot.judging.label import label_criterion
from bot.judging.offline import OfflineJudge
from bot.judging.quotes import QuoteCheck
from bot.model.messages import Message
from bot.model.posts import PastPost
from bot.model.verdicts import Criterion, CriterionKey, Level, Quote, Reading, Stance

READINGS = 3
Criteria = Mapping[CriterionKey, Criterion]


@dataclass(frozen=True, slots=True)
class Checked:
    """One reading after quote check and caps."""

    answer: Answer
    criteria: Criteria
    deciding: tuple[Quote, ...]
    dropped: int  # quotes that stand nowhere


@dataclass(frozen=True, slots=True)
class Read:
    """What the readings of one draft come to. `taken` are all of them, that which speaks for them first."""

    criteria: Criteria  # those in conflict with the measure are left open
    deciding: tuple[Quote, ...]
    taken: tuple[Checked, ...]
    notes: tuple[Message, ...] = ()

    @property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(one.answer for one in self.taken)

    @property
    def dropped(self) -> int:
        return sum(one.dropped for one in self.taken)

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(reading for one in self.taken for reading in one.answer.readings)


@dataclass(frozen=True, slots=True)
class Reader:
    """A judge, and the whole history against which its readings are checked."""

    judge: Judge
    posts: tuple[PastPost, ...]
    check: QuoteCheck

    @classmethod
    def of(cls, judge: Judge, posts: tuple[PastPost, ...]) -> Reader:
        return cls(judge, posts, QuoteCheck(posts))

    async def read(self, evidence: Evidence) -> Read:
        """One reading, held against the measure. Raises JudgeUnavailable, as all of these do."""
        return await self._crossed((await self._once(self.judge, evidence),), evidence)

    async def thrice(self, first: Read, evidence: Evidence) -> Read:
        """The median of `first` and two more, held against the measure."""
        more = [await self._once(self.judge, replace(evidence, reading=number)) for number in range(2, READINGS + 1)]
        return await self._crossed((*first.taken, *more), evidence)

    async def _once(self, judge: Judge, evidence: Evidence) -> Checked:
        answer = await judge.read(evidence)
        settled = {key: rubric.settle(key, answer.criteria[key], self.check, evidence) for key in rubric.CORE}
        deciding = tuple(quote for claim in answer.deciding if (quote := self.check.verify(claim)))
        dropped = sum(one.dropped for one in settled.values()) + len(answer.deciding) - len(deciding)
        criteria = {key: one.criterion for key, one in settled.items()}
        label = {CriterionKey.DISCLOSURE: label_criterion(evidence.disclosure)}
        return Checked(answer, criteria | label, deciding, dropped)

    async def _crossed(self, taken: tuple[Checked, ...], evidence: Evidence) -> Read:
        criteria, deciding = merged(taken), _named_most(taken)
        if self.judge.kind == "offline":
            return Read(criteria, deciding, taken)
        whole = replace(evidence, posts=self.posts)
        measured = (await self._once(OfflineJudge(), whole)).criteria
        keys = in_conflict(criteria, measured, deciding)
        upheld = [key for key in keys if _agree(key, taken) and is_new_reason(key, criteria, measured)]
        if len(upheld) < len(keys):  # where anything else is in conflict, all of it stays open
            return Read(left_open(criteria, measured, keys), deciding, taken)
        return Read(criteria, deciding, taken, tuple(Message(f"note.upheld_{key}") for key in upheld))


def at_odds_with_itself(read: Read) -> bool:
    """Whether a veto is said to lie in the product and also in the wording, which other words would mend."""
    return any(_is_torn(read.answers[0].criteria[key]) for key in rubric.VETOES if read.criteria[key].level is Level.L0)


def _is_torn(answer: CriterionAnswer) -> bool:
    against = {claim.conflict for claim in answer.evidence if claim.stance is Stance.CONTRADICTS}
    return {"product", "wording"} <= against


def merged(taken: Sequence[Checked]) -> Criteria:
    """Each criterion at the median level, with the verified quotes of the readings at that level.

    `abstain` counts as the lowest level: where one of three readings abstains the lower of the other two holds, where
    two do the criterion is left open.
    """
    if len(taken) == 1:
        return taken[0].criteria
    return {key: _median([one.criteria[key] for one in taken]) for key in CriterionKey}


def _median(read: Sequence[Criterion]) -> Criterion:
    level = _middle(one.level for one in read)
    claimed = _middle(one.claimed or one.level for one in read)
    there = [one for one in read if one.level is level]
    speaks = next((one for one in there if one.claimed is claimed), there[0])
    return replace(
        speaks,
        quotes=rubric.distinct(quote for one in (speaks, *there) for quote in one.quotes),
        draft_quotes=tuple(dict.fromkeys(piece for one in (speaks, *there) for piece in one.draft_quotes)),
        claimed=claimed,
        conflict=Counter(one.conflict for one in there).most_common(1)[0][0],  # of equals the earlier reading's
    )


def _middle(levels: Iterable[Level]) -> Level:
    return sorted(levels, key=_height)[READINGS // 2]


def _height(level: Level) -> int:
    return -1 if level.points is None else level.points


def _named_most(taken: Sequence[Checked]) -> tuple[Quote, ...]:
    """Deciding posts that most of the readings name, in the order of the first to name each."""
    named = Counter(post_id for one in taken for post_id in {quote.post_id for quote in one.deciding})
    quotes = [quote for one in taken for quote in one.deciding]
    if len(taken) == 1:
        return tuple(quotes)
    return rubric.distinct(quote for quote in quotes if 2 * named[quote.post_id] > len(taken))


def _agree(key: CriterionKey, taken: Sequence[Checked]) -> bool:
    """Whether three readings praise alike, each from words of the draft and of a past post, and nothing is amiss."""
    read = [one.criteria[key] for one in taken]
    proven = all(one.level.points and one.quotes and one.draft_quotes for one in read)
    clean = not any(one.dropped or one.answer.injection_observed for one in taken)
    return len(taken) == READINGS and proven and clean and len({one.level for one in read}) == 1


def is_declined(criteria: Criteria) -> bool:
    """Whether it comes to a model that would not read the draft."""
    return all(criteria[key].reasoning.key == DECLINED for key in rubric.CORE)


def raised(with_words: Criteria, without: Criteria) -> tuple[CriterionKey, ...]:
    """Criteria that are met better only while the words to the reviewer stand in the draft."""
    return tuple(key for key in rubric.CORE if _height(with_words[key].level) > _height(without[key].level) >= 0)
