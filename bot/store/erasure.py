"""Taking texts out: of an influencer the team forgets, and of drafts older than a server keeps them.

Numbers stay: which verdicts there were, their outcomes, levels, dates, decisions and fingerprints. What is taken out is
overwritten in the file (`Store.scrub`), not only unlinked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.drafts import RevisionState
from bot.model.messages import Message
from bot.model.posts import Visibility
from bot.model.verdicts import Criterion, Injection, Verdict
from bot.store import links, outbox
from bot.store.drafts import TEAM, audience_of
from bot.store.posts import note_change
from bot.store.search import handle_key
from bot.store.tables import (
    account_link,
    attachment,
    batch,
    batch_item,
    decision,
    dossier_chunk,
    draft,
    guild,
    influencer,
    post,
    published,
    reply,
    revision,
    verdict,
)

GONE, NEXT = Message("erased.text"), Message("erased.next")
DELETED_PERSON = "deleted person"  # in the place of a name; the id beside it is 0
UNFINISHED = (RevisionState.RECEIVED, RevisionState.JUDGING)
BATCHES_KEPT = timedelta(days=90)  # where the server keeps its texts for longer
HOLDS_TEXT = or_(
    revision.c.text != "", revision.c.spoken != "", exists().where(attachment.c.revision_id == revision.c.id)
)


def without_texts(value: Verdict) -> Verdict:
    """The verdict without a word that somebody wrote: outcome, levels, measures, counts and dates stay."""
    return replace(
        value,
        because=GONE,
        next_step=NEXT,
        reasons=(),
        criteria={key: Criterion(one.level, GONE, claimed=one.claimed) for key, one in value.criteria.items()},
        disclosure=replace(value.disclosure, fix=None, messages=(), flags=()),
        signals=tuple(replace(signal, post_ids=()) for signal in value.signals),
        injection=Injection(value.injection.observed, value.injection.by),
        judge=replace(
            value.judge,
            readings=tuple(replace(one, raw="") for one in value.judge.readings),
            dossier_readings=tuple(replace(one, raw="") for one in value.judge.dossier_readings),
        ),
        evidence_ids=("",) * len(value.evidence_ids),
        deciding=(),
        not_read=(),
        suggestions=(),
        questions=(),
        notes=(),
    )


async def erase_revisions(conn: AsyncConnection, revision_ids: Sequence[int], now: datetime) -> None:
    """Takes the texts out of these revisions and of all that was said about them; their cards are drawn anew."""
    of = revision_ids
    await conn.execute(
        update(revision).where(revision.c.id.in_(of)).values(text="", spoken="", folded="", not_read=(), why="")
    )
    await conn.execute(delete(attachment).where(attachment.c.revision_id.in_(of)))
    await _strip_verdicts(conn, verdict.c.revision_id.in_(of))
    await conn.execute(update(decision).where(decision.c.revision_id.in_(of)).values(reason=""))
    for table in (reply, published):
        await conn.execute(update(table).where(table.c.revision_id.in_(of)).values(text=""))
    await conn.execute(update(batch_item).where(batch_item.c.revision_id.in_(of)).values(label="", problem=None))
    for revision_id in of:
        await outbox.refresh(conn, revision_id, now)


async def _strip_verdicts(conn: AsyncConnection, which: ColumnElement[bool]) -> None:
    for revision_id, body in (await conn.execute(select(verdict.c.revision_id, verdict.c.body).where(which))).all():
        stripped = update(verdict).where(verdict.c.revision_id == revision_id)
        await conn.execute(stripped.values(body=without_texts(body)))


async def expire(conn: AsyncConnection, now: datetime, limit: int) -> int:
    """Erases team texts older than their server keeps them, `limit` at most. Returns how many.

    Drafts that still wait are left alone. A person's own self-checks are theirs: no server's setting reaches them.
    """
    keeping = await conn.execute(select(guild.c.id, guild.c.retention_days).where(guild.c.retention_days > 0))
    left = limit
    for guild_id, days in keeping.all():
        ids = (await conn.scalars(select(revision.c.id).where(_expired(guild_id, days, now)).limit(left))).all()
        if ids:
            await erase_revisions(conn, ids, now)
            left -= len(ids)
        if not left:
            break
    return limit - left


def _expired(guild_id: int, days: int, now: datetime) -> ColumnElement[bool]:
    return and_(
        revision.c.guild_id == guild_id,
        revision.c.audience == TEAM,
        revision.c.created_at < now - timedelta(days=days),
        revision.c.state.not_in(UNFINISHED),
        HOLDS_TEXT,
    )


async def expiring(conn: AsyncConnection, guild_id: int, days: int, now: datetime) -> int:
    """How many texts `expire` would take out of a server now, if it kept them for so many days."""
    return int(await conn.scalar(select(func.count()).where(_expired(guild_id, days, now))) or 0)


async def expire_batches(conn: AsyncConnection, now: datetime, limit: int) -> int:
    """Removes batches that have ended and of whose drafts no text is left, once old, `limit` at most. Returns how many.

    Old is BATCHES_KEPT, or less where the server keeps its texts for less.
    """
    is_short = (guild.c.retention_days > 0) & (guild.c.retention_days < BATCHES_KEPT.days)
    old = [batch.c.created_at < now - BATCHES_KEPT]
    for days in (await conn.scalars(select(guild.c.retention_days).where(is_short).distinct())).all():
        of_these = batch.c.guild_id.in_(select(guild.c.id).where(guild.c.retention_days == days))
        old.append(of_these & (batch.c.created_at < now - timedelta(days=days)))
    needed = exists().where(
        batch_item.c.batch_id == batch.c.id,
        batch_item.c.revision_id == revision.c.id,
        or_(revision.c.state.in_(UNFINISHED), HOLDS_TEXT),
    )
    which = select(batch.c.id).where(batch.c.finished_at.is_not(None), or_(*old), ~needed).limit(limit)
    return (await conn.execute(delete(batch).where(batch.c.id.in_(which)))).rowcount


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the team holds of an influencer; private checks and posts are never counted for it."""

    posts: int
    verdicts: int
    waiting: int  # drafts without a verdict


