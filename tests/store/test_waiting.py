"""What waits for somebody, as the store has it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.decisions import DecisionKind
from bot.model.posts import Visibility
from bot.store import verdicts
from bot.store.database import Store
from bot.store.decisions import add_decision
from bot.store.erasure import erase_revisions
from bot.store.reminders import undecided
from bot.store.tables import campaign
from bot.store.verdicts import HistoryQuery, StoredVerdict, search_verdicts
from bot.store.waiting import Waiting
from tests.store.values import GUILD, NOW, OWNER, Place, judged

APPROVE, CHANGES, DISAGREE, WITHDRAW = DecisionKind
SOMEBODY = OWNER + 1
LATE = NOW + timedelta(hours=20)


async def waits(conn: AsyncConnection, person: int, *, decides: bool) -> list[str]:
    """Numbers, in order."""
    query = HistoryQuery(waiting=Waiting(person, decides))
    return [row.number for row in (await search_verdicts(conn, GUILD, query, limit=10)).rows]


async def reminded(conn: AsyncConnection) -> list[str]:
    """What a reminder would name once most of the time is over."""
    await conn.execute(update(campaign).values(decide_within_hours=24))
    due = await undecided(conn, LATE, share=0.75, late=timedelta(days=7), limit=10)
    return [one.number for one in due]


async def decide(conn: AsyncConnection, stored: StoredVerdict, *kinds: DecisionKind) -> None:
    for kind in kinds:
        await add_decision(
            conn, GUILD, stored.number, kind,
            person_id=3, person_name="Sam", reason="so", sha256=stored.revision.sha256, now=NOW,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("kinds", "is_to_decide", "is_to_change"),
    [
        ((), True, False),
        ((APPROVE,), False, False),
        ((CHANGES,), False, True),
        ((DISAGREE,), True, False),
        ((CHANGES, DISAGREE), False, True),
        ((CHANGES, APPROVE), False, False),
        ((APPROVE, WITHDRAW), True, False),
        ((CHANGES, WITHDRAW), True, False),
        ((CHANGES, WITHDRAW, DISAGREE), True, False),
        ((APPROVE, WITHDRAW, CHANGES), False, True),
    ],
)
async def test_it_waits_for_who_decides_or_else_for_its_author(
    store: Store, place: Place, kinds: tuple[DecisionKind, ...], is_to_decide: bool, is_to_change: bool
) -> None:
    async with store.write() as conn:
        await decide(conn, await judged(conn, place.draft()), *kinds)
        assert await waits(conn, SOMEBODY, decides=True) == ["V-1"] * is_to_decide
        assert await waits(conn, OWNER, decides=False) == ["V-1"] * is_to_change
        assert await waits(conn, OWNER, decides=True) == ["V-1"] * (is_to_decide or is_to_change)
        assert await waits(conn, SOMEBODY, decides=False) == []
        assert await reminded(conn) == ["V-1"] * is_to_decide


async def test_replaced_erased_private_and_other_guilds_texts_wait_for_nobody(store: Store, place: Place) -> None:
    async with store.write() as conn:
        replaced = await judged(conn, place.draft("One."))
        await decide(conn, replaced, CHANGES)
        await judged(conn, place.draft("Two.", draft_id=replaced.draft.id))
        erased = await judged(conn, place.draft("Three."))
        await erase_revisions(conn, [erased.revision.id], NOW)
        await judged(conn, place.draft("Four.", visibility=Visibility.PRIVATE))
        assert await waits(conn, OWNER, decides=True) == ["V-2"]
        assert await reminded(conn) == ["V-2"]
        query = HistoryQuery(waiting=Waiting(OWNER, decides=True))
        assert (await search_verdicts(conn, GUILD + 1, query, limit=10)).total == 0


async def test_the_same_text_is_found_by_its_fingerprint_and_not_by_reading_the_campaign(store: Store) -> None:
    names = dict.fromkeys(("this", "draft", "influencer", "campaign"), 1) | {"sha256": "ab", "audience": "team"}
    query = verdicts._SAME_TEXT.params(names)
    sql = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    async with store.read() as conn:
        steps = [row.detail for row in await conn.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
    assert "SEARCH revision USING INDEX revision_of_text (sha256=? AND rowid<?)" in steps
