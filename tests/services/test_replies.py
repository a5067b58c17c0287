"""Who may answer a verdict, and how often."""

from __future__ import annotations

import pytest

from bot.errors import Problem
from bot.model.decisions import Reply
from bot.model.posts import Visibility
from bot.model.verdicts import CriterionKey
from bot.services.lookup import show
from bot.services.replies import LONGEST, MOST, answer
from bot.store import links
from bot.store.database import Store
from tests.services.test_export import GUILD, NOW, a_place, judged

AUTHOR, INFLUENCER, STRANGER = 5, 6, 7


@pytest.fixture
async def verdict(store: Store) -> str:
    place = await a_place(store)
    async with store.write() as conn:
        await judged(conn, place.draft("A kettle.", author_id=AUTHOR))
        await judged(conn, place.draft("Mine.", author_id=AUTHOR, visibility=Visibility.PRIVATE))
        await links.ask_link(conn, place.influencer, INFLUENCER, "Mika", NOW)
        await links.confirm_link(conn, GUILD, place.influencer.id, INFLUENCER, 1, NOW)
    return "V-1"


async def said(store: Store, words: str, person: int = AUTHOR, number: str = "V-1", guild: int = GUILD) -> Reply:
    about = CriterionKey.VOICE_MATCH
    return await answer(store, guild, number, about, words, person_id=person, person_name="Mika", now=NOW)


async def test_the_author_and_the_influencer_answer_and_what_they_said_stays(store: Store, verdict: str) -> None:
    for words, person in (("I did.", AUTHOR), ("So did I.", INFLUENCER), ("I did.", AUTHOR)):
        await said(store, words, person)
    found = await show(store, GUILD, verdict, viewer_id=None)
    assert [(one.text, one.person_id) for one in found.replies] == [("I did.", AUTHOR), ("So did I.", INFLUENCER)]


@pytest.mark.parametrize(
    ("words", "person", "number", "guild", "problem"),
    [
        ("I did.", STRANGER, "V-1", GUILD, "Only @mika.bakes and whoever"),
        ("I did.", AUTHOR, "S-1", GUILD, "no verdict S-1"),
        ("I did.", AUTHOR, "V-1", GUILD + 1, "no verdict V-1"),
        (" ? ", AUTHOR, "V-1", GUILD, "from 3 to 1000"),
        ("x" * (LONGEST + 1), AUTHOR, "V-1", GUILD, "from 3 to 1000"),
    ],
)
async def test_nothing_else_is_stored(
    store: Store, verdict: str, words: str, person: int, number: str, guild: int, problem: str
) -> None:
    with pytest.raises(Problem, match=problem):
        await said(store, words, person, number, guild)
    assert not (await show(store, GUILD, verdict, viewer_id=None)).replies


@pytest.mark.usefixtures("verdict")
async def test_one_person_has_so_many_answers(store: Store) -> None:
    for number in range(MOST):
        await said(store, f"answer {number}")
    with pytest.raises(Problem, match="the most there may be"):
        await said(store, "one more")
    await said(store, "another's", INFLUENCER)