async def remembered(conn: AsyncConnection, guild_id: int, influencer_id: int) -> Remembered:
    drafts = _team_revisions(guild_id, influencer_id)
    judged = exists().where(verdict.c.revision_id == revision.c.id)
    posts = select(func.count()).where(post.c.influencer_id == influencer_id, post.c.owner_id.is_(None))
    counts = [
        await conn.scalar(query)
        for query in (
            posts,
            select(func.count()).where(drafts, judged),
            select(func.count()).where(drafts, ~judged),
        )
    ]
    return Remembered(*(int(count or 0) for count in counts))


async def forget_influencer(conn: AsyncConnection, guild_id: int, influencer_id: int, now: datetime) -> bool:
    """Takes an influencer's posts, notes, texts and names out of a server; False where there is none or it was done.

    The log of verdicts stays without its texts. Drafts that wait have no verdict to keep and go. The self-checks of
    the influencer stay theirs; those that others made lose what they quote.
    """
    here = (influencer.c.guild_id == guild_id) & (influencer.c.id == influencer_id)
    handle = await conn.scalar(select(influencer.c.handle_key).where(here))
    name = f"forgotten-{influencer_id}"
    forgotten = await conn.execute(
        update(influencer)
        .where(here, influencer.c.forgotten_at.is_(None))
        .values(
            handle=name,
            handle_key=handle_key(name),
            name="",
            name_key="",
            language="",
            country=None,
            followers=None,
            forgotten_at=now,
        )
    )
    if not forgotten.rowcount:
        return False
    people = await links.linked_users(conn, guild_id, influencer_id)
    await conn.execute(delete(post).where(post.c.influencer_id == influencer_id))
    await conn.execute(delete(dossier_chunk).where(dossier_chunk.c.influencer_id == influencer_id))
    await _drop_notes_of_checks(conn, handle)
    await note_change(conn, influencer_id)
    team = _team_revisions(guild_id, influencer_id)
    judged = exists().where(verdict.c.revision_id == revision.c.id)
    in_batch = batch_item.c.revision_id.in_(select(revision.c.id).where(team))
    batches = (await conn.scalars(select(batch_item.c.batch_id).where(in_batch).distinct())).all()
    await conn.execute(delete(revision).where(team, ~judged))
    without = ~exists().where(revision.c.draft_id == draft.c.id)
    await conn.execute(delete(draft).where(draft.c.influencer_id == influencer_id, draft.c.audience == TEAM, without))
    texts = (await conn.scalars(select(revision.c.id).where(team))).all()
    await erase_revisions(conn, texts, now)
    await _unname(conn, influencer_id, texts, batches, people)
    own = [audience_of(Visibility.PRIVATE, person) for person in people]
    others = select(revision.c.id).join(draft, draft.c.id == revision.c.draft_id)
    others = others.where(draft.c.influencer_id == influencer_id, draft.c.audience.not_in([TEAM, *own]))
    await _strip_verdicts(conn, verdict.c.revision_id.in_(others))
    await conn.execute(delete(account_link).where(account_link.c.influencer_id == influencer_id))
    return True


