"""What is answered is for the eyes of who asked, but for what the team has to see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model.verdicts import Outcome
from bot.sandbox.people import Interaction, Person
from tests.chat.house import HANDLE, House
from tests.chat.personal.test_selfcheck import id_of, link
from tests.chat.test_rights import COMMANDS, COMPONENTS, FORMS, May, Scene

NEW_MESSAGES = (4, 5)  # types of an answer, at once or later
FOR_ALL = {"me link"}  # asks the team
FORMS_FOR_ALL = {"on_review_form", "on_menu_form", "on_version_form"}  # answered with a card of the team


async def is_for_all(used: Interaction) -> bool:
    return (await used.answer())["type"] in NEW_MESSAGES and not await used.ephemeral()


@pytest.mark.parametrize("name", ["mira", "lena"])
async def test_only_what_the_team_must_see_is_answered_to_all(house: House, name: str) -> None:
    scene, person, found = await Scene.set(house), house.sandbox.person(name), set()
    for one in [*COMMANDS, *COMPONENTS]:
        used = await scene.use(person, one, COMMANDS[one].options if one in COMMANDS else {})
        if await is_for_all(used):
            found.add(one)
    assert found == FOR_ALL


async def test_only_the_forms_of_a_team_draft_are_answered_to_all(house: House, tobi: Person, mira: Person) -> None:
    scene = await Scene.set(house)
    await link(house, await id_of(house, "tobi"))
    lena, found = house.sandbox.person("lena"), set()
    house.verdict = replace(house.verdict, outcome=Outcome.FITS)
    for name, form in FORMS.items():
        person = {May.EVERYONE: tobi, May.SENDER_OR_ABOUT: mira}.get(form.may, lena)
        opened = await scene.use(person, form.command, form.options, channel=form.channel)
        values = dict(form.values) | ({"influencer": HANDLE} if "menu" in form.begins else {})
        if await is_for_all(await person.submit(opened, values)):
            found.add(name)
    assert found - {"on_published_form"} == FORMS_FOR_ALL  # what is live has tests of its own
