"""`/privacy` for a person, `/influencer forget` and how long texts are kept for a team."""

from __future__ import annotations

import gzip
import json
import re
from io import BytesIO
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.app_commands import Range

from bot.chat.completion import handles
from bot.chat.desk import Interaction, guarded, guild_of, own_language, place_of
from bot.chat.localized import own_group, said
from bot.chat.markup import plain
from bot.chat.rights import require_manager
from bot.chat.verdict.cards import container
from bot.chat.verdict.pages import label_of
from bot.chat.workspace.library_commands import influencer
from bot.errors import Problem
from bot.services.names import find_influencer
from bot.services.setup import change_settings
from bot.store import erasure, library, people
from bot.texts import text

RED = 0xC0392B
LARGE = 8 * 2**20  # bytes of a file, beyond which it is packed
LONGEST_KEPT = 3650  # days

group = own_group("privacy")
Press = ui.Button[Any]


def _scope(interaction: Interaction) -> int | None:
    """The server, or None for everything."""
    here = place_of(interaction)
    return here if here > 0 else None


def _where(scope: int | None, language: str) -> str:
    return text(language, "privacy.everywhere" if scope is None else "privacy.here")


@group.command(name="export", description=said("command.privacy_export"))
async def export(interaction: Interaction) -> None:
    scope, language = _scope(interaction), own_language(interaction)
    await interaction.response.defer(thinking=True, ephemeral=True)
    async with guarded(interaction, "privacy export"):
        async with interaction.client.desk.store.read() as conn:
            held = await people.held_about(conn, interaction.user.id, scope)
        data, name = json.dumps(held, ensure_ascii=False, indent=1).encode(), "about-me.json"
        if len(data) > LARGE:
            data, name = gzip.compress(data), f"{name}.gz"
        told = text(language, "privacy.export", where=_where(scope, language))
        await interaction.edit_original_response(content=told, attachments=[discord.File(BytesIO(data), name)])


@group.command(name="delete", description=said("command.privacy_delete"))
async def delete(interaction: Interaction) -> None:
    scope, language = _scope(interaction), own_language(interaction)
    async with interaction.client.desk.store.read() as conn:
        going = await people.going(conn, interaction.user.id, scope)
    lines = [text(language, "privacy.sure", where=_where(scope, language))]
    counted = ("checks", "posts", "links", "unnamed")
    lines += [text(language, f"privacy.{name}", count=getattr(going, name)) for name in counted]
    after = [text(language, "privacy.stays"), text(language, "privacy.final")]
    if scope is not None:
        after.append(text(language, "privacy.here_only"))
    button = DeleteButton("here" if scope else "all", interaction.user.id, text(language, "button.delete_me"))
    box = container(RED, ["\n".join(lines), "\n".join(after)])
    view = ui.LayoutView(timeout=None).add_item(box.add_item(ui.ActionRow(button)))
    await interaction.response.send_message(view=view, ephemeral=True)


class DeleteButton(ui.DynamicItem[Press], template=r"v1:deleteme:(?P<scope>here|all):(?P<person>\d{1,20})"):
    """Deletes what is stored about whoever asked for it."""

    def __init__(self, scope: str, person: int, label: str | None) -> None:
        style = discord.ButtonStyle.danger
        super().__init__(ui.Button(label=label, style=style, custom_id=f"v1:deleteme:{scope}:{person}"))
        self.scope, self.person = scope, person

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["scope"], int(match["person"]), label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "privacy delete"):
            if interaction.user.id != self.person:
                raise Problem("chat_problem.not_yours")
            store, scope = interaction.client.desk.store, guild_of(interaction) if self.scope == "here" else None
            await interaction.response.defer()
            async with store.write() as conn:
                gone = await people.forget_person(conn, self.person, scope)
            await store.scrub()
            counts = {name: getattr(gone, name) for name in ("checks", "posts", "links", "unnamed")}
            await _say_done(interaction, text(own_language(interaction), "privacy.deleted", **counts))


async def _say_done(interaction: Interaction, sentence: str) -> None:
    """In the place of the question."""
    view = ui.LayoutView(timeout=None).add_item(container(RED, [sentence]))
    await interaction.edit_original_response(view=view)


