"""Who may answer a verdict, and how often."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import Problem
from bot.model.decisions import Reply
from bot.model.posts import Visibility
from bot.model.verdicts import CriterionKey
from bot.services.lookup import show
from bot.services.replies import LONGEST, MOST, answer
from bot.store import drafts, links, verdicts
from bot.store.database import Store
from bot.store.erasure import erase_revisions
from tests.chat.values import a_verdict
from tests.services.test_export import GUILD, NOW, a_place, judged
from tests.store.values import make_place

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
        ("I did.", AUTHOR, "S-1", GUILD, "Numbers like S-1"),
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


async def test_no_finding_is_answered_that_the_verdict_does_not_hold_any_more(store: Store, verdict: str) -> None:
    stored = await show(store, GUILD, verdict, viewer_id=None)
    fewer = dict(a_verdict().criteria)
    del fewer[CriterionKey.VOICE_MATCH]
    async with store.write() as conn:
        await erase_revisions(conn, [stored.revision.id], NOW)
        new = (await make_place(conn, GUILD)).draft("A kettle.", author_id=AUTHOR)
        other = (await drafts.receive(conn, new)).revision_id
        await verdicts.record_verdict(conn, other, replace(a_verdict(), criteria=fewer), NOW, answer_needed=False)
    with pytest.raises(Problem, match="no finding left to answer"):
        await said(store, "I did.")
    with pytest.raises(Problem, match="not in the verdict"):
        await said(store, "I did.", number="V-2")
    assert not (await show(store, GUILD, verdict, viewer_id=None)).replies
