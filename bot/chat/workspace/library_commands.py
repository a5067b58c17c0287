"""`/brand`, `/campaign` and `/influencer`: everything a workspace file can set, one form at a time."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Choice, Range

from bot.chat.completion import brands, campaigns, handles
from bot.chat.desk import Interaction, guild_of, own_language
from bot.chat.history.trends import show_overview, show_trend
from bot.chat.localized import said
from bot.chat.rights import require_keeper
from bot.chat.workspace import library
from bot.chat.workspace.importing import import_file, import_roster
from bot.services.editing import Kind, require_new
from bot.services.names import find_brand
from bot.texts import text

Name = Range[str, 1, 200]
PARTS = [Choice(name=said(f"library.part_{part}"), value=part) for part in ("main", "more")]

brand = app_commands.Group(name="brand", description=said("command.brand"), guild_only=True)
campaign = app_commands.Group(name="campaign", description=said("command.campaign_group"), guild_only=True)
influencer = app_commands.Group(name="influencer", description=said("command.influencer_group"), guild_only=True)


@brand.command(name="add", description=said("command.brand_add"))
async def brand_add(interaction: Interaction) -> None:
    await require_keeper(interaction)
    await library.add(interaction, Kind.BRAND, text(own_language(interaction), "library.new_brand"))


@brand.command(name="show", description=said("command.brand_show"))
@app_commands.describe(name=said("command.brand_name"))
@app_commands.autocomplete(name=brands)
async def brand_show(interaction: Interaction, name: Name) -> None:
    await library.show(interaction, Kind.BRAND, name)


@brand.command(name="edit", description=said("command.brand_edit"))
@app_commands.describe(name=said("command.brand_name"), part=said("command.part"))
@app_commands.autocomplete(name=brands)
@app_commands.choices(part=PARTS)
async def brand_edit(interaction: Interaction, name: Name, part: str = "main") -> None:
    await library.edit(interaction, Kind.BRAND, name, part)


@brand.command(name="list", description=said("command.brand_list"))
async def brand_list(interaction: Interaction) -> None:
    await library.show_list(interaction, Kind.BRAND)


@brand.command(name="remove", description=said("command.brand_remove"))
@app_commands.describe(name=said("command.brand_name"))
@app_commands.autocomplete(name=brands)
async def brand_remove(interaction: Interaction, name: Name) -> None:
    await library.ask_to_remove(interaction, Kind.BRAND, name)


@campaign.command(name="add", description=said("command.campaign_add"))
@app_commands.describe(brand=said("command.brand_of"))
@app_commands.autocomplete(brand=brands)
async def campaign_add(interaction: Interaction, brand: Name) -> None:
    await require_keeper(interaction)
    async with interaction.client.desk.store.read() as conn:
        its_brand = await find_brand(conn, guild_of(interaction), brand)
    title = text(own_language(interaction), "library.new_campaign", brand=its_brand.name)
    await library.add(interaction, Kind.CAMPAIGN, title, str(its_brand.id))


@campaign.command(name="show", description=said("command.campaign_show"))
@app_commands.describe(name=said("command.campaign_name"))
@app_commands.autocomplete(name=campaigns)
async def campaign_show(interaction: Interaction, name: Name) -> None:
    await library.show(interaction, Kind.CAMPAIGN, name)


@campaign.command(name="edit", description=said("command.campaign_edit"))
@app_commands.describe(name=said("command.campaign_name"), part=said("command.part"))
@app_commands.autocomplete(name=campaigns)
@app_commands.choices(part=PARTS)
async def campaign_edit(interaction: Interaction, name: Name, part: str = "main") -> None:
    await library.edit(interaction, Kind.CAMPAIGN, name, part)


@campaign.command(name="list", description=said("command.campaign_list"))
async def campaign_list(interaction: Interaction) -> None:
    await library.show_list(interaction, Kind.CAMPAIGN)


@campaign.command(name="remove", description=said("command.campaign_remove"))
@app_commands.describe(name=said("command.campaign_name"))
@app_commands.autocomplete(name=campaigns)
async def campaign_remove(interaction: Interaction, name: Name) -> None:
    await library.ask_to_remove(interaction, Kind.CAMPAIGN, name)


@influencer.command(name="add", description=said("command.influencer_add"))
@app_commands.describe(handle=said("command.handle_new"))
async def influencer_add(interaction: Interaction, handle: Range[str, 1, 80]) -> None:
    await require_keeper(interaction)
    new = await require_new(interaction.client.desk.store, guild_of(interaction), handle)
    await library.add(interaction, Kind.INFLUENCER, f"@{new}", new)


@influencer.command(name="show", description=said("command.influencer_show"))
@app_commands.describe(handle=said("command.handle"))
@app_commands.autocomplete(handle=handles)
async def influencer_show(interaction: Interaction, handle: Name) -> None:
    await library.show(interaction, Kind.INFLUENCER, handle)


@influencer.command(name="edit", description=said("command.influencer_edit"))
@app_commands.describe(handle=said("command.handle"))
@app_commands.autocomplete(handle=handles)
async def influencer_edit(interaction: Interaction, handle: Name) -> None:
    await library.edit(interaction, Kind.INFLUENCER, handle, "main")


@influencer.command(name="list", description=said("command.influencer_list"))
async def influencer_list(interaction: Interaction) -> None:
    await library.show_list(interaction, Kind.INFLUENCER)


@influencer.command(name="import", description=said("command.influencer_import"))
@app_commands.describe(file=said("command.import_file"), handle=said("command.import_handle"))
@app_commands.autocomplete(handle=handles)
async def influencer_import(interaction: Interaction, file: discord.Attachment, handle: Name | None = None) -> None:
    await import_file(interaction, handle, file)


@influencer.command(name="roster", description=said("command.influencer_roster"))
@app_commands.describe(file=said("command.roster_file"))
async def influencer_roster(interaction: Interaction, file: discord.Attachment) -> None:
    await import_roster(interaction, file)


@influencer.command(name="remove", description=said("command.influencer_remove"))
@app_commands.describe(handle=said("command.handle"))
@app_commands.autocomplete(handle=handles)
async def influencer_remove(interaction: Interaction, handle: Name) -> None:
    await library.ask_to_remove(interaction, Kind.INFLUENCER, handle)


@influencer.command(name="trend", description=said("command.influencer_trend"))
@app_commands.describe(handle=said("command.handle"))
@app_commands.autocomplete(handle=handles)
async def influencer_trend(interaction: Interaction, handle: Name) -> None:
    await show_trend(interaction, handle)


@campaign.command(name="overview", description=said("command.campaign_overview"))
@app_commands.describe(name=said("command.campaign_name"))
@app_commands.autocomplete(name=campaigns)
async def campaign_overview(interaction: Interaction, name: Name) -> None:
    await show_overview(interaction, name)
