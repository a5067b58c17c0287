"""Decisions bind to the exact text that the person saw."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.model.decisions import Decision, DecisionKind
from bot.model.drafts import text_sha256
from bot.model.posts import Visibility
from bot.store.database import Store
from bot.store.decisions import add_decision
from bot.store.drafts import receive
from bot.store.verdicts import find_verdict
from tests.store.values import GUILD, NOW, Place, judged


async def decide(conn: AsyncConnection, number: str, text: str, guild_id: int = GUILD) -> Decision:
    return await add_decision(
        conn,
        guild_id,
        number,
        DecisionKind.APPROVE,
        person_id=3,
        person_name="Sam",
        reason="good",
        sha256=text_sha256(text),
        now=NOW,
    )


async def problem_of(conn: AsyncConnection, number: str, text: str, guild_id: int = GUILD) -> str:
    with pytest.raises(Problem) as caught:
        await decide(conn, number, text, guild_id)
    return caught.value.message.key


async def test_a_decision_is_kept_with_its_verdict(store: Store, place: Place) -> None:
    async with store.write() as conn:
        stored = await judged(conn, place.draft("Tea."))
        one, two = await decide(conn, "V-1", "Tea."), await decide(conn, "v1", "Tea.\r\n")
        found = await find_verdict(conn, GUILD, "V-1", viewer_id=None)
    assert one == Decision(
        one.id, stored.revision.id, DecisionKind.APPROVE, 3, "Sam", "good", stored.revision.sha256, NOW
    )
    assert found is not None
    assert found.decisions == (one,)
    assert two == one  # a second click


async def test_another_text_than_the_one_judged_is_refused(store: Store, place: Place) -> None:
    async with store.write() as conn:
        await judged(conn, place.draft("Tea."))
        assert await problem_of(conn, "V-1", "Coffee.") == "decide_problem.text_changed"


async def test_a_text_that_was_edited_since_is_refused(store: Store, place: Place) -> None:
    async with store.write() as conn:
        stored = await judged(conn, place.draft("Tea."))
        await receive(conn, place.draft("Tea!", draft_id=stored.draft.id))
        assert await problem_of(conn, "V-1", "Tea.") == "decide_problem.text_changed"
        await judged(conn, place.draft("Tea.", draft_id=stored.draft.id))
        assert (await decide(conn, "V-2", "Tea.")).revision_id != stored.revision.id


async def test_nobody_decides_about_what_they_cannot_see(store: Store, place: Place) -> None:
    async with store.write() as conn:
        await judged(conn, place.draft("Tea."))
        await judged(conn, place.draft("Tea.", visibility=Visibility.PRIVATE, author_id=3))
        for number, guild_id in (("V-1", GUILD + 1), ("V-9", GUILD), ("S-1", GUILD), ("rubbish", GUILD)):
            assert await problem_of(conn, number, "Tea.", guild_id) == "lookup_problem.no_verdict"
