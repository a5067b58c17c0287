"""Discord's permission arithmetic: roles of a member, then the overwrites of a channel."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.sandbox.errors import Json
    from bot.sandbox.state import World


class Permission(IntFlag):
    """The bits the sandbox checks; other bits pass through unread."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


P = Permission
ALL = Permission((1 << 53) - 1)
EVERYONE = (
    P.ADD_REACTIONS
    | P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY
    | P.USE_APPLICATION_COMMANDS
    | P.CREATE_PUBLIC_THREADS
    | P.SEND_MESSAGES_IN_THREADS
)
DIRECT = EVERYONE & ~P.CREATE_PUBLIC_THREADS
NEEDS_SEND = P.EMBED_LINKS | P.ATTACH_FILES | P.MENTION_EVERYONE
PRIVATE_THREAD = 12
THREADS = {10, 11, PRIVATE_THREAD}


def named(names: list[str]) -> Permission:
    """The bits for names such as `send_messages`; `all` stands for every bit. Raises KeyError for an unknown name."""
    bits = Permission(0)
    for name in names:
        bits |= ALL if name == "all" else Permission[name.upper()]
    return bits


def in_guild(world: World, guild_id: str, user_id: str) -> Permission:
    """What a member may do in the guild before any channel has its say; nothing for somebody who is not a member."""
    member = world.members.get(f"{guild_id}:{user_id}")
    if member is None:
        return Permission(0)
    if world.guilds[guild_id]["owner_id"] == user_id:
        return ALL
    bits = Permission(int(world.roles[guild_id]["permissions"]))
    for role_id in member["roles"]:
        bits |= Permission(int(world.roles[role_id]["permissions"]))
    return ALL if bits & P.ADMINISTRATOR else bits


def in_channel(world: World, channel: Json, user_id: str) -> Permission:
    """What somebody may do in a channel, thread (its parent's overwrites count) or direct channel.

    A private thread is there for its members, and for who may manage threads.
    """
    if channel["type"] == 1:
        return DIRECT if user_id in {world.bot_id, channel["recipient_id"]} else Permission(0)
    bits = in_guild(world, channel["guild_id"], user_id)
    if bits == ALL or not bits:
        return bits
    ruled = world.channels[channel["parent_id"]] if channel["type"] in THREADS else channel
    by_id = {overwrite["id"]: overwrite for overwrite in ruled["permission_overwrites"]}
    roles = world.members[f"{channel['guild_id']}:{user_id}"]["roles"]
    for level in ([channel["guild_id"]], roles, [user_id]):
        found = [by_id[key] for key in level if key in by_id]
        for overwrite in found:
            bits &= ~Permission(int(overwrite["deny"]))
        for overwrite in found:
            bits |= Permission(int(overwrite["allow"]))
    is_out = channel["type"] == PRIVATE_THREAD and user_id not in channel["people"] and not bits & P.MANAGE_THREADS
    if is_out or not bits & P.VIEW_CHANNEL:
        return Permission(0)
    may_send = P.SEND_MESSAGES_IN_THREADS if channel["type"] in THREADS else P.SEND_MESSAGES
    return bits if bits & may_send else bits & ~NEEDS_SEND
