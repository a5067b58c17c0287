"""Copies of a card that one person alone sees: nothing tells them of what is new, so each press draws them anew."""

from __future__ import annotations

from discord import ui

from bot.chat.desk import Interaction, own_language, place_of
from bot.chat.personal.handing_in import target_of
from bot.chat.rights import sight_of
from bot.errors import Problem
from bot.model.posts import Visibility
from bot.services.decide import require_open
from bot.services.lookup import show
from bot.store.verdicts import StoredVerdict


async def pressed_on(interaction: Interaction, number: str) -> StoredVerdict:
    """The verdict of the card with that button. Raises Problem where it is gone, or not for this person any more."""
    store, viewer, sight = interaction.client.desk.store, interaction.user.id, await sight_of(interaction)
    return await show(
        store, place_of(interaction), number, viewer_id=viewer, sight=sight, missing="lookup_problem.removed"
    )


async def redraw(interaction: Interaction, stored: StoredVerdict) -> bool:
    """Answers with the copy that was pressed on as it is now; False, and nothing done, on anything else.

    Of a private check the card itself is such a message: it is left alone where there is nothing new.
    """
    from bot.chat.verdict.views import number_on, verdict_view  # whose buttons ask here

    message = interaction.message
    is_new = stored.draft.visibility is Visibility.TEAM or stored.newer is not None or stored.is_erased
    if message is None or not message.flags.ephemeral or number_on(message) != stored.number or not is_new:
        return False
    target = await target_of(interaction.client, stored, interaction.channel_id or 0)
    view = verdict_view(stored, own_language(interaction), with_draft=True, target=target)
    await interaction.response.edit_message(view=view)
    return True


async def show_beside(interaction: Interaction, stored: StoredVerdict, page: ui.LayoutView) -> None:
    """A page about the verdict, for this person's eyes."""
    if await redraw(interaction, stored):
        await interaction.followup.send(view=page, ephemeral=True)
    else:
        await interaction.response.send_message(view=page, ephemeral=True)


async def require_open_here(interaction: Interaction, stored: StoredVerdict, seen: int | None) -> None:
    """Raises Problem where nobody decides on it as it was seen; the copy it was pressed on shows it as it is now."""
    try:
        require_open(stored, interaction.user.id, seen)
    except Problem:
        await redraw(interaction, stored)
        raise
