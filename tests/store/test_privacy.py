"""A private self-check leaves no trace in anything the team can ask: each answer is the same with and without it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.model.decisions import DecisionKind
from bot.model.drafts import text_sha256
from bot.model.posts import Visibility
from bot.model.verdicts import Outcome
from bot.store import decisions, drafts, outbox, posts, verdicts
from bot.store.database import open_store
from bot.store.verdicts import Decided, HistoryQuery, StoredVerdict
from bot.store.waiting import Waiting
from tests.store.values import GUILD, NOW, OWNER, Place, a_verdict, judged, make_place

SECRET = "秘密の下書き secret kettle"
TEAM_MEMBER = OWNER + 1

# Never called with what a person typed: they take an id that the program got from `receive` or from the queue.
FOR_THE_PROGRAM = {
    "approved_with",
    "claim",
    "claim_next",
    "due_answers",
    "due_notices",
    "fail",
    "get_work",
    "give_up",
    "hasten",
    "mark_answered",
    "mark_delivered",
    "mark_judged",
    "mark_known",
    "mark_told",
    "next_due",
    "note_slow",
    "note_why",
    "put_back",
    "record_verdict",
    "recall",
    "refresh",
    "refresh_older",
    "release_claims",
    "retry_later",
    "verdict_of",
}
FOR_THE_TEAM = {
    "add_decision",
    "campaigns_of",
    "find_verdict",
    "private_verdicts",
    "receive",
    "receive_many",
    "received_before",
    "search_verdicts",
    "unfinished",
    "versions",
}

# What these tests put in with the same event for the team and for the owner.
SHARED_EVENT = "message:555"


async def fill(conn: AsyncConnection, *, with_private: bool) -> None:
    """Team drafts in every state; among them, where wanted, private ones of the same and other texts."""
    place = await make_place(conn)

    async def private(text: str, *, judge: bool, event: str | None = None) -> None:
        if with_private:
            new = place.draft(text, visibility=Visibility.PRIVATE, source_key=event)
            received = await drafts.receive(conn, replace(new, created_at=NOW.replace(year=2020)))
            if judge:
                await verdicts.record_verdict(conn, received.revision_id, a_verdict(), NOW, answer_needed=True)

    await private(SECRET, judge=True)
    await judged(conn, place.draft("team kettle one"), Outcome.FITS)
    await private(SECRET, judge=True, event=SHARED_EVENT)
    await judged(conn, place.draft("team kettle two"), Outcome.REVISE)
    await private("team kettle two", judge=True)
    await drafts.receive(conn, place.draft("team kettle waiting"))
    await private(SECRET, judge=False)


async def the_place(conn: AsyncConnection) -> Place:
    """The same place again, for a question that brings a draft with it."""
    return await make_place(conn)


def without_ids(found: StoredVerdict | None) -> StoredVerdict | None:
    """Rows are numbered across all guilds; people never see these numbers."""
    if found is None:
        return None
    draft = replace(found.draft, id=0)
    return replace(found, draft=draft, revision=replace(found.revision, id=0, draft_id=0))


async def searched(conn: AsyncConnection, query: HistoryQuery) -> object:
    page = await verdicts.search_verdicts(conn, GUILD, query, limit=50)
    return [without_ids(row) for row in page.rows], page.total


async def received_as_team(conn: AsyncConnection) -> object:
    new = (await the_place(conn)).draft("mine", author_id=TEAM_MEMBER, source_key=SHARED_EVENT)
    return (await drafts.receive(conn, new)).is_new


async def received_many_as_team(conn: AsyncConnection) -> object:
    place = await the_place(conn)
    new = [place.draft(f"mine {at}", author_id=TEAM_MEMBER, source_key=f"{SHARED_EVENT}:{at}") for at in range(2)]
    return [
        (await drafts.get_work(conn, one.revision_id)).revision.number for one in await drafts.receive_many(conn, new)
    ]


async def numbered_next(conn: AsyncConnection) -> object:
    return (await judged(conn, (await the_place(conn)).draft("next"))).number


async def decided(conn: AsyncConnection, number: str) -> object:
    sha256 = text_sha256(SECRET)
    try:
        return await decisions.add_decision(
            conn,
            GUILD,
            number,
            DecisionKind.APPROVE,
            person_id=TEAM_MEMBER,
            person_name="Sam",
            reason="",
            sha256=sha256,
            now=NOW,
        )
    except Problem as problem:
        return str(problem)


async def found(conn: AsyncConnection, number: str, viewer_id: int | None) -> object:
    return without_ids(await verdicts.find_verdict(conn, GUILD, number, viewer_id=viewer_id))


async def campaigns_drafted(conn: AsyncConnection) -> object:
    return await drafts.campaigns_of(conn, (await the_place(conn)).influencer.id)


async def versions(conn: AsyncConnection, number: str) -> object:
    return [without_ids(one) for one in await verdicts.versions(conn, GUILD, number, viewer_id=TEAM_MEMBER)]


QUESTIONS: dict[str, Callable[[AsyncConnection], Awaitable[object]]] = {
    "search_verdicts everything": lambda conn: searched(conn, HistoryQuery()),
    "search_verdicts by 3+ characters": lambda conn: searched(conn, HistoryQuery(text="secret")),
    "search_verdicts by 2 characters": lambda conn: searched(conn, HistoryQuery(text="秘密")),
    "search_verdicts by 1 character": lambda conn: searched(conn, HistoryQuery(text="秘")),
    "search_verdicts by words of both": lambda conn: searched(conn, HistoryQuery(text="kettle")),
    "search_verdicts by author": lambda conn: searched(conn, HistoryQuery(author=OWNER)),
    "search_verdicts by outcome": lambda conn: searched(conn, HistoryQuery(outcome=Outcome.REVISE)),
    "search_verdicts by influencer": lambda conn: searched(conn, HistoryQuery(influencer="mika.bakes")),
    "search_verdicts by brand": lambda conn: searched(conn, HistoryQuery(brand="kettleworks")),
    "search_verdicts by person": lambda conn: searched(conn, HistoryQuery(person=OWNER)),
    "search_verdicts by decision": lambda conn: searched(conn, HistoryQuery(decision=Decided.OPEN)),
    "search_verdicts waiting for who decides": lambda conn: searched(conn, HistoryQuery(waiting=Waiting(OWNER, True))),
    "search_verdicts waiting for its author": lambda conn: searched(conn, HistoryQuery(waiting=Waiting(OWNER, False))),
    "search_verdicts by time": lambda conn: searched(conn, HistoryQuery(since=NOW)),
    "find_verdict V-1": lambda conn: found(conn, "V-1", TEAM_MEMBER),
    "find_verdict V-2": lambda conn: found(conn, "V-2", None),
    "find_verdict V-3": lambda conn: found(conn, "V-3", OWNER),
    "find_verdict S-1 by another": lambda conn: found(conn, "S-1", TEAM_MEMBER),
    "find_verdict S-1 by nobody": lambda conn: found(conn, "S-1", None),
    "versions of V-1": lambda conn: versions(conn, "V-1"),
    "versions of S-1 by another": lambda conn: versions(conn, "S-1"),
    "private_verdicts of another": lambda conn: verdicts.private_verdicts(conn, TEAM_MEMBER, limit=50),
    "campaigns_of the influencer": campaigns_drafted,
    "unfinished": lambda conn: drafts.unfinished(conn, GUILD),
    "add_decision S-1": lambda conn: decided(conn, "S-1"),
    "add_decision V-3": lambda conn: decided(conn, "V-3"),
    "receive of the same event": received_as_team,
    "receive and the next number": numbered_next,
    "receive_many of the same event": received_many_as_team,
    "received_before of the same event": lambda conn: drafts.received_before(conn, GUILD, drafts.TEAM, [SHARED_EVENT]),
    "search_posts": lambda conn: posts.search_posts(conn, GUILD, "secret"),
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_the_team_gets_the_same_answer_with_and_without_private_drafts(tmp_path: Path, question: str) -> None:
    answers = []
    for with_private in (False, True):
        store = await open_store(tmp_path / f"{with_private}.sqlite3")
        async with store.write() as conn:
            await fill(conn, with_private=with_private)
            answers.append(await QUESTIONS[question](conn))
        await store.close()
    assert answers[0] == answers[1]
    assert SECRET not in repr(answers)


async def test_the_owner_and_the_operator_do_see_them(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "bot.sqlite3")
    async with store.write() as conn:
        await fill(conn, with_private=True)
        seen = await verdicts.find_verdict(conn, GUILD, "S-1", viewer_id=OWNER)
        assert seen is not None
        assert seen.revision.text == SECRET
        assert (await verdicts.private_verdicts(conn, OWNER, limit=50)).total == 3
        everything = (await drafts.unfinished(conn, None)).counts
        assert sum(everything.values()) == sum((await drafts.unfinished(conn, GUILD)).counts.values()) + 4
    await store.close()


def test_every_function_that_reads_drafts_is_asked_above() -> None:
    functions = {
        name
        for module in (drafts, verdicts, decisions, outbox)
        for name, value in vars(module).items()
        if inspect.iscoroutinefunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }
    assert functions == FOR_THE_TEAM | FOR_THE_PROGRAM
    assert {question.split()[0] for question in QUESTIONS} - {"search_posts"} == FOR_THE_TEAM
