"""The campaigns of teams that a person may use outside their servers, because the team confirmed who the person is."""

from __future__ import annotations

import asyncio

import discord

from bot.chat.desk import Interaction
from bot.errors import Problem
from bot.services.selfcheck import Place, places_of

MOST_PLACES = 24  # one less than Discord's limit of one list, for a choice that is none of them


async def open_places(interaction: Interaction) -> tuple[Place, ...]:
    """The campaigns of the teams that know the person, in the servers where the person still is."""
    found = await places_of(interaction.client.desk.store, interaction.user.id)
    guilds = list(dict.fromkeys(place.guild_id for place in found))
    are_there = await asyncio.gather(*(_is_member(interaction, guild_id) for guild_id in guilds))
    here = {guild_id for guild_id, is_there in zip(guilds, are_there, strict=True) if is_there}
    return tuple(place for place in found if place.guild_id in here)


async def _is_member(interaction: Interaction, guild_id: int) -> bool:
    guild = interaction.client.get_guild(guild_id)
    try:
        return guild is not None and await guild.fetch_member(interaction.user.id) is not None
    except discord.NotFound:
        return False


def value_of(place: Place) -> str:
    return f"{place.guild_id}:{place.influencer.id}:{place.campaign.id}"


async def chosen_place(interaction: Interaction, value: str) -> Place:
    """Raises Problem for one that is no longer open to the person."""
    for place in await open_places(interaction):
        if value_of(place) == value:
            return place
    raise Problem("own_problem.place_gone")


def options_of(interaction: Interaction, places: tuple[Place, ...]) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=place.campaign.name[:100],
            description=f"@{place.influencer.handle} · {server_name(interaction, place.guild_id)}"[:100],
            value=value_of(place),
        )
        for place in places
    ]


def server_name(interaction: Interaction, guild_id: int) -> str:
    guild = interaction.client.get_guild(guild_id)
    return guild.name if guild else str(guild_id)
