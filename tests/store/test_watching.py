"""Whom the bot has met of late."""

from __future__ import annotations

from datetime import timedelta

from bot.store import drafts, links, watching
from bot.store.database import Store
from tests.store.values import NOW, Place

DAY = timedelta(days=1)


async def test_people_met_are_named_once_and_the_latest_first(store: Store, place: Place) -> None:
    async with store.write() as conn:
        for author_id, days in ((1, 5), (2, 4), (1, 3), (3, 40), (0, 1)):  # 0 is the command line
            await drafts.receive(conn, place.draft(author_id=author_id, at=NOW - days * DAY))
        await links.ask_link(conn, place.influencer, 4, "Rin", NOW - 2 * DAY)
    async with store.read() as conn:
        assert await watching.people_met(conn, NOW - 30 * DAY, 10) == (4, 1, 2)
        assert await watching.people_met(conn, NOW - 30 * DAY, 2) == (4, 1)
