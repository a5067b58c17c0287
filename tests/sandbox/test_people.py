"""People and the real client library through the sandbox: every kind of thing a person can do."""

from __future__ import annotations

from pathlib import Path

import discord
import pytest

from bot.sandbox.errors import RefusedError
from bot.sandbox.people import File, Person, Sandbox
from tests.sandbox.client import SmallBot

pytestmark = pytest.mark.usefixtures("bot")


async def answers(person: Person, count: int, channel: str = "drafts") -> list[str]:
    """Contents of a channel once it holds `count` messages."""

    async def enough() -> list[str] | None:
        seen = [message.content for message in await person.sees(channel)]
        return seen if len(seen) >= count else None

    found: list[str] = await person.sandbox.until(enough)
    return found


async def test_login_registers_the_commands(
    sandbox: Sandbox,
) -> None:
    registered = await sandbox.ask("registered")
    names = [command["name"] for command in registered["global"]]
    assert names == ["setup", "form", "keep", "choose", "campaign", "Review draft", "Influencer history"]
    calls = [(call["method"], call["path"], call["status"]) for call in await sandbox.record()]
    assert calls == [
        ("GET", "/users/@me", 200),
        ("GET", "/oauth2/applications/@me", 200),
        ("PUT", "/applications/1000/commands", 200),
    ]


async def test_attachments_go_both_ways_and_the_answer_is_a_reply(
    sandbox: Sandbox, bot: SmallBot, mira: Person
) -> None:
    draft = await mira.say("drafts", "<@1000> ready?", attachments=[File("a.png", b"PNG")])
    await answers(mira, 2)
    reply = (await mira.sees())[1]
    assert (reply.author, reply.content) == ("campaign-bot", "about <@1000> ready?")
    assert reply.data["message_reference"]["message_id"] == draft.id
    assert await sandbox.file(reply.data["attachments"][0]) == b"PNG"
    assert bot.heard[0].attachments[0].content_type == "image/png"


async def test_files_over_the_limit_are_refused(mira: Person) -> None:
    with pytest.raises(RefusedError, match="larger than 10 MiB"):
        await mira.say("drafts", attachments=[File("big.bin", bytes(10 * 2**20 + 1))])


async def test_direct_messages(bot: SmallBot, tobi: Person, mira: Person) -> None:
    await tobi.say("dm", "private?")
    assert await answers(tobi, 2, "dm") == ["private?", "about private?"]
    assert await mira.sees("dm") == []
    assert isinstance(bot.heard[0].channel, discord.DMChannel)


async def test_the_bot_writes_to_somebody_first(sandbox: Sandbox, bot: SmallBot, tobi: Person) -> None:
    people = {one["username"]: one["id"] for one in (await sandbox.ask("places_and_people"))["people"]}
    user = await bot.fetch_user(int(people["tobi"]))
    await user.send("hello", nonce="1")
    assert [message.content for message in await tobi.sees("dm")] == ["hello"]
    await sandbox.ask("set_person", person="tobi", dms_open=False)
    with pytest.raises(discord.Forbidden) as refused:
        await user.send("again", nonce="2")
    assert refused.value.code == 50007


async def test_slash_command_with_a_file_deferred_and_private(bot: SmallBot, mira: Person, tobi: Person) -> None:
    asked = {"influencer": "@tobi", "file": File("draft.txt", b"12345"), "count": 3}
    interaction = await mira.slash("campaign review", asked)
    assert (await interaction.answer())["type"] == 5
    original = await interaction.finished()
    assert original.content == "@tobi 5 3"
    assert await interaction.ephemeral()
    assert [message.content for message in await mira.sees()] == ["@tobi 5 3"]
    assert await tobi.sees() == []
    assert bot.heard == []  # nothing private comes over the gateway


async def test_nested_group_with_a_person_as_option_pings_nobody(mira: Person) -> None:
    interaction = await mira.slash("campaign history search", {"words": "teeth", "person": "tobi"})
    message = await interaction.finished()
    assert message.content.startswith("found teeth tobi <@")
    assert message.data["mentions"] == []
    assert not await interaction.ephemeral()


async def test_autocomplete(mira: Person) -> None:
    choices = await mira.autocomplete("campaign review", "influencer", "to")
    assert choices == [{"name": "tobi", "value": "@tobi"}, {"name": "tomo", "value": "@tomo"}]


async def test_message_menu_card_and_a_button_that_survives(mira: Person) -> None:
    draft = await mira.say("drafts", "words the bot may not read")
    card = await (await mira.menu("Review draft", draft)).finished()
    assert "saw words the bot may not read" in card.text
    pressed = await mira.click(card, "Again")
    assert (await pressed.finished()).content == "again 7"
    with pytest.raises(RefusedError, match=r"posts\.example"):
        await mira.click(card, "Post")


