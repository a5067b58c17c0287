"""Everything the bot sends, held against Discord's own description of its API where that is at hand."""

from __future__ import annotations

import pytest

from bot.sandbox.people import File, Person
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House
from tests.sandbox.conformance import description, problems

PATH = description()


@pytest.mark.skipif(PATH is None, reason="Discord's openapi.json is not at hand")
async def test_a_tour_of_the_whole_bot_conforms(house: House, mira: Person, lena: Person) -> None:
    assert PATH is not None
    card = await house.card(mira)
    await (await house.review(mira, command="selfcheck")).finished()
    message = await mira.say("drafts", f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}")
    await mira.autocomplete("review", "influencer", "m")
    await (await mira.menu("Review draft", message)).modal()
    evidence = await (await mira.click(card, "Evidence")).finished()
    assert evidence.ephemeral
    await (await lena.click(card, "Approve")).answer()
    form = await lena.click(card, "Ask for changes")
    await (await lena.submit(form, {"reason": "Say since when."})).answer()
    for command, options in (("history search", {}), ("history show", {"number": "V-1"}), ("help", {})):
        await (await mira.slash(command, options)).finished()
    await (await mira.slash("review", {"influencer": "nobody", "campaign": CAMPAIGN})).finished()
    await mira.say("dm", "hello")

    async def answered() -> bool:
        posts = await house.sandbox.record(path="/messages", method="POST")
        return [call["status"] for call in posts] == [200, 200]  # the reply with the card, and the direct one

    await house.sandbox.until(answered)
    assert problems(await house.sandbox.record(), PATH) == []


@pytest.mark.skipif(PATH is None, reason="Discord's openapi.json is not at hand")
async def test_a_tour_of_setting_up_conforms(house: House, lena: Person) -> None:
    assert PATH is not None
    panel = await (await lena.slash("setup")).finished()
    for step, values in (
        ("language", ["en"]),
        ("countries", ["DE", "JP"]),
        ("roles", ["marketing"]),
        ("channel", ["drafts"]),
    ):
        await (await lena.select(panel, f"v1:setup:{step}", values)).answer()
    await (await lena.submit(await lena.slash("brand add"), {"name": "Corrowick"})).finished()
    opened = await lena.slash("campaign add", {"brand": "Corrowick"})
    card = await (await lena.submit(opened, {"name": "Mend it", "countries": "US"})).finished()
    await (await lena.submit(await lena.click(card, "Edit details"), {"format": "video"})).answer()
    opened = await lena.slash("influencer add", {"handle": "lane9_wren"})
    await (await lena.submit(opened, {"lang": "en"})).finished()
    file = File("posts.csv", b"text\nA long day.\n")
    await (await lena.slash("influencer import", {"handle": "lane9_wren", "file": file})).finished()
    await lena.autocomplete("brand show", "name", "c")
    await (await lena.slash("influencer list")).finished()
    asked = await (await lena.slash("campaign remove", {"name": "Mend it"})).finished()
    await (await lena.click(asked, "Remove for good")).answer()
    assert problems(await house.sandbox.record(), PATH) == []
