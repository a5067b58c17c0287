"""`/watch`: which channels are read without anybody addressing the bot. For those who manage the server."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.chat.completion import campaigns
from bot.chat.desk import Interaction, guild_of, own_language
from bot.chat.localized import said
from bot.chat.markup import plain
from bot.chat.rights import require_manager
from bot.chat.workspace.setup_check import missing
from bot.errors import Problem
from bot.services.names import find_campaign
from bot.store import library, watching
from bot.store.watching import Watch
from bot.texts import text

group = app_commands.Group(
    name="watch",
    description=said("command.watch"),
    default_permissions=discord.Permissions(manage_guild=True),
    guild_only=True,
)


@group.command(name="on", description=said("command.watch_on"))
@app_commands.describe(channel=said("command.watch_channel"), campaign=said("command.watch_campaign"))
@app_commands.autocomplete(campaign=campaigns)
async def on(interaction: Interaction, channel: discord.TextChannel | None = None, campaign: str | None = None) -> None:
    require_manager(interaction)
    desk, guild_id, language = interaction.client.desk, guild_of(interaction), own_language(interaction)
    place = _place(interaction, channel)
    if not desk.settings.discord.read_messages:
        raise Problem("watch_problem.no_intent")
    if lacking := missing(place):
        names = [text(language, f"permission.{name}") for name in lacking]
        raise Problem("watch_problem.lacks", channel=place.mention, permissions=names)
    async with desk.store.write() as conn:
        what = await find_campaign(conn, guild_id, campaign) if campaign else None
        await watching.watch(conn, Watch(place.id, guild_id, what.id if what else None, interaction.id))
    key = "watch.on_for" if what else "watch.on"
    name = plain(what.name, 90) if what else ""
    example = text(language, "watch.example")
    sentence = text(language, key, channel=place.mention, campaign=name, example=example)
    await interaction.response.send_message(sentence, ephemeral=True)


@group.command(name="off", description=said("command.watch_off"))
@app_commands.describe(channel=said("command.watch_channel"))
async def off(interaction: Interaction, channel: discord.TextChannel | None = None) -> None:
    require_manager(interaction)
    place = _place(interaction, channel)
    async with interaction.client.desk.store.write() as conn:
        if not await watching.unwatch(conn, guild_of(interaction), place.id):
            raise Problem("watch_problem.not_watched", channel=place.mention)
    sentence = text(own_language(interaction), "watch.off", channel=place.mention)
    await interaction.response.send_message(sentence, ephemeral=True)


@group.command(name="list", description=said("command.watch_list"))
async def show_list(interaction: Interaction) -> None:
    require_manager(interaction)
    guild_id, language = guild_of(interaction), own_language(interaction)
    async with interaction.client.desk.store.read() as conn:
        found = await watching.watches(conn, guild_id)
        names = {one.id: one.name for one in await library.campaigns(conn, guild_id)}
    lines = [
        f"- <#{one.channel_id}> · "
        + (plain(names[one.campaign_id], 90) if one.campaign_id in names else text(language, "watch.any_campaign"))
        for one in found[:MOST_LINES]
    ]
    head = text(language, "watch.list" if found else "watch.none", count=len(found))
    await interaction.response.send_message("\n".join([head, *lines]), ephemeral=True)


MOST_LINES = 15


def _place(interaction: Interaction, channel: discord.TextChannel | None) -> discord.abc.GuildChannel:
    """The channel meant: the one named, or where the command is used. Raises Problem for a thread and the like."""
    place = channel or interaction.channel
    if not isinstance(place, discord.TextChannel):
        raise Problem("watch_problem.no_channel")
    return place
