"""Verdicts: recorded once a revision, found by number, searched by the team.

What the team may search is the audience 'team' alone; a private self-check is found by its owner or by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    Campaign,
    Decision,
    DecisionKind,
    Draft,
    Influencer,
    Outcome,
    Revision,
    Verdict,
    Visibility,
)
from bot.store.drafts import TEAM, WHOLE_DRAFT, audience_of, draft_of, mark_answered, mark_judged
from bot.store.library import campaign_of
from bot.store.search import containing, fold, handle_key, name_key
from bot.store.tables import brand, campaign, decision, draft, influencer, outbox, revision, verdict, verdict_counter
from bot.store.types import build

WHOLE_VERDICT = WHOLE_DRAFT.join(verdict, verdict.c.revision_id == revision.c.id)
NUMBER = re.compile(r"([vs])-?([1-9][0-9]{0,17})")


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


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, newest first, and how many there are in all."""

    rows: tuple[StoredVerdict, ...]
    total: int


async def record_verdict(
    conn: AsyncConnection, revision_id: int, value: Verdict, now: datetime, *, answer_needed: bool
) -> StoredVerdict:
    """Stores the verdict, its number and the answer to deliver, and moves the revision on.

    A revision has one verdict: a second call returns the first one unchanged. Without `answer_needed` the revision is
    answered at once. Raises LookupError where the revision was erased.
    """
    if (known := await _one(conn, verdict.c.revision_id == revision_id)) is not None:
        return known
    place = await conn.execute(select(revision.c.guild_id, revision.c.audience).where(revision.c.id == revision_id))
    if (found := place.one_or_none()) is None:
        raise LookupError(f"no revision {revision_id}")
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
    if answer_needed:
        nonce = f"r{revision_id}"
        await conn.execute(
            insert(outbox).values(revision_id=revision_id, nonce=nonce, attempts=0, why="", due=now, created_at=now)
        )
    else:
        await mark_answered(conn, revision_id)
    recorded = await _one(conn, verdict.c.revision_id == revision_id)
    assert recorded is not None  # inserted above, in this transaction
    return recorded


async def _next_number(conn: AsyncConnection, guild_id: int, audience: str) -> int:
    counted = (
        insert(verdict_counter)
        .values(guild_id=guild_id, audience=audience, last=1)
        .on_conflict_do_update(index_elements=["guild_id", "audience"], set_={"last": verdict_counter.c.last + 1})
    )
    return int((await conn.execute(counted.returning(verdict_counter.c.last))).scalar_one())


async def find_verdict(
    conn: AsyncConnection, guild_id: int, number: str, *, viewer_id: int | None
) -> StoredVerdict | None:
    """V-n for everybody of the guild, S-n for its owner; None for anything else, as if it did not exist."""
    match = NUMBER.fullmatch(fold(number).strip())
    if match is None:
        return None
    if match[1] == "v":
        audience = TEAM
    elif viewer_id is not None:
        audience = audience_of(Visibility.PRIVATE, viewer_id)
    else:
        return None
    return await _one(conn, _seen_by(guild_id, audience) & (verdict.c.number == int(match[2])))


async def verdict_of(conn: AsyncConnection, revision_id: int) -> StoredVerdict:
    """The verdict on one revision, for its delivery. Raises LookupError where it was erased."""
    found = await _one(conn, verdict.c.revision_id == revision_id)
    if found is None:
        raise LookupError(f"no verdict on revision {revision_id}")
    return found


async def search_verdicts(
    conn: AsyncConnection, guild_id: int, query: HistoryQuery, *, limit: int, offset: int = 0
) -> Page:
    """The team's verdicts that meet every condition of `query`."""
    conditions = [_seen_by(guild_id, TEAM)]
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
    if (matches := containing(revision, "id", query.text)) is not None:
        conditions.append(matches)
    return await _page(conn, conditions, limit, offset)


async def private_verdicts(conn: AsyncConnection, guild_id: int, owner_id: int, *, limit: int, offset: int = 0) -> Page:
    """The self-checks of one person, for that person."""
    return await _page(conn, [_seen_by(guild_id, audience_of(Visibility.PRIVATE, owner_id))], limit, offset)


def _seen_by(guild_id: int, audience: str) -> ColumnElement[bool]:
    return (verdict.c.guild_id == guild_id) & (verdict.c.audience == audience)


def _whole() -> Select[Any]:
    return select(verdict, revision, draft, influencer, campaign, brand).select_from(WHOLE_VERDICT)


async def _one(conn: AsyncConnection, condition: ColumnElement[bool]) -> StoredVerdict | None:
    found = await _loaded(conn, _whole().where(condition))
    return found[0] if found else None


async def _page(conn: AsyncConnection, conditions: Sequence[ColumnElement[bool]], limit: int, offset: int) -> Page:
    total = await conn.scalar(select(func.count()).select_from(WHOLE_VERDICT).where(*conditions))
    newest_first = _whole().where(*conditions).order_by(verdict.c.created_at.desc(), verdict.c.revision_id.desc())
    return Page(await _loaded(conn, newest_first.limit(limit).offset(offset)), int(total or 0))


async def _loaded(conn: AsyncConnection, query: Select[Any]) -> tuple[StoredVerdict, ...]:
    rows = (await conn.execute(query)).mappings().all()
    decisions = await _decisions(conn, [row[verdict.c.revision_id] for row in rows])
    return tuple(_stored_verdict(row, decisions) for row in rows)


async def _decisions(conn: AsyncConnection, revision_ids: Sequence[int]) -> tuple[Decision, ...]:
    found = await conn.execute(select(decision).where(decision.c.revision_id.in_(revision_ids)).order_by(decision.c.id))
    return tuple(build(Decision, decision, row, kind=DecisionKind(row[decision.c.kind])) for row in found.mappings())


def _stored_verdict(row: RowMapping, decisions: Sequence[Decision]) -> StoredVerdict:
    letter = "V" if row[verdict.c.audience] == TEAM else "S"
    return StoredVerdict(
        number=f"{letter}-{row[verdict.c.number]}",
        verdict=row[verdict.c.body],
        draft=draft_of(row),
        revision=build(Revision, revision, row),
        influencer=build(Influencer, influencer, row),
        campaign=campaign_of(row),
        author_name=row[draft.c.author_name],
        created_at=row[verdict.c.created_at],
        decisions=tuple(one for one in decisions if one.revision_id == row[verdict.c.revision_id]),
    )
