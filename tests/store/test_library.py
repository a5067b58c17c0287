"""Brands, campaigns and influencers under their natural keys, guild by guild."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.store import guilds, library
from bot.store.database import Store
from tests.store.values import GUILD, a_campaign, an_influencer


async def test_a_guild_keeps_its_language_until_told_otherwise(store: Store) -> None:
    async with store.write() as conn:
        await guilds.upsert_guild(conn, GUILD, language="ja")
        await guilds.upsert_guild(conn, GUILD)
        await library.upsert_influencer(conn, an_influencer())
        await library.upsert_influencer(conn, an_influencer(5))
    async with store.read() as conn:
        assert await guilds.guild_language(conn, GUILD) == "ja"
        assert await guilds.guild_language(conn, 5) == "en"
        assert await guilds.guild_language(conn, 6) == "en"
        assert await guilds.guild_ids(conn) == (5, GUILD)


async def test_a_campaign_comes_back_with_its_brand(store: Store) -> None:
    async with store.write() as conn:
        kept = await library.upsert_campaign(conn, a_campaign())
    assert kept == replace(a_campaign(), id=kept.id, brand=replace(a_campaign().brand, id=kept.brand.id))
    async with store.read() as conn:
        assert await library.campaigns(conn, GUILD) == (kept,)
        assert await library.brands(conn, GUILD) == (kept.brand,)
        assert await library.find_campaign(conn, GUILD, " ＳＰＲＩＮＧ kettles") == kept
        assert await library.get_campaign(conn, GUILD, kept.id) == kept
        assert await library.find_campaign(conn, GUILD, "Spring") is None


async def test_the_same_name_in_another_case_is_the_same_thing(store: Store) -> None:
    async with store.write() as conn:
        first = await library.upsert_campaign(conn, a_campaign())
        shouted = replace(a_campaign(name="SPRING KETTLES"), goal="new")
        second = await library.upsert_campaign(conn, replace(shouted, brand=replace(shouted.brand, name="KETTLEWORKS")))
        person = await library.upsert_influencer(conn, an_influencer())
        again = await library.upsert_influencer(conn, an_influencer(handle="＠Mika.Bakes"))
        assert len(await library.campaigns(conn, GUILD)) == len(await library.brands(conn, GUILD)) == 1
        assert await library.influencers(conn, GUILD) == (again,)
    assert (second.id, second.brand.id, second.goal) == (first.id, first.brand.id, "new")
    assert (again.id, again.handle) == (person.id, "Mika.Bakes")


async def test_a_brand_that_has_an_id_is_not_written_again(store: Store) -> None:
    async with store.write() as conn:
        first = await library.upsert_campaign(conn, a_campaign())
        stale = replace(first, name="Autumn", brand=replace(first.brand, about="stale"))
        await library.upsert_campaign(conn, stale)
        assert await library.brands(conn, GUILD) == (first.brand,)


@pytest.mark.parametrize("typed", ["mika.bakes", "@mika.bakes", "＠ＭＩＫＡ.bakes"])
async def test_a_handle_is_found_as_people_type_it(store: Store, typed: str) -> None:
    async with store.write() as conn:
        kept = await library.upsert_influencer(conn, an_influencer(handle="@mika.bakes"))
        found = await library.find_influencer(conn, GUILD, typed)
    assert found == kept
    assert kept.handle == "mika.bakes"


async def test_suggestions_contain_what_was_typed_and_begin_with_it_first(store: Store) -> None:
    people = {"mika.bakes": "春野", "amik": "Mo", "noro": "Ikmi", "100%real": "R"}
    async with store.write() as conn:
        for handle, name in people.items():
            await library.upsert_influencer(conn, replace(an_influencer(handle=handle), name=name))
        for name in ("Spring kettles", "Late spring", "Autumn"):
            await library.upsert_campaign(conn, a_campaign(name=name))

        async def handles(typed: str, limit: int = 25) -> list[str]:
            return [found.handle for found in await library.suggest_influencers(conn, GUILD, typed, limit)]

        assert await handles("@MIK") == ["mika.bakes", "amik"]
        assert await handles("mi") == ["mika.bakes", "amik", "noro"]  # the name counts too
        assert await handles("春") == ["mika.bakes"]
        assert await handles("0%") == ["100%real"]
        assert await handles("m_k") == []
        assert await handles("") == ["100%real", "amik", "mika.bakes", "noro"]
        assert await handles("", limit=2) == ["100%real", "amik"]
        found = await library.suggest_campaigns(conn, GUILD, "SPRING")
        assert [campaign.name for campaign in found] == ["Spring kettles", "Late spring"]


async def test_another_guild_has_none_of_it(store: Store) -> None:
    async with store.write() as conn:
        person = await library.upsert_influencer(conn, an_influencer())
        campaign = await library.upsert_campaign(conn, a_campaign())
        other = GUILD + 1
        assert await library.brands(conn, other) == ()
        assert await library.campaigns(conn, other) == ()
        assert await library.influencers(conn, other) == ()
        assert await library.find_campaign(conn, other, campaign.name) is None
        assert await library.get_campaign(conn, other, campaign.id) is None
        assert await library.find_influencer(conn, other, person.handle) is None
        assert await library.get_influencer(conn, other, person.id) is None
        assert await library.suggest_influencers(conn, other, "") == ()
        assert await library.suggest_campaigns(conn, other, "") == ()
