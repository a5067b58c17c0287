"""`/help` by what somebody wants to do, and `/about`: what this bot is, what it keeps, and what it cannot do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import urlsplit

import discord
from discord import app_commands, ui

from bot import __version__
from bot.chat.desk import Interaction, guarded, own_language, place_of
from bot.chat.draft.intake import example
from bot.chat.localized import said
from bot.chat.markup import plain
from bot.chat.verdict.cards import container
from bot.chat.verdict.pages import NEUTRAL
from bot.config import Llm
from bot.judging.disclosure.load import rulebook
from bot.model.messages import Message
from bot.model.verdicts import Outcome
from bot.model.workspace import GuildSettings
from bot.store import guilds
from bot.texts import text

ID = "v1:help"
TOPICS = (  # for the team, for influencers, for who manages the server, for everybody
    *("review", "batch", "card", "version", "decide", "published", "history"),
    *("selfcheck", "answer", "own_posts"),
    "manage",
    *("privacy", "trouble"),
)
BUTTONS = ("evidence", "approve", "changes", "overrule", "withdraw", "version", "versions", "answer", "submit_team")
NAMED = {name: Message(f"button.{name}") for name in BUTTONS} | {one: Message(f"outcome.{one}") for one in Outcome}


@app_commands.command(name="help", description=said("command.help"))
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def show_help(interaction: Interaction) -> None:
    await interaction.response.send_message(view=_help_view(interaction, ""), ephemeral=True)


@app_commands.command(name="about", description=said("command.about"))
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
async def show_about(interaction: Interaction) -> None:
    desk, language = interaction.client.desk, own_language(interaction)
    async with desk.store.read() as conn:
        place = place_of(interaction)
        here = await guilds.guild_settings(conn, place) if place > 0 else GuildSettings()
    review, reads = desk.settings.review, desk.settings.discord.read_messages
    blocks = [
        f"## {text(language, 'about.title', version=__version__)}\n{text(language, 'help.what')}",
        judge_words(desk.settings.llm, language),
        f"{text(language, 'about.stored')}\n{_kept(here.retention_days, language)}",
        "\n".join(_privacy(language, reads=reads)),
        text(language, "about.limits", posts=review.min_posts, days=review.max_age_days),
        f"-# {text(language, 'about.legal', date=rulebook().as_of)}",
    ]
    view = ui.LayoutView(timeout=None).add_item(container(NEUTRAL, blocks))
    await interaction.response.send_message(view=view, ephemeral=True)


def judge_words(llm: Llm, language: str) -> str:
    """Who judges, and whether texts leave the machine for it."""
    if not llm.model:
        return text(language, "about.judge_offline")
    place = "here" if _is_loopback(llm.base_url) else "away"
    return text(language, f"about.judge_{place}", model=plain(llm.model, 80))


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "localhost" or (host.replace(".", "").isdigit() and ip_address(host).is_loopback)


def _kept(days: int, language: str) -> str:
    return text(language, "about.retention", days=days) if days else text(language, "about.kept")


def _privacy(language: str, *, reads: bool) -> Iterator[str]:
    yield text(language, "about.private_checks")
    yield text(language, "about.private_channels" if reads else "about.private_messages")
    yield text(language, "about.private_access")
    yield text(language, "about.private_rights")


def _help_view(interaction: Interaction, topic: str) -> ui.LayoutView:
    """The overview, or one topic; below it the list to choose from."""
    language = own_language(interaction)
    if topic:
        shown = text(language, f"help.{topic}", example=example(interaction.client, language), **NAMED)
        box = container(NEUTRAL, [f"### {text(language, f'help_topic.{topic}')}\n{shown}"])
    else:
        roles = "\n".join(text(language, f"help.{role}") for role in ("team", "influencers", "managers"))
        box = container(NEUTRAL, [f"{text(language, 'help.what')}\n\n{roles}"])
    options = [
        discord.SelectOption(
            label=text(language, f"help_topic.{one}"),
            description=text(language, f"help_for.{one}"),
            value=one,
            default=one == topic,
        )
        for one in TOPICS
    ]
    row: ui.ActionRow[Any] = ui.ActionRow(
        ui.Select(custom_id=ID, placeholder=text(language, "help.choose"), options=options)
    )
    return ui.LayoutView(timeout=None).add_item(box.add_item(row))


class HelpSelect(ui.DynamicItem[ui.Select[Any]], template=ID):
    """Which task; it sits on an answer for one person's eyes, so whoever can use it may."""

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        del match
        assert isinstance(item, ui.Select)  # the id is of a list alone
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "help"):
            topic = self.item.values[0]
            view = _help_view(interaction, topic if topic in TOPICS else "")
            await interaction.response.edit_message(view=view)
