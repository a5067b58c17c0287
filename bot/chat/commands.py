"""The commands as people see them. Names are the same in every language, descriptions are translated."""

from __future__ import annotations

import re

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, locale_str

from bot.chat import history
from bot.chat.desk import DeskClient, Interaction, guarded, guild_of, own_language
from bot.chat.forms import menu_form, open_form, review_form
from bot.chat.intake import example
from bot.chat.views import history_view, verdict_view
from bot.model import Outcome, Visibility
from bot.services.lookup import show, suggest_campaigns, suggest_influencers
from bot.services.submit import find_campaign, find_influencer
from bot.store import library
from bot.texts import FALLBACK, catalogue, languages, text

LONGEST_CHOICE = 100
_HANDLE = re.compile(r"[@＠]([\w.\-]{1,64})")


def said(key: str) -> locale_str:
    """A text of the catalogue for Discord's own interface."""
    return locale_str(text(FALLBACK, key), key=key)


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


async def handles(interaction: Interaction, typed: str) -> list[Choice[str]]:
    if interaction.guild_id is None:
        return []
    found = await suggest_influencers(interaction.client.desk.store, interaction.guild_id, typed)
    named = [(f"@{one.handle}" + (f" ({one.name})" if one.name else ""), one.handle) for one in found]
    return [Choice(name=name[:LONGEST_CHOICE], value=handle[:LONGEST_CHOICE]) for name, handle in named]


async def campaigns(interaction: Interaction, typed: str) -> list[Choice[str]]:
    if interaction.guild_id is None:
        return []
    found = await suggest_campaigns(interaction.client.desk.store, interaction.guild_id, typed)
    return [Choice(name=one.name[:LONGEST_CHOICE], value=one.name[:LONGEST_CHOICE]) for one in found]


async def _open_review(interaction: Interaction, handle: str, campaign: str, visibility: Visibility) -> None:
    guild_id = guild_of(interaction)
    async with interaction.client.desk.store.read() as conn:
        whose = await find_influencer(conn, guild_id, handle)
        what = await find_campaign(conn, guild_id, campaign)
    await open_form(interaction, review_form(own_language(interaction), visibility, whose, what))


@app_commands.command(name="review", description=said("command.review"))
@app_commands.describe(influencer=said("command.influencer"), campaign=said("command.campaign"))
@app_commands.autocomplete(influencer=handles, campaign=campaigns)
async def review(interaction: Interaction, influencer: str, campaign: str) -> None:
    await _open_review(interaction, influencer, campaign, Visibility.TEAM)


@app_commands.command(name="selfcheck", description=said("command.selfcheck"))
@app_commands.describe(influencer=said("command.influencer"), campaign=said("command.campaign"))
@app_commands.autocomplete(influencer=handles, campaign=campaigns)
async def selfcheck(interaction: Interaction, influencer: str, campaign: str) -> None:
    await _open_review(interaction, influencer, campaign, Visibility.PRIVATE)


@app_commands.context_menu(name="Review draft")
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
    folded = message.content.casefold()
    named_here = sorted((one.name for one in known if one.name.casefold() in folded), key=len)
    campaign = known[0].name if len(known) == 1 else "".join(named_here[-1:])
    language, attachments = own_language(interaction), len(message.attachments)
    await open_form(interaction, menu_form(language, handle, campaign, message.content, attachments))


group = app_commands.Group(name="history", description=said("command.history"))


@group.command(name="search", description=said("command.history_search"))
@app_commands.describe(
    influencer=said("command.influencer"),
    campaign=said("command.campaign"),
    outcome=said("command.outcome"),
    text=said("command.text"),
    since=said("command.since"),
)
@app_commands.autocomplete(influencer=handles, campaign=campaigns)
@app_commands.choices(outcome=[Choice(name=said(f"outcome.{outcome}"), value=outcome.value) for outcome in Outcome])
async def history_search(
    interaction: Interaction,
    influencer: str | None = None,
    campaign: str | None = None,
    outcome: str | None = None,
    text: Range[str, 1, history.LONGEST_WORDS] | None = None,
    since: str | None = None,
) -> None:
    guild_id, desk = guild_of(interaction), interaction.client.desk
    async with desk.store.read() as conn:
        whose = await find_influencer(conn, guild_id, influencer) if influencer else None
        what = await find_campaign(conn, guild_id, campaign) if campaign else None
    wanted = history.Search(
        interaction.user.id,
        influencer=whose.id if whose else 0,
        campaign=what.id if what else 0,
        outcome=Outcome(outcome) if outcome else None,
        since=history.day_named(since) if since else None,
        words=text or "",
    )
    view = await history_view(interaction.client, guild_id, wanted, await desk.language(guild_id))
    await interaction.response.send_message(view=view)


@group.command(name="show", description=said("command.history_show"))
@app_commands.describe(number=said("command.number"))
async def history_show(interaction: Interaction, number: Range[str, 1, 30]) -> None:
    guild_id, desk = guild_of(interaction), interaction.client.desk
    stored = await show(desk.store, guild_id, number, viewer_id=interaction.user.id)
    is_private = stored.draft.visibility is Visibility.PRIVATE
    language = own_language(interaction) if is_private else await desk.language(guild_id)
    await interaction.response.send_message(view=verdict_view(stored, language), ephemeral=is_private)


@app_commands.command(name="help", description=said("command.help"))
async def show_help(interaction: Interaction) -> None:
    language = own_language(interaction)
    shown = example(interaction.client, language)
    parts = [text(language, f"help.{part}", example=shown) for part in HELP]
    await interaction.response.send_message("\n".join(parts), ephemeral=True)


HELP = ("what", "review", "mention", "selfcheck", "history", "decide")


def add_commands(tree: Tree) -> None:
    tree.add_command(review)
    tree.add_command(selfcheck)
    tree.add_command(review_message)
    tree.add_command(group)
    tree.add_command(show_help)
