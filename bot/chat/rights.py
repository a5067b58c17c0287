"""Who may do and see what in a server. Discord's own defaults hide commands; these checks are what holds."""

from __future__ import annotations

from collections.abc import Iterator

import discord

from bot.chat.desk import Interaction, guild_of, place_of
from bot.errors import Problem
from bot.store import guilds
from bot.store.sight import Sight


async def may_decide(interaction: Interaction) -> bool:
    """Whether this person has one of the roles set for it, or, where none are set, the right to manage messages.

    Whoever manages the server always may. Raises Problem in direct messages.
    """
    return await _decides(interaction, manages_messages=interaction.permissions.manage_messages)


async def _decides(interaction: Interaction, *, manages_messages: bool) -> bool:
    guild_id = guild_of(interaction)
    if interaction.permissions.manage_guild:
        return True
    async with interaction.client.desk.store.read() as conn:
        roles = await guilds.decider_roles(conn, guild_id)
    return _has_role(interaction, roles) if roles else manages_messages


async def sight_of(interaction: Interaction) -> Sight:
    """Which of the server's verdicts this person may look up.

    Whoever decides in the whole server sees all, anybody else what was answered where they can read it themselves.
    """
    person = interaction.user
    if place_of(interaction) < 0 or not isinstance(person, discord.Member):
        return Sight(person.id, frozenset())
    if await _decides(interaction, manages_messages=person.guild_permissions.manage_messages):
        return Sight(person.id)
    here = interaction.channel_id or 0  # whoever asks there sees it, whether or not it can be looked up
    return Sight(person.id, frozenset([here, *_open_to(person)]))


def _open_to(person: discord.Member) -> Iterator[int]:
    """The channels, and threads that are not archived, that the person can see as far as Discord has told us."""
    for channel in person.guild.channels:
        if channel.permissions_for(person).view_channel:
            yield channel.id
    for thread in person.guild.threads:
        rights = thread.permissions_for(person) if thread.parent else discord.Permissions.none()
        is_in = not thread.is_private() or rights.manage_threads or person.id in [one.id for one in thread.members]
        if rights.view_channel and is_in:
            yield thread.id


async def require_decider(interaction: Interaction) -> None:
    """Raises Problem for a person who may not decide here."""
    if not await may_decide(interaction):
        raise Problem("chat_problem.may_not_decide")


async def require_keeper(interaction: Interaction) -> None:
    """Raises Problem for a person who may not keep what is stored here: the same people who decide."""
    if not await may_decide(interaction):
        raise Problem("chat_problem.may_not_keep")


def require_manager(interaction: Interaction) -> None:
    """Raises Problem for a person who does not manage the server."""
    guild_of(interaction)
    if not interaction.permissions.manage_guild:
        raise Problem("chat_problem.may_not_manage")


def _has_role(interaction: Interaction, roles: tuple[int, ...]) -> bool:
    person = interaction.user
    return isinstance(person, discord.Member) and any(person.get_role(role) for role in roles)
