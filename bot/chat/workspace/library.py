"""What `/brand`, `/campaign` and `/influencer` have in common: showing, listing, editing and removing, with buttons."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import ui

from bot.chat.desk import DeskClient, Interaction, guarded, guild_of, own_language
from bot.chat.forms import Filled, open_form
from bot.chat.markup import plain
from bot.chat.rights import may_decide, require_keeper, require_manager
from bot.chat.verdict.cards import container
from bot.chat.verdict.pages import NEUTRAL
from bot.chat.workspace.library_cards import Shelf, library_page, removal_card, thing_card, title_of
from bot.chat.workspace.library_forms import edit_form
from bot.services.editing import PARTS, Kind, Thing, find_thing, save, shown, thing_of, things_of
from bot.store import links, posts, removal
from bot.texts import text

KINDS = "brand|campaign|influencer"
Press = ui.Button[Any]


async def show(interaction: Interaction, kind: Kind, name: str) -> None:
    guild_id = guild_of(interaction)
    async with interaction.client.desk.store.read() as conn:
        thing = await find_thing(conn, guild_id, kind, name)
    await interaction.response.send_message(view=await card_view(interaction, kind, thing), ephemeral=True)


async def card_view(interaction: Interaction, kind: Kind, thing: Thing, *, note: str = "") -> ui.LayoutView:
    """The card; for those who may, with a button for each part of it that can be edited."""
    desk, language = interaction.client.desk, own_language(interaction)
    async with desk.store.read() as conn:
        held = await posts.team_posts(conn, guild_of(interaction))
        is_person = kind is Kind.INFLUENCER
        linked = await links.links_to(conn, guild_of(interaction), thing.id) if is_person else ()
    names = [link.user_name for link in linked]
    keeps = await may_decide(interaction)
    box = thing_card(thing, held, desk.settings.review.min_posts, language, names, whole=keeps)
    if keeps:
        row: ui.ActionRow[Any] = ui.ActionRow()
        for part in PARTS[kind]:
            row.add_item(EditButton(kind, thing.id, part, text(language, f"button.edit_{part}")))
        box.add_item(row)
    view = ui.LayoutView(timeout=None)
    if note:
        view.add_item(ui.TextDisplay(note))
    return view.add_item(box)


async def show_list(interaction: Interaction, kind: Kind) -> None:
    view = await _list_view(interaction.client, guild_of(interaction), kind, 0, own_language(interaction))
    await interaction.response.send_message(view=view, ephemeral=True)


async def _list_view(client: DeskClient, guild_id: int, kind: Kind, page: int, language: str) -> ui.LayoutView:
    async with client.desk.store.read() as conn:
        things = await things_of(conn, guild_id, kind)
        held = await posts.team_posts(conn, guild_id)
    found = library_page(Shelf(kind, things, held, client.desk.settings.review.min_posts), language, page)
    row: ui.ActionRow[Any] = ui.ActionRow()
    if found.page:
        row.add_item(ListButton(kind, found.page - 1, text(language, "button.previous")))
    if found.page + 1 < found.pages:
        row.add_item(ListButton(kind, found.page + 1, text(language, "button.next")))
    if row.children:
        found.box.add_item(row)
    return ui.LayoutView(timeout=None).add_item(found.box)


async def edit(interaction: Interaction, kind: Kind, name: str, part: str) -> None:
    await require_keeper(interaction)
    async with interaction.client.desk.store.read() as conn:
        thing = await find_thing(conn, guild_of(interaction), kind, name)
    await _open(interaction, kind, thing, part)


async def _open(interaction: Interaction, kind: Kind, thing: Thing, part: str) -> None:
    form = edit_form(own_language(interaction), kind, thing.id, part, shown(kind, part, thing), title=title_of(thing))
    await open_form(interaction, form)


async def add(interaction: Interaction, kind: Kind, title: str, extra: str = "") -> None:
    """Opens the form of a new thing, empty."""
    form = edit_form(own_language(interaction), kind, 0, "main", {}, title=title, extra=extra)
    await open_form(interaction, form)


async def on_edit_form(interaction: Interaction, filled: Filled, match: re.Match[str]) -> None:
    await require_keeper(interaction)
    desk, guild_id, kind = interaction.client.desk, guild_of(interaction), Kind(match["kind"])
    typed, handle = dict(filled.words), ""
    if not int(match["id"]) and kind is Kind.CAMPAIGN:
        async with desk.store.read() as conn:
            typed["brand"] = title_of(await thing_of(conn, guild_id, Kind.BRAND, int(match["extra"] or 0)))
    elif kind is Kind.INFLUENCER:
        handle = match["extra"]
    thing = await save(desk.store, guild_id, kind, int(match["id"]), typed, handle=handle)
    view = await card_view(interaction, kind, thing, note=text(own_language(interaction), "library.saved"))
    if interaction.message is not None:  # the form was opened from its card
        await interaction.response.edit_message(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)


async def ask_to_remove(interaction: Interaction, kind: Kind, name: str) -> None:
    require_manager(interaction)
    guild_id, language = guild_of(interaction), own_language(interaction)
    async with interaction.client.desk.store.read() as conn:
        thing = await find_thing(conn, guild_id, kind, name)
        going = await removal.hanging(conn, guild_id, kind.value, thing.id)
    box = removal_card(thing, going, language)
    row: ui.ActionRow[Any] = ui.ActionRow(RemoveButton(kind, thing.id, text(language, "button.remove")))
    view = ui.LayoutView(timeout=None).add_item(box.add_item(row))
    await interaction.response.send_message(view=view, ephemeral=True)


class EditButton(ui.DynamicItem[Press], template=rf"v1:edit:(?P<kind>{KINDS}):(?P<id>\d{{1,18}}):(?P<part>main|more)"):
    def __init__(self, kind: str, thing_id: int, part: str, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:edit:{kind}:{thing_id}:{part}"))
        self.kind, self.thing_id, self.part = Kind(kind), thing_id, part

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["kind"], int(match["id"]), match["part"], _label(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "edit"):
            await require_keeper(interaction)
            async with interaction.client.desk.store.read() as conn:
                thing = await thing_of(conn, guild_of(interaction), self.kind, self.thing_id)
            await _open(interaction, self.kind, thing, self.part)


class RemoveButton(ui.DynamicItem[Press], template=rf"v1:remove:(?P<kind>{KINDS}):(?P<id>\d{{1,18}})"):
    def __init__(self, kind: str, thing_id: int, label: str | None) -> None:
        style = discord.ButtonStyle.danger
        super().__init__(ui.Button(label=label, custom_id=f"v1:remove:{kind}:{thing_id}", style=style))
        self.kind, self.thing_id = Kind(kind), thing_id

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["kind"], int(match["id"]), _label(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "remove"):
            require_manager(interaction)
            store, guild_id = interaction.client.desk.store, guild_of(interaction)
            await interaction.response.defer()
            async with store.write() as conn:
                thing = await thing_of(conn, guild_id, self.kind, self.thing_id)
                await removal.remove(conn, guild_id, self.kind.value, self.thing_id)
            await store.scrub()
            gone = text(own_language(interaction), "library.removed", name=plain(title_of(thing), 210))
            view = ui.LayoutView(timeout=None).add_item(container(NEUTRAL, [gone]))
            await interaction.edit_original_response(view=view)


class ListButton(ui.DynamicItem[Press], template=rf"v1:list:(?P<kind>{KINDS}):(?P<page>\d{{1,6}})"):
    """Turns the page it sits on."""

    def __init__(self, kind: str, page: int, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:list:{kind}:{page}"))
        self.kind, self.page = Kind(kind), page

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["kind"], int(match["page"]), _label(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "list"):
            guild_id, language = guild_of(interaction), own_language(interaction)
            view = await _list_view(interaction.client, guild_id, self.kind, self.page, language)
            await interaction.response.edit_message(view=view)


BUTTONS = (EditButton, RemoveButton, ListButton)


def _label(item: ui.Item[Any]) -> str | None:
    return item.label if isinstance(item, ui.Button) else None
