"""The bot's REST calls about itself, guilds, channels, messages, threads and reactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox import interactions, limits, messages, payloads, threads, views
from bot.sandbox import world as places
from bot.sandbox.call import Call, Route
from bot.sandbox.errors import Json, refuse, reject
from bot.sandbox.permissions import THREADS, Permission

if TYPE_CHECKING:
    from bot.sandbox.gateway import Gateway
    from bot.sandbox.state import World

P = Permission


async def me(call: Call) -> Json:
    return payloads.me(call.world)


async def application(call: Call) -> Json:
    return payloads.application(call.world)


async def gateway_bot(call: Call) -> Json:
    return payloads.gateway_bot(call.world, call.gateway.counts["identify"])


async def user(call: Call) -> Json:
    if call.path["user"] not in call.world.users:
        raise refuse(10013)
    return payloads.user(call.world, call.path["user"])


async def open_direct(call: Call) -> Json:
    recipient = str(call.body["recipient_id"])
    if recipient not in call.world.users or recipient == call.world.bot_id:
        raise refuse(10013)
    return payloads.channel(call.world, places.direct_channel(call.world, recipient)["id"])


async def guild(call: Call) -> Json:
    return payloads.guild(call.world, call.guild())


async def guild_channels(call: Call) -> list[Json]:
    return payloads.channels(call.world, call.guild(), threads=False)


async def guild_roles(call: Call) -> list[Json]:
    return payloads.roles(call.world, call.guild())


async def active_threads(call: Call) -> Json:
    return {"threads": payloads.channels(call.world, call.guild(), threads=True), "members": [], "has_more": False}


async def member(call: Call) -> Json:
    if f"{call.guild()}:{call.path['user']}" not in call.world.members:
        raise refuse(10007)
    return payloads.member(call.world, call.guild(), call.path["user"])


async def guild_members(call: Call) -> list[Json]:
    if "members" not in call.world.settings["allowed_intents"]:
        raise refuse(50001)
    after, limit = int(call.query.get("after", 0)), int(call.query.get("limit", 1))
    by_id = {int(one["user"]["id"]): one for one in payloads.members(call.world, call.guild())}
    return [by_id[key] for key in sorted(by_id) if key > after][:limit]


async def channel(call: Call) -> Json:
    return payloads.channel(call.world, call.channel()["id"])


async def typing(call: Call) -> None:
    call.channel(P.SEND_MESSAGES)


def _send_permission(place: Json) -> Permission:
    return P.SEND_MESSAGES_IN_THREADS if place["type"] in THREADS else P.SEND_MESSAGES


def _check_content_rights(call: Call, place: Json) -> None:
    if (call.uploads and not call.may(place, P.ATTACH_FILES)) or (
        call.body.get("embeds") and not call.may(place, P.EMBED_LINKS)
    ):
        raise refuse(50013)
    if any(len(upload.content) > payloads.ATTACHMENT_LIMIT for upload in call.uploads.values()):
        raise refuse(40005)


async def create_message(call: Call) -> Json:
    place = call.channel()
    call.channel(_send_permission(place))
    _check_content_rights(call, place)
    if call.body.get("message_reference") and not call.may(place, P.READ_MESSAGE_HISTORY):
        raise refuse(160002)
    if place["type"] == 1 and not call.world.users[place["recipient_id"]]["dms_open"]:
        raise refuse(50007)
    reject(limits.message(call.body, call.filenames()))
    earlier = _by_nonce(call, place["id"])
    if earlier is not None:
        return views.over_rest(call.world, earlier)
    threads.unarchive(call, place)
    stored = messages.post(call.world, place["id"], call.world.bot_id, call.body, call.uploads)
    if call.body.get("nonce"):
        key = f"{place['id']}:{call.body['nonce']}"
        call.world.nonces[key] = {"message_id": stored["payload"]["id"], "at": call.world.now()}
    await call.gateway.announce("MESSAGE_CREATE", stored)
    return views.over_rest(call.world, stored)


def _by_nonce(call: Call, channel_id: str) -> Json | None:
    """The message this nonce made in the channel within the window, when the request asks for that."""
    if not call.body.get("enforce_nonce") or not call.body.get("nonce"):
        return None
    known = call.world.nonces.get(f"{channel_id}:{call.body['nonce']}")
    if known is None or call.world.now() - known["at"] > call.world.settings["nonce_window"]:
        return None
    stored = call.world.messages[known["message_id"]]
    return None if stored["deleted"] else dict(stored)


async def history(call: Call) -> list[Json]:
    place = call.channel()
    if not call.may(place, P.READ_MESSAGE_HISTORY):
        return []
    found = [
        stored
        for stored in views.in_place(call.world, place["id"])
        if not stored["deleted"] and stored["visible_to"] is None
    ]
    return [views.over_rest(call.world, stored) for stored in views.page(found, call.query)]


async def message(call: Call) -> Json:
    call.channel(P.READ_MESSAGE_HISTORY)
    return views.over_rest(call.world, call.message())


async def edit_message(call: Call) -> Json:
    place = call.channel()
    stored = call.message()
    if stored["payload"]["author"]["id"] != call.world.bot_id:
        raise refuse(50005)
    _check_content_rights(call, place)
    edited = await interactions.edit(call.world, call.gateway, stored, call.body, call.uploads)
    return views.over_rest(call.world, edited)


async def delete_message(call: Call) -> None:
    place = call.channel()
    stored = call.message()
    if stored["payload"]["author"]["id"] != call.world.bot_id and not call.may(place, P.MANAGE_MESSAGES):
        raise refuse(50013)
    messages.remove(call.world, stored)
    await call.gateway.announce("MESSAGE_DELETE", stored)


async def react(call: Call) -> None:
    call.channel(P.READ_MESSAGE_HISTORY | P.ADD_REACTIONS)
    await set_reaction(call.world, call.gateway, call.message(), call.world.bot_id, _emoji(call), add=True)


async def unreact(call: Call) -> None:
    call.channel()
    await set_reaction(call.world, call.gateway, call.message(), call.world.bot_id, _emoji(call), add=False)


def _emoji(call: Call) -> str:
    emoji = call.path["emoji"]
    if emoji.isascii() and ":" not in emoji:
        raise refuse(10014)
    return emoji


async def set_reaction(world: World, gateway: Gateway, stored: Json, user_id: str, emoji: str, *, add: bool) -> None:
    """Add or take away somebody's reaction, once."""
    entry = [emoji, user_id]
    if (entry in stored["reactions"]) == add:
        return
    others = [known for known in stored["reactions"] if known != entry]
    world.messages.change(stored["payload"]["id"], reactions=[*others, entry] if add else others)
    event = "MESSAGE_REACTION_ADD" if add else "MESSAGE_REACTION_REMOVE"
    await gateway.announce_reaction(event, stored, user_id, emoji)


