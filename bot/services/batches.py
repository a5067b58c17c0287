"""Several drafts at once: all stored in one transaction, each draft or with the sentence that says why it is none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config import Limits
from bot.config import Review as ReviewSettings
from bot.errors import Problem
from bot.judging.hygiene import clean
from bot.model.drafts import AnswerAddress, AnswerKind, Attachment, fingerprint
from bot.model.messages import Message
from bot.model.posts import Visibility
from bot.model.workspace import Campaign, Influencer
from bot.services import limits
from bot.services.names import find_campaign, find_influencer
from bot.services.submit import storable
from bot.store import batches, drafts, library
from bot.store.batches import Batch, Item, Tally
from bot.store.database import Store
from bot.store.forgotten import refuse_forgotten
from bot.store.search import handle_key, name_key

MOST = 200  # drafts in one batch

Found = TypeVar("Found", Influencer, Campaign)


@dataclass(frozen=True, slots=True)
class Part:
    """One draft as it was sent, or why it is none. `label` is how the sender would know it, e.g. its row."""

    label: str
    handle: str = ""
    campaign: str = ""
    text: str = ""
    format: str = ""  # caption, video, story; empty: the campaign's
    spoken: str = ""
    attachments: tuple[Attachment, ...] = ()
    not_read: tuple[Message, ...] = ()
    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class Started:
    batch: Batch
    tally: Tally
    is_new: bool


async def submit_batch(
    store: Store,
    new: Batch,
    parts: Sequence[Part],
    settings: ReviewSettings,
    now: datetime,
    *,
    limited: Limits | None = None,
) -> Started:
    """Stores the batch with all its drafts, or finds the one that the same event stored before.

    Raises Problem, and stores nothing: no parts or none that can be used, more than MOST, or drafts too many for
    `limited`.
    """
    if not parts:
        raise Problem("batch_problem.empty")
    if len(parts) > MOST:
        raise Problem("batch_problem.too_many", count=len(parts), most=MOST)
    checked = await asyncio.to_thread(lambda: [_checked(part, settings) for part in parts])  # two milliseconds each

    async with store.write() as conn:
        batch, is_new = await batches.receive_batch(conn, new)
        if is_new:
            names = await _Names.of(conn, new.guild_id)
            named = _once_each([await names.named(conn, new.guild_id, part) for part in checked])
            count = sum(whose is not None for _, whose, _ in named)
            if not count:
                raise _nothing(named)
            if limited:
                if count > limited.person_per_hour:
                    raise Problem("batch_problem.over_limit", count=count, most=limited.person_per_hour)
                who = new.guild_id, new.author_id, Visibility.TEAM
                await limits.check(conn, *who, limited, now, more=count)
            await _store(conn, batch, named)
        return Started(batch, await batches.tally(conn, batch.id), is_new)


def _nothing(named: Sequence[Named]) -> Problem:
    """Why not one of the parts is a draft."""
    first = named[0][0]
    assert first.problem is not None  # of one that is no draft
    if len(named) == 1:
        return Problem(first.problem.key, **first.problem.values)
    return Problem("batch_problem.none_usable", count=len(named), label=first.label, problem=first.problem)


def _once_each(named: Sequence[Named]) -> list[Named]:
    """With a problem for each draft that is the same, for the same influencer and campaign, as one before it."""
    labels: dict[tuple[int, int, str, str], str] = {}
    found: list[Named] = []
    for part, whose, what in named:
        if whose and what:
            key = whose.id, what.id, part.format, fingerprint(part.text, part.spoken, part.attachments)
            if key in labels:
                problem = Message("batch_problem.repeated", {"label": labels[key]})
                found.append((replace(part, problem=problem), None, None))
                continue
            labels[key] = part.label
        found.append((part, whose, what))
    return found


def _checked(part: Part, settings: ReviewSettings) -> Part:
    """The part as it can be stored; with its problem where it cannot."""
    part = replace(part, text=storable(part.text), spoken=storable(part.spoken))
    if part.problem is None:
        try:
            clean(part.text, max_characters=settings.max_draft_characters, spoken=part.spoken)
        except Problem as problem:
            return replace(part, problem=problem.message)
    return part


Named = tuple[Part, Influencer | None, Campaign | None]


class _Names:
    """Who and what is stored here, and the sentence for each name that is not: every name is looked up once."""

    def __init__(self, influencers: Iterable[Influencer], campaigns: Iterable[Campaign]) -> None:
        self._influencers: dict[str, Influencer | Message] = {handle_key(one.handle): one for one in influencers}
        self._campaigns: dict[str, Campaign | Message] = {name_key(one.name): one for one in campaigns}

    @classmethod
    async def of(cls, conn: AsyncConnection, guild_id: int) -> _Names:
        return cls(await library.influencers(conn, guild_id), await library.campaigns(conn, guild_id))

    async def named(self, conn: AsyncConnection, guild_id: int, part: Part) -> Named:
        if part.problem is not None:
            return part, None, None
        if not part.handle:
            return replace(part, problem=Message("batch_problem.no_handle")), None, None
        key = handle_key(part.handle)
        whose = self._influencers.get(key) or await _problem(_remembered(conn, guild_id, part.handle))
        self._influencers[key] = whose
        if isinstance(whose, Message):
            return replace(part, problem=whose), None, None
        if not part.campaign:
            return replace(part, problem=Message("batch_problem.no_campaign")), None, None
        key = name_key(part.campaign)
        what = self._campaigns.get(key) or await _problem(find_campaign(conn, guild_id, part.campaign))
        self._campaigns[key] = what
        if isinstance(what, Message):
            return replace(part, problem=what), None, None
        return part, whose, what


async def _remembered(conn: AsyncConnection, guild_id: int, handle: str) -> Influencer:
    """Raises Problem for one who is unknown or forgotten."""
    whose = await find_influencer(conn, guild_id, handle)
    await refuse_forgotten(conn, whose.id)
    return whose


async def _problem(finding: Awaitable[Found]) -> Found | Message:
    """What was found, or the sentence that says why nothing was."""
    try:
        return await finding
    except Problem as problem:
        return problem.message


async def _store(conn: AsyncConnection, batch: Batch, named: Sequence[Named]) -> None:
    """Stores every draft, and of each item what it is."""
    new = [_new_draft(batch, at, *one) for at, one in enumerate(named)]
    received = iter(await drafts.receive_many(conn, [one for one in new if one is not None]))
    items = [
        Item(part.label, problem=part.problem)
        if one is None
        else Item(part.label, revision_id=next(received).revision_id)
        for (part, *_), one in zip(named, new, strict=True)
    ]
    await batches.add_items(conn, batch.id, items)


def _new_draft(
    batch: Batch, at: int, part: Part, whose: Influencer | None, what: Campaign | None
) -> drafts.NewDraft | None:
    """The draft as it is stored: it is answered by the batch's card alone."""
    if whose is None or what is None:
        return None
    return drafts.NewDraft(
        guild_id=batch.guild_id,
        influencer_id=whose.id,
        campaign_id=what.id,
        author_id=batch.author_id,
        author_name=batch.author_name,
        visibility=Visibility.TEAM,
        source_key=f"{batch.source_key}:{at}",
        text=part.text,
        not_read=part.not_read,
        answer=AnswerAddress(AnswerKind.NONE, user_id=batch.author_id, language=batch.answer.language),
        created_at=batch.created_at,
        format=part.format,
        spoken=part.spoken,
        attachments=part.attachments,
    )
