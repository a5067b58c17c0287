"""Where a judge's answer and what code measured cannot both be right: then a person has to read the draft.

A judge that was talked into praise can still quote true posts, so quotes alone do not give it away. Claims are
held against counts and likeness, and no past post that may speak against the draft may be passed over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from bot.model.messages import Message
from bot.model.verdicts import Criterion, CriterionKey, Level, Quote, Stance

FAR_APART = 2  # levels
_PRAISE, _BLAME = (Level.L3, Level.L4), (Level.L0, Level.L1)
# Measured levels that count against a far higher claim. Shared values are counted by listed words, which miss too
# much; a likeness of L1 is still met in one of eight genuine sponsored posts, of L0 in one of thirty.
_LOW: Mapping[CriterionKey, tuple[Level, ...]] = {
    CriterionKey.FOLLOWER_FIRST: (Level.L0, Level.L1),
    CriterionKey.VOICE_MATCH: (Level.L0,),
    CriterionKey.BELIEF_CONSISTENCY: (Level.L0, Level.L1),
    CriterionKey.NOT_JUST_FOR_MONEY: (Level.L0, Level.L1),
}
_COUNTED = ("cap.saturated", "cap.first_mention")  # these say that a claim of L3 is against the count of posts


def in_conflict(
    criteria: Mapping[CriterionKey, Criterion],
    measured: Mapping[CriterionKey, Criterion],
    deciding: tuple[Quote, ...] = (),
) -> frozenset[CriterionKey]:
    """Criteria on which judge and measure cannot both be right.

    `measured` is what the offline judge says of the same draft, `deciding` what the judge quoted beside the criteria.
    """
    quoted = (*deciding, *(quote for criterion in criteria.values() for quote in criterion.quotes))
    weighed = {quote.post_id for quote in _against(quoted)}
    return frozenset(key for key in criteria if _conflict(key, criteria[key], measured[key], weighed))


def left_open(
    criteria: Mapping[CriterionKey, Criterion],
    measured: Mapping[CriterionKey, Criterion],
    keys: Collection[CriterionKey],
) -> dict[CriterionKey, Criterion]:
    """`criteria`, those of `keys` left open with what speaks against them or shows how they write."""
    return {
        key: _left_open(key, criterion, measured[key]) if key in keys else criterion
        for key, criterion in criteria.items()
    }


def is_new_reason(
    key: CriterionKey, claimed: Mapping[CriterionKey, Criterion], measured: Mapping[CriterionKey, Criterion]
) -> bool:
    """Whether a conflict is only that no past post names the product: an honest reason for it can be told for the
    first time. All else that is measured must be in the draft's favour, and code keeps the level at what it allows."""
    counted = {cap.key for cap in claimed[key].caps} & set(_COUNTED)
    return counted == {"cap.first_mention"} and not any(measured[one].level in _BLAME for one in _LOW)


def conflicts(criteria: Mapping[CriterionKey, Criterion]) -> tuple[Message, ...]:
    """What `left_open` noted; where there is any, `fits` is not to be had without a person."""
    caps = (cap for criterion in criteria.values() for cap in criterion.caps)
    return tuple(cap for cap in caps if cap.key.startswith("conflict."))


def _conflict(key: CriterionKey, claimed: Criterion, measured: Criterion, weighed: set[str]) -> bool:
    # A post that may contradict the draft must have been weighed, whatever the judge then made of it.
    passed_over = {quote.post_id for quote in _against(measured.quotes)} - weighed
    if key is CriterionKey.BELIEF_CONSISTENCY and claimed.claimed not in _BLAME and passed_over:
        return True
    counted = claimed.claimed in _PRAISE and any(cap.key in _COUNTED for cap in claimed.caps)
    return counted or (measured.level in _LOW.get(key, ()) and _apart(claimed.claimed, measured.level) >= FAR_APART)


def _apart(claimed: Level | None, measured: Level) -> int:
    return (claimed.points or 0) - (measured.points or 0) if claimed else 0


def _left_open(key: CriterionKey, claimed: Criterion, measured: Criterion) -> Criterion:
    return replace(
        claimed,
        level=Level.ABSTAIN,
        quotes=(*_not_for(measured.quotes), *claimed.quotes),
        caps=(*claimed.caps, Message(f"conflict.{key}")),
    )


def _against(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    return tuple(quote for quote in quotes if quote.stance is Stance.CONTRADICTS)


def _not_for(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    return tuple(quote for quote in quotes if quote.stance is not Stance.SUPPORTS)
