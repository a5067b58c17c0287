"""Verdicts: one a revision, numbered, found and searched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from bot.model.decisions import DecisionKind
from bot.model.drafts import AnswerKind, RevisionState
from bot.model.posts import Visibility
from bot.model.verdicts import Outcome
from bot.store import drafts, library
from bot.store.database import Store
from bot.store.decisions import add_decision
from bot.store.outbox import due_answers
from bot.store.tables import draft
from bot.store.verdicts import HistoryQuery, find_verdict, private_verdicts, record_verdict, search_verdicts, verdict_of
from tests.store.values import GUILD, NOW, OWNER, Place, a_campaign, a_verdict, an_influencer, judged, make_place

DAY = timedelta(days=1)


async def test_a_verdict_is_stored_whole_with_the_answer_to_deliver(store: Store, place: Place) -> None:
    async with store.write() as conn:
        revision_id = (await drafts.receive(conn, place.draft("Tea."))).revision_id
        await drafts.claim_next(conn, NOW)
        stored = await record_verdict(conn, revision_id, a_verdict(), NOW + DAY, answer_needed=True)
        work = await drafts.get_work(conn, revision_id)
        (due,) = await due_answers(conn, NOW + DAY, 10)
    async with store.read() as conn:
        assert await find_verdict(conn, GUILD, "V-1", viewer_id=None) == stored
        assert await verdict_of(conn, revision_id) == stored
        with pytest.raises(LookupError):
            await verdict_of(conn, revision_id + 1)
    assert stored.number == "V-1"
    assert stored.verdict == a_verdict()
    assert (stored.draft, stored.revision) == (work.draft, work.revision)
    assert (stored.influencer, stored.campaign) == (place.influencer, place.campaign)
    assert (stored.author_name, stored.created_at, stored.decisions) == ("Rin", NOW + DAY, ())
    assert work.state is RevisionState.JUDGED
    assert (due.revision_id, due.answer) == (revision_id, work.answer)
    assert due.nonce.startswith(f"r{revision_id:x}-")


async def test_a_second_verdict_on_a_revision_changes_nothing(store: Store, place: Place) -> None:
    async with store.write() as conn:
        first = await judged(conn, place.draft())
    async with store.write() as conn:
        other = a_verdict(Outcome.DOES_NOT_FIT)
        assert await record_verdict(conn, first.revision.id, other, NOW + DAY, answer_needed=True) == first
        assert len(await due_answers(conn, NOW + DAY, 10)) == 1
        assert (await judged(conn, place.draft())).number == "V-2"


async def test_nothing_is_stored_when_the_transaction_breaks_after_the_verdict(store: Store, place: Place) -> None:
    async with store.write() as conn:
        revision_id = (await drafts.receive(conn, place.draft())).revision_id

    async def break_off() -> None:
        async with store.write() as conn:
            await record_verdict(conn, revision_id, a_verdict(), NOW, answer_needed=True)
            raise KeyError

    with pytest.raises(KeyError):
        await break_off()
    async with store.write() as conn:
        assert await find_verdict(conn, GUILD, "V-1", viewer_id=None) is None
        assert await due_answers(conn, NOW, 10) == ()
        assert (await drafts.get_work(conn, revision_id)).state is RevisionState.RECEIVED


async def test_a_verdict_that_nobody_waits_for_is_answered_at_once(store: Store, place: Place) -> None:
    async with store.write() as conn:
        stored = await judged(conn, place.draft(answer=AnswerKind.NONE), answer_needed=False)
        assert await due_answers(conn, NOW, 10) == ()
        assert (await drafts.get_work(conn, stored.revision.id)).state is RevisionState.ANSWERED


async def test_a_verdict_on_an_erased_revision_is_refused(store: Store) -> None:
    async with store.write() as conn:
        with pytest.raises(LookupError):
            await record_verdict(conn, 99, a_verdict(), NOW, answer_needed=True)


async def test_numbers_count_by_guild_and_audience_and_are_never_given_twice(store: Store, place: Place) -> None:
    def private(author_id: int) -> drafts.NewDraft:
        return place.draft(visibility=Visibility.PRIVATE, author_id=author_id)

    async with store.write() as conn:
        elsewhere = await make_place(conn, GUILD + 1)
        drafted = [place.draft(), private(1), private(0), place.draft(), private(1), elsewhere.draft(), place.draft()]
        numbers = [(await judged(conn, new)).number for new in drafted]
        assert numbers == ["V-1", "S-1", "S-1", "V-2", "S-2", "V-1", "V-3"]
        newest = await find_verdict(conn, GUILD, "V-3", viewer_id=None)
        assert newest is not None
        await conn.execute(delete(draft).where(draft.c.id == newest.draft.id))
        assert (await judged(conn, place.draft())).number == "V-4"


@pytest.mark.parametrize("typed", ["V-2", "v-2", " v2 ", "Ｖ－２"])
async def test_a_number_is_found_as_people_type_it(store: Store, place: Place, typed: str) -> None:
    async with store.write() as conn:
        await judged(conn, place.draft())
        second = await judged(conn, place.draft())
        assert await find_verdict(conn, GUILD, typed, viewer_id=None) == second


@pytest.mark.parametrize("typed", ["", "2", "V-0", "V--1", "V-02", "V-1 OR 1=1", "V-" + "9" * 30, "X-1", "V-²x"])
async def test_what_is_no_number_finds_nothing(store: Store, place: Place, typed: str) -> None:
    async with store.write() as conn:
        await judged(conn, place.draft())
        assert await find_verdict(conn, GUILD, typed, viewer_id=OWNER) is None


async def test_another_guild_finds_nothing(store: Store, place: Place) -> None:
    async with store.write() as conn:
        await judged(conn, place.draft("kettle"))
        await judged(conn, place.draft("kettle", visibility=Visibility.PRIVATE))
        assert await find_verdict(conn, GUILD + 1, "V-1", viewer_id=OWNER) is None
        assert await find_verdict(conn, GUILD + 1, "S-1", viewer_id=OWNER + 1) is None
        assert (await search_verdicts(conn, GUILD + 1, HistoryQuery(text="kettle"), limit=9)).total == 0
        assert (await private_verdicts(conn, OWNER + 1, limit=9)).total == 0


CONDITIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["V-4", "V-3", "V-2", "V-1"]),
    ({"influencer": "@MIKA.bakes"}, ["V-3", "V-2", "V-1"]),
    ({"influencer": "nobody"}, []),
    ({"campaign": "spring KETTLES"}, ["V-4", "V-3", "V-1"]),
    ({"outcome": Outcome.FITS}, ["V-3", "V-1"]),
    ({"since": NOW + DAY}, ["V-4", "V-3", "V-2"]),
    ({"until": NOW + DAY}, ["V-1"]),
    ({"since": NOW + DAY, "until": NOW + 2 * DAY}, ["V-2"]),
    ({"author": 7}, ["V-2"]),
    ({"text": "湯沸"}, ["V-4", "V-1"]),
    ({"text": "湯沸かし"}, ["V-4", "V-1"]),
    ({"text": "  "}, ["V-4", "V-3", "V-2", "V-1"]),
    ({"text": "湯沸かし", "influencer": "mika.bakes", "outcome": Outcome.FITS, "author": OWNER}, ["V-1"]),
]


@pytest.mark.parametrize(("conditions", "expected"), CONDITIONS)
async def test_history_meets_every_condition(
    store: Store, place: Place, conditions: dict[str, Any], expected: list[str]
) -> None:
    async with store.write() as conn:
        other = Place(GUILD, await library.upsert_influencer(conn, an_influencer(handle="Other")), place.campaign)
        autumn = replace(place, campaign=await library.upsert_campaign(conn, a_campaign(name="Autumn")))
        await judged(conn, place.draft("湯沸かしの話"), Outcome.FITS, at=NOW)
        await judged(conn, autumn.draft("tea", author_id=7), Outcome.REVISE, at=NOW + DAY)
        await judged(conn, place.draft("bread"), Outcome.FITS, at=NOW + 2 * DAY)
        await judged(conn, other.draft("新しい湯沸かし"), Outcome.REVISE, at=NOW + 2 * DAY)
    async with store.read() as conn:
        page = await search_verdicts(conn, GUILD, HistoryQuery(**conditions), limit=10)
    assert [row.number for row in page.rows] == expected
    assert page.total == len(expected)


async def test_the_index_follows_an_erasure(store: Store, place: Place) -> None:
    async with store.write() as conn:
        await judged(conn, place.draft("湯沸かしの話"))
        kept = await judged(conn, place.draft("湯沸かしの話、続き"))
        await conn.execute(delete(draft).where(draft.c.id != kept.draft.id))
        assert (await search_verdicts(conn, GUILD, HistoryQuery(text="湯沸かし"), limit=9)).rows == (kept,)
        # the index itself, compared with its table; an inconsistent one raises
        await conn.exec_driver_sql("INSERT INTO revision_search (revision_search, rank) VALUES ('integrity-check', 1)")


async def test_pages_follow_one_another(store: Store, place: Place) -> None:
    async with store.write() as conn:
        for _ in range(5):
            await judged(conn, place.draft())
        pages = [await search_verdicts(conn, GUILD, HistoryQuery(), limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [[row.number for row in page.rows] for page in pages] == [["V-5", "V-4"], ["V-3", "V-2"], ["V-1"], ["V-1"]]
    assert {page.total for page in pages} == {5}


async def test_the_owner_finds_their_self_checks(store: Store, place: Place) -> None:
    async with store.write() as conn:
        first = await judged(conn, place.draft("one", visibility=Visibility.PRIVATE), at=NOW)
        await judged(conn, place.draft("team"))
        await judged(conn, place.draft("somebody else's", visibility=Visibility.PRIVATE, author_id=9))
        second = await judged(conn, place.draft("two", visibility=Visibility.PRIVATE), at=NOW + DAY)
        page = await private_verdicts(conn, OWNER, limit=1, offset=0)
        assert (page.rows, page.total) == ((second,), 2)
        assert (await private_verdicts(conn, OWNER, limit=1, offset=1)).rows == (first,)
        for anywhere in (GUILD, GUILD + 1, -OWNER):
            assert await find_verdict(conn, anywhere, "s-1", viewer_id=OWNER) == first


async def test_rows_bring_their_own_decisions_oldest_first(store: Store, place: Place) -> None:
    async with store.write() as conn:
        for text in ("one", "two"):
            stored = await judged(conn, place.draft(text))
            for kind in (DecisionKind.ASK_FOR_CHANGES, DecisionKind.APPROVE):
                await add_decision(
                    conn,
                    GUILD,
                    stored.number,
                    kind,
                    person_id=3,
                    person_name="Sam",
                    reason=f"{text}",
                    sha256=stored.revision.sha256,
                    now=NOW,
                )
        page = await search_verdicts(conn, GUILD, HistoryQuery(), limit=10)
    decided = {row.number: [(one.kind, one.reason) for one in row.decisions] for row in page.rows}
    assert decided == {
        number: [(DecisionKind.ASK_FOR_CHANGES, text), (DecisionKind.APPROVE, text)]
        for number, text in (("V-1", "one"), ("V-2", "two"))
    }
