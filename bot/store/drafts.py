"""Drafts and their revisions on the way to a verdict. Every change of a revision's state is made here.

received -> judging -> judged -> answered; judging falls back to received; judging and judged may end as failed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import BudgetSpent
from bot.model.drafts import AnswerAddress, Attachment, Draft, Revision, RevisionState, fingerprint
from bot.model.messages import Message
from bot.model.posts import Visibility
from bot.model.workspace import Campaign, Influencer
from bot.store.attachments import add_attachments
from bot.store.forgotten import refuse_forgotten
from bot.store.library import campaign_of
from bot.store.search import fold
from bot.store.tables import brand, campaign, draft, influencer, revision
from bot.store.turns import next_in_turn
from bot.store.types import build

TEAM = "team"
MAX_FAILURES = 5  # then a person must look
MAX_TOO_LONG = 3  # failures of a draft that is too long for the model: a setting may be mended meanwhile
# Why, where it is not in the words of what went wrong.
SLOW = "slow"  # it takes longer than usual
DATABASE = "database"  # it was out of reach
TOO_LONG = "too long"  # for the model; given up on
MAX_DEATHS = 12  # of processes over one draft: most die of something else, each alone says little

# To each state, the states it may be reached from.
REACHED_FROM: Mapping[RevisionState, tuple[RevisionState, ...]] = {
    RevisionState.RECEIVED: (RevisionState.JUDGING,),
    RevisionState.JUDGING: (RevisionState.RECEIVED,),
    RevisionState.JUDGED: (RevisionState.RECEIVED, RevisionState.JUDGING, RevisionState.FAILED),
    RevisionState.ANSWERED: (RevisionState.JUDGED,),
    RevisionState.FAILED: (RevisionState.JUDGING, RevisionState.JUDGED),
}

WHOLE_DRAFT = (
    revision.join(draft, draft.c.id == revision.c.draft_id)
    .join(influencer, influencer.c.id == draft.c.influencer_id)
    .join(campaign, campaign.c.id == draft.c.campaign_id)
    .join(brand, brand.c.id == campaign.c.brand_id)
)

# What is asked for every draft that comes in is built once: building costs most.
_KNOWN = select(revision.c.source_key, revision.c.draft_id, revision.c.id).where(
    revision.c.guild_id == bindparam("guild"),
    revision.c.audience == bindparam("audience"),
    revision.c.source_key.in_(bindparam("source_keys", expanding=True)),
)
_ADD_DRAFTS = insert(draft).returning(draft.c.id, sort_by_parameter_order=True)
_ADD_REVISIONS = insert(revision).returning(revision.c.id, sort_by_parameter_order=True)


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A text as it came in. `source_key` names the event, e.g. "message:123": the same event makes one draft only."""

    guild_id: int
    influencer_id: int
    campaign_id: int
    author_id: int
    author_name: str
    visibility: Visibility
    source_key: str
    text: str
    not_read: tuple[Message, ...]
    answer: AnswerAddress
    created_at: datetime
    draft_id: int | None = None  # of the draft that this is a further text of
    format: str = ""  # caption, video, story; empty: the campaign's
    spoken: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    draft_id: int
    revision_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Work:
    """A revision with all that its review needs."""

    draft: Draft
    revision: Revision
    answer: AnswerAddress
    influencer: Influencer
    campaign: Campaign
    state: RevisionState
    attempts: int  # times it was claimed
    failures: int  # of these, how many ended badly for another reason than an outage


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What still waits for something. `oldest` is when the oldest of it came in."""

    counts: Mapping[RevisionState, int]
    oldest: datetime | None


def audience_of(visibility: Visibility, author_id: int) -> str:
    """Who may see a draft, as it is stored and part of keys."""
    return TEAM if visibility is Visibility.TEAM else f"{Visibility.PRIVATE}:{author_id}"


async def receive(conn: AsyncConnection, new: NewDraft) -> Received:
    """Stores a draft with its first revision, or a further revision of `new.draft_id`, ready to be judged.

    An event already received changes nothing. Raises Problem for a forgotten influencer, LookupError for a draft_id of
    another guild or audience.
    """
    audience = audience_of(new.visibility, new.author_id)
    if found := await received_before(conn, new.guild_id, audience, [new.source_key]):
        return found[new.source_key]
    await refuse_forgotten(conn, new.influencer_id)
    if new.draft_id is None:
        draft_id = await _insert_draft(conn, new)
        return Received(draft_id, await _insert_revision(conn, new, draft_id, number=1), is_new=True)
    last = await conn.scalar(
        select(func.max(revision.c.number)).where(
            revision.c.guild_id == new.guild_id,
            revision.c.audience == audience,
            revision.c.draft_id == new.draft_id,
        )
    )
    if last is None:
        raise LookupError(f"no draft {new.draft_id} in this audience")
    return Received(new.draft_id, await _insert_revision(conn, new, new.draft_id, number=last + 1), is_new=True)


async def received_before(
    conn: AsyncConnection, guild_id: int, audience: str, source_keys: Sequence[str]
) -> dict[str, Received]:
    """What was received of these events, by their keys."""
    values = {"guild": guild_id, "audience": audience, "source_keys": source_keys}
    return {row.source_key: Received(row.draft_id, row.id, is_new=False) for row in await conn.execute(_KNOWN, values)}


async def receive_many(conn: AsyncConnection, news: Sequence[NewDraft]) -> tuple[Received, ...]:
    """Stores drafts as `receive` does, in few statements.

    For events that were not received before and influencers who are not forgotten: the caller has seen to that in this
    transaction.
    """
    if not news:
        return ()
    draft_ids = (await conn.scalars(_ADD_DRAFTS, [_draft_row(new) for new in news])).all()
    rows = [_revision_row(new, draft_id, number=1) for new, draft_id in zip(news, draft_ids, strict=True)]
    revision_ids = tuple((await conn.scalars(_ADD_REVISIONS, rows)).all())
    for new, revision_id in zip(news, revision_ids, strict=True):
        await add_attachments(conn, revision_id, new.attachments)
    return tuple(Received(*ids, is_new=True) for ids in zip(draft_ids, revision_ids, strict=True))


async def _insert_draft(conn: AsyncConnection, new: NewDraft) -> int:
    inserted = await conn.execute(_ADD_DRAFTS, _draft_row(new))
    return int(inserted.scalar_one())


async def _insert_revision(conn: AsyncConnection, new: NewDraft, draft_id: int, *, number: int) -> int:
    inserted = await conn.execute(_ADD_REVISIONS, _revision_row(new, draft_id, number=number))
    revision_id = int(inserted.scalar_one())
    await add_attachments(conn, revision_id, new.attachments)
    return revision_id


def _draft_row(new: NewDraft) -> dict[str, object]:
    return {
        "guild_id": new.guild_id,
        "influencer_id": new.influencer_id,
        "campaign_id": new.campaign_id,
        "author_id": new.author_id,
        "author_name": new.author_name,
        "audience": audience_of(new.visibility, new.author_id),
        "format": new.format,
        "created_at": new.created_at,
    }


def _revision_row(new: NewDraft, draft_id: int, *, number: int) -> dict[str, object]:
    return {
        "guild_id": new.guild_id,
        "audience": audience_of(new.visibility, new.author_id),
        "draft_id": draft_id,
        "number": number,
        "source_key": new.source_key,
        "text": new.text,
        "folded": fold(f"{new.text}\n{new.spoken}" if new.spoken else new.text),
        "sha256": fingerprint(new.text, new.spoken, new.attachments),
        "not_read": new.not_read,
        "answer": new.answer,
        "state": RevisionState.RECEIVED,
        "attempts": 0,
        "failures": 0,
        "due": new.created_at,
        "why": "",
        "created_at": new.created_at,
        "spoken": new.spoken,
    }


async def get_work(conn: AsyncConnection, revision_id: int) -> Work:
    """Everything about one revision. Raises LookupError where it was erased."""
    found = await conn.execute(
        select(revision, draft, influencer, campaign, brand)
        .select_from(WHOLE_DRAFT)
        .where(revision.c.id == revision_id)
    )
    row = found.mappings().one_or_none()
    if row is None:
        raise LookupError(f"no revision {revision_id}")
    return Work(
        draft=draft_of(row),
        revision=build(Revision, revision, row),
        answer=row[revision.c.answer],
        influencer=build(Influencer, influencer, row),
        campaign=campaign_of(row),
        state=RevisionState(row[revision.c.state]),
        attempts=row[revision.c.attempts],
        failures=row[revision.c.failures],
    )


def draft_of(row: RowMapping) -> Draft:
    """A draft from a row that has its columns."""
    visibility = Visibility.TEAM if row[draft.c.audience] == TEAM else Visibility.PRIVATE
    return build(Draft, draft, row, visibility=visibility)


async def campaigns_of(conn: AsyncConnection, influencer_id: int) -> tuple[int, ...]:
    """The campaigns of a team's drafts for the influencer, the latest first."""
    which = (draft.c.influencer_id == influencer_id) & (draft.c.audience == TEAM)
    latest = (
        select(draft.c.campaign_id).where(which).group_by(draft.c.campaign_id).order_by(func.max(draft.c.id).desc())
    )
    return tuple(await conn.scalars(latest))


