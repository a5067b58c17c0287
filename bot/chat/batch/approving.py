"""Approving at one go the drafts of a batch that fit: asked for on its card, confirmed by whoever may decide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import discord
from discord import ui

from bot.chat.batch.batch_found import find_batch
from bot.chat.desk import Interaction, guarded, guild_of, own_language
from bot.chat.rights import require_decider
from bot.chat.verdict.cards import container
from bot.chat.verdict.pages import NEUTRAL, label_of
from bot.errors import Problem
from bot.services.batch_approval import approve_fitting, signature, sort_out
from bot.store.batches import Row
from bot.texts import listed, paired, text

MOST_NUMBERS = 20  # named of each kind


class BatchApproveButton(
    ui.DynamicItem[ui.Button[Any]], template=r"v1:batchapprove:(?P<batch>\d{1,18}):(?P<what>ask|[0-9a-f]{12})"
):
    """Asks first; confirmed with the signature of what was shown, so that nothing else is approved by it."""

    def __init__(self, batch_id: int, what: str, label: str | None) -> None:
        style = discord.ButtonStyle.success
        super().__init__(ui.Button(label=label, custom_id=f"v1:batchapprove:{batch_id}:{what}", style=style))
        self.batch_id, self.what = batch_id, what

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(int(match["batch"]), match["what"], label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "batch approve"):
            await require_decider(interaction)
            _, rows = await find_batch(interaction, self.batch_id)
            if self.what == "ask":
                view = question_view(self.batch_id, rows, own_language(interaction))
                await interaction.response.send_message(view=view, ephemeral=True)
            elif self.what != signature(rows):
                view = question_view(self.batch_id, rows, own_language(interaction))
                await interaction.response.edit_message(view=view)
            else:
                await self._approve(interaction)

    async def _approve(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        desk, person, language = interaction.client.desk, interaction.user, own_language(interaction)
        done = await approve_fitting(
            desk.store,
            guild_of(interaction),
            self.batch_id,
            person_id=person.id,
            person_name=person.display_name,
            now=desk.clock(),
        )
        desk.batch_stored.set()  # its card shows it
        head = text(language, "batch.approved_now", count=len(done.approved))
        box = container(NEUTRAL, ["\n".join([head, *_named(done.approved, language)]), _left(done.left, language)])
        await interaction.edit_original_response(view=ui.LayoutView(timeout=None).add_item(box))


def approve_button(batch_id: int, rows: Sequence[Row], language: str) -> BatchApproveButton | None:
    """None where nothing is left that could be approved at one go."""
    count = len(sort_out(rows).approved)
    label = text(language, "button.approve_fitting_one" if count == 1 else "button.approve_fitting", count=count)
    return BatchApproveButton(batch_id, "ask", label) if count else None


def question_view(batch_id: int, rows: Sequence[Row], language: str) -> ui.LayoutView:
    """What would be approved and what not, with the button that does it. Raises Problem where there is nothing."""
    found = sort_out(rows)
    if not found.approved:
        raise Problem("batch_problem.none_to_approve")
    count = len(found.approved)
    head = text(language, "batch.approve_these", count=count)
    box = container(NEUTRAL, ["\n".join([head, *_named(found.approved, language)]), _left(found.left, language)])
    label = text(language, "button.approve_these", count=count)
    row: ui.ActionRow[Any] = ui.ActionRow(BatchApproveButton(batch_id, signature(rows), label))
    return ui.LayoutView(timeout=None).add_item(box.add_item(row))


def _left(left: Mapping[str, Sequence[str]], language: str) -> str:
    """A block that names what is left as it is, by reason; "" for nothing."""
    lines = [
        f"- {paired(language, text(language, f'batch.left_{why}'), ' '.join(_named(numbers, language)))}"
        for why, numbers in left.items()
    ]
    return "\n".join([text(language, "batch.left"), *lines]) if lines else ""


def _named(numbers: Sequence[str], language: str) -> Iterator[str]:
    if numbers:
        yield listed(language, numbers[:MOST_NUMBERS])
    if (more := len(numbers) - MOST_NUMBERS) > 0:
        yield text(language, "batch.and_more", count=more)
