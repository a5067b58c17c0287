"""Past posts: imported twice without harm, read in order, kept in step with their index."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import own
from bot.store.database import Store
from bot.store.library import upsert_influencer
from bot.store.posts import BATCH, Added, add_posts, count_posts, history_versions, posts_of, search_posts
from bot.store.tables import influencer
from tests.store.values import GUILD, OWNER, Place, a_post, an_influencer


async def found(conn: AsyncConnection, words: str) -> list[str]:
    return [post.id for _, post in await search_posts(conn, GUILD, words)]


async def test_posts_come_back_as_they_were(store: Store, place: Place) -> None:
    posts = tuple(a_post(number, "  Text with 🍞\r\nand NUL \0 kept ") for number in range(3))
    async with store.write() as conn:
        assert await add_posts(conn, place.influencer.id, posts) == Added(new=3)
    async with store.read() as conn:
        assert await posts_of(conn, place.influencer.id) == posts
        assert await count_posts(conn, place.influencer.id) == 3


async def test_oldest_first_undated_before_all_and_import_order_between_equals(store: Store, place: Place) -> None:
    dated = [replace(a_post(number), created_at=a_post(number // 2).created_at) for number in (4, 2, 3, 1)]
    undated = [a_post(number, dated=False) for number in (9, 7)]
    async with store.write() as conn:
        await add_posts(conn, place.influencer.id, [dated[0], undated[0], *dated[1:], undated[1]])
        await add_posts(conn, place.influencer.id, [replace(dated[1], text="changed later")])
        kept = await posts_of(conn, place.influencer.id)
    assert [post.id for post in kept] == ["p9", "p7", "p1", "p2", "p3", "p4"]


async def test_an_import_can_be_repeated(store: Store, place: Place) -> None:
    posts = [a_post(number) for number in range(BATCH + 3)]
    async with store.write() as conn:
        assert await add_posts(conn, place.influencer.id, posts) == Added(new=BATCH + 3)
        assert await add_posts(conn, place.influencer.id, posts) == Added(unchanged=BATCH + 3)
        changed = [replace(posts[1], text="rewritten"), replace(posts[-1], likes=77), a_post(BATCH + 9), posts[0]]
        assert await add_posts(conn, place.influencer.id, changed) == Added(new=1, changed=1, unchanged=2)
        kept = {post.id: post for post in await posts_of(conn, place.influencer.id)}
    assert kept["p1"].text == "rewritten"
    assert kept[posts[-1].id].likes == 77
    assert len(kept) == BATCH + 4


async def test_the_version_of_a_history_changes_with_what_a_judge_may_read(store: Store, place: Place) -> None:
    async with store.write() as conn:
        await upsert_influencer(conn, an_influencer(handle="without posts"))
        seen = [await history_versions(conn, GUILD)]
        for post in (a_post(1), replace(a_post(1), likes=77), a_post(1, "rewritten"), a_post(2)):
            await add_posts(conn, place.influencer.id, [post])
            await upsert_influencer(conn, place.influencer)
            seen.append(await history_versions(conn, GUILD))
        assert await history_versions(conn, GUILD + 1) == {}
    assert seen[0] == {}
    new, liked, changed, more = [versions[place.influencer.id] for versions in seen[1:]]
    assert new == liked < changed < more
    assert all(versions.keys() == {place.influencer.id} for versions in seen[1:])


async def test_of_two_with_one_id_in_one_import_the_later_stands(store: Store, place: Place) -> None:
    async with store.write() as conn:
        added = await add_posts(conn, place.influencer.id, [a_post(1, "first"), a_post(1, "second")])
        assert added == Added(new=1)
        assert [post.text for post in await posts_of(conn, place.influencer.id)] == ["second"]


async def test_one_id_on_two_platforms_or_of_two_people_is_two_posts(store: Store, place: Place) -> None:
    elsewhere = replace(a_post(1, "elsewhere"), platform="x")
    async with store.write() as conn:
        other = await upsert_influencer(conn, an_influencer(handle="other"))
        assert await add_posts(conn, place.influencer.id, [a_post(1), elsewhere]) == Added(new=2)
        assert await add_posts(conn, other.id, [a_post(1, "theirs")]) == Added(new=1)
        await add_posts(conn, place.influencer.id, [replace(elsewhere, text="elsewhere, rewritten")])
        assert {post.text for post in await posts_of(conn, place.influencer.id)} == {
            a_post(1).text,
            "elsewhere, rewritten",
        }
        assert [post.text for post in await posts_of(conn, other.id)] == ["theirs"]


async def test_the_index_follows_updates_and_erasure(store: Store, place: Place) -> None:
    async with store.write() as conn:
        await add_posts(conn, place.influencer.id, [a_post(1, "sourdough 麦 starter"), a_post(2, "kettle")])
        await add_posts(conn, place.influencer.id, [a_post(1, "bagels 茶 only")])
        assert await found(conn, "sourdough") == await found(conn, "麦") == []
        assert await found(conn, "bagels") == await found(conn, "茶") == ["p1"]
        await conn.execute(delete(influencer).where(influencer.c.id == place.influencer.id))
        assert await found(conn, "bagels") == await found(conn, "ke") == []
        assert await count_posts(conn, place.influencer.id) == 0
        # the index itself, compared with its table; an inconsistent one raises
        await conn.exec_driver_sql("INSERT INTO post_search (post_search, rank) VALUES ('integrity-check', 1)")


async def test_search_is_newest_first_and_stays_in_guild_and_influencer(store: Store, place: Place) -> None:
    async with store.write() as conn:
        other = await upsert_influencer(conn, an_influencer(handle="other"))
        stranger = await upsert_influencer(conn, an_influencer(GUILD + 1))
        await add_posts(conn, place.influencer.id, [a_post(3, "rye"), a_post(8, "rye"), a_post(5, "rye", dated=False)])
        await add_posts(conn, other.id, [a_post(6, "rye")])
        await add_posts(conn, stranger.id, [a_post(7, "rye")])
        assert await found(conn, "rye") == ["p8", "p6", "p3", "p5"]
        hits = await search_posts(conn, GUILD, "ry", influencer_id=other.id)
        assert hits == ((other.id, a_post(6, "rye")),)
        assert await search_posts(conn, GUILD, "rye", influencer_id=stranger.id) == ()
        assert len(await search_posts(conn, GUILD, "rye", limit=2)) == 2


async def test_what_was_given_can_be_taken_back_until_the_team_brings_in_the_same_post(
    store: Store, place: Place
) -> None:
    elsewhere = replace(a_post(1, "elsewhere"), platform="tiktok")
    async with store.write() as conn:
        whose = place.influencer.id
        await add_posts(conn, whose, [a_post(1)], given_by=OWNER)
        await add_posts(conn, whose, [elsewhere], given_by=OWNER)  # the same id on another platform
        await add_posts(conn, whose, [replace(elsewhere, platform="x")])
        assert await own.given(conn, OWNER, GUILD) == 2
        await add_posts(conn, whose, [elsewhere])
        assert await own.take_back(conn, OWNER, GUILD) == 1
        assert {post.platform for post in await posts_of(conn, whose)} == {"tiktok", "x"}