async def claim(conn: AsyncConnection, revision_id: int) -> bool:
    """received -> judging for one revision; False where somebody else has it."""
    return await _move(conn, revision_id, RevisionState.JUDGING, attempts=revision.c.attempts + 1)


async def claim_next(conn: AsyncConnection, now: datetime) -> int | None:
    """Claims what is due and in turn (see `turns`); None where nothing is due."""
    revision_id = await next_in_turn(conn, now)
    if revision_id is not None:
        values = {"attempts": revision.c.attempts + 1, "claimed_at": now}
        await _move(conn, revision_id, RevisionState.JUDGING, **values)
    return revision_id


async def next_due(conn: AsyncConnection) -> datetime | None:
    """When the next revision that waits is due; None where none waits."""
    due: datetime | None = await conn.scalar(
        select(func.min(revision.c.due)).where(revision.c.state == RevisionState.RECEIVED)
    )
    return due


async def release_claims(conn: AsyncConnection, due_after: Callable[[int], datetime]) -> int:
    """All judging -> received, for the start of the one process that judges: whoever held them is dead.

    The first time a draft is simply due again. But it may itself be what kills the process: from the second time on it
    waits until `due_after` (times so far), so that the others get on meanwhile; after MAX_DEATHS it is failed.
    """
    held = await conn.execute(
        select(revision.c.id, revision.c.failures).where(revision.c.state == RevisionState.JUDGING)
    )
    released = held.all()
    for revision_id, failures in released:
        deaths = failures + 1
        to = RevisionState.FAILED if deaths >= MAX_DEATHS else RevisionState.RECEIVED
        later = {"due": due_after(deaths), "why": "stopped while judging"} if deaths > 1 else {}
        await _move(conn, revision_id, to, failures=deaths, **later)
    return len(released)


