"""The admin API: furnish the world, watch what happens, plan trouble. `POST /admin/<verb>` with a JSON object."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox import payloads, views
from bot.sandbox import world as places
from bot.sandbox.acts import ACTS, Desk
from bot.sandbox.errors import Json, RefusedError
from bot.sandbox.faults import Fault
from bot.sandbox.interactions import MODAL
from bot.sandbox.payloads import EPHEMERAL, LOADING
from bot.sandbox.permissions import in_channel

LONGEST_WAIT = 30.0  # seconds of one long poll


async def add_guild(desk: Desk, ask: Json) -> Json:
    """{name, locale}: a guild with the bot in it; its sessions hear of it as of joining a server."""
    made = places.add_guild(desk.world, ask["name"], ask.get("locale", "en-US"))
    data = payloads.guild_create(desk.world, made["id"])
    await desk.gateway.dispatch("GUILD_CREATE", made["id"], lambda _: data, intent=1)
    return made


async def add_channel(desk: Desk, ask: Json) -> Json:
    """{name, guild}"""
    guild_id = places.guild_named(desk.world, ask.get("guild"))
    made = places.add_channel(desk.world, guild_id, ask["name"])
    await desk.gateway.dispatch("CHANNEL_CREATE", guild_id, lambda _: made, intent=1)
    return made


async def add_role(desk: Desk, ask: Json) -> Json:
    """{name, guild, permissions: [names]}"""
    guild_id = places.guild_named(desk.world, ask.get("guild"))
    made = places.add_role(desk.world, guild_id, ask["name"], ask.get("permissions") or [])
    data = {"guild_id": guild_id, "role": payloads.role(desk.world, made["id"])}
    await desk.gateway.dispatch("GUILD_ROLE_CREATE", guild_id, lambda _: data, intent=1)
    return made


async def add_person(desk: Desk, ask: Json) -> Json:
    """{name, guild, roles: [names], locale, stranger}: somebody who joins the guild, or replaces their roles there."""
    guild_id = None if ask.get("stranger") else places.guild_named(desk.world, ask.get("guild"))
    return places.add_person(desk.world, ask["name"], guild_id, ask.get("roles") or [], ask.get("locale", "en-US"))


async def set_person(desk: Desk, ask: Json) -> Json:
    """{person, locale, dms_open}: change somebody's settings."""
    person = places.person_named(desk.world, ask["person"])
    fields = {key: ask[key] for key in ("locale", "dms_open") if key in ask}
    return desk.world.users.change(person["id"], **fields)


async def permit(desk: Desk, ask: Json) -> None:
    """{role or person as `subject`, channel, guild, allow: [names], deny: [names]}: without a channel, of the role."""
    guild_id = places.guild_named(desk.world, ask.get("guild"))
    allow, deny = ask.get("allow") or [], ask.get("deny") or []
    if ask.get("channel"):
        channel = places.channel_named(desk.world, ask["channel"], {}, ask.get("guild"))
        places.set_overwrite(desk.world, channel["id"], ask["subject"], allow=allow, deny=deny)
        data = payloads.channel(desk.world, channel["id"])
        await desk.gateway.dispatch("CHANNEL_UPDATE", guild_id, lambda _: data, intent=1)
        return
    places.set_role_permissions(desk.world, guild_id, ask["subject"], allow=allow, deny=deny)
    role_id = places.role_named(desk.world, guild_id, ask["subject"])
    role = {"guild_id": guild_id, "role": payloads.role(desk.world, role_id)}
    await desk.gateway.dispatch("GUILD_ROLE_UPDATE", guild_id, lambda _: role, intent=1)


async def configure(desk: Desk, ask: Json) -> Json:
    """{setting: value}: change settings; returns them all. The names are those of state.SETTINGS."""
    unknown = set(ask) - set(desk.world.settings)
    if unknown:
        raise RefusedError(f"No such setting: {sorted(unknown)}; there are {sorted(desk.world.settings)}.")
    desk.world.settings.update(ask)
    return dict(desk.world.settings)


async def hold_clock(desk: Desk, ask: Json) -> float:
    """{hold}: stop the sandbox's clock, or let it run on; returns its time."""
    world = desk.world
    now = world.now()
    world.settings["clock_held_at"] = None
    world.settings["clock_offset"] += now - world.now()
    if ask.get("hold", True):
        world.settings["clock_held_at"] = now - world.settings["clock_offset"]
    return world.now()


async def advance(desk: Desk, ask: Json) -> float:
    """{seconds}: put the sandbox's clock forward; returns its time."""
    desk.world.settings["clock_offset"] += ask["seconds"]
    return desk.world.now()


async def reset(desk: Desk, _: Json) -> None:
    """Start over: forget everything, cut the bot off, furnish the world anew."""
    await desk.gateway.disconnect(4000, forget=True)
    desk.gateway.counts.clear()
    desk.faults.planned.clear()
    desk.world.clear()
    places.furnish(desk.world)


async def fault(desk: Desk, ask: Json) -> None:
    """{kind, path, method, count, skip, seconds}: plan a failure, see `faults.Fault`."""
    desk.faults.planned.append(Fault(**ask))


async def clear_faults(desk: Desk, _: Json) -> int:
    """Forget the planned failures; returns how many there were."""
    count = len(desk.faults.planned)
    desk.faults.planned.clear()
    return count


