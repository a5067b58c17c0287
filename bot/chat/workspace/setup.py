"""`/setup`: one panel on which whoever manages the server chooses everything, and reads what is still missing.

Every list writes at once, so nothing is lost by closing the panel or by a restart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ui.select import BaseSelect

from bot.chat.desk import Interaction, guarded, guild_of, own_language
from bot.chat.localized import said
from bot.chat.markup import plain
from bot.chat.rights import require_manager
from bot.chat.verdict.pages import NEUTRAL
from bot.chat.workspace.setup_check import check_lines, next_lines
from bot.errors import Problem
from bot.judging.disclosure.load import rulebook
from bot.judging.disclosure.messages import country_name
from bot.model.workspace import GuildSettings
from bot.services.setup import change_settings, setup_of
from bot.texts import catalogue, languages, text

MOST_ROLES = 25  # Discord's limit of one list
STEPS = ("language", "countries", "roles", "channel")

Choice = BaseSelect[Any]


@app_commands.command(name="setup", description=said("command.setup"))
@app_commands.default_permissions(manage_guild=True)
@app_commands.guild_only()
async def setup(interaction: Interaction) -> None:
    require_manager(interaction)
    await interaction.response.send_message(view=await _panel(interaction), ephemeral=True)


async def _panel(interaction: Interaction) -> ui.LayoutView:
    """All steps with what is chosen now, the check, and what to do next."""
    desk, language = interaction.client.desk, own_language(interaction)
    found = await setup_of(desk.store, guild_of(interaction))
    guild = interaction.guild
    assert guild is not None  # guild_of says so
    box: ui.Container[Any] = ui.Container(accent_colour=NEUTRAL)
    box.add_item(ui.TextDisplay(text(language, "setup.head", server=plain(guild.name, 100))))
    for number, (step, select) in enumerate(
        zip(STEPS, _selects(found.settings, guild, language), strict=True), start=1
    ):
        box.add_item(
            ui.TextDisplay(f"**{number}. {text(language, f'setup.{step}')}**\n{text(language, f'setup.{step}_hint')}")
        )
        row: ui.ActionRow[Any] = ui.ActionRow(SetupSelect(select))
        box.add_item(row)
    reads = desk.settings.discord.read_messages
    lines = check_lines(found.settings, guild, language, watched=found.watched, reads_messages=reads)
    box.add_item(ui.Separator())
    box.add_item(ui.TextDisplay("\n".join([f"**{len(STEPS) + 1}. {text(language, 'setup.check')}**", *lines])))
    box.add_item(ui.ActionRow(CheckButton(text(language, "button.check_again"))))
    box.add_item(ui.Separator())
    box.add_item(ui.TextDisplay("\n".join(next_lines(found, language))))
    return ui.LayoutView(timeout=None).add_item(box)


def _selects(settings: GuildSettings, guild: discord.Guild, language: str) -> Sequence[Choice]:
    """One list a step. Roles and channels that are gone are not preset: Discord would refuse the whole panel."""
    roles = [role for role in settings.decider_roles if guild.get_role(role)][:MOST_ROLES]
    channels = [one for one in (settings.drafts_channel_id,) if one and guild.get_channel(one)]
    codes = sorted({*rulebook().jurisdictions, *settings.countries}, key=lambda code: country_name(code, language))
    names = {code: catalogue(code)["setup.own_name"] for code in languages()}
    return (
        ui.Select(custom_id="v1:setup:language", options=_options(names, [settings.language])),
        ui.Select(
            custom_id="v1:setup:countries",
            placeholder=text(language, "setup.countries_none"),
            min_values=0,
            max_values=len(codes),
            options=_options({code: country_name(code, language) for code in codes}, settings.countries),
        ),
        ui.RoleSelect(
            custom_id="v1:setup:roles",
            placeholder=text(language, "setup.roles_none"),
            min_values=0,
            max_values=MOST_ROLES,
            default_values=[_Preset(id=role, type=discord.SelectDefaultValueType.role) for role in roles],
        ),
        ui.ChannelSelect(
            custom_id="v1:setup:channel",
            placeholder=text(language, "setup.channel_none"),
            min_values=0,
            channel_types=[discord.ChannelType.text, discord.ChannelType.news],
            default_values=[_Preset(id=channel, type=discord.SelectDefaultValueType.channel) for channel in channels],
        ),
    )


class _Preset(discord.SelectDefaultValue):
    """With its id as text, as Discord's API describes it; the library's own sends a number."""

    def to_dict(self) -> Any:
        return {"id": str(self.id), "type": self.type.value}


def _options(names: dict[str, str], chosen: Sequence[str]) -> list[discord.SelectOption]:
    return [discord.SelectOption(label=name, value=code, default=code in chosen) for code, name in names.items()]


def _changes(what: str, values: Sequence[Any], guild: discord.Guild) -> dict[str, Any]:
    """The settings that a choice stands for. Raises Problem for one that cannot be meant."""
    match what:
        case "language":
            return {"language": values[0]}
        case "countries":
            return {"countries": tuple(sorted(values))}
        case "roles":
            if any(role.id == guild.id for role in values):
                raise Problem("setup_problem.everyone")
            return {"decider_roles": tuple(role.id for role in values)}
        case _:
            return {"drafts_channel_id": values[0].id if values else None}


class SetupSelect(ui.DynamicItem[Choice], template=r"v1:setup:(?P<what>language|countries|roles|channel)"):
    """One step of the panel."""

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        del match
        assert isinstance(item, BaseSelect)  # the ids are of lists alone
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "setup"):
            require_manager(interaction)
            assert interaction.guild is not None  # require_manager says so
            changes = _changes(self.custom_id.rsplit(":", 1)[1], self.item.values, interaction.guild)
            await change_settings(interaction.client.desk.store, interaction.guild.id, **changes)
            await interaction.response.edit_message(view=await _panel(interaction))


class CheckButton(ui.DynamicItem[ui.Button[Any]], template=r"v1:setup:check"):
    """Looks once more, after somebody changed permissions in Discord."""

    def __init__(self, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id="v1:setup:check"))

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        del match
        return cls(item.label if isinstance(item, ui.Button) else None)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "setup check"):
            require_manager(interaction)
            await interaction.response.edit_message(view=await _panel(interaction))
