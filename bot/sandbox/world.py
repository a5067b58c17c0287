"""Furnishing the sandbox: guilds, channels, roles and people, and finding them again by the names a script uses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.sandbox.errors import Json, RefusedError
from bot.sandbox.permissions import EVERYONE, Permission, named

if TYPE_CHECKING:
    from bot.sandbox.state import World

FIRST_GUILD = "Campaign room"


def furnish(world: World) -> None:
    """The default guild, channels and people, unless the world has been furnished before."""
    if world.users:
        return
    world.users[world.bot_id] = _user(world.bot_id, "campaign-bot", "en-US") | {"bot": True}
    guild = add_guild(world, FIRST_GUILD)["id"]
    add_role(world, guild, "lead", ["manage_guild", "manage_messages", "manage_channels"])
    add_role(world, guild, "marketing", [])
    add_role(world, guild, "influencer", [])
    for name, roles in (("lena", ["lead"]), ("mira", ["marketing"]), ("tobi", ["influencer"]), ("otto", [])):
        add_person(world, name, guild, roles)
    add_channel(world, guild, "drafts")
    team = add_channel(world, guild, "team")["id"]
    set_overwrite(world, team, "@everyone", deny=["view_channel"])
    for name in ("lead", "marketing", "bot"):
        set_overwrite(world, team, name, allow=["view_channel"])


def _user(user_id: str, name: str, locale: str) -> Json:
    return {"id": user_id, "username": name, "bot": False, "locale": locale, "dms_open": True}


def add_guild(world: World, name: str, locale: str = "en-US") -> Json:
    """A guild with @everyone, an owner nobody plays, and the bot as a member with a role of its own."""
    guild_id = world.snowflake()
    owner = world.snowflake()
    world.users[owner] = _user(owner, f"owner-{guild_id[-4:]}", locale)
    world.guilds[guild_id] = {"id": guild_id, "name": name, "owner_id": owner, "locale": locale}
    world.roles[guild_id] = {"id": guild_id, "guild_id": guild_id, "name": "@everyone", "position": 0} | {
        "permissions": str(int(EVERYONE))
    }
    bot_role = add_role(world, guild_id, "bot", [])["id"]
    _join(world, guild_id, owner, [])
    _join(world, guild_id, world.bot_id, [bot_role])
    return dict(world.guilds[guild_id])


def add_role(world: World, guild_id: str, name: str, permissions: list[str]) -> Json:
    role_id = world.snowflake()
    position = sum(role["guild_id"] == guild_id for role in world.roles.values())
    world.roles[role_id] = {"id": role_id, "guild_id": guild_id, "name": name, "position": position} | {
        "permissions": str(int(named(permissions)))
    }
    return dict(world.roles[role_id])


def add_person(world: World, name: str, guild_id: str | None, roles: list[str], locale: str = "en-US") -> Json:
    """A person, who joins `guild_id` with roles by name; a person who exists already joins as well."""
    known = next((user for user in world.users.values() if user["username"] == name), None)
    user_id = known["id"] if known else world.snowflake()
    world.users[user_id] = known or _user(user_id, name, locale)
    if guild_id is not None:
        _join(world, guild_id, user_id, [role_named(world, guild_id, role) for role in roles])
    return dict(world.users[user_id])


def _join(world: World, guild_id: str, user_id: str, roles: list[str]) -> None:
    joined = datetime.now(UTC).isoformat()
    world.members[f"{guild_id}:{user_id}"] = {"user_id": user_id, "roles": roles, "joined_at": joined}


def add_channel(world: World, guild_id: str, name: str) -> Json:
    channel_id = world.snowflake()
    world.channels[channel_id] = {
        "id": channel_id,
        "type": 0,
        "guild_id": guild_id,
        "name": name.lstrip("#"),
        "position": sum(channel.get("guild_id") == guild_id for channel in world.channels.values()),
        "permission_overwrites": [],
        "nsfw": False,
        "parent_id": None,
        "topic": None,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "flags": 0,
    }
    return dict(world.channels[channel_id])


def direct_channel(world: World, user_id: str) -> Json:
    """The direct channel between the bot and a person, opened when there is none yet."""
    for channel in world.channels.values():
        if channel.get("recipient_id") == user_id:
            return dict(channel)
    channel_id = world.snowflake()
    world.channels[channel_id] = {"id": channel_id, "type": 1, "recipient_id": user_id, "last_message_id": None}
    return dict(world.channels[channel_id])


def set_overwrite(
    world: World, channel_id: str, subject: str, *, allow: list[str] | None = None, deny: list[str] | None = None
) -> None:
    """Replace a channel's overwrite for a role or a person, both by name; neither allow nor deny removes it."""
    channel = world.channels[channel_id]
    try:
        target, kind = role_named(world, channel["guild_id"], subject), 0
    except RefusedError:
        target, kind = person_named(world, subject)["id"], 1
    kept = [overwrite for overwrite in channel["permission_overwrites"] if overwrite["id"] != target]
    if allow or deny:
        bits = {"allow": str(int(named(allow or []))), "deny": str(int(named(deny or [])))}
        kept.append({"id": target, "type": kind, **bits})
    world.channels.change(channel_id, permission_overwrites=kept)


def set_role_permissions(world: World, guild_id: str, role: str, *, allow: list[str], deny: list[str]) -> None:
    """Add and take away permissions of a role by name (`@everyone`, `bot`, ...)."""
    role_id = role_named(world, guild_id, role)
    bits = Permission(int(world.roles[role_id]["permissions"]))
    world.roles.change(role_id, permissions=str(int((bits | named(allow)) & ~named(deny))))


def guild_named(world: World, name: str | None) -> str:
    """The id of a guild by name or id; None is the first one. Raises RefusedError."""
    for guild in world.guilds.values():
        if name is None or name in {guild["id"], guild["name"]}:
            return str(guild["id"])
    raise RefusedError(f"There is no guild {name!r}; there are {[g['name'] for g in world.guilds.values()]}.")


def role_named(world: World, guild_id: str, name: str) -> str:
    for role in world.roles.values():
        if role["guild_id"] == guild_id and name in {role["id"], role["name"]}:
            return str(role["id"])
    raise RefusedError(f"The guild has no role {name!r}.")


def person_named(world: World, name: str) -> Json:
    for user in world.users.values():
        if name in {user["id"], user["username"]}:
            return dict(user)
    raise RefusedError(f"There is nobody called {name!r}; there are {[u['username'] for u in world.users.values()]}.")


def channel_named(world: World, name: str, person: Json, guild: str | None = None) -> Json:
    """A channel or thread by id or name (with or without #); `dm` is the person's direct channel with the bot.

    Without `guild` the guilds are searched in the order in which they were made. Raises RefusedError.
    """
    if name == "dm":
        return direct_channel(world, person["id"])
    wanted = None if guild is None else guild_named(world, guild)
    for channel in world.channels.values():
        if name == channel["id"] or (
            name.lstrip("#") == channel.get("name") and wanted in {None, channel.get("guild_id")}
        ):
            return dict(channel)
    raise RefusedError(f"There is no channel {name!r}.")
