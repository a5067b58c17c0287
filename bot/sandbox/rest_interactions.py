"""The bot's REST calls about commands, and its answers to interactions by callback and webhook."""

from __future__ import annotations

from bot.sandbox import commands, interactions, limits, messages, views
from bot.sandbox.call import Call, Route
from bot.sandbox.errors import Json, refuse, reject
from bot.sandbox.payloads import ATTACHMENT_LIMIT


def _scope(call: Call) -> str:
    if call.path["application"] != call.world.bot_id:
        raise refuse(50001)
    return call.guild() if "guild" in call.path else commands.GLOBAL


async def list_commands(call: Call) -> list[Json]:
    return list(call.world.commands.get(_scope(call), []))


async def overwrite_commands(call: Call) -> list[Json]:
    reject(limits.commands(call.body))
    registered = commands.register(call.world, _scope(call), call.body)
    call.gateway.bell.ring()
    return registered


def _check_sizes(call: Call) -> None:
    if any(len(upload.content) > ATTACHMENT_LIMIT for upload in call.uploads.values()):
        raise refuse(40005)


async def callback(call: Call) -> Json | None:
    state = interactions.awaiting_answer(call.world, call.path["interaction"], call.path["token"])
    _check_sizes(call)
    reply = await interactions.answer(call.world, call.gateway, state, call.body, call.uploads)
    return reply if call.query.get("with_response") in {"1", "true"} else None


def _answered(call: Call) -> Json:
    return interactions.answered(call.world, call.path["token"], call.path["application"])


async def follow_up(call: Call) -> Json:
    state = _answered(call)
    _check_sizes(call)
    stored = await interactions.follow_up(call.world, call.gateway, state, call.body, call.uploads)
    return views.over_rest(call.world, stored)


async def read(call: Call) -> Json:
    return views.over_rest(call.world, interactions.message_of(call.world, _answered(call), call.path["message"]))


async def edit(call: Call) -> Json:
    stored = interactions.message_of(call.world, _answered(call), call.path["message"])
    _check_sizes(call)
    edited = await interactions.edit(call.world, call.gateway, stored, call.body, call.uploads)
    return views.over_rest(call.world, edited)


async def delete(call: Call) -> None:
    stored = interactions.message_of(call.world, _answered(call), call.path["message"])
    messages.remove(call.world, stored)
    await call.gateway.announce("MESSAGE_DELETE", stored)


APPLICATION, WEBHOOK = "/applications/{application}", "/webhooks/{application}/{token}"
ROUTES: list[Route] = [
    ("GET", f"{APPLICATION}/commands", list_commands),
    ("PUT", f"{APPLICATION}/commands", overwrite_commands),
    ("GET", f"{APPLICATION}/guilds/{{guild}}/commands", list_commands),
    ("PUT", f"{APPLICATION}/guilds/{{guild}}/commands", overwrite_commands),
    ("POST", "/interactions/{interaction}/{token}/callback", callback),
    ("POST", WEBHOOK, follow_up),
    ("GET", f"{WEBHOOK}/messages/{{message}}", read),
    ("PATCH", f"{WEBHOOK}/messages/{{message}}", edit),
    ("DELETE", f"{WEBHOOK}/messages/{{message}}", delete),
]
