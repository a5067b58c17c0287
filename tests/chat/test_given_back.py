"""A form that is refused gives back what was typed into it: Discord forgets a form once it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.sandbox.people import Interaction, Person
from bot.texts import text
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House
from tests.chat.personal.test_selfcheck import ASK
from tests.chat.test_rights import FORMS, LOSING, Scene

LONG = f"{DRAFT}\n\n" * 30  # more than a message holds
BOTH = {"influencer": HANDLE, "campaign": CAMPAIGN}


async def given_back(house: House, sent: Interaction) -> str:
    """The file beside the refusal."""
    answer = await sent.finished()
    assert await sent.ephemeral()
    assert text("en", "chat_problem.given_back") in answer.text
    [file] = answer.data["attachments"]
    return (await house.sandbox.file(file)).decode()


async def test_a_form_with_several_fields_comes_back_with_their_names(house: House, tobi: Person) -> None:
    opened = await tobi.slash("selfcheck draft", {}, channel="dm")
    sent = await tobi.submit(opened, ASK | {"where": "Narnia, insta", "text": LONG})
    given = await given_back(house, sent)
    assert "Country and platform\nNarnia, insta\n" in given
    assert "What it is\nrunning shoes\n" in given
    assert f"Draft\n{LONG}" in given


@pytest.mark.parametrize(
    ("command", "options", "values"),
    [
        ("batch", {}, {"text": f"{LONG}, and nobody's"}),
        ("published", {"number": "V-1"}, {"text": "https://photos.example/p1"}),
        ("disclosure check", {"country": "US"}, {"brand": "Pebbleway"}),
    ],
)
async def test_a_single_field_comes_back_as_it_was(
    house: House, mira: Person, command: str, options: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    await house.card(mira)
    sent = await mira.submit(await mira.slash(command, dict(options)), dict(values))
    assert await given_back(house, sent) == next(iter(values.values()))


async def test_so_does_what_the_message_menu_was_told(house: House, mira: Person) -> None:
    posted = await mira.say("drafts", "A word before.")
    opened = await mira.menu("Review draft", posted)
    sent = await mira.submit(opened, BOTH | {"influencer": "nobody_here", "text": LONG})
    given = await given_back(house, sent)
    assert "nobody_here" in given
    assert LONG in given


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if form.may in LOSING])
async def test_so_does_every_form_of_who_lost_the_right_meanwhile(house: House, lena: Person, name: str) -> None:
    scene, form = await Scene.set(house), FORMS[name]
    opened = await scene.use(lena, form.command, form.options)
    await opened.modal()
    await house.sandbox.ask("permit", subject="lead", deny=["manage_guild", "manage_messages"])
    given = await given_back(house, await lena.submit(opened, dict(form.values)))
    assert all(words in given for name, words in form.values.items() if name != "rule_status")  # a list


async def test_so_does_a_form_that_meets_a_defect(house: House, mira: Person) -> None:
    opened = await mira.slash("review", BOTH)
    await opened.modal()
    await renamed(house, "campaign", "elsewhere")
    sent = await mira.submit(opened, {"text": LONG})
    assert "Something went wrong" in (await sent.finished()).text
    assert await given_back(house, sent) == LONG
    await renamed(house, "elsewhere", "campaign")


async def renamed(house: House, table: str, name: str) -> None:
    async with house.store.write() as conn:
        await conn.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {name}")


@pytest.mark.usefixtures("house")
async def test_nothing_comes_back_where_nothing_was_typed(mira: Person) -> None:
    sent = await mira.submit(await mira.slash("review", BOTH), {})
    answer = await sent.finished()
    assert "There is no text" in answer.text
    assert answer.data["attachments"] == []
