"""The commands as people see them. What is typed is the same in all languages, what is chosen or read is translated."""

from __future__ import annotations

import re

import discord
from discord import app_commands
from discord.app_commands import locale_str

from bot.chat import disclosure
from bot.chat.batch import batches
from bot.chat.completion import campaigns, handles
from bot.chat.desk import DeskClient, Interaction, guarded, guild_of, own_language
from bot.chat.draft.intake import own_names, with_names
from bot.chat.draft.mentions import Mention, after_mention, named_in, parse
from bot.chat.forms import menu_form, open_form, review_form
from bot.chat.help import show_about, show_help
from bot.chat.history import history_commands
from bot.chat.localized import said
from bot.chat.personal import me, privacy, selfcheck
from bot.chat.verdict import published
from bot.chat.watch import watch_commands
from bot.chat.workspace import library_commands, setup
from bot.errors import Problem
from bot.model.posts import Visibility
from bot.services.names import find_campaign, find_influencer
from bot.store import library, watching
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
    if message.author == interaction.client.user:
        raise Problem("chat_problem.own_message")
    guessed = await _guessed(interaction.client, guild_of(interaction), message)
    interaction.client.kept.keep(message)
    form = menu_form(own_language(interaction), guessed.handle, guessed.campaign, guessed.text, message)
    await open_form(interaction, form)


async def _guessed(client: DeskClient, guild_id: int, message: discord.Message) -> Mention:
    """Handle, campaign and draft: from `@handle campaign:` where it begins so, or else from the names in the text.

    Where that names no influencer it is the author, if the author is one; else the handle is left open.
    What it begins with is taken off only where influencer and campaign are stored: any caption may begin with `@`.
    """
    words = with_names(message, message.content)
    after = after_mention(message.content, own_names(client, message))
    async with client.desk.store.read() as conn:
        campaigns = await library.campaign_names(conn, guild_id)
        begun = parse(words if after is None else with_names(message, after), campaigns, with_file=False)
        named = [one.rstrip(".-") for one in _HANDLE.findall(words)]
        found = [await library.find_influencer(conn, guild_id, one) for one in (begun.handle if begun else "", *named)]
        author = await watching.influencer_of_person(conn, guild_id, message.author.id)
        author = author or await library.find_influencer(conn, guild_id, message.author.name)
    guess = campaigns[0] if len(campaigns) == 1 else named_in(message.content, campaigns)
    if begun is not None and found[0] is not None and begun.campaign in ("", *campaigns):
        return Mention(found[0].handle, begun.campaign or guess, begun.text)
    whose = next((one.handle for one in (*found[1:], author) if one is not None), "")
    return Mention(whose, guess, message.content)


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
