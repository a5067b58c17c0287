"""The commands as people see them. What is typed is the same in all languages, what is chosen or read is translated."""

from __future__ import annotations

import re

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.chat import (
    batches,
    disclosure,
    history_commands,
    library_commands,
    me,
    privacy,
    published,
    selfcheck,
    setup,
    watch_commands,
)
from bot.chat.completion import campaigns, handles
from bot.chat.desk import DeskClient, Interaction, guarded, guild_of, own_language
from bot.chat.forms import menu_form, open_form, review_form
from bot.chat.help import show_about, show_help
from bot.chat.localized import said
from bot.chat.mentions import named_in
from bot.model import Visibility
from bot.services.submit import find_campaign, find_influencer
from bot.store import library
from bot.texts import FALLBACK, catalogue, languages

_HANDLE = re.compile(r"[@＠]([\w.\-]{1,64})")


class Translator(app_commands.Translator):
    """Descriptions and choices from the catalogue, in the languages that have them."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        del context
        key, language = string.extras.get("key"), locale.value.split("-")[0]
        if key is None or language == FALLBACK or language not in languages():
            return None
        return catalogue(language).get(key)


class Tree(app_commands.CommandTree[DeskClient]):
    """Every failure of a command ends at the one boundary."""

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        async with guarded(interaction, interaction.command.qualified_name if interaction.command else "command"):
            raise getattr(error, "original", error)


@app_commands.command(name="review", description=said("command.review"))
@app_commands.describe(influencer=said("command.influencer"), campaign=said("command.campaign"))
@app_commands.autocomplete(influencer=handles, campaign=campaigns)
async def review(interaction: Interaction, influencer: str, campaign: str) -> None:
    guild_id = guild_of(interaction)
    async with interaction.client.desk.store.read() as conn:
        whose = await find_influencer(conn, guild_id, influencer)
        what = await find_campaign(conn, guild_id, campaign)
    await open_form(interaction, review_form(own_language(interaction), Visibility.TEAM, whose, what))


@app_commands.context_menu(name=said("command.review_draft"))
async def review_message(interaction: Interaction, message: discord.Message) -> None:
    """Opens the form with what the message tells: whose draft it is, for which campaign, and its text."""
    guild_id, store = guild_of(interaction), interaction.client.desk.store
    handle = message.author.name
    async with store.read() as conn:
        for named in _HANDLE.findall(message.content):
            if found := await library.find_influencer(conn, guild_id, named.rstrip(".-")):
                handle = found.handle
                break
        known = await library.campaigns(conn, guild_id)
    campaign = known[0].name if len(known) == 1 else named_in(message.content, [one.name for one in known])
    interaction.client.kept.keep(message)
    await open_form(interaction, menu_form(own_language(interaction), handle, campaign, message))


def add_commands(tree: Tree) -> None:
    tree.add_command(review)
    tree.add_command(selfcheck.group)
    tree.add_command(me.group)
    tree.add_command(privacy.group)
    tree.add_command(review_message)
    tree.add_command(batches.batch)
    tree.add_command(watch_commands.group)
    tree.add_command(history_commands.group)
    tree.add_command(published.published)
    tree.add_command(disclosure.group)
    tree.add_command(show_help)
    tree.add_command(show_about)
    tree.add_command(setup.setup)
    tree.add_command(library_commands.brand)
    tree.add_command(library_commands.campaign)
    tree.add_command(library_commands.influencer)