async def _drop_notes_of_checks(conn: AsyncConnection, handle: str | None) -> None:
    """What self-checks noted of long histories quotes the team's posts: it goes, and whoever is stored for that alone.

    It stands in the workspaces of persons (store/own.py) under the same handle, and is noted again where needed.
    """
    theirs = (influencer.c.guild_id < 0) & (influencer.c.handle_key == handle)
    noted = dossier_chunk.c.influencer_id.in_(select(influencer.c.id).where(theirs))
    await conn.execute(delete(dossier_chunk).where(noted))
    is_used = or_(*(exists().where(table.c.influencer_id == influencer.c.id) for table in (draft, post)))
    await conn.execute(delete(influencer).where(theirs, ~is_used))


async def _unname(
    conn: AsyncConnection, influencer_id: int, texts: Sequence[int], batches: Sequence[int], people: Sequence[int]
) -> None:
    """Takes the people whom the influencer is out of the rows about the influencer's drafts."""
    mine = (draft.c.influencer_id == influencer_id) & (draft.c.audience == TEAM) & draft.c.author_id.in_(people)
    await conn.execute(update(draft).where(mine).values(author_id=0, author_name=DELETED_PERSON))
    await unname_senders(conn, revision, revision.c.id.in_(texts), people)
    sent = batch.c.id.in_(batches)
    await unname_senders(conn, batch, sent, people)
    theirs = sent & batch.c.author_id.in_(people)
    await conn.execute(update(batch).where(theirs).values(author_id=0, author_name=DELETED_PERSON))
    for table in (decision, reply, published):
        said = table.c.revision_id.in_(texts) & table.c.person_id.in_(people)
        await conn.execute(update(table).where(said).values(person_id=0, person_name=DELETED_PERSON))


def sent_by(table: Table, people: Sequence[int]) -> ColumnElement[bool]:
    """Rows of `revision` or `batch` that one of these people sent."""
    return func.json_extract(table.c.answer, "$.user_id").in_(people)


async def unname_senders(
    conn: AsyncConnection, table: Table, which: ColumnElement[bool], people: Sequence[int]
) -> None:
    """Takes these people out of the answer addresses of rows of `revision` or `batch`.

    The place stays, so that a card that stands can still be drawn anew; the way to the person goes.
    """
    rows = await conn.execute(select(table.c.id, table.c.answer).where(which, sent_by(table, people)))
    for row_id, answer in rows.all():
        nobodys = replace(answer, user_id=0, token="")
        await conn.execute(update(table).where(table.c.id == row_id).values(answer=nobodys))


def _team_revisions(guild_id: int, influencer_id: int) -> ColumnElement[bool]:
    drafts = select(draft.c.id).where(draft.c.guild_id == guild_id, draft.c.influencer_id == influencer_id)
    return (revision.c.audience == TEAM) & revision.c.draft_id.in_(drafts)
