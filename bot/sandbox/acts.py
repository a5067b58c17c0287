"""What people do in their Discord app, checked as the app checks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.sandbox import commands, interactions, messages, payloads, rest, views
from bot.sandbox import world as places
from bot.sandbox.bell import Bell
from bot.sandbox.commands import Filling
from bot.sandbox.errors import DiscordError, Json, RefusedError
from bot.sandbox.faults import Faults
from bot.sandbox.forms import filled_in
from bot.sandbox.gateway import Gateway
from bot.sandbox.permissions import THREADS, Permission, in_channel
from bot.sandbox.state import World

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

BUTTON, LINK, STRING_SELECT = 2, 5, 3
USER_INSTALL = 1
SELECTS = {3, 5, 6, 7, 8}


@dataclass(frozen=True)
class Desk:
    """What the verbs of the admin API work on."""

    world: World
    gateway: Gateway
    faults: Faults
    bell: Bell


def _person(desk: Desk, ask: Json) -> Json:
    return places.person_named(desk.world, ask["person"])


def _channel(desk: Desk, ask: Json, person: Json) -> Json:
    return places.channel_named(desk.world, ask.get("channel") or "drafts", person, ask.get("guild"))


def _seen(desk: Desk, ask: Json, person: Json) -> Json:
    """The stored message the person acts on. Raises RefusedError when they do not see it."""
    try:
        stored = messages.existing(desk.world, ask["message"])
    except DiscordError:
        raise RefusedError("This message does not exist, or not any more.") from None
    if not views.visible(desk.world, stored, person["id"]):
        raise RefusedError(f"{person['username']} does not see this message.")
    return stored


async def say(desk: Desk, ask: Json) -> Json:
    """{person, channel, text, files, reply_to, ping}: post a message; returns it."""
    person = _person(desk, ask)
    channel = _channel(desk, ask, person)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel["type"] in THREADS else Permission.SEND_MESSAGES
    if not in_channel(desk.world, channel, person["id"]) & needed:
        raise RefusedError(f"{person['username']} may not write in this channel.")
    files = {str(index): commands.upload(file) for index, file in enumerate(ask.get("files") or [])}
    text = ask.get("text") or ""
    if not text and not files:
        raise RefusedError("A message needs text or a file.")
    if len(text) > 2000:
        raise RefusedError("A message may be 2000 characters long.")
    body: Json = {"content": text}
    if ask.get("reply_to"):
        target = _seen(desk, {"message": ask["reply_to"]}, person)
        body["message_reference"] = {"message_id": target["payload"]["id"]}
        kinds = ["users", "roles"]
        body["allowed_mentions"] = {"parse": kinds, "replied_user": ask.get("ping", True)}
    stored = messages.post(desk.world, channel["id"], person["id"], body, files)
    await desk.gateway.announce("MESSAGE_CREATE", stored)
    return views.payload(desk.world, stored)


def _own(desk: Desk, ask: Json, person: Json) -> Json:
    stored = _seen(desk, ask, person)
    if stored["payload"]["author"]["id"] != person["id"]:
        raise RefusedError("Only the author can change a message.")
    return stored


async def edit(desk: Desk, ask: Json) -> Json:
    """{person, message, text}: change one's own message; returns it."""
    stored = messages.revise(desk.world, _own(desk, ask, _person(desk, ask)), {"content": ask["text"]})
    await desk.gateway.announce("MESSAGE_UPDATE", stored)
    return views.payload(desk.world, stored)


async def delete(desk: Desk, ask: Json) -> None:
    """{person, message}: delete one's own message, or any with the right to manage messages."""
    person = _person(desk, ask)
    stored = _seen(desk, ask, person)
    channel = desk.world.channels[stored["payload"]["channel_id"]]
    if not in_channel(desk.world, channel, person["id"]) & Permission.MANAGE_MESSAGES:
        _own(desk, ask, person)
    messages.remove(desk.world, stored)
    await desk.gateway.announce("MESSAGE_DELETE", stored)


async def react(desk: Desk, ask: Json) -> None:
    """{person, message, emoji, remove}: add or take away a reaction."""
    person = _person(desk, ask)
    stored = _seen(desk, ask, person)
    add = not ask.get("remove")
    await rest.set_reaction(desk.world, desk.gateway, stored, person["id"], ask["emoji"], add=add)


async def slash(desk: Desk, ask: Json) -> Json:
    """{person, command: "campaign review", options: {name: value}, channel, installed}: run a slash command.

    `installed`: "user" where the person installed the app for themselves and the bot is not there.
    """
    return await _command(desk, ask, interactions.COMMAND, None)


async def autocomplete(desk: Desk, ask: Json) -> Json:
    """{person, command, option, typed, options}: type into an option; the answer holds the choices."""
    return await _command(desk, ask, interactions.AUTOCOMPLETE, ask["option"])


async def _command(desk: Desk, ask: Json, kind: int, typing: str | None) -> Json:
    person = _person(desk, ask)
    channel = _channel(desk, ask, person)
    name, *path = ask["command"].removeprefix("/").split()
    command = commands.find(desk.world, channel, commands.CHAT, name, person["id"])
    options = commands.leaf(command, path).get("options") or []
    values = dict(ask.get("options") or {})
    if typing is not None:
        if not any(option["name"] == typing and option.get("autocomplete") for option in options):
            raise RefusedError(f"{typing!r} of {ask['command']!r} has no autocompletion.")
        values[typing] = ask.get("typed") or ""
    installed = ask.get("installed")
    if installed == "user" and USER_INSTALL not in command["integration_types"]:
        raise RefusedError(f"{command['name']!r} is not offered to people who installed the app for themselves.")
    filling = Filling(desk.world, channel)
    filled = filling.fill(options, values, typing=typing)
    data = _command_data(command, filling) | {"options": commands.nested(command, path, filled)}
    return await interactions.start(
        desk.world, desk.gateway, kind, person=person, channel=channel, data=data, installed=installed
    )


