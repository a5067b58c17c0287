"""`/setup` as a newcomer walks through it, over sockets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bot.chat.workspace.setup_check import next_lines
from bot.model.workspace import GuildSettings
from bot.sandbox.people import File, Interaction, Message, Person, Sandbox
from bot.services.setup import Setup, change_settings, setup_of
from bot.store import watching
from bot.store.watching import Watch
from bot.texts import languages
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
    assert "may stand twice" not in told.text
    await house.sandbox.ask("permit", channel="drafts", subject="bot", deny=["read_message_history"])
    await (await lena.click(panel, "Check again")).answer()
    assert "lacks **Read Message History**" in (await panel_of(opened, "may stand twice")).text
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

    await change_settings(house.store, house.guild_id, decider_roles=(1,), drafts_channel_id=2)
    panel = await (await lena.slash("setup")).finished()
    assert "1 of the chosen roles no longer exist" in panel.text
    assert "is gone. Choose another in step 4" in panel.text


@pytest.mark.usefixtures("house")
async def test_it_is_hidden_from_and_refused_to_others(mira: Person, lena: Person) -> None:
    await (await lena.slash("setup")).finished()
    with pytest.raises(Exception, match="hidden from this person"):
        await mira.slash("setup")


async def test_a_channel_that_is_watched_in_vain_is_told(house: House, lena: Person) -> None:
    channel = int((await lena.say("team", "hello")).channel_id)
    async with house.store.write() as conn:
        await watching.watch(conn, Watch(channel, house.guild_id, None, 0))
    panel = await (await lena.slash("setup")).finished()
    assert "Watched channels: 1, but the bot may not read along" in panel.text
    assert "the bot may do everything it needs" in panel.text  # in the watched channel


@pytest.mark.parametrize("language", languages())
def test_the_next_step_is_the_first_thing_that_is_lacking(language: str) -> None:
    counts: dict[str, Any] = {"brands": 1, "campaigns": 1, "influencers": 1, "with_posts": 1}
    seen = {tuple(next_lines(Setup(GuildSettings(), **(counts | {name: 0})), language))[-1] for name in counts}
    seen.add(tuple(next_lines(Setup(GuildSettings(), **counts), language))[-1])
    assert len(seen) == 5


async def test_a_newcomer_gets_from_nothing_to_a_verdict(waiting_house: House, sandbox: Sandbox) -> None:
    """All inside Discord, without a file of settings: what a team does in its first five minutes."""
    house = waiting_house
    house.start_judging(house.review_offline)
    await sandbox.ask("add_guild", name="Newcomers")
    await sandbox.ask("add_channel", name="studio", guild="Newcomers")
    await sandbox.ask("add_role", name="boss", guild="Newcomers", permissions=["all"])
    await sandbox.ask("add_person", name="nia", guild="Newcomers", roles=["boss"])
    nia = sandbox.person("nia")

    async def run(command: str, values: dict[str, str] | None = None, **options: Any) -> Message:
        used = await nia.slash(command, options, channel="studio", guild="Newcomers")
        if values is not None:
            used = await nia.submit(used, values)
        return await used.finished()

    panel = await run("setup")
    assert "Next: add the first brand" in panel.text.replace("**", "")
    await (await choose(nia, panel, "channel", ["studio"])).answer()
    await run("brand add", {"name": "Corrowick", "category": "flasks", "value": "repair: mend, mended"})
    await run("campaign add", {"name": "Mend it once", "countries": "US"}, brand="Corrowick")
    await run("influencer add", {"name": "Wren", "lang": "en", "country": "US"}, handle="lane9_wren")
    assert "/influencer import" in (await run("setup")).text
    rows = [f'"Day {day}: I mended my flask again, it keeps tea hot.",2026-10-{day:02}' for day in range(1, 13)]
    posts = File("posts.csv", "\n".join(["text,date", *rows]).encode())
    assert ": 12 new" in (await run("influencer import", handle="lane9_wren", file=posts)).text
    assert "Ready." in (await run("setup")).text
    whose = {"influencer": "lane9_wren", "campaign": "Mend it once"}
    card = await run("review", {"text": "Ad | My Corrowick flask, mended twice, still keeps tea hot."}, **whose)
    assert "V-1" in card.text
    assert "lane9" in card.text
