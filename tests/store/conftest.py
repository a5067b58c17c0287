from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Store, open_store
from tests.store.values import Place, make_place


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "data" / "bot.sqlite3")
    yield opened
    await opened.close()


@pytest.fixture
async def place(store: Store) -> Place:
    async with store.write() as conn:
        return await make_place(conn)
