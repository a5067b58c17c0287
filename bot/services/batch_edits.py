"""What became of the drafts of one message when that message was edited. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.services.difference import kept_share
from bot.store.batches import Brought


@dataclass(frozen=True, slots=True)
class Now:
    """A draft as it stands in the edited message. Without `influencer_id` it names nobody who is known."""

    influencer_id: int | None
    campaign_key: str  # "" where it names none
    text: str


@dataclass(frozen=True, slots=True)
class Edits:
    """`changed`: drafts with their new words; `removed` stand in the message no longer; `added` never did before."""

    changed: tuple[tuple[Brought, str], ...] = ()
    removed: tuple[Brought, ...] = ()
    added: tuple[Now, ...] = ()


def edits(before: Sequence[Brought], after: Sequence[Now]) -> Edits:
    """Tells the drafts from one another: first those that are the same, then by influencer, campaign and likeness."""
    left, rest, changed, added = list(before), [], [], []
    for now in after:
        if same := [one for one in left if _may_be(one, now) and one.text.strip() == now.text.strip()]:
            left.remove(same[0])
        else:
            rest.append(now)
    for now in rest:
        if alike := [one for one in left if _may_be(one, now)]:
            likest = max(alike, key=lambda one: kept_share(one.text, now.text))
            left.remove(likest)
            changed.append((likest, now.text))
        else:
            added.append(now)
    return Edits(tuple(changed), tuple(left), tuple(added))


def _may_be(before: Brought, now: Now) -> bool:
    return before.influencer_id == now.influencer_id and now.campaign_key in ("", before.campaign_key)
