"""Handing a private check in: its text becomes a new draft of a team, and nothing tells that it was checked before."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
import structlog
from discord import ui

from bot.chat.desk import NOT_SENT, Interaction, guarded, guild_of, own_language, place_of
from bot.chat.personal.places import MOST_PLACES, chosen_place, open_places, options_of, server_name, value_of
from bot.chat.verdict.pages import label_of
from bot.errors import Problem
from bot.model.drafts import AnswerAddress, AnswerKind
from bot.services.lookup import show
from bot.services.selfcheck import Place, submit_to_team
from bot.store.guilds import guild_settings
from bot.texts import text

log = structlog.get_logger(__name__)


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
            places = await open_places(interaction)
            if not places:
                raise Problem("own_problem.no_team")
            its = Place(stored.draft.guild_id, stored.influencer, stored.campaign)
            if here < 0 and value_of(its) in map(value_of, places):
                await _hand_in(interaction, self.number, its, its.guild_id)
                return
            view = ui.LayoutView(timeout=None).add_item(ui.TextDisplay(text(language, "own.where")))
            row: ui.ActionRow[Any] = ui.ActionRow(
                SubmitSelect(_select(interaction, self.number, places[:MOST_PLACES], language))
            )
            await interaction.response.send_message(view=view.add_item(row), ephemeral=True)


def _select(interaction: Interaction, number: str, places: tuple[Place, ...], language: str) -> ui.Select[Any]:
    options, placeholder = options_of(interaction, places), text(language, "own.choose")
    return ui.Select(custom_id=f"v1:submitto:{number}", placeholder=placeholder, options=options)


class SubmitSelect(ui.DynamicItem[ui.Select[Any]], template=r"v1:submitto:(?P<number>S-\d{1,18})"):
    """To which team, where the check was made in none."""

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        del match
        assert isinstance(item, ui.Select)  # the ids are of lists alone
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "submit check"):
            place = await chosen_place(interaction, self.item.values[0])
            await _hand_in(interaction, self.custom_id.rsplit(":", 1)[1], place, place.guild_id)


async def _hand_in(interaction: Interaction, number: str, place: Place | None, guild_id: int) -> None:
    """In the server's own channel the team's card answers the click; from elsewhere (`place`, of which the person was
    found to be a member) it goes where drafts are posted."""
    desk, person = interaction.client.desk, interaction.user
    async with desk.store.read() as conn:
        settings = await guild_settings(conn, guild_id)
    kind, channel_id = AnswerKind.INTERACTION, interaction.channel_id or 0
    if place is not None:
        kind, channel_id = AnswerKind.REPLY, _drafts_channel(interaction, guild_id, settings.drafts_channel_id)
    answer = AnswerAddress(
        kind,
        application_id=interaction.application_id,
        token=interaction.token if place is None else "",
        channel_id=channel_id,
        user_id=person.id,
        language=settings.language or "en",
    )
    review, limits = desk.settings.review, desk.settings.limits
    done = await submit_to_team(
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
        log.warning("handing_in.not_acknowledged", error=type(error).__name__)
    desk.queue.wake()


def _drafts_channel(interaction: Interaction, guild_id: int, channel_id: int | None) -> int:
    """Raises Problem where the server has said nowhere where drafts are posted."""
    if channel_id is None:
        raise Problem("own_problem.no_channel", server=server_name(interaction, guild_id))
    return channel_id
