from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import open_store
from tests.jobs.bench import Bench
from tests.store.values import make_place


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = await open_store(tmp_path / "bot.sqlite3")
    async with store.write() as conn:
        place = await make_place(conn)
    yield Bench(store, place)
    await store.close()
