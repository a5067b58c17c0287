"""Verdicts: recorded once a revision, found by number, searched by the team.

What the team may search is the audience 'team' alone; a private self-check is found by its owner or by nobody.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Select, bindparam, desc, exists, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.decisions import Decision, DecisionKind, Published, Reply, standing
from bot.model.drafts import Draft, Revision
from bot.model.posts import Visibility
from bot.model.verdicts import Outcome, Verdict
from bot.model.workspace import Campaign, Influencer
from bot.store.drafts import TEAM, WHOLE_DRAFT, audience_of, draft_of, mark_answered, mark_judged
from bot.store.erasure import GONE, without_texts
from bot.store.forgotten import IS_FORGOTTEN
from bot.store.library import campaign_of
from bot.store.nonces import nonce
from bot.store.outbox import refresh_older
from bot.store.published import published_of
from bot.store.replies import replies_to
from bot.store.search import containing, fold, handle_key, name_key
from bot.store.sight import EVERYTHING, NOBODY, Sight, channel_of, seen
from bot.store.tables import (
    account_link,
    brand,
    campaign,
    decision,
    draft,
    influencer,
    outbox,
    revision,
    verdict,
    verdict_counter,
)
from bot.store.types import build
from bot.store.waiting import HAS_NEWER, Waiting, waits

_PLACE = select(revision.c.guild_id, revision.c.audience, IS_FORGOTTEN.label("is_forgotten")).select_from(WHOLE_DRAFT)
WHOLE_VERDICT = WHOLE_DRAFT.join(verdict, verdict.c.revision_id == revision.c.id)
_THIS = revision.alias()
_HERE, _THERE = channel_of(_THIS), channel_of(revision)
_SAME_TEXT = (  # asked for every card, so built once: building costs most
    select(revision.c.id)
    .join(draft, draft.c.id == revision.c.draft_id)
    .join(verdict, verdict.c.revision_id == revision.c.id)
    .join(_THIS, _THIS.c.id == bindparam("this"))
    .where(
        revision.c.id < bindparam("this"),
        revision.c.sha256 == bindparam("sha256"),
        draft.c.id != bindparam("draft"),
        draft.c.influencer_id == bindparam("influencer"),
        draft.c.campaign_id == bindparam("campaign"),
        draft.c.audience == bindparam("audience"),
        (draft.c.audience != TEAM) | (_HERE == _THERE),  # not all who see this channel see others
    )
    .order_by(revision.c.id.desc())
    .limit(1)
)
_AUTHOR_IS_LINKED = (
    exists()
    .where(
        account_link.c.influencer_id == draft.c.influencer_id,
        account_link.c.user_id == draft.c.author_id,
        account_link.c.confirmed_at.is_not(None),
    )
    .label("author_is_linked")
)
EVERYWHERE = 0  # stands for the guild where a person's own verdicts are counted
NUMBER = re.compile(r"([vs])-?([1-9][0-9]{0,17})")
Remark = TypeVar("Remark", Decision, Reply, Published)


@dataclass(frozen=True, slots=True)
class Newer:
    """The newest text of a draft, where a verdict is about an older one: whatever was decided about that is void."""

    version: int  # its revision's number
    created_at: datetime
    number: str | None = None  # of its verdict; None while there is none
    card: tuple[int, int] | None = None  # channel and message, once the card stands


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A verdict with all it is about. `number` is what people see: V-12, or S-3 for a private self-check."""

    number: str
    verdict: Verdict
    draft: Draft
    revision: Revision
    influencer: Influencer
    campaign: Campaign
    author_name: str
    created_at: datetime
    decisions: tuple[Decision, ...]  # oldest first
    replies: tuple[Reply, ...] = ()  # of the people it is about; oldest first
    published: tuple[Published, ...] = ()  # live texts compared with this one; oldest first
    newer: Newer | None = None  # where the draft has a newer text
    before: StoredVerdict | None = None  # on the text before this one there; only where a single verdict is looked up
    same_text: StoredVerdict | None = None  # of another draft, earlier; only where a single verdict is looked up
    author_is_linked: bool = False  # whether the team has confirmed that whoever handed it in is the influencer
    forgotten_at: datetime | None = None  # when the influencer was

    @property
    def standing(self) -> tuple[Decision, ...]:
        """The decisions that count: those that nobody has withdrawn since; oldest first."""
        return standing(self.decisions)

    @property
    def is_erased(self) -> bool:
        """Whether its texts were taken out: numbers, levels, dates and decisions are all that is left."""
        return self.verdict.because == GONE


