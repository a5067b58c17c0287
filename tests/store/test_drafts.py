"""A draft's way through its states, each step a compare-and-set."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.drafts import AnswerAddress, AnswerKind, RevisionState, text_sha256
from bot.model.messages import Message
from bot.model.posts import Visibility
from bot.store import drafts
from bot.store.database import Store
from tests.store.values import GUILD, NOW, OWNER, Place

MINUTE = timedelta(minutes=1)
Step = Callable[[AsyncConnection, int], Awaitable[bool]]


async def state_of(conn: AsyncConnection, revision_id: int) -> RevisionState:
    return (await drafts.get_work(conn, revision_id)).state


async def received(conn: AsyncConnection, place: Place, text: str = "A kettle.") -> int:
    return (await drafts.receive(conn, place.draft(text))).revision_id


async def test_what_was_received_comes_back_whole(store: Store, place: Place) -> None:
    answer = AnswerAddress(AnswerKind.INTERACTION, 1, "token", 2, 3, 4, ephemeral=True, language="ja")
    new = replace(place.draft("  Tea \r\n茶 \0 ", visibility=Visibility.PRIVATE), answer=answer)
    async with store.write() as conn:
        got = await drafts.receive(conn, new)
    async with store.read() as conn:
        work = await drafts.get_work(conn, got.revision_id)
    assert got.is_new
    assert (work.revision.text, work.revision.number, work.revision.draft_id) == (new.text, 1, got.draft_id)
    assert work.revision.sha256 == text_sha256(new.text)
    assert work.revision.not_read == (Message("not_read.posts", {"count": 3}),)
    assert work.revision.created_at == work.draft.created_at == NOW
    assert (work.draft.visibility, work.draft.author_id, work.draft.guild_id) == (Visibility.PRIVATE, OWNER, GUILD)
    assert (work.answer, work.influencer, work.campaign) == (answer, place.influencer, place.campaign)
    assert (work.state, work.attempts, work.failures) == (RevisionState.RECEIVED, 0, 0)


async def test_the_same_event_makes_one_draft(store: Store, place: Place) -> None:
    new = place.draft(source_key="message:1")
    async with store.write() as conn:
        first = await drafts.receive(conn, new)
    async with store.write() as conn:
        again = await drafts.receive(conn, replace(new, text="resent"))
        assert again == replace(first, is_new=False)
        assert (await drafts.get_work(conn, first.revision_id)).revision.text == new.text
        assert (await drafts.unfinished(conn, GUILD)).counts == {RevisionState.RECEIVED: 1}
        assert (await drafts.receive(conn, place.draft(source_key="message:2"))).draft_id != first.draft_id


async def test_a_further_text_is_the_next_revision_of_its_draft(store: Store, place: Place) -> None:
    async with store.write() as conn:
        first = await drafts.receive(conn, place.draft("one"))
        new = place.draft("two", draft_id=first.draft_id)
        second = await drafts.receive(conn, new)
        assert await drafts.receive(conn, new) == replace(second, is_new=False)
        work = await drafts.get_work(conn, second.revision_id)
    assert (second.draft_id, work.revision.number, work.revision.text) == (first.draft_id, 2, "two")


async def test_a_further_text_for_a_draft_of_somebody_else_is_refused(store: Store, place: Place) -> None:
    async with store.write() as conn:
        private = await drafts.receive(conn, place.draft(visibility=Visibility.PRIVATE, author_id=OWNER))
        for new in (
            place.draft(draft_id=private.draft_id),
            place.draft(visibility=Visibility.PRIVATE, author_id=OWNER + 1, draft_id=private.draft_id),
            place.draft(draft_id=private.draft_id + 999),
        ):
            with pytest.raises(LookupError):
                await drafts.receive(conn, new)


async def test_the_longest_due_is_claimed_first_and_only_once(store: Store, place: Place) -> None:
    async with store.write() as conn:
        late = (await drafts.receive(conn, place.draft(at=NOW + MINUTE))).revision_id
        early = (await drafts.receive(conn, place.draft(at=NOW))).revision_id
        assert await drafts.next_due(conn) == NOW
        assert await drafts.claim_next(conn, NOW - MINUTE) is None
        assert await drafts.claim_next(conn, NOW + MINUTE) == early
        assert await drafts.claim_next(conn, NOW) is None
        assert not await drafts.claim(conn, early)
        assert await drafts.next_due(conn) == NOW + MINUTE
        assert await drafts.claim_next(conn, NOW + MINUTE) == late
        assert await drafts.next_due(conn) is None
        assert (await drafts.get_work(conn, early)).attempts == 1


async def test_what_is_put_back_is_due_later(store: Store, place: Place) -> None:
    async with store.write() as conn:
        revision_id = await received(conn, place)
        await drafts.claim_next(conn, NOW)
        assert await drafts.put_back(conn, revision_id, NOW + MINUTE, "KeyError")
        assert await drafts.claim_next(conn, NOW) is None
        assert await drafts.claim_next(conn, NOW + MINUTE) == revision_id
        assert await drafts.put_back(conn, revision_id, NOW, "away", is_failure=False)
        work = await drafts.get_work(conn, revision_id)
    assert (work.state, work.attempts, work.failures) == (RevisionState.RECEIVED, 2, 1)


def minutes_off(deaths: int) -> datetime:
    return NOW + deaths * MINUTE


async def test_what_a_dead_process_held_is_due_at_once_and_later_when_it_happens_again(
    store: Store, place: Place
) -> None:
    async with store.write() as conn:
        revision_id, other = await received(conn, place), await received(conn, place)
        assert await drafts.claim_next(conn, NOW) == revision_id
        assert await drafts.release_claims(conn, minutes_off) == 1
        assert await drafts.claim_next(conn, NOW) == revision_id
        assert await drafts.release_claims(conn, minutes_off) == 1
        assert await drafts.claim_next(conn, NOW) == other
        assert await drafts.claim_next(conn, NOW + MINUTE) is None
        assert await drafts.claim_next(conn, NOW + 2 * MINUTE) == revision_id


async def test_a_draft_over_which_every_process_dies_is_failed_at_last(store: Store, place: Place) -> None:
    async with store.write() as conn:
        revision_id, other = await received(conn, place), await received(conn, place)
        for _ in range(drafts.MAX_DEATHS):
            assert await state_of(conn, revision_id) is RevisionState.RECEIVED
            assert await drafts.claim(conn, revision_id)
            assert await drafts.release_claims(conn, minutes_off) == 1
        assert await state_of(conn, revision_id) is RevisionState.FAILED
        assert (await drafts.get_work(conn, other)).failures == 0


STEPS: dict[str, Step] = {
    "claim": drafts.claim,
    "put_back": lambda conn, revision_id: drafts.put_back(conn, revision_id, NOW, "x"),
    "fail": lambda conn, revision_id: drafts.fail(conn, revision_id, "x"),
    "mark_judged": drafts.mark_judged,
    "mark_answered": drafts.mark_answered,
}
WAYS = {  # state: the steps that lead to it
    RevisionState.RECEIVED: (),
    RevisionState.JUDGING: ("claim",),
    RevisionState.JUDGED: ("claim", "mark_judged"),
    RevisionState.ANSWERED: ("claim", "mark_judged", "mark_answered"),
    RevisionState.FAILED: ("claim", "fail"),
}
ALLOWED = {  # (state, step): where it leads; every other step is refused
    (RevisionState.RECEIVED, "claim"): RevisionState.JUDGING,
    (RevisionState.RECEIVED, "mark_judged"): RevisionState.JUDGED,
    (RevisionState.JUDGING, "put_back"): RevisionState.RECEIVED,
    (RevisionState.JUDGING, "fail"): RevisionState.FAILED,
    (RevisionState.JUDGING, "mark_judged"): RevisionState.JUDGED,
    (RevisionState.JUDGED, "mark_answered"): RevisionState.ANSWERED,
    (RevisionState.JUDGED, "fail"): RevisionState.FAILED,
    (RevisionState.FAILED, "mark_judged"): RevisionState.JUDGED,
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", RevisionState)
async def test_each_step_is_taken_from_the_right_states_alone(
    store: Store, place: Place, state: RevisionState, step: str
) -> None:
    async with store.write() as conn:
        revision_id, bystander = await received(conn, place), await received(conn, place)
        for way in WAYS[state]:
            assert await STEPS[way](conn, revision_id)
        assert await STEPS[step](conn, revision_id) == ((state, step) in ALLOWED)
        assert await state_of(conn, revision_id) is ALLOWED.get((state, step), state)
        assert await state_of(conn, bystander) is RevisionState.RECEIVED


async def test_a_revision_that_is_gone(store: Store) -> None:
    async with store.write() as conn:
        with pytest.raises(LookupError):
            await drafts.get_work(conn, 99)
        for step in STEPS.values():
            assert not await step(conn, 99)


async def test_the_unfinished_are_counted_by_state_with_the_age_of_the_oldest(store: Store, place: Place) -> None:
    async with store.write() as conn:
        assert await drafts.unfinished(conn, GUILD) == drafts.Unfinished({}, None)
        for state, hour in zip(RevisionState, (5, 3, 4, 1, 2), strict=True):
            at = NOW + timedelta(hours=hour)
            revision_id = (await drafts.receive(conn, place.draft(at=at))).revision_id
            for way in WAYS[state]:
                await STEPS[way](conn, revision_id)
        expected = dict.fromkeys(set(RevisionState) - {RevisionState.ANSWERED}, 1)
        assert await drafts.unfinished(conn, GUILD) == drafts.Unfinished(expected, NOW + timedelta(hours=2))
        assert await drafts.unfinished(conn, GUILD + 1) == drafts.Unfinished({}, None)
        assert await drafts.unfinished(conn, None) == await drafts.unfinished(conn, GUILD)
