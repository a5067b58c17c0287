"""What charts are drawn from: outcome, levels and last decision of each team verdict, without its texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.decisions import DecisionKind
from bot.model.verdicts import CriterionKey, Level, Outcome
from bot.store.drafts import TEAM
from bot.store.sight import EVERYTHING, Sight, seen
from bot.store.tables import decision, draft, influencer, revision, verdict
from bot.store.verdicts import WHOLE_VERDICT

MOST = 5000  # verdicts, the newest


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict in numbers. `decision` is the last one; None where it was withdrawn too."""

    number: str
    handle: str
    outcome: Outcome
    levels: Mapping[CriterionKey, Level]
    created_at: datetime
    decision: DecisionKind | None
    is_newest: bool  # of its draft's texts


async def judged(
    conn: AsyncConnection,
    guild_id: int,
    *,
    influencer_id: int | None = None,
    campaign_id: int | None = None,
    sight: Sight = EVERYTHING,
) -> tuple[Judged, ...]:
    """The newest team verdicts within `sight` about one influencer or of one campaign, oldest first; no self-checks."""
    newer = revision.alias()
    has_newer = exists().where(newer.c.draft_id == revision.c.draft_id, newer.c.number > revision.c.number)
    any_of = decision.alias()
    last = select(func.max(any_of.c.id)).where(any_of.c.revision_id == revision.c.id).scalar_subquery()
    conditions = [verdict.c.guild_id == guild_id, verdict.c.audience == TEAM, seen(sight)]
    if influencer_id is not None:
        conditions.append(draft.c.influencer_id == influencer_id)
    if campaign_id is not None:
        conditions.append(draft.c.campaign_id == campaign_id)
    found = await conn.execute(
        select(
            verdict.c.number,
            influencer.c.handle,
            verdict.c.outcome,
            func.json_extract(verdict.c.body, "$.criteria").label("criteria"),
            verdict.c.created_at,
            decision.c.kind,
            has_newer.label("has_newer"),
        )
        .select_from(WHOLE_VERDICT.outerjoin(decision, decision.c.id == last))
        .where(*conditions)
        .order_by(verdict.c.created_at.desc(), verdict.c.revision_id.desc())
        .limit(MOST)
    )
    return tuple(
        Judged(
            f"V-{row.number}",
            row.handle,
            Outcome(row.outcome),
            {CriterionKey(key): Level(value["level"]) for key, value in json.loads(row.criteria or "{}").items()},
            row.created_at,
            DecisionKind(row.kind) if row.kind not in (None, DecisionKind.WITHDRAW) else None,
            not row.has_newer,
        )
        for row in reversed(found.all())
    )