def _command_data(command: Json, filling: Filling) -> Json:
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if command.get("guild_id"):
        data["guild_id"] = command["guild_id"]
    return data | ({"resolved": filling.resolved} if filling.resolved else {})


async def menu(desk: Desk, ask: Json) -> Json:
    """{person, name, message} or {person, name, user, channel}: choose an entry of the Apps menu."""
    person = _person(desk, ask)
    filling: Filling
    if ask.get("message"):
        stored = _seen(desk, ask, person)
        channel = desk.world.channels[stored["payload"]["channel_id"]]
        filling = Filling(desk.world, channel)
        kind, target = commands.MESSAGE_MENU, stored["payload"]["id"]
        filling.resolved["messages"] = {target: views.payload(desk.world, stored)}
    else:
        channel = _channel(desk, ask, person)
        filling = Filling(desk.world, channel)
        kind, target = commands.USER_MENU, filling.refer_person(ask["user"])
    command = commands.find(desk.world, channel, kind, ask["name"], person["id"])
    data = _command_data(command, filling) | {"target_id": target}
    origin = {"target_message_id": target} if kind == commands.MESSAGE_MENU else {}
    return await interactions.start(
        desk.world, desk.gateway, interactions.COMMAND, person=person, channel=channel, data=data, **origin
    )


def _component(stored: Json, what: str, kinds: set[int]) -> Json:
    """The one component of these kinds with this custom id, label or placeholder. Raises RefusedError."""
    offered = [one for one in messages.walk(stored["payload"]["components"]) if one["type"] in kinds]
    names = ("custom_id", "label", "placeholder")
    found = [one for one in offered if what in [one.get(name) for name in names]]
    if len(found) != 1:
        labels = [one.get("label") or one.get("placeholder") or one.get("custom_id") for one in offered]
        raise RefusedError(f"{len(found)} components are called {what!r}; the message offers {labels}.")
    if found[0].get("disabled"):
        raise RefusedError(f"{what!r} is disabled.")
    return found[0]


async def click(desk: Desk, ask: Json) -> Json:
    """{person, message, what}: press a button by its label or custom id."""
    person = _person(desk, ask)
    stored = _seen(desk, ask, person)
    button = _component(stored, ask["what"], {BUTTON})
    if button["style"] == LINK:
        raise RefusedError(f"{ask['what']!r} opens {button['url']} and tells the bot nothing.")
    return await _use(desk, person, stored, button, {})


async def select(desk: Desk, ask: Json) -> Json:
    """{person, message, what, values}: choose from a menu; options by value or label, people and the like by name."""
    person = _person(desk, ask)
    stored = _seen(desk, ask, person)
    component = _component(stored, ask["what"], SELECTS)
    channel = desk.world.channels[stored["payload"]["channel_id"]]
    filling = Filling(desk.world, channel)
    chosen = filling.choose(component, ask["values"])
    data: Json = {"values": chosen} | ({"resolved": filling.resolved} if filling.resolved else {})
    return await _use(desk, person, stored, component, data)


async def _use(desk: Desk, person: Json, stored: Json, component: Json, more: Json) -> Json:
    channel = desk.world.channels[stored["payload"]["channel_id"]]
    data = {"custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"]} | more
    message_id = stored["payload"]["id"]
    kind = interactions.COMPONENT
    origin = {"message_id": message_id, "installed": interactions.installed_for(desk.world, stored)}
    return await interactions.start(desk.world, desk.gateway, kind, person=person, channel=channel, data=data, **origin)


async def submit(desk: Desk, ask: Json) -> Json:
    """{person, token, values: {custom id or label: value}}: send off the form an interaction was answered with."""
    person = _person(desk, ask)
    opened_by = desk.world.interactions.get(ask["token"])
    if opened_by is None or (opened_by["answer"] or {}).get("type") != interactions.MODAL:
        raise RefusedError("This interaction was not answered with a form.")
    if opened_by["user_id"] != person["id"]:
        raise RefusedError(f"The form was not shown to {person['username']}.")
    channel = desk.world.channels[opened_by["channel_id"]]
    filling = Filling(desk.world, channel)
    form = opened_by["answer"]["data"]
    data: Json = {"custom_id": form["custom_id"], "components": filled_in(form, ask.get("values") or {}, filling)}
    data |= {"resolved": filling.resolved} if filling.resolved else {}
    origin = {
        "message_id": opened_by["message_id"],
        "opened_by": ask["token"],
        "installed": opened_by.get("installed"),
    }
    return await interactions.start(
        desk.world, desk.gateway, interactions.SUBMIT, person=person, channel=channel, data=data, **origin
    )


async def open_direct(desk: Desk, ask: Json) -> Json:
    """{person}: the direct channel with the bot."""
    return payloads.channel(desk.world, places.direct_channel(desk.world, _person(desk, ask)["id"])["id"])


ACTS: dict[str, Callable[[Desk, Json], Awaitable[Any]]] = {
    verb.__name__: verb
    for verb in (say, edit, delete, react, slash, autocomplete, menu, click, select, submit, open_direct)
}
