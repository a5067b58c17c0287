"""`/setup` as a newcomer walks through it, over sockets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bot.model import GuildSettings
from bot.sandbox.people import Interaction, Message, Person
from bot.services.setup import setup_of
from tests.chat.house import House


async def choose(person: Person, panel: Message, step: str, values: Sequence[str]) -> Interaction:
    return await person.select(panel, f"v1:setup:{step}", list(values))


async def panel_of(opened: Interaction, words: str) -> Message:
    """The panel once it says `words`."""

    async def there() -> Message | None:
        now = await opened.message()
        return now if now and words in now.text else None

    return Message((await opened.sandbox.until(there)).data)


async def settings(house: House) -> GuildSettings:
    return (await setup_of(house.store, house.guild_id)).settings


async def test_each_choice_is_stored_at_once_and_shown_even_after_a_restart(house: House, lena: Person) -> None:
    opened = await lena.slash("setup")
    panel = await opened.finished()
    assert panel.ephemeral
    assert "No channel is chosen yet" in panel.text
    await house.restart_bot()
    await (await choose(lena, panel, "language", ["日本語"])).answer()
    await (await choose(lena, panel, "countries", ["Germany", "Japan"])).answer()
    await (await choose(lena, panel, "roles", ["marketing"])).answer()
    await (await choose(lena, panel, "channel", ["drafts"])).answer()
    shown = await panel_of(opened, "the bot may do everything it needs")
    stored = await settings(house)
    assert (stored.language, stored.countries) == ("ja", ("DE", "JP"))
    assert stored.drafts_channel_id == int(panel.channel_id)
    assert len(stored.decider_roles) == 1
    presets = {
        component["custom_id"]: component.get("default_values")
        or [option["value"] for option in component.get("options", []) if option.get("default")]
        for component in components(shown)
        if "custom_id" in component
    }
    assert presets["v1:setup:language"] == ["ja"]
    assert presets["v1:setup:countries"] == ["DE", "JP"]
    assert int(presets["v1:setup:roles"][0]["id"]) == stored.decider_roles[0]
    assert int(presets["v1:setup:channel"][0]["id"]) == stored.drafts_channel_id
    await (await choose(lena, panel, "roles", [])).answer()
    assert (await settings(house)).decider_roles == ()


def components(message: Message) -> list[dict[str, Any]]:
    found = list(message.data["components"])
    for one in found:
        found += one.get("components") or []
    return found


async def test_the_check_names_what_is_missing_and_where_to_click(house: House, lena: Person) -> None:
    opened = await lena.slash("setup")
    panel = await opened.finished()
    for channel in ("drafts", "team"):
        await house.sandbox.ask("permit", channel=channel, subject="bot", deny=["add_reactions", "attach_files"])
    await (await choose(lena, panel, "channel", ["drafts"])).answer()
    told = await panel_of(opened, "lacks")
    assert "**Add Reactions, Attach Files**" in told.text
    assert "add the role **campaign-bot**" in told.text
    await house.sandbox.ask("permit", channel="drafts", subject="bot", deny=["view_channel"])
    await (await lena.click(panel, "Check again")).answer()
    assert "lacks **View Channel**" in (await panel_of(opened, "View Channel")).text
    await house.sandbox.ask("permit", channel="drafts", subject="bot", allow=["view_channel"])
    await (await lena.click(panel, "Check again")).answer()
    await panel_of(opened, "may do everything it needs")


async def test_it_says_what_to_do_next_in_the_language_of_whoever_asks(house: House, lena: Person) -> None:
    panel = await (await lena.slash("setup")).finished()
    assert "brands: 1 · campaigns: 1 · influencers: 1" in panel.text
    assert "Ready." in panel.text
    await house.sandbox.ask("set_person", person="lena", locale="ja")
    panel = await (await lena.slash("setup")).finished()
    assert "準備ができました" in panel.text


async def test_everyone_is_no_role_to_decide_with(house: House, lena: Person) -> None:
    panel = await (await lena.slash("setup")).finished()
    told = await choose(lena, panel, "roles", ["@everyone"])
    assert "everyone cannot be chosen" in (await told.finished()).text
    assert (await settings(house)).decider_roles == ()


async def test_who_lost_the_right_to_manage_changes_nothing(house: House, lena: Person) -> None:
    panel = await (await lena.slash("setup")).finished()
    await house.sandbox.ask("permit", subject="lead", deny=["manage_guild"])
    for told in (await choose(lena, panel, "countries", ["Japan"]), await lena.click(panel, "Check again")):
        assert "Only people who manage this server" in (await told.finished()).text
    assert (await settings(house)).countries == ()


async def test_countries_of_the_server_are_checked_for_every_draft(waiting_house: House, lena: Person) -> None:
    house = waiting_house
    house.start_judging(house.review_offline)
    panel = await (await lena.slash("setup")).finished()
    await (await choose(lena, panel, "countries", ["Germany"])).answer()
    card = await (await house.review(lena, "#ad My Pebbleway running shoes after 600 miles in the mud.")).finished()
    assert "DE" in card.text
    assert "Werbung |" in card.text


async def test_a_role_and_a_channel_that_are_gone_are_told(house: House, lena: Person) -> None:
    from bot.services.setup import change_settings

    await change_settings(house.store, house.guild_id, decider_roles=(1,), drafts_channel_id=2)
    panel = await (await lena.slash("setup")).finished()
    assert "1 of the chosen roles no longer exist" in panel.text
    assert "is gone. Choose another in step 4" in panel.text


@pytest.mark.usefixtures("house")
async def test_it_is_hidden_from_and_refused_to_others(mira: Person, lena: Person) -> None:
    await (await lena.slash("setup")).finished()
    with pytest.raises(Exception, match="hidden from this person"):
        await mira.slash("setup")
