"""Who may do what in a server. Discord's own defaults hide commands; these checks are what holds."""

from __future__ import annotations

import discord

from bot.chat.desk import Interaction, guild_of
from bot.errors import Problem
from bot.store import guilds


async def may_decide(interaction: Interaction) -> bool:
    """Whether this person has one of the roles set for it, or, where none are set, the right to manage messages.

    Whoever manages the server always may. Raises Problem in direct messages.
    """
    guild_id, rights = guild_of(interaction), interaction.permissions
    if rights.manage_guild:
        return True
    async with interaction.client.desk.store.read() as conn:
        roles = await guilds.decider_roles(conn, guild_id)
    return _has_role(interaction, roles) if roles else rights.manage_messages


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