@group.command(name="retention", description=said("command.privacy_retention"))
@app_commands.describe(days=said("command.retention_days"))
async def retention(interaction: Interaction, days: Range[int, 0, LONGEST_KEPT]) -> None:
    """Keeping everything is done at once; what takes texts out is asked first."""
    require_manager(interaction)
    desk, guild_id, language = interaction.client.desk, guild_of(interaction), own_language(interaction)
    if not days:
        await change_settings(desk.store, guild_id, retention_days=0)
        await interaction.response.send_message(text(language, "privacy.retention_off"), ephemeral=True)
        return
    async with desk.store.read() as conn:
        count = await erasure.expiring(conn, guild_id, days, desk.clock())
    lines = [text(language, "privacy.retention_sure", days=days), text(language, "privacy.retention_goes", count=count)]
    after = [text(language, "privacy.retention_stays"), text(language, "privacy.final")]
    box = container(RED, ["\n".join(lines), "\n".join(after)])
    button = RetentionButton(days, text(language, "button.retention"))
    view = ui.LayoutView(timeout=None).add_item(box.add_item(ui.ActionRow(button)))
    await interaction.response.send_message(view=view, ephemeral=True)


class RetentionButton(ui.DynamicItem[Press], template=r"v1:retention:(?P<days>\d{1,4})"):
    """Sets for how many days the server keeps its texts."""

    def __init__(self, days: int, label: str | None) -> None:
        style = discord.ButtonStyle.danger
        super().__init__(ui.Button(label=label, style=style, custom_id=f"v1:retention:{days}"))
        self.days = days

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(int(match["days"]), label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "retention"):
            require_manager(interaction)
            await change_settings(interaction.client.desk.store, guild_of(interaction), retention_days=self.days)
            done = text(own_language(interaction), "privacy.retention_on", days=self.days)
            view = ui.LayoutView(timeout=None).add_item(container(RED, [done]))
            await interaction.response.edit_message(view=view)


@influencer.command(name="forget", description=said("command.influencer_forget"))
@app_commands.describe(handle=said("command.handle"))
@app_commands.autocomplete(handle=handles)
async def forget(interaction: Interaction, handle: Range[str, 1, 80]) -> None:
    require_manager(interaction)
    guild_id, language = guild_of(interaction), own_language(interaction)
    async with interaction.client.desk.store.read() as conn:
        whose = await find_influencer(conn, guild_id, handle)
        held = await erasure.remembered(conn, guild_id, whose.id)
    lines = [text(language, "privacy.forget_sure", handle=plain(whose.handle, 100))]
    counted = ("posts", "verdicts", "waiting")
    lines += [text(language, f"privacy.forget_{name}", count=getattr(held, name)) for name in counted]
    after = [text(language, "privacy.forget_stays"), text(language, "privacy.final")]
    box = container(RED, ["\n".join(lines), "\n".join(after)])
    button = ForgetButton(whose.id, text(language, "button.forget"))
    view = ui.LayoutView(timeout=None).add_item(box.add_item(ui.ActionRow(button)))
    await interaction.response.send_message(view=view, ephemeral=True)


class ForgetButton(ui.DynamicItem[Press], template=r"v1:forget:(?P<influencer>\d{1,18})"):
    """Takes an influencer out of the server."""

    def __init__(self, influencer_id: int, label: str | None) -> None:
        style = discord.ButtonStyle.danger
        super().__init__(ui.Button(label=label, style=style, custom_id=f"v1:forget:{influencer_id}"))
        self.influencer_id = influencer_id

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(int(match["influencer"]), label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "forget"):
            require_manager(interaction)
            desk, guild_id = interaction.client.desk, guild_of(interaction)
            await interaction.response.defer()
            async with desk.store.write() as conn:
                if not await erasure.forget_influencer(conn, guild_id, self.influencer_id, desk.clock()):
                    raise Problem("entry_problem.gone")
                now_called = await library.get_influencer(conn, guild_id, self.influencer_id)
            await desk.store.scrub()
            assert now_called is not None  # forgotten, not removed
            await _say_done(interaction, text(own_language(interaction), "privacy.forgotten", name=now_called.handle))
