"""`/selfcheck`: in a server, in direct messages, and as an app that a person installed for themselves.

Everything here is the person's own: answers are private, and nothing of it is kept where a team could look.
"""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import app_commands, ui

from bot.chat import forms
from bot.chat.completion import campaigns, handles
from bot.chat.desk import Interaction, acknowledge, guarded, own_language, place_of
from bot.chat.draft.intake import store_form
from bot.chat.localized import own_group, said
from bot.chat.personal.places import MOST_PLACES, chosen_place, open_places, options_of, value_of
from bot.chat.verdict.pages import HISTORY_ROWS, history_page, label_of, paged_view
from bot.errors import Problem
from bot.model.posts import Visibility
from bot.services import selfcheck as checks
from bot.services.names import choose_campaign, find_campaign, find_influencer
from bot.services.selfcheck import Ask, Place
from bot.store import library
from bot.texts import paired, text

OWN_FORM = re.compile(r"form:v1:own:(?P<handle>[\w.\-]{1,64})")
PLACE_FORM = re.compile(r"form:v1:checkfor:(?P<place>\d{1,20}:\d{1,18}:\d{1,18})")
ELSEWHERE = "elsewhere"
FIELDS = (("brand", 100, True), ("about", 500, False), ("where", 100, False))

group = own_group("selfcheck")


@group.command(name="draft", description=said("command.selfcheck"))
@app_commands.describe(influencer=said("command.influencer"), campaign=said("command.campaign"))
@app_commands.autocomplete(influencer=handles, campaign=campaigns)
async def draft(interaction: Interaction, influencer: str | None = None, campaign: str | None = None) -> None:
    desk, language, here = interaction.client.desk, own_language(interaction), place_of(interaction)
    if here < 0:
        await _begin_outside(interaction, influencer or "", campaign or "")
        return
    handle = influencer or await checks.own_handle(desk.store, interaction.user.id, interaction.user.name, here)
    async with desk.store.read() as conn:
        if influencer is None and await library.find_influencer(conn, here, handle) is None:
            raise Problem("own_problem.whose_draft")  # of a handle that was guessed nothing is to be said
        whose = await find_influencer(conn, here, handle)
        known = await library.campaigns(conn, here)
        named = campaign or (known[0].name if len(known) == 1 else "")
        if not named and known:
            raise await choose_campaign(conn, here, whose.handle, "", problem="own_problem.choose_campaign")
        what = await find_campaign(conn, here, named)
    await forms.open_form(interaction, forms.review_form(language, Visibility.PRIVATE, whose, what))


async def _begin_outside(interaction: Interaction, handle: str, campaign: str) -> None:
    """Where no server is near: for a campaign of a team that knows the person, or for whatever they say it is.

    Of several campaigns the person is asked for one; what they type narrows these, and may name another brand.
    """
    language = own_language(interaction)
    found = checks.named_places(await open_places(interaction), handle, campaign)
    if len(found) > 1:
        view = ui.LayoutView(timeout=None).add_item(ui.TextDisplay(text(language, "own.check_where")))
        elsewhere = discord.SelectOption(label=text(language, "own.elsewhere"), value=ELSEWHERE)
        options = [*options_of(interaction, found[:MOST_PLACES]), elsewhere]
        choice: ui.Select[Any] = ui.Select(
            custom_id="v1:checkfor", placeholder=text(language, "own.choose"), options=options
        )
        row: ui.ActionRow[Any] = ui.ActionRow(CheckSelect(choice))
        await interaction.response.send_message(view=view.add_item(row), ephemeral=True)
        return
    form = place_form(language, found[0]) if found else await _own_form(interaction, handle, campaign)
    await forms.open_form(interaction, form)


class CheckSelect(ui.DynamicItem[ui.Select[Any]], template="v1:checkfor"):
    """For which campaign, where a person's own check may be for several."""

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        del match
        assert isinstance(item, ui.Select)  # the id is of a list alone
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "check for"):
            value = self.item.values[0]
            if value == ELSEWHERE:
                form = await _own_form(interaction, "", "")
            else:
                form = place_form(own_language(interaction), await chosen_place(interaction, value))
            await forms.open_form(interaction, form)


def place_form(language: str, place: Place) -> ui.Modal:
    """For a campaign of a team, outside its server; the title names it."""
    title = paired(language, text(language, "form.selfcheck_for"), place.campaign.name)
    form = forms.new_form(title, f"form:v1:checkfor:{value_of(place)}")
    forms.add_draft(form, language, "")
    return form


async def on_place_form(interaction: Interaction, filled: forms.Filled, match: re.Match[str]) -> None:
    async def storing() -> None:
        place = await chosen_place(interaction, match["place"])
        names = place.influencer.handle, place.campaign.name
        await store_form(interaction, filled, *names, Visibility.PRIVATE, workspace=place.guild_id)

    await acknowledge(interaction, storing(), is_private=True)


async def _own_form(interaction: Interaction, handle: str, brand: str) -> ui.Modal:
    store, person = interaction.client.desk.store, interaction.user
    whose = handle or await checks.own_handle(store, person.id, person.name)
    return own_form(own_language(interaction), whose, brand)


def own_form(language: str, handle: str, brand: str) -> ui.Modal:
    """Where there is no campaign: what it is for is asked beside the draft."""
    name = checks.clean_name(handle.lstrip("@＠"))
    title = paired(language, text(language, "form.selfcheck_title"), f"@{name}")
    form = forms.new_form(title, f"form:v1:own:{name}")
    for field, longest, required in FIELDS:
        value = brand if field == "brand" else ""
        form.add_item(
            forms.words_field(language, field, value, longest=longest, required=required, label=f"own_{field}")
        )
    forms.add_draft(form, language, "")
    return form


async def on_own_form(interaction: Interaction, filled: forms.Filled, match: re.Match[str]) -> None:
    async def storing() -> None:
        ask = Ask(*(filled.words.get(field, "") for field, *_ in FIELDS))
        store, person = interaction.client.desk.store, interaction.user.id
        place = await checks.own_place(store, person, match["handle"], own_language(interaction), ask)
        names = place.influencer.handle, place.campaign.name
        await store_form(interaction, filled, *names, Visibility.PRIVATE, workspace=place.guild_id)

    await acknowledge(interaction, storing(), is_private=True)


@group.command(name="history", description=said("command.selfcheck_history"))
async def show_history(interaction: Interaction) -> None:
    await interaction.response.send_message(view=await _history_view(interaction, 0), ephemeral=True)


async def _history_view(interaction: Interaction, page: int) -> ui.LayoutView:
    person, language = interaction.user.id, own_language(interaction)
    found = await checks.history(interaction.client.desk.store, person, page=page, size=HISTORY_ROWS)
    shown = history_page(found, language, which="own_")
    return paged_view(shown, language, lambda page, label: OwnHistoryButton(person, page, label))


class OwnHistoryButton(ui.DynamicItem[ui.Button[Any]], template=r"v1:own:(?P<person>\d{1,20}):(?P<page>\d{1,6})"):
    """Turns the pages of one's own checks."""

    def __init__(self, person: int, page: int, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:own:{person}:{page}"))
        self.person, self.page = person, page

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(int(match["person"]), int(match["page"]), label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "own history"):
            if interaction.user.id != self.person:
                raise Problem("chat_problem.not_yours")
            await interaction.response.edit_message(view=await _history_view(interaction, self.page))
