"""Handing a private check in: its text becomes a new draft of a team, and nothing tells that it was checked before.

It goes to the channel set in /setup, or where none is set to the channel of the check; and that is said before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Self

import discord
import structlog
from discord import ui

from bot.chat.desk import NOT_SENT, DeskClient, Interaction, guarded, guild_of, own_language, place_of
from bot.chat.markup import plain
from bot.chat.personal.places import MOST_PLACES, chosen_place, open_places, options_of, server_name, value_of
from bot.chat.verdict.pages import label_of
from bot.errors import Problem
from bot.model.drafts import AnswerAddress, AnswerKind
from bot.model.posts import Visibility
from bot.services.lookup import show
from bot.services.selfcheck import Place, submit_to_team
from bot.store.guilds import guild_settings
from bot.store.verdicts import StoredVerdict
from bot.texts import text

LONGEST_LABEL = 80  # Discord's limit of a button

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """The channel of a server that a draft is handed in to."""

    channel_id: int
    name: str


async def target_of(client: DeskClient, stored: StoredVerdict, here: int) -> Target | None:
    """Where a check that is shown in the channel `here` would be handed in; None where that is still to be chosen."""
    if stored.draft.visibility is not Visibility.PRIVATE:
        return None
    return await _target_in(client, stored.draft.guild_id, here)


async def _target_in(client: DeskClient, guild_id: int, here: int) -> Target | None:
    """The channel set in /setup; where none is set `here`, if that is one of the server's."""
    guild = client.get_guild(guild_id)
    if guild is None:
        return None
    async with client.desk.store.read() as conn:
        settings = await guild_settings(conn, guild_id)
    channel = guild.get_channel_or_thread(settings.drafts_channel_id or here)
    return Target(channel.id, channel.name) if channel else None


def submit_button(number: str, language: str, target: Target | None) -> SubmitButton:
    """It says where the text goes, as far as that is known."""
    if target is None:
        return SubmitButton(number, text(language, "button.submit_team"))
    label = text(language, "button.submit_to", channel=target.name)
    if len(label) > LONGEST_LABEL:
        label = label[: LONGEST_LABEL - 1] + "…"
    return SubmitButton(number, label, target.channel_id)


class SubmitButton(
    ui.DynamicItem[ui.Button[Any]], template=r"v1:submit:(?P<number>S-\d{1,18})(?::(?P<channel>\d{1,20}))?"
):
    """Hands the text of a check to the team, as a new draft like any other; `channel_id`: where it says that goes."""

    def __init__(self, number: str, label: str | None, channel_id: int | None = None) -> None:
        custom_id = f"v1:submit:{number}" if channel_id is None else f"v1:submit:{number}:{channel_id}"
        super().__init__(ui.Button(label=label, custom_id=custom_id))
        self.number, self.channel_id = number, channel_id

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["number"], label_of(item), int(match["channel"]) if match["channel"] else None)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "submit check"):
            here = place_of(interaction)
            stored = await show(interaction.client.desk.store, here, self.number, viewer_id=interaction.user.id)
            if here > 0 and stored.draft.guild_id == here:
                await self._press(interaction, None, guild_of(interaction))
                return
            places = await open_places(interaction)
            if not places:
                raise Problem("own_problem.no_team")
            its = Place(stored.draft.guild_id, stored.influencer, stored.campaign)
            if here < 0 and value_of(its) in map(value_of, places):
                await self._press(interaction, its, its.guild_id)
                return
            await _ask_where(interaction, self.number, places[:MOST_PLACES])

    async def _press(self, interaction: Interaction, place: Place | None, guild_id: int) -> None:
        """Hands it in where the button says; where it does not say that, or no longer truly, another one does first."""
        target, language = await _where(interaction, guild_id), own_language(interaction)
        if target.channel_id == self.channel_id:
            await _hand_in(interaction, self.number, place, guild_id, target)
            return
        said = text(language, "own.goes_to", channel=plain(target.name, 100))
        row: ui.ActionRow[Any] = ui.ActionRow(submit_button(self.number, language, target))
        view = ui.LayoutView(timeout=None).add_item(ui.TextDisplay(said)).add_item(row)
        await interaction.response.send_message(view=view, ephemeral=True)


async def _where(interaction: Interaction, guild_id: int) -> Target:
    """Raises Problem where the server has said nowhere where drafts are posted, or that channel is gone."""
    target = await _target_in(interaction.client, guild_id, interaction.channel_id or 0)
    if target is None:
        raise Problem("own_problem.no_channel", server=server_name(interaction, guild_id))
    return target


async def _ask_where(interaction: Interaction, number: str, places: tuple[Place, ...]) -> None:
    """For which team's campaign, where the check was made for none; each says to which channel it goes."""
    language = own_language(interaction)
    targets = {
        guild_id: await _target_in(interaction.client, guild_id, 0) for guild_id in {one.guild_id for one in places}
    }
    options = options_of(interaction, places)
    for option, place in zip(options, places, strict=True):
        if target := targets[place.guild_id]:
            option.description = f"{f'#{target.name}'[:50]} · {option.description}"[:100]
            option.value = f"{option.value}:{target.channel_id}"
    choice: ui.Select[Any] = ui.Select(
        custom_id=f"v1:submitto:{number}", placeholder=text(language, "own.choose"), options=options
    )
    row: ui.ActionRow[Any] = ui.ActionRow(SubmitSelect(choice))
    view = ui.LayoutView(timeout=None).add_item(ui.TextDisplay(text(language, "own.where"))).add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


class SubmitSelect(ui.DynamicItem[ui.Select[Any]], template=r"v1:submitto:(?P<number>S-\d{1,18})"):
    """To which team, where the check was made in none."""

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        del match
        assert isinstance(item, ui.Select)  # the ids are of lists alone
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "submit check"):
            *names, said = [*self.item.values[0].split(":"), ""][:4]
            place = await chosen_place(interaction, ":".join(names))
            target = await _where(interaction, place.guild_id)
            if said != str(target.channel_id):  # set or changed since the list was made
                raise Problem("own_problem.channel_changed", channel=target.name)
            await _hand_in(interaction, self.custom_id.rsplit(":", 1)[1], place, place.guild_id, target)


async def _hand_in(interaction: Interaction, number: str, place: Place | None, guild_id: int, target: Target) -> None:
    """In `target` itself the team's card answers the click; else it is posted there. From outside the server with its
    `place`, of which the person was found to be a member."""
    desk, person = interaction.client.desk, interaction.user
    is_here = place is None and target.channel_id == interaction.channel_id
    answer = AnswerAddress(
        AnswerKind.INTERACTION if is_here else AnswerKind.REPLY,
        application_id=interaction.application_id,
        token=interaction.token if is_here else "",
        channel_id=target.channel_id,
        user_id=person.id,
        language=await desk.language(guild_id),
    )
    review, limits = desk.settings.review, desk.settings.limits
    done = await submit_to_team(
        desk.store, person.id, person.display_name, number, place, answer, review, limits, desk.clock()
    )
    if not done.is_new:
        raise Problem("own_problem.submitted")
    try:
        if is_here:
            await interaction.response.defer(thinking=True)
        else:
            said = text(own_language(interaction), "own.submitted", channel=plain(target.name, 100))
            await interaction.response.send_message(said, ephemeral=True)
    except NOT_SENT as error:  # stored all the same: the answer finds another way
        log.warning("handing_in.not_acknowledged", error=type(error).__name__)
    desk.queue.wake()
