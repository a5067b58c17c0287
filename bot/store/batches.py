"""Several drafts sent together: the batch, what became of each, and where the one card stands that tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import RowMapping, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import BudgetSpent
from bot.model.decisions import DecisionKind
from bot.model.drafts import AnswerAddress, RevisionState
from bot.model.messages import Message
from bot.model.verdicts import DisclosureLine, Outcome
from bot.store.drafts import TEAM
from bot.store.guilds import upsert_guild
from bot.store.sight import EVERYTHING, Sight, answered_in
from bot.store.tables import batch, batch_item, campaign, decision, draft, influencer, revision, verdict
from bot.store.types import build, stored


@dataclass(frozen=True, slots=True)
class Batch:
    """`source_key` names the event it came by: the same event makes one batch only. `answer`: where its card goes."""

    id: int
    guild_id: int
    source_key: str
    author_id: int
    author_name: str
    answer: AnswerAddress
    created_at: datetime
    message_id: int | None = None  # of the card
    finished_at: datetime | None = None  # the card shows the end


@dataclass(frozen=True, slots=True)
class Item:
    """One draft of a batch, or why it is none. `label` is how the sender would know it, e.g. its row."""

    label: str
    revision_id: int | None = None
    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a batch is: `refused` are no drafts, `failed` will get no verdict, the rest of `total` still waits."""

    total: int
    refused: int = 0
    judged: int = 0
    failed: int = 0
    over_budget: int = 0  # of those that wait

    @property
    def waiting(self) -> int:
        return self.total - self.refused - self.judged - self.failed


@dataclass(frozen=True, slots=True)
class Row:
    """One item with what became of it. What it does not have yet, or never will, is empty."""

    position: int
    label: str
    problem: Message | None
    handle: str = ""
    campaign: str = ""
    text: str = ""
    state: RevisionState | None = None
    number: str = ""
    outcome: Outcome | None = None
    because: Message | None = None
    next_step: Message | None = None
    sha256: str = ""  # of the text that was judged
    disclosure: DisclosureLine | None = None
    decided: DecisionKind | None = None  # the last approval, wish for changes or withdrawal, else that it was overruled
    is_replaced: bool = False  # by a newer text


_LATER = revision.alias("later")
_IS_REPLACED = (
    exists().where(_LATER.c.draft_id == revision.c.draft_id, _LATER.c.number > revision.c.number).label("is_replaced")
)
_DECIDED = (
    select(decision.c.kind)
    .where(decision.c.revision_id == revision.c.id)
    .order_by(decision.c.kind == DecisionKind.DISAGREE, decision.c.id.desc())
    .limit(1)
    .scalar_subquery()
    .label("decided")
)


@dataclass(frozen=True, slots=True)
class Brought:
    """A draft that came by a message of several, with its words as that message had them last."""

    draft_id: int
    influencer_id: int
    campaign_key: str
    text: str


async def receive_batch(conn: AsyncConnection, new: Batch) -> tuple[Batch, bool]:
    """The batch of that event, and whether it is new."""
    known = await conn.execute(
        select(batch).where(batch.c.guild_id == new.guild_id, batch.c.source_key == new.source_key)
    )
    if (row := known.mappings().first()) is not None:
        return build(Batch, batch, row), False
    await upsert_guild(conn, new.guild_id)
    inserted = await conn.execute(insert(batch).values(**stored(new, batch)).returning(batch.c.id))
    return replace(new, id=int(inserted.scalar_one())), True


async def add_items(conn: AsyncConnection, batch_id: int, items: Sequence[Item]) -> None:
    """For the transaction that stores the batch."""
    rows = [stored(item, batch_item) | {"batch_id": batch_id, "position": at} for at, item in enumerate(items)]
    if rows:
        await conn.execute(insert(batch_item), rows)


async def running(conn: AsyncConnection) -> tuple[Batch, ...]:
    """All whose card does not show the end yet, the oldest first."""
    found = await conn.execute(select(batch).where(batch.c.finished_at.is_(None)).order_by(batch.c.id))
    return tuple(build(Batch, batch, row) for row in found.mappings())


async def find_batch(conn: AsyncConnection, guild_id: int, batch_id: int, sight: Sight = EVERYTHING) -> Batch | None:
    """None for one that is not within `sight`: sent by somebody else, with its card in another channel."""
    conditions = [batch.c.guild_id == guild_id, batch.c.id == batch_id]
    if sight.channels is not None:
        conditions.append(answered_in(batch, sight.channels) | (batch.c.author_id == sight.person_id))
    found = await conn.execute(select(batch).where(*conditions))
    row = found.mappings().first()
    return None if row is None else build(Batch, batch, row)