async def recall(conn: AsyncConnection, now: datetime, *, with_budget: bool) -> int:
    """Makes due now what waits though none of its attempts failed, as in an outage: the reason may be gone.

    And what is due later for no reason, as where the clock was set back. `with_budget`: also what waits for money.
    """
    waits = (revision.c.state == RevisionState.RECEIVED) & (revision.c.due > now)
    for_money = revision.c.why == BudgetSpent.WHY
    which = for_money | (revision.c.failures == 0) if with_budget else ~for_money & (revision.c.failures == 0)
    recalled = await conn.execute(update(revision).where(waits, which).values(due=now))
    return recalled.rowcount


async def put_back(
    conn: AsyncConnection, revision_id: int, due: datetime, why: str, *, is_failure: bool = True
) -> bool:
    """judging -> received, due again at `due`. `is_failure` False: the draft is not to blame, as in an outage."""
    failures = revision.c.failures + int(is_failure)
    return await _move(conn, revision_id, RevisionState.RECEIVED, due=due, why=why, failures=failures)


async def note_why(conn: AsyncConnection, why: str) -> None:
    """Says of all that waits, and does not say so yet, what it waits for."""
    waits = (revision.c.state == RevisionState.RECEIVED) & (revision.c.why == "")
    await conn.execute(update(revision).where(waits).values(why=why))


async def note_slow(conn: AsyncConnection, revision_ids: Sequence[int], before: datetime) -> None:
    """Says of these, which are being judged, and of all that came in `before` and wait behind them, that it takes long.

    What waits for another reason keeps that.
    """
    is_held_up = (revision.c.state == RevisionState.RECEIVED) & (revision.c.created_at <= before)
    is_slow = (revision.c.state == RevisionState.JUDGING) & revision.c.id.in_(revision_ids)
    await conn.execute(update(revision).where(is_held_up | is_slow, revision.c.why == "").values(why=SLOW))


async def fail(conn: AsyncConnection, revision_id: int, why: str) -> bool:
    """judging or judged -> failed: nobody tries again by themselves, a person must look."""
    return await _move(conn, revision_id, RevisionState.FAILED, why=why)


async def mark_judged(conn: AsyncConnection, revision_id: int) -> bool:
    """-> judged, for the transaction that stores the verdict. Keeps why it waited: its author may have been told."""
    return await _move(conn, revision_id, RevisionState.JUDGED)


async def mark_answered(conn: AsyncConnection, revision_id: int) -> bool:
    """judged -> answered, for the transaction that notes the delivery."""
    return await _move(conn, revision_id, RevisionState.ANSWERED, why="")


async def _move(conn: AsyncConnection, revision_id: int, to: RevisionState, **values: object) -> bool:
    """Compare-and-set: False, and nothing done, where the revision is in no state that `to` is reached from."""
    moved = await conn.execute(
        update(revision)
        .where(revision.c.id == revision_id, revision.c.state.in_(REACHED_FROM[to]))
        .values(state=to, **values)
    )
    return moved.rowcount == 1


async def unfinished(conn: AsyncConnection, guild_id: int | None, *, person_id: int | None = None) -> Unfinished:
    """Counts by state of what is not answered: a guild's team drafts, or for None (the operator) everything.

    With `person_id` the private drafts of that person in the guild instead, which nobody else may hear of.
    """
    query = select(revision.c.state, func.count(), func.min(revision.c.created_at)).where(
        revision.c.state.in_(set(RevisionState) - {RevisionState.ANSWERED})
    )
    if guild_id is not None:
        audience = TEAM if person_id is None else audience_of(Visibility.PRIVATE, person_id)
        query = query.where(revision.c.guild_id == guild_id, revision.c.audience == audience)
    rows = (await conn.execute(query.group_by(revision.c.state))).all()
    return Unfinished(
        {RevisionState(state): count for state, count, _ in rows}, min((oldest for *_, oldest in rows), default=None)
    )