class Decided(StrEnum):
    """How a verdict was last decided on; open: no decision stands, and its text is the draft's newest."""

    APPROVE = DecisionKind.APPROVE
    ASK_FOR_CHANGES = DecisionKind.ASK_FOR_CHANGES
    DISAGREE = DecisionKind.DISAGREE
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """What to look for; None and "" do not narrow. `until` itself is not included."""

    influencer: str | None = None  # handle
    campaign: str | None = None  # name
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""  # words of the draft
    author: int | None = None  # user id
    person: int | None = None  # user id of the author, or of somebody who decided
    brand: str | None = None  # name
    decision: Decided | None = None  # the last one
    waiting: Waiting | None = None  # what waits for somebody; the oldest first
    sight: Sight = EVERYTHING  # of whoever looks


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, in order from `offset` on, and how many there are in all."""

    rows: tuple[StoredVerdict, ...]
    total: int
    offset: int = 0


async def record_verdict(
    conn: AsyncConnection, revision_id: int, value: Verdict, now: datetime, *, answer_needed: bool
) -> StoredVerdict:
    """Stores the verdict, its number and the answer to deliver, and moves the revision on.

    A revision has one verdict: a second call returns the first one unchanged. Without `answer_needed` the revision is
    answered at once. On an influencer who was forgotten meanwhile it is stored without its texts. Raises LookupError
    where the revision was erased.
    """
    if (known := await _one(conn, verdict.c.revision_id == revision_id)) is not None:
        return known
    place = await conn.execute(_PLACE.where(revision.c.id == revision_id))
    if (found := place.one_or_none()) is None:
        raise LookupError(f"no revision {revision_id}")
    value = without_texts(value) if found.is_forgotten else value
    number = await _next_number(conn, found.guild_id, found.audience)
    await conn.execute(
        insert(verdict).values(
            revision_id=revision_id,
            guild_id=found.guild_id,
            audience=found.audience,
            number=number,
            outcome=value.outcome,
            body=value,
            created_at=now,
        )
    )
    await mark_judged(conn, revision_id)
    await refresh_older(conn, revision_id, now)
    if answer_needed:
        name = nonce("r", revision_id, now)
        await conn.execute(
            insert(outbox).values(revision_id=revision_id, nonce=name, attempts=0, why="", due=now, created_at=now)
        )
    else:
        await mark_answered(conn, revision_id)
    recorded = await _one(conn, verdict.c.revision_id == revision_id)
    assert recorded is not None  # inserted above, in this transaction
    return recorded


async def _next_number(conn: AsyncConnection, guild_id: int, audience: str) -> int:
    """Team verdicts are counted per guild, a person's own over all places: S-3 is the same wherever it is opened."""
    of = guild_id if audience == TEAM else EVERYWHERE
    used = 0
    if audience != TEAM:  # numbers of a time when they were counted per guild are not given again
        used = int(await conn.scalar(select(func.max(verdict.c.number)).where(verdict.c.audience == audience)) or 0)
    counted = (
        insert(verdict_counter)
        .values(guild_id=of, audience=audience, last=used + 1)
        .on_conflict_do_update(index_elements=["guild_id", "audience"], set_={"last": verdict_counter.c.last + 1})
    )
    return int((await conn.execute(counted.returning(verdict_counter.c.last))).scalar_one())


async def find_verdict(
    conn: AsyncConnection, guild_id: int, number: str, *, viewer_id: int | None, sight: Sight = EVERYTHING
) -> StoredVerdict | None:
    """V-n of the guild within `sight`, S-n for its owner anywhere; None for anything else, as if it did not exist."""
    match = NUMBER.fullmatch(fold(number).strip())
    if match is None:
        return None
    if match[1] == "v":
        found = _of_team(guild_id, sight)
    elif viewer_id is not None:
        found = _owned_by(viewer_id)
    else:
        return None
    return await _one(conn, found & (verdict.c.number == int(match[2])))