async def batch_of_message(conn: AsyncConnection, guild_id: int, message_id: int) -> Batch | None:
    """The batch that came by this message; None for any other message."""
    key = f"message:{message_id}"
    found = await conn.execute(select(batch).where(batch.c.guild_id == guild_id, batch.c.source_key == key))
    row = found.mappings().first()
    return None if row is None else build(Batch, batch, row)


async def brought_by(conn: AsyncConnection, guild_id: int, message_id: int) -> tuple[Brought, ...]:
    """The drafts that came by a message of several; without those whose words were erased since."""
    key = revision.c.source_key
    by_it = or_(*(key.between(f"{how}:{message_id}:", f"{how}:{message_id};") for how in ("message", "edit")))
    rows = await conn.execute(
        select(draft.c.id, draft.c.influencer_id, campaign.c.name_key, revision.c.text)
        .select_from(revision.join(draft, draft.c.id == revision.c.draft_id))
        .join(campaign, campaign.c.id == draft.c.campaign_id)
        .where(revision.c.guild_id == guild_id, revision.c.audience == TEAM, by_it)
        .order_by(draft.c.id, revision.c.number)
    )
    last = {row.id: Brought(*row) for row in rows}
    return tuple(one for one in last.values() if one.text)


async def tally(conn: AsyncConnection, batch_id: int) -> Tally:
    is_judged = verdict.c.revision_id.is_not(None)
    waits_for_money = (revision.c.state == RevisionState.RECEIVED) & (revision.c.why == BudgetSpent.WHY)
    found = await conn.execute(
        select(
            func.count().label("total"),
            func.count().filter(batch_item.c.revision_id.is_(None)).label("refused"),
            func.count().filter(is_judged).label("judged"),
            func.count().filter((revision.c.state == RevisionState.FAILED) & ~is_judged).label("failed"),
            func.count().filter(waits_for_money).label("over_budget"),
        )
        .select_from(
            batch_item.outerjoin(revision, revision.c.id == batch_item.c.revision_id).outerjoin(
                verdict, verdict.c.revision_id == revision.c.id
            )
        )
        .where(batch_item.c.batch_id == batch_id)
    )
    return Tally(**found.mappings().one())


async def batch_rows(conn: AsyncConnection, batch_id: int) -> tuple[Row, ...]:
    """All items in the order in which they were sent."""
    found = await conn.execute(
        select(
            batch_item,
            revision,
            draft.c.id,
            influencer.c.handle,
            campaign.c.name,
            verdict,
            _DECIDED,
            _IS_REPLACED,
        )
        .select_from(
            batch_item.outerjoin(revision, revision.c.id == batch_item.c.revision_id)
            .outerjoin(draft, draft.c.id == revision.c.draft_id)
            .outerjoin(influencer, influencer.c.id == draft.c.influencer_id)
            .outerjoin(campaign, campaign.c.id == draft.c.campaign_id)
            .outerjoin(verdict, verdict.c.revision_id == revision.c.id)
        )
        .where(batch_item.c.batch_id == batch_id)
        .order_by(batch_item.c.position)
    )
    return tuple(_row(row) for row in found.mappings())


def _row(row: RowMapping) -> Row:
    item = Row(row[batch_item.c.position], row[batch_item.c.label], row[batch_item.c.problem])
    if row[revision.c.id] is None:
        return item
    item = replace(
        item,
        handle=row[influencer.c.handle],
        campaign=row[campaign.c.name],
        text=row[revision.c.text] or row[revision.c.spoken],
        state=RevisionState(row[revision.c.state]),
        sha256=row[revision.c.sha256],
        is_replaced=bool(row["is_replaced"]),
        decided=DecisionKind(row["decided"]) if row["decided"] else None,
    )
    body = row[verdict.c.body]
    if body is None:
        return item
    number = f"V-{row[verdict.c.number]}"  # a batch is the team's
    said = {name: getattr(body, name) for name in ("outcome", "because", "next_step")}
    return replace(item, number=number, disclosure=body.disclosure, **said)


async def note_card(conn: AsyncConnection, one: Batch, channel_id: int, message_id: int) -> None:
    """Notes where the card stands."""
    answer = replace(one.answer, channel_id=channel_id)
    await conn.execute(update(batch).where(batch.c.id == one.id).values(message_id=message_id, answer=answer))


async def finish(conn: AsyncConnection, batch_id: int, now: datetime) -> None:
    """Notes that nothing more is to be said of the batch."""
    await conn.execute(
        update(batch).where(batch.c.id == batch_id, batch.c.finished_at.is_(None)).values(finished_at=now)
    )


async def reopen(conn: AsyncConnection, revision_id: int) -> None:
    """Notes that the card of the batch this revision came by, where it stands, has something new to say."""
    its = select(batch_item.c.batch_id).where(batch_item.c.revision_id == revision_id)
    await conn.execute(
        update(batch).where(batch.c.id.in_(its), batch.c.message_id.is_not(None)).values(finished_at=None)
    )
