"""`/history waiting`: what a person is to decide about, and which of their own drafts they are to change."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import app_commands, ui

from bot.chat.desk import Interaction, guarded, guild_of, own_language
from bot.chat.localized import said
from bot.chat.markup import ago
from bot.chat.rights import may_decide, sight_of
from bot.chat.verdict.cards import decision_line
from bot.chat.verdict.pages import HISTORY_ROWS, history_page, history_row, label_of, paged_view
from bot.errors import Problem
from bot.model.decisions import SETTLES
from bot.services import lookup
from bot.services.deadlines import due_at
from bot.store.verdicts import StoredVerdict
from bot.store.waiting import Waiting
from bot.texts import text


@app_commands.command(name="waiting", description=said("command.history_waiting"))
async def history_waiting(interaction: Interaction) -> None:
    await interaction.response.send_message(view=await _view(interaction, 0), ephemeral=True)


async def _view(interaction: Interaction, page: int) -> ui.LayoutView:
    guild_id, person, language = guild_of(interaction), interaction.user.id, own_language(interaction)
    wanted, sight = Waiting(person, decides=await may_decide(interaction)), await sight_of(interaction)
    store = interaction.client.desk.store
    found, cards = await lookup.waiting(store, guild_id, wanted, sight, page=page, size=HISTORY_ROWS)

    def row(one: StoredVerdict, language: str) -> str:
        return waiting_row(one, language, cards.get(one.revision.id))

    shown = history_page(found, language, which="waiting_", row=row)
    return paged_view(shown, language, lambda page, label: WaitingButton(person, page, label))


def waiting_row(row: StoredVerdict, language: str, card: tuple[int, int] | None) -> str:
    """The verdict, what is to be done about it until when, and the way to its card where that is known."""
    due = due_at(row)
    waits = text(language, "card.decide_by", when=ago(due)) if due else text(language, "history.waiting_decision")
    for asked in [one for one in row.standing if one.kind in SETTLES][-1:]:
        waits = decision_line(asked, language)
    if card:
        address = f"https://discord.com/channels/{row.draft.guild_id}/{card[0]}/{card[1]}"
        waits = f"[{text(language, 'told.card')}]({address}) · {waits}"
    return f"{history_row(row, language)}\n{waits}"


class WaitingButton(ui.DynamicItem[ui.Button[Any]], template=r"v1:waiting:(?P<person>\d{1,20}):(?P<page>\d{1,6})"):
    """Turns the pages of what waits for one person."""

    def __init__(self, person: int, page: int, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:waiting:{person}:{page}"))
        self.person, self.page = person, page

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(int(match["person"]), int(match["page"]), label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "waiting"):
            if interaction.user.id != self.person:
                raise Problem("chat_problem.not_yours")
            await interaction.response.edit_message(view=await _view(interaction, self.page))