async def versions(
    conn: AsyncConnection, guild_id: int, number: str, *, viewer_id: int | None, sight: Sight = EVERYTHING
) -> tuple[StoredVerdict, ...]:
    """The verdicts on all texts of the draft that one verdict is about, oldest first; none where it is not found.

    Of a team's those within `sight`.
    """
    found = await find_verdict(conn, guild_id, number, viewer_id=viewer_id, sight=sight)
    if found is None:
        return ()
    which = draft.c.id == found.draft.id
    if found.draft.visibility is Visibility.TEAM:
        which &= seen(sight)
    return await _loaded(conn, _whole().where(which).order_by(revision.c.number))


async def verdict_of(conn: AsyncConnection, revision_id: int) -> StoredVerdict:
    """The verdict on one revision, for its delivery. Raises LookupError where it was erased."""
    found = await _one(conn, verdict.c.revision_id == revision_id)
    if found is None:
        raise LookupError(f"no verdict on revision {revision_id}")
    return found


async def search_verdicts(
    conn: AsyncConnection, guild_id: int, query: HistoryQuery, *, limit: int, offset: int = 0
) -> Page:
    """The team's verdicts that meet every condition of `query`; the last ones where there are not so many."""
    conditions = [_of_team(guild_id, query.sight), *_conditions(query)]
    return await _page(conn, conditions, limit, offset, oldest_first=query.waiting is not None)


