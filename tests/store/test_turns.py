"""Turns: no guild and no author waits for all that another has sent in."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.drafts import RevisionState
from bot.model.posts import Visibility
from bot.store import drafts
from bot.store.database import Store, open_store
from tests.store.values import GUILD, NOW, OWNER, Place, make_place

SECOND = timedelta(seconds=1)
OTHER = 77  # another author


async def send(conn: AsyncConnection, place: Place, number: int = 1, author: int = OWNER, at: int = 0) -> list[int]:
    new = [place.draft(author_id=author, at=NOW + at * SECOND) for _ in range(number)]
    return [(await drafts.receive(conn, one)).revision_id for one in new]


async def served(conn: AsyncConnection, claims: int, *, at_once: int = 1, start: int = 100) -> list[int]:
    """Claims so many, a second apart, judging `at_once` at a time; the revisions in the order of their claims."""
    order: list[int] = []
    for number in range(claims):
        revision_id = await drafts.claim_next(conn, NOW + (start + number) * SECOND)
        if revision_id is None:
            break
        order.append(revision_id)
        if len(order) >= at_once:
            await drafts.mark_judged(conn, order[len(order) - at_once])
    return order


async def test_a_quiet_guild_is_served_before_the_loudest_ones_50th(store: Store) -> None:
    async with store.write() as conn:
        loud, quiet = [await make_place(conn, GUILD + number) for number in range(2)]
        many = await send(conn, loud, 500)
        [one] = await send(conn, quiet, at=1)
        assert one in await served(conn, 3, at_once=2)
        assert set(await served(conn, 2)) <= set(many)  # and the loud one goes on


async def test_guilds_with_as_many_under_judgement_take_turns_by_their_last_one(store: Store) -> None:
    async with store.write() as conn:
        places = [await make_place(conn, GUILD + number) for number in range(3)]
        guild_of = {one: place.guild_id for place in places for one in await send(conn, place, 4)}
        order = [guild_of[one] for one in await served(conn, 12)]
    assert all(len(set(order[turn : turn + 3])) == 3 for turn in range(0, 12, 3))


async def test_the_guild_with_fewer_under_judgement_comes_first_though_it_was_served_last(store: Store) -> None:
    async with store.write() as conn:
        first, second = [await make_place(conn, GUILD + number) for number in range(2)]
        stuck = (await send(conn, first, 2))[0]
        assert await served(conn, 1, at_once=9) == [stuck]
        quick = await send(conn, second, 3, at=50)
        assert await served(conn, 3, start=200) == quick


async def test_authors_within_a_guild_take_turns_and_private_checks_are_their_authors(store: Store) -> None:
    async with store.write() as conn:
        place = await make_place(conn)
        mine = await send(conn, place, 20)
        private = place.draft(author_id=OTHER, visibility=Visibility.PRIVATE, at=NOW + SECOND)
        check = (await drafts.receive(conn, private)).revision_id
        [theirs] = await send(conn, place, author=OTHER, at=2)
        assert await served(conn, 4) == [mine[0], check, mine[1], theirs]


async def test_what_is_not_due_takes_no_turn(store: Store) -> None:
    async with store.write() as conn:
        first, second = [await make_place(conn, GUILD + number) for number in range(2)]
        [later] = await send(conn, first, at=300)
        [now] = await send(conn, second, at=90)
        assert await served(conn, 2) == [now]
        assert await served(conn, 1, start=300) == [later]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=2, max_size=4), st.integers(1, 3))
async def test_every_guild_is_served_within_one_round(counts: list[int], at_once: int) -> None:
    """Of the first n claims each of n guilds that wait has one, however many it sent; in the end all are served."""
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(Path(folder) / "bot.sqlite3")
        async with store.write() as conn:
            places = [await make_place(conn, GUILD + number) for number in range(len(counts))]
            guild_of = {
                one: place.guild_id
                for place, number in zip(places, counts, strict=True)
                for one in await send(conn, place, number)
            }
            order = await served(conn, sum(counts) + 1, at_once=at_once)
            waiting = (await drafts.unfinished(conn, None)).counts.get(RevisionState.RECEIVED, 0)
        await store.close()
    busy = sum(count > 0 for count in counts)
    assert len({guild_of[one] for one in order[:busy]}) == busy
    assert sorted(order) == sorted(guild_of)
    assert not waiting
