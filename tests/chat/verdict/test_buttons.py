"""Buttons of cards, mostly pressed after the process that sent them is gone."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.model.decisions import DecisionKind
from bot.sandbox.errors import RefusedError
from bot.sandbox.people import Message, Person
from bot.services import lookup
from bot.store.verdicts import StoredVerdict
from tests.chat.house import DRAFT, House


async def verdict(house: House, number: str = "V-1") -> StoredVerdict:
    return await lookup.show(house.store, house.guild_id, number, viewer_id=None)


async def test_an_approval_is_stored_and_shown_on_the_card(house: House, mira: Person, lena: Person) -> None:
    card = await house.card(mira)
    await house.restart_bot()
    pressed = await lena.click(card, "Approve")
    assert (await pressed.answer())["type"] == 7
    [shown] = await house.seen("otto")
    assert "Approved by **Lena**" in shown.text
    stored = await verdict(house)
    [decision] = stored.decisions
    assert (decision.kind, decision.person_name) == (DecisionKind.APPROVE, "Lena")
    assert decision.sha256 == stored.revision.sha256


async def test_who_may_not_manage_messages_may_not_decide(house: House, mira: Person) -> None:
    card = await house.card(mira)
    for label in ("Approve", "Ask for changes"):
        told = await mira.click(card, label)
        assert "Only the people chosen for it" in (await told.finished()).text
        assert await told.ephemeral()
    assert not (await verdict(house)).decisions


async def test_asking_for_changes_asks_for_the_reason(house: House, mira: Person, lena: Person) -> None:
    card = await house.card(mira)
    form = await lena.click(card, "Ask for changes")
    await form.modal()
    await house.restart_bot()
    sent = await lena.submit(form, {"reason": "Say since when *you* have them."})
    assert (await sent.answer())["type"] == 7
    [shown] = await house.seen("otto")
    assert "**Lena** asked for changes" in shown.text
    assert "Say since when \\*you\\* have them." in shown.text
    [decision] = (await verdict(house)).decisions
    assert (decision.kind, decision.reason) == (DecisionKind.ASK_FOR_CHANGES, "Say since when *you* have them.")


async def test_a_form_sent_by_somebody_whose_right_was_taken_away_decides_nothing(
    house: House, mira: Person, lena: Person
) -> None:
    form = await lena.click(await house.card(mira), "Ask for changes")
    await form.modal()
    await house.sandbox.ask("permit", subject="lead", deny=["manage_guild", "manage_messages"])
    told = await lena.submit(form, {"reason": "no reason is good enough"})
    assert "Only the people chosen for it" in (await told.finished()).text
    assert not (await verdict(house)).decisions


async def test_a_decision_about_a_text_that_has_changed_since_is_refused(
    house: House, mira: Person, lena: Person
) -> None:
    card = await house.card(mira)
    async with house.store.write() as conn:
        await conn.exec_driver_sql("UPDATE revision SET text = 'another', sha256 = 'ff'")
    told = await lena.click(card, "Approve")
    assert "has changed since you saw it" in (await told.finished()).text
    assert not (await verdict(house)).decisions


async def test_evidence_opens_for_the_one_who_asks_and_turns_its_pages(house: House, mira: Person) -> None:
    card = await house.card(mira)
    async with house.store.write() as conn:  # enough of it for several pages
        await conn.exec_driver_sql(
            "UPDATE verdict SET body = json_set(body, '$.criteria.voice_match.draft_quotes', json(?))",
            (str(["word " * 50] * 30).replace("'", '"'),),
        )
    await house.restart_bot()
    opened = await mira.click(card, "Evidence")
    first = await opened.finished()
    assert first.ephemeral
    assert "Page 1 of" in first.text
    assert [message.id for message in await house.seen("otto")] == [card.id]
    await mira.click(first, "Next")

    async def at_page(number: int) -> Message | None:
        now = await opened.message()
        return now if now and f"Page {number} of" in now.text else None

    shown = await house.sandbox.until(lambda: at_page(2))
    await mira.click(shown, "Back")
    await house.sandbox.until(lambda: at_page(1))


async def test_history_is_searched_and_only_the_one_who_searched_turns_its_pages(
    house: House, mira: Person, lena: Person
) -> None:
    for number in range(7):
        await (await house.review(mira, f"{DRAFT} Number {number}.")).finished()
    search = await mira.slash("history search", {"influencer": "mossy_miles", "text": "mend"})
    listed = await search.finished()
    assert "7 in all, page 1 of 2" in listed.text
    assert listed.text.index("V-7") < listed.text.index("V-3")
    assert "V-2" not in listed.text
    await house.restart_bot()
    with pytest.raises(RefusedError):  # what was listed is the asker's alone
        await lena.click(listed, "Next")
    await mira.click(listed, "Next")

    async def second() -> bool:
        now = await search.message()
        return now is not None and "page 2 of 2" in now.text and "V-2" in now.text

    await house.sandbox.until(second)


async def test_filters_narrow_the_history(house: House, mira: Person) -> None:
    await house.card(mira)
    outcome = (await verdict(house)).verdict.outcome
    for options, found in (
        ({"outcome": outcome.value}, True),
        ({"outcome": "fits" if outcome != "fits" else "revise"}, False),
        ({"text": "no such words"}, False),
        ({"since": "2020-01-31"}, True),
        ({"since": "2190-01-31"}, False),
    ):
        listed = await (await mira.slash("history search", options)).finished()
        assert ("V-1" in listed.text) is found, options
    told = await mira.slash("history search", {"since": "soon"})
    assert "'soon' is no date" in (await told.finished()).text
    told = await mira.slash("history search", {"campaign": "Winter"})
    assert "There is no campaign 'Winter'" in (await told.finished()).text


async def test_a_verdict_shown_again_is_the_same_card(house: House, mira: Person, lena: Person) -> None:
    await house.card(mira)
    again = await lena.slash("history show", {"number": "v1"})
    card = await again.finished()
    assert "V-1" in card.text
    assert card.ephemeral
    await (await lena.click(card, "Approve")).answer()
    copy = (await again.message()) or card
    assert "Approved by **Lena**" in copy.text
    assert DRAFT in copy.text


async def test_a_copy_shows_what_is_so_now_whatever_is_pressed(house: House, mira: Person, lena: Person) -> None:
    card = await house.card(mira)
    copies = [await lena.slash("history show", {"number": "V-1"}) for _ in range(4)]
    seen = [await one.finished() for one in copies]
    await (await lena.click(card, "Approve")).answer()
    beside = await lena.click(seen[0], "Evidence")
    assert "Approved by **Lena**" in (await beside.finished()).text
    [page] = await house.sandbox.until(beside.followups)
    assert "Evidence for V-1" in page.text
    assert page.ephemeral
    form = await mira.click(card, "New version")
    await (await mira.submit(form, {"text": "Ad | Only in the mud, twice a week."})).finished()
    for at, label in enumerate(("Approve", "Ask for changes", "Overrule"), 1):
        pressed = await lena.click(seen[at], label)
        now = (await pressed.finished()).text
        assert "Replaced by" in now
        assert "[ Approve ]" not in now
        [told] = await house.sandbox.until(pressed.followups)
        assert "The text of V-1 has changed" in told.text
    versions = await lena.click((await copies[0].message()) or seen[0], "Evidence")
    assert "Replaced by" in (await versions.finished()).text


async def test_a_private_card_stays_the_card(house: House, tobi: Person) -> None:
    card = await (await house.review(tobi, command="selfcheck draft")).finished()
    assert "Evidence for S-1" in (await (await tobi.click(card, "Evidence")).finished()).text


async def test_a_button_of_another_version_says_what_to_do(house: House, mira: Person) -> None:
    card = await house.card(mira)
    assert house.bot is not None
    view = discord.ui.LayoutView(timeout=None)
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow(discord.ui.Button(label="Old", custom_id="v0:old"))
    await house.bot.get_partial_messageable(int(card.channel_id)).send(view=view.add_item(row))
    [_, old] = await house.seen("mira")
    told = await mira.click(old, "Old")
    assert "/history show" in (await told.finished()).text