async def test_user_menu(mira: Person, tobi: Person) -> None:
    interaction = await mira.menu("Influencer history", tobi)
    assert (await interaction.finished()).content == "history of tobi"


async def test_form_with_every_kind_of_field(mira: Person, tmp_path: Path) -> None:
    (tmp_path / "b.png").write_bytes(b"123")
    opened = await mira.slash("form")
    assert (await opened.modal())["title"] == "Draft"
    values = {"Text": "words", "kind": "Video", "Image": tmp_path / "b.png", "tone": "dry", "Tags": ["gift", "trip"]}
    submitted = await mira.submit(opened, values)
    assert (await submitted.finished()).content == "['words', ['V'], [b'123'], 'dry', ['gift', 'trip']]"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"kind": "Video", "tone": "dry"}, "'text' must be filled in"),
        ({"text": "x" * 51, "kind": "Video", "tone": "dry"}, "0 to 50 characters"),
        ({"text": "x", "kind": "Reel", "tone": "dry"}, "not 'Reel'"),
        ({"text": "x", "kind": "Video", "tone": "dry", "mood": 1}, "no field"),
    ],
)
async def test_a_form_is_checked_as_the_app_checks_it(mira: Person, values: dict[str, object], reason: str) -> None:
    opened = await mira.slash("form")
    with pytest.raises(RefusedError, match=reason):
        await mira.submit(opened, values)


async def test_form_opened_by_a_button_changes_its_message(mira: Person, tobi: Person) -> None:
    message = await (await mira.slash("choose")).finished()
    opened = await mira.click(message, "confirm")
    with pytest.raises(RefusedError, match="not shown to tobi"):
        await tobi.submit(opened, {})
    await (await mira.submit(opened, {"Paid": True, "Who": "otto"})).answer()
    assert [(one.content, one.data["components"]) for one in await mira.sees()] == [("True otto", [])]


async def test_menu_in_a_message(mira: Person) -> None:
    message = await (await mira.slash("choose")).finished()
    with pytest.raises(RefusedError, match="'three'"):
        await mira.select(message, "Which", ["three"])
    chosen = await mira.select(message, "Which", ["two"])
    assert (await chosen.answer())["type"] == 6

    async def changed() -> bool:
        return (await mira.sees())[0].content == "chose two"

    await chosen.sandbox.until(changed)


async def test_edits_deletions_and_reactions_reach_the_bot(sandbox: Sandbox, bot: SmallBot, mira: Person) -> None:
    draft = await mira.say("drafts", "one")
    edited = await mira.edit(draft, "two")
    assert (edited.content, edited.data["edited_timestamp"] is None) == ("two", False)
    await mira.react(draft, "👍")
    await sandbox.until(lambda: bot.edits and bot.reactions)
    assert bot.reactions[0].emoji.name == "👍"
    assert (await mira.sees())[0].text.endswith("👍 1")
    await mira.delete(draft)
    assert await mira.sees() == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "Required and not given"),
        ({"influencer": "@x", "brand": "y"}, "No such option"),
        ({"influencer": "@x", "count": "three"}, "not 'three'"),
        ({"influencer": "@x", "count": True}, "not True"),
    ],
)
async def test_options_are_checked_as_the_app_checks_them(
    mira: Person, options: dict[str, object], reason: str
) -> None:
    with pytest.raises(RefusedError, match=reason):
        await mira.slash("campaign review", options)


async def test_unknown_commands_and_groups_are_refused(mira: Person) -> None:
    refusals = {"nothing": "There is no command", "campaign": "is a group", "campaign x": "no subcommand"}
    for command, reason in refusals.items():
        with pytest.raises(RefusedError, match=reason):
            await mira.slash(command)


async def test_admin_commands_are_hidden_by_default_permissions(sandbox: Sandbox, mira: Person) -> None:
    with pytest.raises(RefusedError, match="hidden"):
        await mira.slash("setup")
    allowed = await (await sandbox.person("lena").slash("setup")).finished()
    assert allowed.content == "True True"


async def test_people_only_act_on_what_they_see(mira: Person, tobi: Person) -> None:
    with pytest.raises(RefusedError, match="may not write"):
        await tobi.say("team", "hello")
    inside = await mira.say("team", "plan")
    with pytest.raises(RefusedError, match="does not see"):
        await tobi.menu("Review draft", inside)
    with pytest.raises(RefusedError, match="Only the author"):
        await tobi.edit(await mira.say("drafts", "mine"), "yours")


async def test_unanswered_interaction_times_out(mira: Person) -> None:
    interaction = await mira.slash("keep")
    with pytest.raises(TimeoutError, match="did not respond"):
        await interaction.answer(within=0.3)
