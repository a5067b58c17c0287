from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import sample
from bot.services.library import load_workspace
from bot.store.database import Store, open_store

GUILD = 7


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A store that holds the sample workspace for GUILD."""
    opened = await open_store(tmp_path / "bot.sqlite3")
    await load_workspace(opened, GUILD, sample.workspace())
    yield opened
    await opened.close()
