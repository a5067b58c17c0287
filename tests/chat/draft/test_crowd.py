"""A crowd is acknowledged before anything of it is stored; each draft is stored once, whatever becomes of the sign."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.chat.draft.crowd import CROWD
from bot.sandbox.people import Interaction, Person, Sandbox
from bot.store.tables import revision
from bot.texts import text
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House
from tests.store.outages import held_by_another

MANY = 3 * CROWD


@pytest.fixture
async def house(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[House]:
    """Whose store waits for its turn longer than an interaction can; nothing is judged."""
    async with House.opened(sandbox, tmp_path, patience=20.0) as house:
        await house.start_bot()
        yield house


def journal(house: House) -> Path:
    return house.store.path.with_name(f"{house.store.path.name}.acknowledged")


def noted(house: House) -> set[str]:
    """The drafts of the crowd that wait in the journal."""
    written = journal(house).read_text() if journal(house).exists() else ""
    whole = written.rpartition("\n")[0].splitlines()  # the last one may be under way
    events = [json.loads(line)["event"] for line in whole if line]
    return {event["data"]["components"][0]["component"]["value"] for event in events}


async def handed_in(mira: Person, texts: list[str], command: str = "review") -> list[Interaction]:
    """As many forms, all sent at the same moment."""
    options = {"influencer": HANDLE, "campaign": CAMPAIGN}
    opened = [await mira.slash(command, options) for _ in texts]
    for form in opened:
        await form.modal()
    acts = [
        {"verb": "submit", "person": mira.name, "token": form.token, "values": {"text": words}}
        for form, words in zip(opened, texts, strict=True)
    ]
    sent = await mira.sandbox.ask("at_once", acts=acts)
    return [Interaction(mira.sandbox, one["token"]) for one in sent]


async def stored(house: House) -> list[str]:
    async with house.store.read() as conn:
        return sorted(await conn.scalars(select(revision.c.text)))


def drafts(count: int = MANY) -> list[str]:
    return [f"{number:03} {DRAFT}" for number in range(count)]


@pytest.mark.parametrize(("command", "is_private"), [("review", False), ("selfcheck draft", True)])
async def test_a_crowd_is_acknowledged_before_it_is_stored(
    house: House, mira: Person, command: str, is_private: bool
) -> None:
    async with held_by_another(house.store.path):
        sent = await handed_in(mira, drafts(), command)
        for one in sent[CROWD:]:
            assert (await one.answer())["type"] == 5
            assert await one.ephemeral() is is_private
        assert noted(house) >= set(drafts()[CROWD:])  # on the disk, should this process die now
        assert await stored(house) == []

    async def are_stored() -> bool:
        return await stored(house) == drafts()

    await house.sandbox.until(are_stored)
    await house.sandbox.until(lambda: journal(house).read_bytes() == b"")
    assert [(await one.answer())["type"] for one in sent] == [5] * MANY
    calls = await house.sandbox.record(path="/callback", method="POST")
    signs = [call["path"] for call in calls if call["body"]["type"] == 5]
    assert len(signs) == MANY
    assert any(one.token in signs[0] for one in sent[CROWD:])  # the first ones wait for the store


@pytest.mark.parametrize("fault", ["500", "reset_before", "reset_after"])
async def test_whose_sign_gets_lost_is_stored_all_the_same(house: House, mira: Person, fault: str) -> None:
    async with held_by_another(house.store.path):
        await house.sandbox.fault(fault, "/callback", count=2, skip=MANY)  # the first are the forms
        sent = await handed_in(mira, drafts())

        async def are_noted() -> bool:
            return noted(house) >= set(drafts()[CROWD:])

        await house.sandbox.until(are_noted)

    async def are_stored() -> bool:
        return await stored(house) == drafts()

    await house.sandbox.until(are_stored)
    assert [(await one.answer())["type"] for one in sent] == [5] * MANY


async def test_one_of_a_crowd_that_is_refused_is_told_so_where_the_sign_stands(house: House, mira: Person) -> None:
    sent = await handed_in(mira, [*drafts(MANY - 1), "🏃"])
    assert text("en", "draft_problem.empty") in (await sent[-1].finished()).text

    async def are_stored() -> bool:
        return await stored(house) == drafts(MANY - 1)

    await house.sandbox.until(are_stored)
    await house.sandbox.until(lambda: journal(house).read_bytes() == b"")


@pytest.mark.parametrize("fault", ["500_after", "reset_after", "half_after"])
async def test_who_is_refused_is_told_so_though_the_answer_to_the_sign_got_lost(
    house: House, mira: Person, fault: str
) -> None:
    async with held_by_another(house.store.path):  # nothing but the signs of the crowd goes out
        await house.sandbox.fault(fault, "/callback", skip=2 * CROWD)
        sent = await handed_in(mira, [*drafts(CROWD), *["🏃"] * CROWD])
        for one in sent[CROWD:]:
            assert text("en", "draft_problem.empty") in (await one.finished()).text
    refused = await house.sandbox.record(path="/callback", method="POST")
    assert [call["fault"] for call in refused if call["fault"]] == [fault]


async def test_where_it_cannot_be_noted_it_is_stored_first(house: House, mira: Person) -> None:
    journal(house).mkdir()
    sent = await handed_in(mira, drafts())
    assert [(await one.answer())["type"] for one in sent] == [5] * MANY
    assert await stored(house) == drafts()
