"""Decisions: who hears of them, and every card that stands shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.model.decisions import DecisionKind
from bot.model.verdicts import DisclosureLine, Outcome
from bot.sandbox.people import Interaction, Message, Person
from bot.services import lookup
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House
from tests.chat.personal.test_selfcheck import id_of, link

REASON = "She wrote in May that she wears them daily; the judge missed it."


async def direct(house: House, person: str = "mira") -> list[Message]:
    return await house.seen(person, "dm")


async def the_card(house: House, *words: str) -> Message:
    async def found() -> Message | None:
        seen = [one for one in await house.seen("otto") if "## " in one.text and " · V-1" in one.text]
        return seen[0] if seen and all(word in seen[0].text for word in words) else None

    card: Message = await house.sandbox.until(found)
    return card


async def overrule(person: Person, card: Message) -> None:
    opened = await person.click(card, "Overrule")
    await person.submit(opened, {"reason": REASON})


async def test_overruling_stands_beside_the_verdict_and_an_approval_beside_it(
    house: House, mira: Person, lena: Person
) -> None:
    card = await house.card(mira)
    before = (await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)).verdict
    await house.restart_bot()
    await overrule(lena, card)
    shown = await the_card(house, "Verdict overruled by **Lena**", REASON[:50])
    assert "**Next:** Approve it, or ask for changes." in shown.text  # not settled by that, but no longer its advice
    await lena.click(shown, "Approve")
    shown = await the_card(house, "Approved by **Lena**", "Verdict overruled by **Lena**")
    assert shown.text.splitlines()[2].endswith("Fits · V-1")
    stored = await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)
    assert [one.kind for one in stored.decisions] == [DecisionKind.DISAGREE, DecisionKind.APPROVE]
    assert stored.verdict == before


async def test_overruling_needs_the_right_and_a_reason(house: House, mira: Person, lena: Person) -> None:
    card = await house.card(mira)
    told = await mira.click(card, "Overrule")
    assert "Only the people chosen for it" in (await told.finished()).text
    opened = await lena.click(card, "Overrule")
    told = await lena.submit(opened, {"reason": "no"})
    assert "why the verdict is wrong" in (await told.finished()).text
    assert not (await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)).decisions


async def test_a_decision_made_on_another_copy_reaches_the_card_that_stands(
    house: House, mira: Person, lena: Person
) -> None:
    card = await house.card(mira)
    copy = await (await lena.slash("history show", {"number": "V-1"})).finished()
    assert copy.id != card.id
    await lena.click(copy, "Approve")
    shown = await the_card(house, "Approved by **Lena**")
    assert shown.id == card.id


async def test_a_card_that_could_not_be_edited_is_edited_after_a_restart(
    house: House, mira: Person, lena: Person
) -> None:
    card = await house.card(mira)
    copy = await (await lena.slash("history show", {"number": "V-1"})).finished()
    await house.sandbox.fault("503", f"/messages/{card.id}")
    await lena.click(copy, "Approve")
    await house.sandbox.until(lambda: house.sandbox.record(path=f"/messages/{card.id}", method="PATCH"))
    await house.restart_bot()
    assert (await the_card(house, "Approved by **Lena**")).id == card.id


async def test_the_author_hears_of_a_decision_once_and_nobody_else_does(
    house: House, mira: Person, lena: Person
) -> None:
    card = await house.card(mira)
    opened = await lena.click(card, "Ask for changes")
    await lena.submit(opened, {"reason": "Say since when *you* have them."})
    [told] = await house.sandbox.until(lambda: direct(house))
    assert "**Lena** asks for changes to V-1" in told.text
    assert "Say since when" in told.text
    assert f"/{card.channel_id}/{card.id})" in told.text
    await lena.click(await the_card(house, "asked for changes"), "Approve")
    await house.sandbox.until(lambda: _two(house))
    await house.restart_bot()
    opened = await mira.click(card, "New version")
    await (await mira.submit(opened, {"text": f"{DRAFT} Since May."})).finished()
    await the_card(house, "Replaced by")
    assert [("approved" in one.text) for one in await direct(house)] == [False, True]
    assert len(await house.seen("otto")) == 2  # the two cards


async def _two(house: House) -> bool:
    return len(await direct(house)) == 2


async def test_who_decides_about_an_own_draft_is_not_told(house: House, mira: Person, lena: Person) -> None:
    card = await house.card(lena)
    await lena.click(card, "Approve")
    await the_card(house, "Approved by **Lena**")
    other = await (await house.review(mira, f"{DRAFT} Twice.")).finished()
    await lena.click(other, "Approve")
    await house.sandbox.until(lambda: direct(house))
    assert await direct(house, "lena") == []


@pytest.mark.parametrize("by_mention", [True, False])
async def test_an_author_who_takes_no_direct_messages_is_answered_below_the_card(
    house: House, mira: Person, lena: Person, by_mention: bool
) -> None:
    if by_mention:
        await mira.say("drafts", f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}")
        card = await the_card(house)
    else:
        card = await house.card(mira)
    await house.sandbox.ask("set_person", person="mira", dms_open=False)
    await lena.click(card, "Approve")

    async def below() -> list[Message]:
        seen = await house.seen("otto")
        return [one for one in seen if (one.data.get("message_reference") or {}).get("message_id") == card.id]

    [told] = await house.sandbox.until(below)
    assert "was approved by **Lena**" in told.text
    assert not told.data["mentions"]


@pytest.mark.parametrize(
    "change", [{"outcome": Outcome.DOES_NOT_FIT}, {"disclosure": DisclosureLine("MISSING", "", "")}]
)
async def test_an_approval_against_the_verdict_asks_why_and_says_it_everywhere(
    house: House, mira: Person, lena: Person, change: dict[str, Any]
) -> None:
    house.verdict = replace(house.verdict, **change)
    card = await house.card(mira)
    await house.restart_bot()
    told = await mira.click(card, "Approve")
    assert "Only the people chosen for it" in (await told.finished()).text
    opened = await lena.click(card, "Approve")
    assert (await opened.modal())["title"] == "Approve against the verdict: V-1"
    await house.restart_bot()
    told = await lena.submit(opened, {"reason": "no"})
    assert "although the verdict speaks against it" in (await told.finished()).text
    await lena.submit(opened, {"reason": REASON})
    shown = await the_card(house, "Verdict overruled by **Lena**", REASON[:50], "Approved by **Lena**")
    assert "**Next:**" not in shown.text
    listed = (await (await mira.slash("history search", {})).finished()).text
    assert "overruled · approved" in listed
    log = (await (await mira.slash("history decisions", {"number": "V-1"})).finished()).text
    assert log.index("Verdict overruled by **Lena**") < log.index(REASON[:50]) < log.index("Approved by **Lena**")
    await house.sandbox.until(lambda: _two(house))
    first, second = await direct(house)
    assert REASON[:50] in first.text
    assert "approved by **Lena**" in second.text


async def test_of_an_overruled_verdict_the_approval_is_one_click(house: House, mira: Person, lena: Person) -> None:
    house.verdict = replace(house.verdict, outcome=Outcome.DOES_NOT_FIT)
    card = await house.card(mira)
    await overrule(lena, card)
    pressed = await lena.click(await the_card(house, "Verdict overruled by **Lena**"), "Approve")
    assert (await pressed.answer())["type"] != 9  # no form
    await the_card(house, "Approved by **Lena**")


async def withdraw(house: House, person: Person, card: Message, reason: str = "Approved the wrong one.") -> Interaction:
    opened = await person.click(card, "Withdraw the decision")
    assert (await opened.modal())["title"] == "Withdraw the decision: V-1"
    await house.restart_bot()
    return await person.submit(opened, {"reason": reason})


async def test_a_withdrawn_approval_is_open_again_for_everybody_to_see(
    house: House, mira: Person, lena: Person
) -> None:
    card = await house.card(mira)
    assert "Withdraw" not in card.text
    await lena.click(card, "Approve")
    approved = await the_card(house, "Approved by **Lena**")
    refused = await mira.click(approved, "Withdraw the decision")
    assert "Only the people chosen for it" in (await refused.finished()).text
    told = await withdraw(house, lena, approved, "no")
    assert "why the decision is withdrawn" in (await told.finished()).text
    await withdraw(house, lena, approved)
    shown = await the_card(house, "Decision withdrawn by **Lena**", "Approved the wrong one.", "**Next:**")
    assert "Approved by" not in shown.text
    assert "Withdraw the decision" not in shown.text
    listed = (await (await mira.slash("history search", {})).finished()).text
    assert " · decision withdrawn · " in listed
    log = (await (await mira.slash("history decisions", {"number": "V-1"})).finished()).text
    assert log.index("Approved by **Lena**") < log.index("Decision withdrawn by **Lena**")
    live = await mira.submit(await mira.slash("published", {"number": "V-1"}), {"text": DRAFT})
    assert "NOT APPROVED" in (await live.finished()).text
    await house.sandbox.until(lambda: _two(house))
    _, told_author = await direct(house)
    assert "**Lena** withdrew the decision on V-1" in told_author.text
    assert "Approved the wrong one." in told_author.text
    await lena.click(shown, "Approve")
    assert "withdrawn" not in (await the_card(house, "Approved by **Lena**")).text


async def test_the_influencer_hears_that_nothing_has_to_be_changed_any_more(
    house: House, mira: Person, lena: Person
) -> None:
    await link(house, await id_of(house, "tobi"))
    card = await house.card(mira)
    await lena.submit(await lena.click(card, "Ask for changes"), {"reason": "Say since when."})
    await withdraw(house, lena, await the_card(house, "asked for changes"), "It stands there.")

    async def told() -> list[Message]:
        return [one for one in await direct(house, "tobi") if "no longer asks for changes to V-1" in one.text]

    [one] = await house.sandbox.until(told)
    assert "It stands there." in one.text


async def test_who_looks_at_an_old_card_is_told_what_somebody_else_has_decided(
    house: House, mira: Person, lena: Person
) -> None:
    await house.sandbox.ask("add_person", name="nora", roles=["lead"])
    nora = house.sandbox.person("nora")
    await house.card(mira)
    copy = await (await nora.slash("history show", {"number": "V-1"})).finished()
    form = await nora.click(copy, "Ask for changes")
    await lena.click(await the_card(house), "Approve")
    await the_card(house, "Approved by **Lena**")
    for told in (await nora.click(copy, "Overrule"), await nora.submit(form, {"reason": "Not yet."})):
        [said] = await house.sandbox.until(told.followups)
        assert "Lena has decided about V-1 since you saw it" in said.text
        assert "Approved by **Lena**" in (await told.finished()).text  # the copy is drawn anew
    [decision] = (await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)).decisions
    assert decision.kind is DecisionKind.APPROVE
    again = await (await nora.slash("history show", {"number": "V-1"})).finished()
    await nora.submit(await nora.click(again, "Ask for changes"), {"reason": "Not yet."})
    await the_card(house, "asked for changes", "Not yet.")
