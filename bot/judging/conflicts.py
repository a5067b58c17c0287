"""Where a judge's answer and what code measured cannot both be right: then a person has to read the draft.

A judge that was talked into praise can still quote true posts, so quotes alone do not give it away. Only claims of L3
and above are checked, as `fits` is hardly earned without them; nothing here raises a level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.model import Criterion, CriterionKey, Level, Message, Quote, Stance

_PRAISE = (Level.L3, Level.L4)
# Up to which measured level a claimed L3 is a conflict. Shared values are counted by listed words, which miss too much;
# a likeness of L1 is still met in one of eight genuine sponsored posts, of L0 in one of thirty.
_LOW: Mapping[CriterionKey, tuple[Level, ...]] = {
    CriterionKey.FOLLOWER_FIRST: (Level.L0, Level.L1),
    CriterionKey.VOICE_MATCH: (Level.L0,),
    CriterionKey.BELIEF_CONSISTENCY: (Level.L0, Level.L1),
    CriterionKey.NOT_JUST_FOR_MONEY: (Level.L0, Level.L1),
}
_COUNTED = ("cap.saturated", "cap.first_mention")  # these say that a claim of L3 is against the count of posts


def cross_checked(
    criteria: Mapping[CriterionKey, Criterion], measured: Mapping[CriterionKey, Criterion]
) -> dict[CriterionKey, Criterion]:
    """`criteria`, those in conflict left open with what speaks against them. `measured`: by the offline judge."""
    weighed = {quote.post_id for criterion in criteria.values() for quote in _against(criterion)}
    return {
        key: _left_open(key, criterion, measured[key])
        if key in _LOW and criterion.claimed in _PRAISE and _conflict(key, criterion, measured[key], weighed)
        else criterion
        for key, criterion in criteria.items()
    }


def conflicts(criteria: Mapping[CriterionKey, Criterion]) -> tuple[Message, ...]:
    """What `cross_checked` noted; where there is any, `fits` is not to be had without a person."""
    caps = (cap for criterion in criteria.values() for cap in criterion.caps)
    return tuple(cap for cap in caps if cap.key.startswith("conflict."))


def _conflict(key: CriterionKey, claimed: Criterion, measured: Criterion, weighed: set[str]) -> bool:
    if measured.level in _LOW[key] or any(cap.key in _COUNTED for cap in claimed.caps):
        return True
    # A post that may contradict the draft must have been weighed, whatever the judge then made of it.
    passed_over = {quote.post_id for quote in _against(measured)} - weighed
    return key is CriterionKey.BELIEF_CONSISTENCY and bool(passed_over)


def _left_open(key: CriterionKey, claimed: Criterion, measured: Criterion) -> Criterion:
    return replace(
        claimed,
        level=Level.ABSTAIN,
        quotes=(*_against(measured), *claimed.quotes),
        caps=(*claimed.caps, Message(f"conflict.{key}")),
    )


def _against(criterion: Criterion) -> tuple[Quote, ...]:
    return tuple(quote for quote in criterion.quotes if quote.stance is Stance.CONTRADICTS)