async def disconnect(desk: Desk, ask: Json) -> None:
    """{code, forget}: close the gateway connections; `forget` makes RESUME fail."""
    await desk.gateway.disconnect(ask.get("code", 4000), forget=ask.get("forget", False))


async def opcode(desk: Desk, ask: Json) -> None:
    """{op: 7} to ask for a reconnect, {op: 9, resumable} for an invalid session."""
    await desk.gateway.tell(ask["op"], ask.get("resumable") if ask["op"] == 9 else None)


async def event(desk: Desk, ask: Json) -> None:
    """{name, data}: send every connection an event as it stands, however malformed."""
    await desk.gateway.dispatch(ask["name"], None, lambda _: ask["data"])


async def at_once(desk: Desk, ask: Json) -> list[Any]:
    """{acts: [{verb, ...}]}: what many people do at the same moment, and what came of each."""
    return [await ACTS[act["verb"]](desk, act) for act in ask["acts"]]


async def changes(desk: Desk, ask: Json) -> int:
    """{after, timeout}: wait until something happened after version `after`; returns the version."""
    return await desk.bell.wait(ask["after"], min(ask.get("timeout", 1.0), LONGEST_WAIT))


async def record(desk: Desk, ask: Json) -> list[Json]:
    """{after, method, path}: the bot's calls, see `World.recorded`; `path` is a fragment."""
    calls = desk.world.recorded(ask.get("after", 0))
    method, path = ask.get("method") or "", ask.get("path") or ""
    return [call for call in calls if path in call["path"] and method in {"", call["method"]}]


async def gateway(desk: Desk, _: Json) -> Json:
    """Frame counts and sessions."""
    sessions = [
        {"id": one.id, "intents": one.intents, "shard": one.shard, "sequence": one.sequence}
        | {"connected": one.socket is not None and not one.socket.closed}
        for one in desk.gateway.sessions.values()
    ]
    return {"counts": dict(desk.gateway.counts), "sessions": sessions}


async def seen(desk: Desk, ask: Json) -> list[Json]:
    """{person, channel, guild}: the messages of a channel as this person sees them now, oldest first."""
    person = places.person_named(desk.world, ask["person"])
    channel = places.channel_named(desk.world, ask.get("channel") or "drafts", person, ask.get("guild"))
    found = views.in_place(desk.world, channel["id"])
    return [views.payload(desk.world, one) for one in found if views.visible(desk.world, one, person["id"])]


async def open_to(desk: Desk, ask: Json) -> list[Json]:
    """{person}: the channels and threads this person sees, and their direct channel with the bot."""
    person = places.person_named(desk.world, ask["person"])
    places.direct_channel(desk.world, person["id"])
    seen_channels = [one for one in desk.world.channels.values() if in_channel(desk.world, one, person["id"])]
    return [payloads.channel(desk.world, one["id"]) for one in seen_channels]


async def message(desk: Desk, ask: Json) -> Json:
    """{message}: one message whoever sees it, with `deleted` and `visible_to` beside its `payload`."""
    stored = desk.world.messages.get(ask["message"])
    if stored is None:
        raise RefusedError("There is no such message.")
    return dict(stored) | {"payload": views.payload(desk.world, stored)}


async def every_message(desk: Desk, _: Json) -> list[Json]:
    """All messages ever posted, in order, in the form of `message`."""
    return [dict(stored) for stored in desk.world.messages.values()]


async def interaction(desk: Desk, ask: Json) -> Json:
    """{token}: an interaction, its form, and its messages as they stand now (None: deleted or none yet)."""
    state = desk.world.interactions.get(ask["token"])
    if state is None:
        raise RefusedError("There is no such interaction.")
    answer = state["answer"] or {}
    original = desk.world.messages.get(state["original"] or "")
    flags = original["payload"]["flags"] if original else (answer.get("data") or {}).get("flags") or 0
    followups = [desk.world.messages[key] for key in state["followups"]]
    return dict(state) | {
        "modal": answer["data"] if answer.get("type") == MODAL else None,
        "ephemeral": bool(flags & EPHEMERAL),
        "waiting": not answer or bool(flags & LOADING),
        "message": views.payload(desk.world, original) if original and not original["deleted"] else None,
        "followup_messages": [views.payload(desk.world, one) for one in followups if not one["deleted"]],
    }


async def registered(desk: Desk, _: Json) -> Json:
    """Registered commands by scope."""
    return dict(desk.world.commands)


async def places_and_people(desk: Desk, _: Json) -> Json:
    """Guilds, channels, roles, people and members."""
    world = desk.world
    shelves = {"guilds": world.guilds, "channels": world.channels, "roles": world.roles, "people": world.users}
    return {name: list(shelf.values()) for name, shelf in shelves.items()} | {"members": dict(world.members)}


WATCHING = (changes, record, gateway, seen, open_to, message, every_message, interaction, registered, places_and_people)
CHANGING = (
    add_guild,
    add_channel,
    add_role,
    add_person,
    set_person,
    permit,
    configure,
    hold_clock,
    advance,
    reset,
    fault,
    clear_faults,
    disconnect,
    opcode,
    event,
    at_once,
)
READING = {verb.__name__ for verb in WATCHING}
VERBS: dict[str, Callable[[Desk, Json], Awaitable[Any]]] = ACTS | {
    verb.__name__: verb for verb in (*WATCHING, *CHANGING)
}
