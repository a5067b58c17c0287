"""Against whom a voice is set: the same others for a team and for a check of one's own, first those of one language."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.judging.voice import Profile, likeness
from bot.judging.voice.profile import UNLIKE
from bot.model.workspace import Influencer
from bot.past_content.language import guess_language
from bot.services.voices import MAX_OTHERS, Voices
from bot.store import library, own, posts
from bot.store.database import Store, open_store
from tests.judging.voice.voices import MANNERS, posts_of
from tests.store.values import OWNER, Place, a_post, make_place

DRAFTS = [posts_of(manner, 1, seed=seed)[0] for manner in MANNERS for seed in (1, 2)]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "bot.sqlite3")
    yield opened
    await opened.close()


async def put(store: Store, whose: Influencer, texts: list[str]) -> Influencer:
    async with store.write() as conn:
        stored = await library.upsert_influencer(conn, whose)
        await posts.add_posts(conn, stored.id, [a_post(number, text) for number, text in enumerate(texts)])
    return stored


@pytest.fixture
async def place(store: Store) -> Place:
    async with store.write() as conn:
        made = await make_place(conn)
    await put(store, made.influencer, posts_of("calm", 20))
    for manner in MANNERS:
        await put(
            store,
            replace(made.influencer, handle=f"other_{manner}", name=manner, language="en"),
            posts_of(manner, 20, seed=7),
        )
    return made


def told(profile: Profile | None) -> list[float | None]:
    assert profile is not None
    return [likeness(draft, profile).told for draft in DRAFTS]


async def test_in_a_server_own_posts_are_set_against_the_same_others_as_the_team_s(store: Store, place: Place) -> None:
    voices = Voices(store)
    mine = posts_of("calm", 20)
    checked = await voices.profile_apart(place.influencer, mine)
    team = await voices.profile(place.influencer)
    assert told(checked) == told(team)
    assert told(await voices.profile_apart(place.influencer, [*mine, "zzqx " * 20])) != told(team)
    for one in (voices, Voices(store)):  # whatever was checked in between
        assert told(await one.profile(place.influencer)) == told(team)


async def test_outside_a_server_no_likeness_is_told_but_a_low_one(store: Store, place: Place) -> None:
    async with store.write() as conn:
        mine = await own.own_influencer(conn, OWNER, place.influencer)
    profile = await Voices(store).profile_apart(mine, posts_of("calm", 20))
    own_drafts = [likeness(draft, profile) for draft in posts_of("calm", 8, seed=1)]
    assert max(one.probability for one in own_drafts) > UNLIKE
    assert all(one.told is None for one in own_drafts if one.probability >= UNLIKE)
    assert any(one.told is not None for one in (likeness(draft, profile) for draft in posts_of("loud", 8, seed=1)))


async def test_those_who_write_the_same_language_come_before_all_others(store: Store, place: Place) -> None:
    for number in range(MAX_OTHERS):
        await put(store, replace(place.influencer, handle=f"en_{number}", name="x", language="en"), [f"words {number}"])
    japanese = [
        await put(
            store,
            replace(place.influencer, handle=f"ja_{number}", name="x", language="ja"),
            ["冬の台所で鍋を洗って、爪の黒を落とす。"] * 6,
        )
        for number in range(3)
    ]
    profile = await Voices(store).profile(japanese[0])
    assert profile is not None
    so_by_chance = sum(guess_language(posts_of(manner, 20, seed=7)) == "ja" for manner in MANNERS)
    assert profile.comparison.everybody.languages["ja"] == len(japanese) + so_by_chance
