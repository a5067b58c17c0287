"""Approving at one go what fits in a batch: by whom, which texts, what is said of the rest, and to whom."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from discord import ui

from bot.chat.batch.approving import approve_button, question_view
from bot.chat.markup import width
from bot.chat.verdict.cards import CARD_LIMIT
from bot.model.decisions import DecisionKind
from bot.model.drafts import AnswerAddress, AnswerKind
from bot.model.verdicts import Outcome
from bot.sandbox.people import Message, Person
from bot.services.batch_approval import approve_fitting
from bot.services.decide import decide
from bot.services.lookup import show
from bot.services.versions import NewText, add_version
from bot.store import drafts, verdicts
from bot.store.verdicts import StoredVerdict
from tests.chat.batch.test_batch_cards import a_row
from tests.chat.batch.test_batches import cards, sound, table, the_end
from tests.chat.house import DRAFT, House, passing, utc_now
from tests.chat.values import a_verdict

FIT, DIRECT = Outcome.FITS, "dm"


async def sent(house: House, sender: Person, *outcomes: Outcome, label: int = 0) -> Message:
    """A batch with these outcomes, at its end; the draft V-`label` has no label."""

    async def judge(revision_id: int) -> None:
        async with house.store.write() as conn:
            number = (await drafts.get_work(conn, revision_id)).revision.id
            verdict = replace(a_verdict(), outcome=outcomes[number - 1])
            verdict = verdict if number == label else passing(verdict)
            await verdicts.record_verdict(conn, revision_id, verdict, utc_now(), answer_needed=False)

    await sender.slash("batch", {"file": table(*sound(len(outcomes)))})
    house.start_judging(judge)
    return await the_end(house)


async def found(house: House, number: int) -> StoredVerdict:
    return await show(house.store, house.guild_id, f"V-{number}", viewer_id=None)


async def card_says(house: House, words: str) -> Message:
    async def says() -> Message | None:
        return next((one for one in await cards(house) if words in one.text.replace("*", "")), None)

    card: Message = await house.sandbox.until(says)
    return card


async def test_all_that_fit_are_approved_once_and_their_author_hears_of_it_once(
    waiting_house: House, mira: Person, lena: Person
) -> None:
    house = waiting_house
    card = await sent(house, mira, FIT, Outcome.REVISE, FIT, FIT, FIT, label=4)
    texts = [(await found(house, number)).revision.sha256 for number in range(1, 6)]
    await decide(
        house.store,
        house.guild_id,
        "V-5",
        DecisionKind.ASK_FOR_CHANGES,
        person_id=1,
        person_name="Otto",
        reason="Say more.",
        sha256=texts[4],
        now=utc_now(),
    )
    await house.restart_bot()
    await card_says(house, "Changes asked for: 1")
    second, asked = [await (await lena.click(card, "Approve the 2 that fit")).finished() for _ in range(2)]
    assert asked.ephemeral
    assert "2 drafts fit" in asked.text
    assert "V-1, V-3" in asked.text
    for left in ("not judged to fit: V-2", "label has to be mended: V-4", "decided already: V-5"):
        assert left in asked.text
    assert not (await found(house, 1)).decisions
    done = await lena.click(asked, "Yes, approve 2")
    await done.answer()
    card = await card_says(house, "Approved: 2")
    assert "Changes asked for: 1" in card.text.replace("*", "")
    assert "Approve the" not in str(card.data["components"])
    for number in range(1, 6):
        made = [(one.kind, one.sha256) for one in (await found(house, number)).decisions]
        kinds = {1: DecisionKind.APPROVE, 3: DecisionKind.APPROVE, 5: DecisionKind.ASK_FOR_CHANGES}
        assert made == ([(kinds[number], texts[number - 1])] if number in kinds else [])
    await house.sandbox.until(lambda: told(house))
    again = await (await lena.click(second, "Yes, approve 2")).finished()
    assert "Nothing is left that could be approved" in again.text
    assert len((await found(house, 1)).decisions) == 1
    await house.restart_bot()
    [news] = await told(house)
    assert "2 of the drafts you sent together were approved by Lena" in news.text.replace("*", "")
    assert not [one for one in await house.seen("mira", DIRECT) if "V-1" in one.text or "V-3" in one.text]


async def told(house: House) -> list[Message]:
    return [one for one in await house.seen("mira", DIRECT) if "sent together" in one.text]


async def test_what_was_not_shown_is_not_approved_by_an_old_question(
    waiting_house: House, mira: Person, lena: Person
) -> None:
    house = waiting_house
    card = await sent(house, mira, FIT, FIT, FIT)
    asked = await (await lena.click(card, "Approve the 3 that fit")).finished()
    first = await found(house, 1)
    author = first.draft.author_id
    new = NewText(author, "event:new", f"{DRAFT} In snow.", AnswerAddress(AnswerKind.NONE, user_id=author))
    await add_version(house.store, house.guild_id, first.draft.id, new, house.settings.review, utc_now())
    assert (await (await lena.click(asked, "Yes, approve 3")).answer())["type"] == 7  # asked again
    assert not (await found(house, 2)).decisions


async def test_two_who_confirm_at_once_approve_each_draft_once(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    await sent(house, mira, FIT, FIT, FIT, FIT)
    people = [(5, "Lena"), (6, "Otto")]
    both = await asyncio.gather(
        *(
            approve_fitting(house.store, house.guild_id, 1, person_id=one, person_name=name, now=utc_now())
            for one, name in people
        )
    )
    assert sorted(number for done in both for number in done.approved) == ["V-1", "V-2", "V-3", "V-4"]
    assert [len((await found(house, number)).decisions) for number in range(1, 5)] == [1, 1, 1, 1]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_question_stays_within_a_card_whatever_there_is(language: str) -> None:
    label = passing(a_verdict()).disclosure
    rows = [
        replace(a_row(at, Outcome.FITS), number=f"V-{at + 10**9}", disclosure=None if at % 3 else label)
        for at in range(200)
    ]
    rows = [replace(row, decided=DecisionKind.APPROVE) if at % 3 == 2 else row for at, row in enumerate(rows)]
    view = question_view(1, rows, language)
    assert sum(width(item.content) for item in view.walk_children() if isinstance(item, ui.TextDisplay)) <= CARD_LIMIT
    assert approve_button(1, rows[1:3], language) is None


@pytest.mark.parametrize("name", ["tobi", "mira"])
async def test_only_who_decides_may(waiting_house: House, mira: Person, name: str) -> None:
    house = waiting_house
    card = await sent(house, mira, FIT)
    told = await (await house.sandbox.person(name).click(card, "Approve the one that fits")).finished()
    assert "Only the people chosen for it" in told.text
    assert not (await found(house, 1)).decisions


async def test_nobody_is_told_of_their_own_approvals(waiting_house: House, lena: Person) -> None:
    house = waiting_house
    card = await sent(house, lena, FIT, FIT)
    asked = await (await lena.click(card, "Approve the 2 that fit")).finished()
    await (await lena.click(asked, "Yes, approve 2")).answer()
    await card_says(house, "Approved: 2")
    assert not await house.seen("lena", DIRECT)


async def test_a_single_approval_is_counted_on_the_card_of_its_batch(
    waiting_house: House, mira: Person, lena: Person
) -> None:
    house = waiting_house
    card = await sent(house, mira, FIT, FIT)
    opened = await (await lena.select(card, "Open one of these drafts", ["V-1"])).finished()
    await (await lena.click(opened, "Approve")).answer()
    card = await card_says(house, "Approved: 1")
    assert "Approve the one that fits" in str(card.data["components"])
