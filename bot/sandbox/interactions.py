"""Interactions: opening them as a person does, and the bot's answers by token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox import limits, messages, payloads, views
from bot.sandbox.errors import Json, refuse, reject
from bot.sandbox.payloads import EPHEMERAL, LOADING

if TYPE_CHECKING:
    from bot.sandbox.gateway import Gateway
    from bot.sandbox.messages import Upload
    from bot.sandbox.state import World

COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
FIRST_ANSWER, TOKEN_LIFE = 3.0, 900.0  # seconds
MESSAGE, DEFER, DEFER_UPDATE, UPDATE, MODAL = 4, 5, 6, 7, 9


async def start(
    world: World, gateway: Gateway, kind: int, *, person: Json, channel: Json, data: Json, **more: str | None
) -> Json:
    """Store an interaction and send it to the bot; `more` holds what it came from (message_id, opened_by, ...)."""
    token = f"token-{world.snowflake()}"
    state: Json = {
        "id": world.snowflake(),
        "token": token,
        "type": kind,
        "user_id": person["id"],
        "channel_id": channel["id"],
        "at": world.now(),
        "answer": None,
        "original": None,
        "followups": [],
        "message_id": None,
        "menu": data.get("type") in {2, 3} and kind == COMMAND,
    } | more
    world.interactions[token] = state
    payload = payloads.interaction(world, state, data)
    if state["message_id"]:
        payload["message"] = views.payload(world, world.messages[state["message_id"]])
    await gateway.dispatch("INTERACTION_CREATE", channel.get("guild_id"), lambda _: payload)
    return state


def installed_for(world: World, stored: Json) -> str | None:
    """How the app came to the person whose interaction a message answers: what sits on it comes the same way."""
    state = world.interactions.get(stored.get("interaction") or "")
    return state.get("installed") if state else None


def awaiting_answer(world: World, interaction_id: str, token: str) -> Json:
    """The interaction a callback is for. Raises 10062 when it is unknown or too old, 40060 when it was answered."""
    state = world.interactions.get(token)
    if state is None or state["id"] != interaction_id:
        raise refuse(10062)
    if state["answer"] is not None:
        raise refuse(40060)
    if world.now() - state["at"] > FIRST_ANSWER:
        raise refuse(10062)
    return dict(state)


def answered(world: World, token: str, application_id: str) -> Json:
    """The interaction a webhook call is for. Raises 10015 when unknown or unanswered, 50027 when the token expired."""
    state = world.interactions.get(token)
    if state is None or application_id != world.bot_id:
        raise refuse(10015)
    if world.now() - state["at"] > TOKEN_LIFE:
        raise refuse(50027)
    if state["answer"] is None:
        raise refuse(10015)
    return dict(state)


def _kind_of_message(state: Json) -> int:
    if state["type"] != COMMAND:
        return messages.NORMAL
    return messages.MENU_COMMAND if state["menu"] else messages.CHAT_COMMAND


async def answer(world: World, gateway: Gateway, state: Json, body: Json, uploads: dict[str, Upload]) -> Json:
    """Take the first answer; returns Discord's reply to it."""
    standing = world.messages.get(state["message_id"] or "")
    names = [upload.filename for upload in uploads.values()]
    reject(limits.callback(body, state["type"], uploads=names, standing=standing and standing["payload"]))
    data = body.get("data") or {}
    stored = None
    event = "MESSAGE_CREATE"
    if body["type"] in {MESSAGE, DEFER}:
        flags = (data.get("flags") or 0) | (LOADING if body["type"] == DEFER else 0)
        kind = _kind_of_message(state)
        place = state["channel_id"]
        written = data | {"flags": flags}
        stored = messages.post(world, place, world.bot_id, written, uploads, kind=kind, interaction=state)
    elif body["type"] in {UPDATE, DEFER_UPDATE} and standing is not None:
        stored = messages.revise(world, standing, data, uploads) if body["type"] == UPDATE else standing
        event = "MESSAGE_UPDATE" if body["type"] == UPDATE else ""
    original = stored["payload"]["id"] if stored else None
    world.interactions.change(state["token"], answer=body, original=original)
    if stored and event:
        await gateway.announce(event, stored)
    gateway.bell.ring()
    return _reply(world, state, body["type"], stored)


def _reply(world: World, state: Json, kind: int, stored: Json | None) -> Json:
    inner: Json = {"id": state["id"], "type": state["type"]}
    reply: Json = {"interaction": inner}
    if stored is not None:
        flags = stored["payload"]["flags"]
        inner |= {
            "response_message_id": stored["payload"]["id"],
            "response_message_loading": bool(flags & LOADING),
            "response_message_ephemeral": bool(flags & EPHEMERAL),
        }
        if kind in {MESSAGE, UPDATE}:
            reply["resource"] = {"type": kind, "message": views.over_rest(world, stored)}
    return reply


async def follow_up(world: World, gateway: Gateway, state: Json, body: Json, uploads: dict[str, Upload]) -> Json:
    """A further message; the first one after a deferral takes the place of the waiting original, as on Discord."""
    original = world.messages.get(state["original"] or "")
    if original and original["payload"]["flags"] & LOADING and not original["deleted"]:
        return await edit(world, gateway, original, body, uploads)
    reject(limits.message(body, [upload.filename for upload in uploads.values()]))
    stored = messages.post(world, state["channel_id"], world.bot_id, body, uploads, interaction=state)
    ids = [*state["followups"], stored["payload"]["id"]]
    world.interactions.change(state["token"], followups=ids)
    await gateway.announce("MESSAGE_CREATE", stored)
    return stored


async def edit(world: World, gateway: Gateway, stored: Json, body: Json, uploads: dict[str, Upload]) -> Json:
    """Edit a message of the bot. Raises 50035 and 50006 for what Discord does not take."""
    names = [upload.filename for upload in uploads.values()]
    reject(limits.message(body, names, stored["payload"]))
    revised = messages.revise(world, stored, body, uploads)
    await gateway.announce("MESSAGE_UPDATE", revised)
    return revised


def message_of(world: World, state: Json, message_id: str) -> Json:
    """The message `@original` or a follow-up by id. Raises 10008."""
    key = state["original"] if message_id == "@original" else message_id
    if key is None or key not in {state["original"], *state["followups"]}:
        raise refuse(10008)
    return messages.existing(world, key)