def _conditions(query: HistoryQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.influencer is not None:
        conditions.append(influencer.c.handle_key == handle_key(query.influencer))
    if query.campaign is not None:
        conditions.append(campaign.c.name_key == name_key(query.campaign))
    if query.outcome is not None:
        conditions.append(verdict.c.outcome == query.outcome)
    if query.since is not None:
        conditions.append(verdict.c.created_at >= query.since)
    if query.until is not None:
        conditions.append(verdict.c.created_at < query.until)
    if query.author is not None:
        conditions.append(draft.c.author_id == query.author)
    if query.person is not None:
        decided = select(decision.c.revision_id).where(decision.c.person_id == query.person)
        conditions.append((draft.c.author_id == query.person) | verdict.c.revision_id.in_(decided))
    if query.brand is not None:
        conditions.append(brand.c.name_key == name_key(query.brand))
    if query.decision is not None:
        conditions.append(_decided(query.decision))
    if query.waiting is not None:
        conditions.append(waits(query.waiting))
    if (matches := containing(revision, "id", query.text)) is not None:
        conditions.append(matches)
    return conditions


def _decided(wanted: Decided) -> ColumnElement[bool]:
    last = select(func.max(decision.c.id)).group_by(decision.c.revision_id)
    decided = select(decision.c.revision_id).where(decision.c.id.in_(last))
    if wanted is Decided.OPEN:
        return verdict.c.revision_id.not_in(decided.where(decision.c.kind != DecisionKind.WITHDRAW)) & ~HAS_NEWER
    return verdict.c.revision_id.in_(decided.where(decision.c.kind == wanted))


async def private_verdicts(conn: AsyncConnection, owner_id: int, *, limit: int, offset: int = 0) -> Page:
    """The self-checks of one person, made in any server or in none, for that person; the last where there are fewer."""
    return await _page(conn, [_owned_by(owner_id)], limit, offset)


def _owned_by(person_id: int) -> ColumnElement[bool]:
    """A person's own verdicts, wherever they were made: the person takes the place of the guild."""
    return verdict.c.audience == audience_of(Visibility.PRIVATE, person_id)


def _of_team(guild_id: int, sight: Sight) -> ColumnElement[bool]:
    return (verdict.c.guild_id == guild_id) & (verdict.c.audience == TEAM) & seen(sight)


def _whole() -> Select[Any]:
    return select(verdict, revision, draft, influencer, campaign, brand, _AUTHOR_IS_LINKED).select_from(WHOLE_VERDICT)


async def _one(conn: AsyncConnection, condition: ColumnElement[bool]) -> StoredVerdict | None:
    found = await _loaded(conn, _whole().where(condition))
    if not found:
        return None
    one = max(found, key=lambda stored: stored.created_at)  # own numbers were once counted per guild
    one = replace(one, same_text=await _same_text(conn, one))
    if one.revision.number == 1:
        return one
    earlier = (draft.c.id == one.draft.id) & (revision.c.number < one.revision.number)
    if one.draft.visibility is Visibility.TEAM:  # not all who see this card's channel see others
        here = await conn.scalar(select(channel_of(revision)).where(revision.c.id == one.revision.id))
        earlier &= seen(Sight(NOBODY, frozenset([here or 0])))
    before = await _loaded(conn, _whole().where(earlier).order_by(revision.c.number.desc()).limit(1))
    return replace(one, before=before[0] if before else None)


async def _same_text(conn: AsyncConnection, one: StoredVerdict) -> StoredVerdict | None:
    """The newest verdict before this on exactly the same text, influencer and campaign, told to the same people."""
    found = await conn.scalar(
        _SAME_TEXT,
        {
            "this": one.revision.id,
            "sha256": one.revision.sha256,
            "draft": one.draft.id,
            "influencer": one.draft.influencer_id,
            "campaign": one.draft.campaign_id,
            "audience": audience_of(one.draft.visibility, one.draft.author_id),
        },
    )
    return (await _loaded(conn, _whole().where(verdict.c.revision_id == found)))[0] if found else None


async def _page(
    conn: AsyncConnection,
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
    offset: int,
    *,
    oldest_first: bool = False,
) -> Page:
    total = int(await conn.scalar(select(func.count()).select_from(WHOLE_VERDICT).where(*conditions)) or 0)
    offset = min(offset, max(0, total - 1) // limit * limit)  # rows may have gone since the page before
    age: list[ColumnElement[Any]] = [verdict.c.created_at, verdict.c.revision_id]
    in_order = _whole().where(*conditions).order_by(*(age if oldest_first else map(desc, age)))
    return Page(await _loaded(conn, in_order.limit(limit).offset(offset)), total, offset)


async def _loaded(conn: AsyncConnection, query: Select[Any]) -> tuple[StoredVerdict, ...]:
    rows = (await conn.execute(query)).mappings().all()
    ids = [row[verdict.c.revision_id] for row in rows]
    decisions = _by_revision(await _decisions(conn, ids))
    replies = _by_revision(await replies_to(conn, ids))
    published = _by_revision(await published_of(conn, ids))
    newest = await _newest(conn, {row[draft.c.id] for row in rows})
    found = (_stored_verdict(row, newest) for row in rows)
    return tuple(
        replace(
            one,
            decisions=tuple(decisions[one.revision.id]),
            replies=tuple(replies[one.revision.id]),
            published=tuple(published[one.revision.id]),
        )
        for one in found
    )


def _by_revision(found: Iterable[Remark]) -> defaultdict[int, list[Remark]]:
    grouped: defaultdict[int, list[Remark]] = defaultdict(list)
    for one in found:
        grouped[one.revision_id].append(one)
    return grouped


async def _newest(conn: AsyncConnection, draft_ids: Set[int]) -> Mapping[int, Newer]:
    """The newest text of each draft."""
    found = await conn.execute(
        select(revision, verdict.c.number.label("verdict"), outbox.c.channel_id, outbox.c.message_id)
        .outerjoin(verdict, verdict.c.revision_id == revision.c.id)
        .outerjoin(outbox, outbox.c.revision_id == revision.c.id)
        .where(revision.c.draft_id.in_(draft_ids))
        .order_by(revision.c.number)
    )
    return {
        row.draft_id: Newer(
            row.number,
            row.created_at,
            f"{_letter(row.audience)}-{row.verdict}" if row.verdict else None,
            (row.channel_id, row.message_id) if row.message_id else None,
        )
        for row in found
    }


def _letter(audience: str) -> str:
    return "V" if audience == TEAM else "S"


async def _decisions(conn: AsyncConnection, revision_ids: Sequence[int]) -> tuple[Decision, ...]:
    found = await conn.execute(select(decision).where(decision.c.revision_id.in_(revision_ids)).order_by(decision.c.id))
    return tuple(build(Decision, decision, row, kind=DecisionKind(row[decision.c.kind])) for row in found.mappings())


def _stored_verdict(row: RowMapping, newest: Mapping[int, Newer]) -> StoredVerdict:
    newer = newest[row[draft.c.id]]
    return StoredVerdict(
        number=f"{_letter(row[verdict.c.audience])}-{row[verdict.c.number]}",
        verdict=row[verdict.c.body],
        draft=draft_of(row),
        revision=build(Revision, revision, row),
        influencer=build(Influencer, influencer, row),
        campaign=campaign_of(row),
        author_name=row[draft.c.author_name],
        created_at=row[verdict.c.created_at],
        decisions=(),
        newer=newer if newer.version > row[revision.c.number] else None,
        author_is_linked=bool(row["author_is_linked"]),
        forgotten_at=row[influencer.c.forgotten_at],
    )