CHANNEL, MESSAGE, GUILD = "/channels/{channel}", "/channels/{channel}/messages/{message}", "/guilds/{guild}"
ROUTES: list[Route] = [
    ("GET", "/users/@me", me),
    ("GET", "/users/{user}", user),
    ("GET", "/oauth2/applications/@me", application),
    ("GET", "/applications/@me", application),
    ("GET", "/gateway/bot", gateway_bot),
    ("POST", "/users/@me/channels", open_direct),
    ("GET", GUILD, guild),
    ("GET", f"{GUILD}/channels", guild_channels),
    ("GET", f"{GUILD}/roles", guild_roles),
    ("GET", f"{GUILD}/threads/active", active_threads),
    ("GET", f"{GUILD}/members", guild_members),
    ("GET", f"{GUILD}/members/{{user}}", member),
    ("GET", CHANNEL, channel),
    ("PATCH", CHANNEL, threads.edit_thread),
    ("POST", f"{CHANNEL}/typing", typing),
    ("POST", f"{CHANNEL}/threads", threads.start_thread),
    ("PUT", f"{CHANNEL}/thread-members/@me", threads.join_thread),
    ("PUT", f"{CHANNEL}/thread-members/{{user}}", threads.add_member),
    ("GET", f"{CHANNEL}/messages", history),
    ("POST", f"{CHANNEL}/messages", create_message),
    ("GET", MESSAGE, message),
    ("PATCH", MESSAGE, edit_message),
    ("DELETE", MESSAGE, delete_message),
    ("POST", f"{MESSAGE}/threads", threads.start_thread),
    ("PUT", f"{MESSAGE}/reactions/{{emoji}}/@me", react),
    ("DELETE", f"{MESSAGE}/reactions/{{emoji}}/@me", unreact),
]
