"""`/selfcheck`: in a server, in direct messages, and as an app that a person installed for themselves.

Everything here is the person's own: answers are private, and nothing of it is kept where a team could look.
"""

from __future__ import annotations

import re
from typing import Any, Self

import discord
import structlog
from discord import app_commands, ui

from bot.chat import forms
from bot.chat.completion import campaigns, handles
from bot.chat.desk import NOT_SENT, Interaction, acknowledge, guarded, guild_of, own_language, place_of
from bot.chat.draft.intake import store_form
from bot.chat.localized import own_group, said
from bot.chat.markup import plain
from bot.chat.verdict.pages import HISTORY_ROWS, history_page, label_of, paged_view
from bot.errors import Problem
from bot.model.drafts import AnswerAddress, AnswerKind
from bot.model.posts import Visibility
from bot.services import selfcheck as checks
from bot.services.lookup import show
from bot.services.selfcheck import Ask, Place
from bot.services.submit import find_campaign, find_influencer
from bot.store import library
from bot.store.guilds import guild_settings
from bot.texts import text

OWN_FORM = re.compile(r"form:v1:own:(?P<handle>[\w.\-]{1,64})")
FIELDS = (("brand", 100, True), ("about", 500, False), ("where", 100, False))

group = own_group("selfcheck")
log = structlog.get_logger(__name__)


@group.command(name="draft", description=said("command.selfcheck"))
@app_commands.describe(influencer=said("command.influencer"), campaign=said("command.campaign"))
@app_commands.autocomplete(influencer=handles, campaign=campaigns)
async def draft(interaction: Interaction, influencer: str | None = None, campaign: str | None = None) -> None:
    desk, language, here = interaction.client.desk, own_language(interaction), place_of(interaction)
    person = interaction.user
    handle = influencer or await checks.own_handle(desk.store, person.id, person.name, here)
    if here < 0:
        await forms.open_form(interaction, own_form(language, handle, campaign or ""))
        return
    async with desk.store.read() as conn:
        whose = await find_influencer(conn, here, handle)
        known = await library.campaigns(conn, here)
        named = campaign or (known[0].name if len(known) == 1 else "")
        if not named and known:
            raise Problem("own_problem.choose_campaign", known=[one.name for one in known[:5]])
        what = await find_campaign(conn, here, named)
    await forms.open_form(interaction, forms.review_form(language, Visibility.PRIVATE, whose, what))


def own_form(language: str, handle: str, brand: str) -> ui.Modal:
    """Where there is no campaign: what it is for is asked beside the draft."""
    name = checks.clean_name(handle.lstrip("@＠"))
    form = forms.new_form(f"{text(language, 'form.selfcheck_title')}: @{name}", f"form:v1:own:{name}")
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
    shown = history_page(found, language, page, own="own_")
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


class SubmitButton(ui.DynamicItem[ui.Button[Any]], template=r"v1:submit:(?P<number>S-\d{1,18})"):
    """Hands the text of a check to the team, as a new draft like any other."""

    def __init__(self, number: str, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:submit:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["number"], label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "submit check"):
            language, here = own_language(interaction), place_of(interaction)
            stored = await show(interaction.client.desk.store, here, self.number, viewer_id=interaction.user.id)
            if here > 0 and stored.draft.guild_id == here:
                await _hand_in(interaction, self.number, None, guild_of(interaction))
                return
            places = await checks.places_to_submit(interaction.client.desk.store, interaction.user.id)
            if not places:
                raise Problem("own_problem.no_team")
            view = ui.LayoutView(timeout=None).add_item(ui.TextDisplay(text(language, "own.where")))
            row: ui.ActionRow[Any] = ui.ActionRow(SubmitSelect(_select(interaction, self.number, places, language)))
            await interaction.response.send_message(view=view.add_item(row), ephemeral=True)


def _select(interaction: Interaction, number: str, places: tuple[Place, ...], language: str) -> ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=plain(place.campaign.name, 90),
            description=plain(_server_name(interaction, place.guild_id), 90),
            value=f"{place.guild_id}:{place.influencer.id}:{place.campaign.id}",
        )
        for place in places
    ]
    return ui.Select(custom_id=f"v1:submitto:{number}", placeholder=text(language, "own.choose"), options=options)


def _server_name(interaction: Interaction, guild_id: int) -> str:
    guild = interaction.client.get_guild(guild_id)
    return guild.name if guild else str(guild_id)


class SubmitSelect(ui.DynamicItem[ui.Select[Any]], template=r"v1:submitto:(?P<number>S-\d{1,18})"):
    """To which team, where the check was made in none."""

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        del match
        assert isinstance(item, ui.Select)  # the ids are of lists alone
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "submit check"):
            places = await checks.places_to_submit(interaction.client.desk.store, interaction.user.id)
            chosen = self.item.values[0]
            for place in places:
                if f"{place.guild_id}:{place.influencer.id}:{place.campaign.id}" == chosen:
                    await _hand_in(interaction, self.custom_id.rsplit(":", 1)[1], place, place.guild_id)
                    return
            raise Problem("chat_problem.gone")


async def _hand_in(interaction: Interaction, number: str, place: Place | None, guild_id: int) -> None:
    """In the server's own channel the team's card answers the click; from elsewhere it goes where drafts are posted."""
    desk, person = interaction.client.desk, interaction.user
    async with desk.store.read() as conn:
        settings = await guild_settings(conn, guild_id)
    kind, channel_id = AnswerKind.INTERACTION, interaction.channel_id or 0
    if place is not None:
        kind, channel_id = AnswerKind.REPLY, await _drafts_channel(interaction, guild_id, settings.drafts_channel_id)
    answer = AnswerAddress(
        kind,
        application_id=interaction.application_id,
        token=interaction.token if place is None else "",
        channel_id=channel_id,
        user_id=person.id,
        language=settings.language or "en",
    )
    review, limits = desk.settings.review, desk.settings.limits
    done = await checks.submit_to_team(
        desk.store, person.id, person.display_name, number, place, answer, review, limits, desk.clock()
    )
    if not done.is_new:
        raise Problem("own_problem.submitted")
    try:
        if place is None:
            await interaction.response.defer(thinking=True)
        else:
            await interaction.response.send_message(text(own_language(interaction), "own.submitted"), ephemeral=True)
    except NOT_SENT as error:  # stored all the same: the answer finds another way
        log.warning("selfcheck.not_acknowledged", error=type(error).__name__)
    desk.queue.wake()


async def _drafts_channel(interaction: Interaction, guild_id: int, channel_id: int | None) -> int:
    """Raises Problem where the person is no longer in that server, or it has said nowhere where drafts are posted."""
    guild = interaction.client.get_guild(guild_id)
    try:
        if guild is None:
            raise Problem("own_problem.no_team")
        await guild.fetch_member(interaction.user.id)
    except discord.NotFound:
        raise Problem("own_problem.no_team") from None
    if channel_id is None:
        raise Problem("own_problem.no_channel", server=guild.name)
    return channel_id
