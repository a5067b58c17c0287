"""Drafts handed in at the same moment: what comes of each is what would have come of it one after the other."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import sample
from bot.config import Limits
from bot.errors import Problem
from bot.model.posts import Visibility
from bot.services.library import load_workspace
from bot.services.limits import TooMany
from bot.services.submit import Submission, Submitted, submit
from bot.store import drafts, guilds
from bot.store.database import Store, open_store
from tests.services.conftest import GUILD
from tests.services.test_flow import NOW, SETTINGS, submission

UNLIMITED = Limits()


@st.composite
def handed_in(draw: st.DrawFn) -> list[Submission]:
    """Of few people, with some events that come twice and some names that nobody knows."""
    visibilities = [draw(st.sampled_from(Visibility)) for _ in range(draw(st.integers(1, 8)))]
    return [
        submission(
            author_id=draw(st.integers(1, 2)),
            visibility=visibility,
            source_key=f"message:{draw(st.integers(1, 12))}",
            handle=draw(st.sampled_from(["@tobi_keeps", "@tobi_keeps", "@lane9_wren", "@toby_keeps"])),
        )
        for visibility in visibilities
    ]


LIMITS = st.builds(
    Limits,
    person_per_hour=st.integers(1, 5),
    guild_per_hour=st.integers(1, 5),
    guild_waiting=st.integers(1, 5),
    waiting=st.integers(1, 7),
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample workspace, to be copied."""
    path = tmp_path_factory.mktemp("prepared") / "bot.sqlite3"

    async def prepare() -> None:
        store = await open_store(path)
        await load_workspace(store, GUILD, sample.workspace())
        await store.close()

    asyncio.run(prepare())
    return path


@asynccontextmanager
async def copy_of(prepared: Path) -> AsyncIterator[Store]:
    with TemporaryDirectory() as folder:
        store = await open_store(Path(shutil.copy(prepared, folder)))
        yield store
        await store.close()


def told(end: Submitted | BaseException) -> object:
    """What a person hears: the draft's number, or why there is none, and until when."""
    if isinstance(end, Submitted):
        return end
    assert isinstance(end, Problem)
    return end.message, end.until if isinstance(end, TooMany) else None


@settings(max_examples=20, deadline=None)
@given(handed_in(), LIMITS)
async def test_together_as_one_by_one(prepared: Path, sent: list[Submission], limited: Limits) -> None:
    async with copy_of(prepared) as store, copy_of(prepared) as other:
        work = (submit(store, one, SETTINGS, NOW, limited=limited) for one in sent)
        together = await asyncio.gather(*work, return_exceptions=True)
        alone: list[Submitted | BaseException] = []
        for one in sent:
            alone += await asyncio.gather(submit(other, one, SETTINGS, NOW, limited=limited), return_exceptions=True)
    assert [told(end) for end in together] == [told(end) for end in alone]


async def test_an_answer_to_all_is_in_the_language_of_their_server(store: Store) -> None:
    async with store.write() as conn:
        await guilds.upsert_guild(conn, GUILD, language="ja")
    for language, expected in (("", "ja"), ("en", "en")):
        base = submission(source_key=f"message:{language}")
        sent = replace(base, answer=replace(base.answer, language=language))
        submitted = await submit(store, sent, SETTINGS, NOW, limited=UNLIMITED)
        async with store.read() as conn:
            assert (await drafts.get_work(conn, submitted.revision_id)).answer.language == expected
