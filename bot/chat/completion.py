"""What Discord offers while somebody types a handle, a campaign or a brand: at most 25, from this server alone."""

from __future__ import annotations

from discord.app_commands import Choice

from bot.chat.desk import Interaction, place_of
from bot.chat.localized import LONGEST_CHOICE
from bot.services.lookup import suggest_brands, suggest_campaigns, suggest_influencers


async def handles(interaction: Interaction, typed: str) -> list[Choice[str]]:
    if (here := place_of(interaction)) < 0:
        return []
    found = await suggest_influencers(interaction.client.desk.store, here, typed)
    named = [(f"@{one.handle}" + (f" ({one.name})" if one.name else ""), one.handle) for one in found]
    return [Choice(name=name[:LONGEST_CHOICE], value=handle[:LONGEST_CHOICE]) for name, handle in named]


async def campaigns(interaction: Interaction, typed: str) -> list[Choice[str]]:
    if (here := place_of(interaction)) < 0:
        return []
    return _named([one.name for one in await suggest_campaigns(interaction.client.desk.store, here, typed)])


async def brands(interaction: Interaction, typed: str) -> list[Choice[str]]:
    if (here := place_of(interaction)) < 0:
        return []
    return _named([one.name for one in await suggest_brands(interaction.client.desk.store, here, typed)])


def _named(names: list[str]) -> list[Choice[str]]:
    return [Choice(name=name[:LONGEST_CHOICE], value=name[:LONGEST_CHOICE]) for name in names]
