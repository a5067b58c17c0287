"""The sandbox's answers are Discord's, and the checker finds the mistakes a bot can make."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.sandbox.people import File, Person, Sandbox
from tests.sandbox.client import SmallBot
from tests.sandbox.conformance import as_strings, description, problems

PATH = description()
needs_description = pytest.mark.skipif(
    PATH is None, reason="Discord's openapi.json is not at hand; name it in CAMPAIGN_BOT_DISCORD_OPENAPI"
)
MESSAGES = "/channels/4/messages"
COMMANDS = "/applications/1000/commands"
CALLBACK = "/interactions/5/token/callback"
V2 = 1 << 15


@needs_description
async def test_everything_the_small_bot_does_conforms(
    sandbox: Sandbox, bot: SmallBot, mira: Person, tobi: Person
) -> None:
    draft = await mira.say("drafts", "<@1000> ready?", attachments=[File("a.png", b"PNG")])
    await (await mira.slash("campaign review", {"influencer": "@x", "file": File("a.txt", b"1")})).finished()
    await mira.autocomplete("campaign review", "influencer", "t")
    card = await (await mira.menu("Review draft", draft)).finished()
    await (await mira.click(card, "Again")).finished()
    opened = await mira.slash("form")
    values = {"text": "w", "kind": "Video", "image": File("b.png", b"1"), "tone": "dry"}
    await (await mira.submit(opened, values)).finished()
    chosen = await (await mira.slash("choose")).finished()
    await (await mira.select(chosen, "Which", ["two"])).answer()
    await _rest(bot, int(draft.channel_id), int(draft.id))
    await _kept(sandbox, bot, tobi)
    record = await sandbox.record()
    assert len(record) > 35
    assert PATH is not None
    assert problems(record, PATH) == []


async def _rest(bot: SmallBot, channel_id: int, message_id: int) -> None:
    channel = await bot.fetch_channel(channel_id)
    assert isinstance(channel, discord.TextChannel)
    message = await channel.fetch_message(message_id)
    thread = await message.create_thread(name="Verdict")
    await thread.send("why", nonce=7)
    await thread.edit(archived=True)
    await channel.create_thread(name="Free", type=discord.ChannelType.public_thread)
    await message.add_reaction("👀")
    await message.reply("ok", mention_author=True, allowed_mentions=discord.AllowedMentions(users=[message.author]))
    embed = discord.Embed(title="t", description="d", timestamp=message.created_at, colour=1)
    sent = await channel.send(embed=embed.set_footer(text="f"), file=discord.File(io.BytesIO(b"1"), "a.txt"))
    await sent.edit(embed=None, content="x", attachments=[*sent.attachments, discord.File(io.BytesIO(b"2"), "b.txt")])
    await sent.delete()
    assert [one async for one in channel.history(limit=5)]
    guild = await bot.fetch_guild(bot.guilds[0].id)
    await guild.fetch_member(message.author.id)
    await guild.fetch_roles()
    await guild.fetch_channels()
    await guild.active_threads()
    await bot.tree.fetch_commands()
    bot.tree.copy_global_to(guild=guild)
    await bot.tree.sync(guild=guild)
    await bot.http.get_bot_gateway()


async def _kept(sandbox: Sandbox, bot: SmallBot, person: Person) -> None:
    await person.slash("keep", channel="dm")
    kept: discord.Interaction = await sandbox.until(lambda: bot.kept)
    await kept.response.defer(ephemeral=True)
    await kept.edit_original_response(content="one", attachments=[discord.File(io.BytesIO(b"1"), "a.txt")])
    await kept.original_response()
    sent = await kept.followup.send("two", wait=True)
    await kept.followup.edit_message(sent.id, content="three")
    await kept.followup.fetch_message(sent.id)
    await kept.followup.delete_message(sent.id)
    await kept.user.send("direct")
    await kept.delete_original_response()


def text(content: str) -> dict[str, Any]:
    return {"type": 10, "content": content}


def row(*labels: str, **more: Any) -> dict[str, Any]:
    buttons = [{"type": 2, "style": 1, "label": label, "custom_id": label} | more for label in labels]
    return {"type": 1, "components": buttons}


def pick(count: int) -> dict[str, Any]:
    options = [{"label": "l", "value": str(number)} for number in range(count)]
    return {"type": 1, "components": [{"type": 3, "custom_id": "c", "options": options}]}


def modal(count: int, title: str = "T") -> dict[str, Any]:
    fields = [
        {"type": 18, "label": "L", "component": {"type": 4, "custom_id": str(n), "style": 1}} for n in range(count)
    ]
    return {"type": 9, "data": {"custom_id": "m", "title": title, "components": fields}}


def slash(**fields: Any) -> list[dict[str, Any]]:
    return [{"name": "review", "description": "d", "type": 1} | fields]


def options(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"name": f"o{number}", "description": "d", "type": 3} | more for number in range(count)]


PLANTED: dict[str, tuple[str, str, Any]] = {
    "content 2001 in a channel": ("POST", MESSAGES, {"content": "x" * 2001}),
    "content 4001": ("POST", MESSAGES, {"content": "x" * 4001}),
    "empty message": ("POST", MESSAGES, {"content": ""}),
    "embed title": ("POST", MESSAGES, {"embeds": [{"title": "t" * 257}]}),
    "embed fields": ("POST", MESSAGES, {"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}),
    "eleven embeds": ("POST", MESSAGES, {"embeds": [{"title": "t"}] * 11}),
    "embeds of 6001": ("POST", MESSAGES, {"embeds": [{"description": "d" * 4000}, {"description": "d" * 2001}]}),
    "six buttons": ("POST", MESSAGES, {"content": "x", "components": [row(*"abcdef")]}),
    "six rows": ("POST", MESSAGES, {"content": "x", "components": [row(name) for name in "abcdef"]}),
    "same custom id": ("POST", MESSAGES, {"content": "x", "components": [row("a"), row("a")]}),
    "custom id 101": ("POST", MESSAGES, {"content": "x", "components": [row("a", custom_id="c" * 101)]}),
    "label 81": ("POST", MESSAGES, {"content": "x", "components": [row("a", label="l" * 81)]}),
    "26 options": ("POST", MESSAGES, {"content": "x", "components": [pick(26)]}),
    "nonce 26": ("POST", MESSAGES, {"content": "x", "nonce": "n" * 26}),
    "unknown key": ("POST", MESSAGES, {"content": "x", "colour": 1}),
    "unknown key in a button": ("POST", MESSAGES, {"content": "x", "components": [row("a", colour=1)]}),
    "bad allowed mentions": ("POST", MESSAGES, {"content": "x", "allowed_mentions": {"parse": ["all"]}}),
    "41 components": ("POST", MESSAGES, {"flags": V2, "components": [text("x")] * 41}),
    "41 components nested": (
        "POST",
        MESSAGES,
        {"flags": V2, "components": [{"type": 17, "components": [text("x")] * 40}]},
    ),
    "text over 4000 in all": ("POST", MESSAGES, {"flags": V2, "components": [text("x" * 2001)] * 2}),
    "content beside components": ("POST", MESSAGES, {"flags": V2, "content": "x", "components": [text("x")]}),
    "follow-up 2001": ("POST", "/webhooks/1000/token", {"content": "x" * 2001}),
    "callback 2001": ("POST", CALLBACK, {"type": 4, "data": {"content": "x" * 2001}}),
    "callback type 99": ("POST", CALLBACK, {"type": 99}),
    "26 choices": ("POST", CALLBACK, {"type": 8, "data": {"choices": [{"name": "n", "value": "v"}] * 26}}),
    "modal title 46": ("POST", CALLBACK, modal(1, "t" * 46)),
    "six modal components": ("POST", CALLBACK, modal(6)),
    "upper-case name": ("PUT", COMMANDS, slash(name="Review")),
    "name 33": ("PUT", COMMANDS, slash(name="n" * 33)),
    "no description": ("PUT", COMMANDS, slash(description="")),
    "description 101": ("PUT", COMMANDS, slash(description="d" * 101)),
    "26 command options": ("PUT", COMMANDS, slash(options=options(26))),
    "required after optional": (
        "PUT",
        COMMANDS,
        slash(options=[*options(1), {"name": "z", "description": "d", "type": 3, "required": True}]),
    ),
    "26 command choices": ("PUT", COMMANDS, slash(options=options(1, choices=[{"name": "n", "value": "v"}] * 26))),
    "101 commands": ("PUT", COMMANDS, [slash(name=f"c{number}")[0] for number in range(101)]),
    "16 menus": ("PUT", COMMANDS, [{"name": f"Menu {number}", "type": 3} for number in range(16)]),
    "thread name 101": ("POST", "/channels/4/messages/5/threads", {"name": "n" * 101}),
    "thread archived after 17 minutes": (
        "POST",
        "/channels/4/messages/5/threads",
        {"name": "n", "auto_archive_duration": 17},
    ),
    "no such call": ("POST", "/channels/4/letters", {}),
}
FINE: dict[str, tuple[str, str, Any]] = {
    "numbers for ids": (
        "POST",
        MESSAGES,
        {
            "content": "x",
            "attachments": [{"id": 0, "filename": "a"}],
            "message_reference": {"message_id": 1, "channel_id": 2, "guild_id": 3, "fail_if_not_exists": False},
            "allowed_mentions": {"parse": [], "users": [1], "roles": [2]},
        },
    ),
    "recipient": ("POST", "/users/@me/channels", {"recipient_id": 1}),
    "embed flags": ("POST", MESSAGES, {"embeds": [{"title": "t", "flags": 0, "type": "rich"}]}),
    "contexts": ("PUT", COMMANDS, slash(contexts=None, integration_types=None)),
    "card": ("POST", MESSAGES, {"flags": V2, "components": [{"type": 17, "components": [text("x"), row("a")]}]}),
}


def call(method: str, path: str, body: Any) -> dict[str, Any]:
    """A recorded request without an answer."""
    return {"method": method, "path": path, "body": body, "files": {}, "status": None, "answer": None, "fault": None}


def found(path: Path | None) -> Callable[[tuple[str, str, Any]], list[str]]:
    assert path is not None
    return lambda planted: problems([call(*planted)], path)


@needs_description
@pytest.mark.parametrize("name", PLANTED)
def test_planted_mistakes_are_found(name: str) -> None:
    assert found(PATH)(PLANTED[name])


@needs_description
@pytest.mark.parametrize("name", FINE)
def test_what_discord_takes_is_no_mistake(name: str) -> None:
    assert found(PATH)(FINE[name]) == []


@needs_description
def test_wrong_answers_and_refusals_are_found() -> None:
    assert PATH is not None
    good = call("POST", MESSAGES, {"content": "x"})
    answered = good | {"status": 200, "answer": {"id": "1"}}
    refused = good | {"status": 400, "answer": {"code": 50035}}
    assert "answer" in problems([answered], PATH)[0]
    assert "refused with 400" in problems([refused], PATH)[0]
    assert problems([refused | {"fault": "400"}], PATH) == []


def test_ids_become_strings_at_the_places_the_client_sends_numbers_only() -> None:
    body = {"attachments": [{"id": 1}], "flags": 4, "data": {"message_reference": {"message_id": 2, "type": 0}}}
    assert as_strings(body) == {
        "attachments": [{"id": "1"}],
        "flags": 4,
        "data": {"message_reference": {"message_id": "2", "type": 0}},
    }
