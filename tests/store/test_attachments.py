"""Files are kept with the revision they came with, byte for byte, and go with it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from hashlib import sha256

from sqlalchemy import delete, func, select

from bot.model.drafts import Attachment
from bot.model.posts import Visibility
from bot.store import drafts
from bot.store.attachments import attachments_of
from bot.store.database import Store
from bot.store.search import fold
from bot.store.tables import attachment, influencer, revision
from tests.store.values import Place

FILES = (
    Attachment("../../kettle {x}.png", "image/png", b"\x89PNG\r\n\x1a\n\x00\xff" * 1000),
    Attachment("かんそう.srt", "application/x-subrip", b"1\r\n"),
    Attachment("empty", "text/plain", b""),
)


async def received(store: Store, place: Place, **changes: object) -> int:
    new = replace(place.draft(visibility=Visibility.PRIVATE), attachments=FILES, **changes)  # type: ignore[arg-type] # test convenience
    async with store.write() as conn:
        return (await drafts.receive(conn, new)).revision_id


async def test_files_come_back_as_they_were(store: Store, place: Place) -> None:
    revision_id = await received(store, place)
    async with store.read() as conn:
        assert await attachments_of(conn, revision_id) == FILES
        assert await attachments_of(conn, revision_id + 1) == ()
    with sqlite3.connect(store.path) as other:
        rows = other.execute("SELECT number, sha256, typeof(data) FROM attachment ORDER BY number").fetchall()
    assert rows == [(number, sha256(file.data).hexdigest(), "blob") for number, file in enumerate(FILES, 1)]


async def test_the_same_event_keeps_them_once(store: Store, place: Place) -> None:
    for _ in range(2):
        await received(store, place, source_key="message:9")
    async with store.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(attachment)) == len(FILES)


async def test_erasing_a_person_erases_the_files(store: Store, place: Place) -> None:
    await received(store, place)
    async with store.write() as conn:
        await conn.execute(delete(influencer))
        assert await conn.scalar(select(func.count()).select_from(attachment)) == 0


async def test_what_is_said_is_kept_found_and_approved(store: Store, place: Place) -> None:
    said = await received(store, place, text="", spoken="Ad. The kettle sings.")
    both = await received(store, place, text="A caption.", spoken="Ad. The kettle sings.")
    async with store.read() as conn:
        assert [(await drafts.get_work(conn, one)).revision.spoken for one in (said, both)] == [
            "Ad. The kettle sings.",
            "Ad. The kettle sings.",
        ]
        rows = (await conn.execute(select(revision.c.folded, revision.c.sha256).order_by(revision.c.id))).all()
        works = [await drafts.get_work(conn, one) for one in (said, both)]
    assert all(fold("kettle sings") in row.folded for row in rows)
    assert [row.sha256 for row in rows] == [work.revision.sha256 for work in works]
    assert rows[0].sha256 != rows[1].sha256
