"""Everything that is stored about one person: to be handed to them, and to be taken out.

COLUMNS names each column that can hold a person. A test fails where a table has such a column and it is not listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, ColumnElement, Select, Table, delete, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.posts import Visibility
from bot.store import own
from bot.store.drafts import TEAM, audience_of
from bot.store.erasure import DELETED_PERSON, sent_by, unname_senders
from bot.store.own import workspace_of
from bot.store.tables import (
    account_link,
    attachment,
    batch,
    decision,
    draft,
    guild,
    guild_rule,
    influencer,
    post,
    published,
    reply,
    revision,
    spend,
    verdict,
    verdict_counter,
)

# What becomes of the person at a deletion, by table and column.
COLUMNS: Mapping[str, str] = {
    "guild.id": "own workspace removed",  # the negative of the person's id
    "spend.guild_id": "own workspace removed",
    "draft.author_id": "private removed, team unnamed",
    "draft.author_name": "private removed, team unnamed",
    "draft.audience": "private removed",
    "revision.audience": "private removed",
    "revision.answer": "private removed, team unnamed",
    "verdict.audience": "private removed",
    "verdict_counter.audience": "private removed",
    "post.owner_id": "removed",
    "post.given_by": "removed",
    "account_link.user_id": "removed",
    "account_link.user_name": "removed",
    "account_link.confirmed_by": "unnamed",
    "decision.person_id": "unnamed",
    "decision.person_name": "unnamed",
    "reply.person_id": "unnamed",
    "reply.person_name": "unnamed",
    "published.person_id": "unnamed",
    "published.person_name": "unnamed",
    "batch.author_id": "unnamed",
    "batch.author_name": "unnamed",
    "batch.answer": "unnamed",
    "guild_rule.added_by": "unnamed",
}
REMARKS = (decision, reply, published)  # about a revision, each by a person
WORKINGS = ("state", "attempts", "failures", "due", "why", "told", "claimed_at")  # how far the program is with a text

OWN_NUMBERS = {"id", "draft_id", "revision_id", "influencer_id", "campaign_id", "brand_id", "batch_id", "post_id"}
NUMBER_OF = {"drafts": "draft_id", "texts": "revision_id", "influencers": "influencer_id", "batches": "batch_id"}

Held = dict[str, list[dict[str, Any]]]
_ANY: TypeAdapter[Any] = TypeAdapter(Any)


async def held_about(conn: AsyncConnection, person_id: int, guild_id: int | None) -> Held:
    """The rows about a person by kind, as JSON values: of one guild, or for None of all and of their own workspace.

    Where a team has confirmed which influencer the person is, what it holds of that influencer is theirs to see too.
    """
    linked = select(account_link.c.influencer_id).where(
        account_link.c.user_id == person_id, account_link.c.confirmed_at.is_not(None)
    )
    is_theirs = (draft.c.audience == TEAM) & draft.c.influencer_id.in_(linked)
    drafts = or_(draft.c.author_id == person_id, is_theirs) & _within(draft, guild_id)
    sent = sent_by(revision, [person_id]) & _within(revision, guild_id)
    texts = or_(revision.c.draft_id.in_(select(draft.c.id).where(drafts)), sent)
    of_texts = select(revision.c.id).where(texts)
    posts = or_(
        post.c.owner_id == person_id,
        post.c.given_by == person_id,
        post.c.owner_id.is_(None) & post.c.influencer_id.in_(linked),
    )
    links = or_(account_link.c.user_id == person_id, account_link.c.confirmed_by == person_id)
    here = select(revision.c.id).where(_within(revision, guild_id))
    queries: dict[str, Select[Any]] = {
        "influencers": select(influencer).where(influencer.c.id.in_(linked), _within(influencer, guild_id)),
        "drafts": select(draft).where(drafts),
        "texts": select(*_but(revision, "folded", "answer", *WORKINGS)).where(texts),
        "files": select(*_but(attachment, "data")).where(attachment.c.revision_id.in_(of_texts)),
        "verdicts": select(verdict).where(verdict.c.revision_id.in_(of_texts)),
        "posts": select(*_but(post, "folded"), influencer.c.guild_id)
        .join(influencer, influencer.c.id == post.c.influencer_id)
        .where(posts, _within(influencer, guild_id)),
        "links": select(account_link).where(links, _within(account_link, guild_id)),
        "batches": select(*_but(batch, "answer")).where(batch.c.author_id == person_id, _within(batch, guild_id)),
        "rules": select(guild_rule).where(guild_rule.c.added_by == person_id, _within(guild_rule, guild_id)),
    }
    for table in REMARKS:
        queries[table.name] = select(table).where(table.c.person_id == person_id, table.c.revision_id.in_(here))
    held: Held = {}
    for kind, query in queries.items():
        in_order = query.order_by(query.selected_columns[0])
        rows = [dict(row) for row in (await conn.execute(in_order)).mappings()]
        held[kind] = [_ANY.dump_python(_for(person_id, row), mode="json") for row in rows]
    _number_anew(held)
    return held


def _number_anew(held: Held) -> None:
    """Our own numbers become 1, 2, 3 ... of this answer: a gap would tell of a check that somebody made in private."""
    numbers: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for kind, rows in held.items():
        for row in rows:
            for column in OWN_NUMBERS & row.keys():
                known = numbers[NUMBER_OF.get(kind, kind) if column == "id" else column]
                if row[column] is not None:
                    row[column] = known.setdefault(row[column], len(known) + 1)


def _for(person_id: int, row: dict[str, Any]) -> dict[str, Any]:
    """Without the names of other people."""
    for who, name in (("author_id", "author_name"), ("user_id", "user_name")):
        if row.get(who, person_id) != person_id:
            row |= {who: None, name: None}
    if row.get("confirmed_by") not in (None, person_id):
        row["confirmed_by"] = None
    return row


@dataclass(frozen=True, slots=True)
class Gone:
    """What a deletion takes out."""

    checks: int
    posts: int
    links: int
    unnamed: int  # rows of teams that stay without the name


async def going(conn: AsyncConnection, person_id: int, guild_id: int | None) -> Gone:
    """What `forget_person` would take out now."""
    here = select(revision.c.id).where(_within(revision, guild_id))
    private = audience_of(Visibility.PRIVATE, person_id)
    posts = or_(post.c.owner_id == person_id, post.c.given_by == person_id)
    whose = select(influencer.c.id).where(_within(influencer, guild_id))
    team = (draft.c.author_id == person_id) & (draft.c.audience == TEAM)
    counts = {
        "checks": select(func.count()).where(draft.c.audience == private, _within(draft, guild_id)),
        "posts": select(func.count()).where(posts, post.c.influencer_id.in_(whose)),
        "links": select(func.count()).where(account_link.c.user_id == person_id, _within(account_link, guild_id)),
    }
    others = (draft.c.author_id != person_id) & (draft.c.audience == TEAM)
    sent = select(func.count()).select_from(revision.join(draft, draft.c.id == revision.c.draft_id))
    sent = sent.where(others, sent_by(revision, [person_id]), _within(draft, guild_id))
    unnamed = [select(func.count()).where(team, _within(draft, guild_id)), sent]
    unnamed += [
        select(func.count()).where(table.c.person_id == person_id, table.c.revision_id.in_(here)) for table in REMARKS
    ]
    found = {name: int(await conn.scalar(query) or 0) for name, query in counts.items()}
    return Gone(**found, unnamed=sum([int(await conn.scalar(query) or 0) for query in unnamed]))


async def forget_person(conn: AsyncConnection, person_id: int, guild_id: int | None) -> Gone:
    """Takes a person out of one guild, or for None out of all and out of their own workspace. Returns what went.

    Private checks, own posts and links are removed. What was handed to a team stays the team's, under no name.
    """
    gone = await going(conn, person_id, guild_id)
    private = audience_of(Visibility.PRIVATE, person_id)
    await conn.execute(delete(draft).where(draft.c.audience == private, _within(draft, guild_id)))
    await own.take_back(conn, person_id, guild_id)
    mine = (account_link.c.user_id == person_id) & _within(account_link, guild_id)
    await conn.execute(delete(account_link).where(mine))
    if guild_id is None:
        here = workspace_of(person_id)
        await conn.execute(delete(guild).where(guild.c.id == here))
        await conn.execute(delete(spend).where(spend.c.guild_id == here))
        await conn.execute(delete(verdict_counter).where(verdict_counter.c.audience == private))
    await _unname(conn, person_id, guild_id)
    return gone


async def _unname(conn: AsyncConnection, person_id: int, guild_id: int | None) -> None:
    """Nobody stands where the person stood."""
    theirs = (draft.c.author_id == person_id) & _within(draft, guild_id)
    nobody: dict[str, Any] = {"author_id": 0, "author_name": DELETED_PERSON}
    await conn.execute(update(draft).where(theirs).values(nobody))
    sent = (batch.c.author_id == person_id) & _within(batch, guild_id)
    await conn.execute(update(batch).where(sent).values(nobody))
    for table in (revision, batch):
        await unname_senders(conn, table, _within(table, guild_id), [person_id])
    here = select(revision.c.id).where(_within(revision, guild_id))
    for table in REMARKS:
        said = (table.c.person_id == person_id) & table.c.revision_id.in_(here)
        await conn.execute(update(table).where(said).values(person_id=0, person_name=DELETED_PERSON))
    confirmed = (account_link.c.confirmed_by == person_id) & _within(account_link, guild_id)
    await conn.execute(update(account_link).where(confirmed).values(confirmed_by=0))
    added = (guild_rule.c.added_by == person_id) & _within(guild_rule, guild_id)
    await conn.execute(update(guild_rule).where(added).values(added_by=0))


def _within(table: Table, guild_id: int | None) -> ColumnElement[bool]:
    return true() if guild_id is None else table.c.guild_id == guild_id


def _but(table: Table, *left_out: str) -> list[Column[Any]]:
    return [column for column in table.c if column.name not in left_out]
