"""What is erased is gone from the file's bytes; the log of verdicts keeps its numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs import upkeep
from bot.model.decisions import DecisionKind
from bot.model.drafts import AnswerAddress, AnswerKind, Attachment
from bot.model.posts import Visibility
from bot.model.verdicts import Outcome, Quote, Stance
from bot.model.workspace import GuildSettings
from bot.store import (
    batches,
    decisions,
    drafts,
    erasure,
    guilds,
    library,
    links,
    own,
    people,
    posts,
    replies,
    tables,
    verdicts,
)
from bot.store.batches import Batch, Item
from bot.store.database import Store, open_store
from bot.store.types import Json
from bot.store.verdicts import HistoryQuery, StoredVerdict
from tests.store.values import GUILD, NOW, OWNER, Place, a_post, a_verdict, judged, make_place

WORD = "鼎鑪銛"  # as long as what a search index stores of it
MANAGER, INFLUENCER = OWNER + 1, OWNER + 2
PICTURE = b"\x89PNG\r\n\x1a\n picture of a kettle"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "bot.sqlite3")
    yield opened
    await opened.close()


def held(store: Store) -> bytes:
    """All bytes of the database and of what lies beside it."""
    return b"".join(path.read_bytes() for path in sorted(store.path.parent.glob(f"{store.path.name}*")))


def has(store: Store, word: str) -> bool:
    return word.encode() in held(store)


async def a_decided_draft(
    store: Store, place: Place, *, author_id: int = OWNER, author_name: str = "Rin", at: datetime = NOW
) -> StoredVerdict:
    """A team draft whose every text holds WORD."""
    async with store.write() as conn:
        new = replace(place.draft(f"draft {WORD} draft", author_id=author_id, at=at), author_name=author_name)
        new = replace(new, spoken=f"spoken {WORD}", attachments=(Attachment(f"{WORD}.png", "image/png", PICTURE),))
        received = await drafts.receive(conn, new)
        quote = Quote("p1", f"quote {WORD}", 0, 9, Stance.SUPPORTS)
        verdict = replace(a_verdict(Outcome.REVISE), deciding=(quote,))
        found = await verdicts.record_verdict(conn, received.revision_id, verdict, NOW, answer_needed=False)
        await decisions.add_decision(
            conn,
            GUILD,
            found.number,
            DecisionKind.ASK_FOR_CHANGES,
            person_id=MANAGER,
            person_name="Sam",
            reason=f"because {WORD}",
            sha256=found.revision.sha256,
            now=NOW,
        )
        await replies.add_reply(
            conn, received.revision_id, None, person_id=MANAGER, person_name="Sam", words=f"no {WORD}", now=NOW
        )
    return found


async def test_a_forgotten_influencer_leaves_numbers_and_no_byte_of_text(store: Store) -> None:
    async with store.write() as conn:
        place = await make_place(conn)
        await posts.add_posts(conn, place.influencer.id, [a_post(1, f"post {WORD} post"), a_post(2, f"{WORD}")])
        await links.ask_link(conn, place.influencer, INFLUENCER, "Minami Kettle", NOW)
        await links.confirm_link(conn, GUILD, place.influencer.id, INFLUENCER, MANAGER, NOW)
    before = await a_decided_draft(store, place, author_id=INFLUENCER, author_name="Minami Kettle")
    async with store.write() as conn:
        waiting = await drafts.receive(conn, place.draft(f"waits {WORD}"))
    await store.scrub()
    assert has(store, WORD)
    async with store.write() as conn:
        assert await erasure.remembered(conn, GUILD, place.influencer.id) == erasure.Remembered(2, 1, 1)
        assert await erasure.forget_influencer(conn, GUILD, place.influencer.id, NOW)
        assert not await erasure.forget_influencer(conn, GUILD, place.influencer.id, NOW)
    await store.scrub()
    for gone in (WORD, place.influencer.handle, place.influencer.name, "Minami", "picture of a kettle"):
        assert not has(store, gone), gone
    async with store.read() as conn:
        [after] = (await verdicts.search_verdicts(conn, GUILD, HistoryQuery(), limit=9)).rows
        assert await library.influencers(conn, GUILD) == ()
        with pytest.raises(LookupError):
            await drafts.get_work(conn, waiting.revision_id)
    assert (after.number, after.verdict.outcome, after.created_at) == (before.number, Outcome.REVISE, before.created_at)
    assert after.influencer.handle == f"forgotten-{place.influencer.id}"
    assert after.verdict.posts_read == before.verdict.posts_read
    assert {key: one.level for key, one in after.verdict.criteria.items()} == {
        key: one.level for key, one in before.verdict.criteria.items()
    }
    [decision] = after.decisions
    assert (decision.kind, decision.sha256) == (DecisionKind.ASK_FOR_CHANGES, before.revision.sha256)


async def test_texts_older_than_a_server_keeps_them_go_once_and_others_stay(store: Store) -> None:
    async with store.write() as conn:
        place = await make_place(conn)
        await guilds.store_settings(conn, GUILD, GuildSettings(retention_days=30))
        await posts.add_posts(conn, place.influencer.id, [a_post(1, "a post stays")])
    old = await a_decided_draft(store, place, at=NOW - timedelta(days=31))
    async with store.write() as conn:
        young = await judged(conn, replace(place.draft("young words"), created_at=NOW - timedelta(days=29)))
        private = place.draft("private words", visibility=Visibility.PRIVATE)
        await judged(conn, replace(private, created_at=NOW - timedelta(days=90)))
        waiting = await drafts.receive(conn, replace(place.draft("waiting words"), created_at=NOW - timedelta(days=90)))
        assert await erasure.expire(conn, NOW, 50) == 1
        assert await erasure.expire(conn, NOW, 50) == 0
    await store.scrub()
    assert not has(store, WORD)
    assert all(has(store, words) for words in ("young words", "private words", "waiting words", "a post stays"))
    async with store.read() as conn:
        after = await verdicts.find_verdict(conn, GUILD, old.number, viewer_id=None)
        assert after is not None
        assert (after.revision.text, after.verdict.outcome) == ("", Outcome.REVISE)
        kept = await verdicts.find_verdict(conn, GUILD, young.number, viewer_id=None)
        assert kept is not None
        assert kept.revision.text == "young words"
        assert (await drafts.get_work(conn, waiting.revision_id)).revision.text == "waiting words"


async def test_the_influencer_keeps_own_checks_and_others_lose_what_they_quote(store: Store) -> None:
    async with store.write() as conn:
        place = await make_place(conn)
        await links.ask_link(conn, place.influencer, INFLUENCER, "Mika", NOW)
        await links.confirm_link(conn, GUILD, place.influencer.id, INFLUENCER, MANAGER, NOW)
        for person in (INFLUENCER, OWNER):
            await judged(conn, place.draft("mine", visibility=Visibility.PRIVATE, author_id=person))
        await erasure.forget_influencer(conn, GUILD, place.influencer.id, NOW)
        theirs = await verdicts.find_verdict(conn, GUILD, "S-1", viewer_id=INFLUENCER)
        others = await verdicts.find_verdict(conn, GUILD, "S-1", viewer_id=OWNER)
    assert theirs is not None
    assert others is not None
    assert theirs.verdict.reasons
    assert not others.verdict.reasons
    assert theirs.revision.text == others.revision.text == "mine"


async def test_a_person_is_taken_out_and_what_was_handed_in_stays_without_the_name(store: Store) -> None:
    async with store.write() as conn:
        place = await make_place(conn)
        here = own.workspace_of(OWNER)
        mine = await own.own_influencer(conn, OWNER, place.influencer)
        await posts.add_posts(conn, mine.id, [a_post(5, f"private {WORD}")], owner_id=OWNER)
        await own.give(conn, OWNER, place.influencer)
        await links.ask_link(conn, place.influencer, OWNER, "Ada Quill", NOW)
        check = place.draft(f"check {WORD}", visibility=Visibility.PRIVATE)
        await judged(conn, replace(check, author_name="Ada Quill"))
        await judged(conn, replace(place.draft("handed in"), author_name="Ada Quill"))
        exported = await people.held_about(conn, OWNER, None)
        assert {kind: len(rows) for kind, rows in exported.items() if rows} == {
            "drafts": 2,
            "texts": 2,
            "verdicts": 2,
            "posts": 2,
            "links": 1,
        }
        assert len((await people.held_about(conn, OWNER, GUILD))["posts"]) == 1
        assert all(not rows for rows in (await people.held_about(conn, OWNER + 9, None)).values())
        gone = await people.forget_person(conn, OWNER, None)
    assert gone == people.Gone(checks=1, posts=2, links=1, unnamed=1)
    await store.scrub()
    assert not has(store, WORD)
    assert not has(store, "Ada Quill")
    async with store.read() as conn:
        assert await library.influencers(conn, here) == ()
        assert await posts.posts_of(conn, place.influencer.id) == ()
        [kept] = (await verdicts.search_verdicts(conn, GUILD, HistoryQuery(), limit=9)).rows
        assert (kept.number, kept.revision.text, kept.author_name) == ("V-1", "handed in", "deleted person")
        assert all(not rows for rows in (await people.held_about(conn, OWNER, None)).values())
        for name, table in tables.metadata.tables.items():  # wherever the person may have stood
            for row in (await conn.execute(select(table))).mappings():
                assert OWNER not in row.values(), name
                assert -OWNER not in row.values(), name


async def test_who_sent_a_version_of_another_s_draft_is_told_and_taken_out(store: Store) -> None:
    async with store.write() as conn:
        place = await make_place(conn)
        first = await judged(conn, sent(place.draft("first"), OWNER))
        again = sent(place.draft("mended", draft_id=first.draft.id), MANAGER)
        second = (await drafts.receive(conn, again)).revision_id
        assert [one["text"] for one in (await people.held_about(conn, MANAGER, GUILD))["texts"]] == ["mended"]
        assert (await people.held_about(conn, MANAGER, GUILD + 1))["texts"] == []
        assert (await people.forget_person(conn, MANAGER, GUILD)).unnamed == 1
        assert (await people.held_about(conn, MANAGER, GUILD))["texts"] == []
        addresses = [(await drafts.get_work(conn, one)).answer for one in (first.revision.id, second)]
    assert [(one.user_id, one.token, one.channel_id) for one in addresses] == [(OWNER, "a way back", 11), (0, "", 11)]


def sent(new: drafts.NewDraft, by: int) -> drafts.NewDraft:
    return replace(new, answer=replace(new.answer, user_id=by, token="a way back"))


async def test_a_forgotten_influencer_stands_in_no_address_and_no_batch(store: Store) -> None:
    async with store.write() as conn:
        place = await make_place(conn)
        await links.ask_link(conn, place.influencer, INFLUENCER, "Minami Kettle", NOW)
        await links.confirm_link(conn, GUILD, place.influencer.id, INFLUENCER, MANAGER, NOW)
        mine = await judged(conn, sent(place.draft("mine", author_id=INFLUENCER), INFLUENCER))
        await judged(conn, sent(place.draft("mended", author_id=INFLUENCER, draft_id=mine.draft.id), MANAGER))
        waiting = await drafts.receive(conn, sent(place.draft("waits", author_id=INFLUENCER), INFLUENCER))
        for author, revision_id in ((INFLUENCER, waiting.revision_id), (MANAGER, mine.revision.id)):
            await a_batch(conn, author, revision_id)
        await erasure.forget_influencer(conn, GUILD, place.influencer.id, NOW)
        assert list(await conn.scalars(select(tables.batch.c.author_id))) == [0, MANAGER]
        assert not [row for row in await conn.scalars(select(tables.batch.c.author_name)) if "Minami" in row]
        for table in (tables.revision, tables.batch):
            answers = list(await conn.scalars(select(table.c.answer).order_by(table.c.id)))
            assert [(one.user_id, bool(one.token)) for one in answers] == [(0, False), (MANAGER, True)]


async def a_batch(
    conn: AsyncConnection,
    author: int,
    *revision_ids: int,
    at: datetime = NOW,
    finished_at: datetime | None = NOW,
    guild_id: int = GUILD,
) -> int:
    address = AnswerAddress(AnswerKind.REPLY, token="a way back", user_id=author)
    name = "Minami Kettle" if author == INFLUENCER else "Sam"
    key = f"batch:{author}:{revision_ids}:{at}:{finished_at}"
    new = Batch(0, guild_id, key, author, name, address, at, finished_at=finished_at)
    stored, _ = await batches.receive_batch(conn, new)
    items = [Item("row 1", revision_id=one) for one in revision_ids] or [Item("row 1", problem=erasure.GONE)]
    await batches.add_items(conn, stored.id, items)
    return stored.id


async def test_batches_go_once_they_are_old_and_no_text_of_their_drafts_is_left(store: Store) -> None:
    elsewhere, long_ago = GUILD + 1, NOW - timedelta(days=91)
    async with store.write() as conn:
        place, other = await make_place(conn), await make_place(conn, elsewhere)
        await guilds.store_settings(conn, GUILD, GuildSettings(retention_days=30))
        month = NOW - timedelta(days=31)
        old, older, oldest = [(await judged(conn, place.draft(at=month))).revision.id for _ in range(3)]
        young, new = [(await judged(conn, place.draft())).revision.id for _ in range(2)]
        waiting = (await drafts.receive(conn, place.draft("waits", at=month))).revision_id
        keeps = (await judged(conn, other.draft(at=long_ago))).revision.id
        gone = {await a_batch(conn, OWNER, old, at=month), await a_batch(conn, OWNER, at=month)}
        gone |= {await a_batch(conn, OWNER, at=long_ago, guild_id=elsewhere)}
        kept = {
            await a_batch(conn, OWNER, young),
            await a_batch(conn, OWNER, older, new, at=month),
            await a_batch(conn, OWNER, waiting, at=month),
            await a_batch(conn, OWNER, oldest, at=month, finished_at=None),
            await a_batch(conn, OWNER, keeps, at=long_ago, guild_id=elsewhere),
            await a_batch(conn, OWNER, at=month, guild_id=elsewhere),
        }
    await upkeep.prune(store, NOW, None)
    async with store.read() as conn:
        left = set(await conn.scalars(select(tables.batch.c.id)))
        assert set(await conn.scalars(select(tables.batch_item.c.batch_id))) == kept
    assert (left, left & gone) == (kept, set())


# Columns of a kind that could hold a person, and do not.
NO_PERSON = {
    "guild.drafts_channel_id",
    "brand.name",
    "brand.name_key",
    "campaign.name",
    "campaign.name_key",
    "influencer.name",
    "influencer.name_key",
    "influencer.followers",
    "post.likes",
    "post.comments",
    "attachment.name",
    "spend.calls",
    "spend.prompt_tokens",
    "spend.cached_tokens",
    "spend.completion_tokens",
    "spend.cost",
    "outbox.channel_id",
    "outbox.message_id",
    "watched_channel.channel_id",
    "watched_channel.last_seen_id",
    "batch.message_id",
}


def test_every_column_that_can_hold_a_person_is_listed() -> None:
    found = {
        f"{table.name}.{column.name}"
        for table in tables.metadata.tables.values()
        for column in table.c
        if isinstance(column.type, BigInteger)
        or "name" in column.name
        or column.name in ("audience", "answer")
        or (isinstance(column.type, Json) and column.name.endswith(("address", "person", "people")))
    }
    of_guilds = {name for name in found if name.endswith(".guild_id")} - people.COLUMNS.keys()
    assert found - of_guilds == people.COLUMNS.keys() | NO_PERSON
    assert "spend.guild_id" not in of_guilds  # hangs on no guild, so it must be listed
