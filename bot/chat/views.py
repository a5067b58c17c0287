"""Cards with their buttons. Every button is told by its id alone, so that it works after any restart."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Self

import discord
from discord import ui

from bot.chat import history
from bot.chat.cards import container, verdict_card
from bot.chat.desk import DeskClient, Interaction, guarded, guild_of, own_language
from bot.chat.forms import changes_form, open_form
from bot.chat.pages import NEUTRAL, Shown, evidence_page, history_page
from bot.errors import Problem
from bot.model import DecisionKind, Outcome, Visibility
from bot.services.decide import decide
from bot.services.lookup import show
from bot.store.verdicts import StoredVerdict
from bot.texts import text

SHA = 12  # hex digits of the text's fingerprint in an id

Press = ui.Button[Any]


def verdict_view(stored: StoredVerdict, language: str, *, note: str = "", buttons: bool = True) -> ui.LayoutView:
    """The card; with `note` above it where something has to be said about the way it came."""
    box = verdict_card(stored, language)
    if buttons:
        row: ui.ActionRow[Any] = ui.ActionRow(
            EvidenceButton(stored.number, 0, "open", text(language, "button.evidence"))
        )
        if stored.draft.visibility is Visibility.TEAM:
            sha = stored.revision.sha256[:SHA]
            approve = ApproveButton(stored.number, sha, text(language, "button.approve"))
            if stored.verdict.outcome is Outcome.FITS:  # the obvious next step only where nothing speaks against it
                approve.item.style = discord.ButtonStyle.success
            row.add_item(approve)
            row.add_item(ChangesButton(stored.number, sha, text(language, "button.changes")))
        box.add_item(row)
    view = ui.LayoutView(timeout=None)
    if note:
        view.add_item(ui.TextDisplay(note))
    return view.add_item(box)


def names_verdict(message: discord.Message, number: str) -> bool:
    """Whether a message of ours is the card of that verdict."""
    view = ui.LayoutView.from_message(message)
    texts = [item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay)]
    return any(f" · {number}\n" in text for text in texts)


def notice_view(sentence: str) -> ui.LayoutView:
    """One sentence in the place of a card that is not there."""
    return ui.LayoutView(timeout=None).add_item(container(NEUTRAL, [sentence]))


def evidence_view(stored: StoredVerdict, language: str, page: int) -> ui.LayoutView:
    shown = evidence_page(stored, language, page)
    return _paged(shown, language, lambda page, label: EvidenceButton(stored.number, page, "turn", label))


async def history_view(client: DeskClient, guild_id: int, wanted: history.Search, language: str) -> ui.LayoutView:
    """One page of a search. Raises Problem where it names somebody who is no longer stored."""
    found = await history.find(client.desk.store, guild_id, wanted)
    shown = history_page(found, language, wanted.page)
    return _paged(shown, language, lambda page, label: HistoryButton(wanted.at(page), label))


def _paged(shown: Shown, language: str, button: Callable[[int, str], ui.Item[Any]]) -> ui.LayoutView:
    row: ui.ActionRow[Any] = ui.ActionRow()
    if shown.page:
        row.add_item(button(shown.page - 1, text(language, "button.previous")))
    if shown.page + 1 < shown.pages:
        row.add_item(button(shown.page + 1, text(language, "button.next")))
    if row.children:
        shown.box.add_item(row)
    return ui.LayoutView(timeout=None).add_item(shown.box)


async def show_decision(interaction: Interaction, number: str) -> None:
    """The card the interaction sits on, as it stands after a decision."""
    desk, guild_id = interaction.client.desk, guild_of(interaction)
    stored = await show(desk.store, guild_id, number, viewer_id=None)
    await interaction.response.edit_message(view=verdict_view(stored, await desk.language(guild_id)))


async def take_decision(interaction: Interaction, number: str, sha: str, kind: DecisionKind, reason: str) -> None:
    """Stores what this person decided and shows it. Raises Problem: no right to, or the text has changed."""
    require_decider(interaction)
    desk = interaction.client.desk
    await decide(
        desk.store,
        guild_of(interaction),
        number,
        kind,
        person_id=interaction.user.id,
        person_name=interaction.user.display_name,
        reason=reason,
        sha256=sha,
        now=desk.clock(),
    )
    await show_decision(interaction, number)


def require_decider(interaction: Interaction) -> None:
    rights = interaction.permissions
    if not (rights.manage_messages or rights.manage_guild):
        raise Problem("chat_problem.may_not_decide")


class EvidenceButton(
    ui.DynamicItem[Press], template=r"v1:evidence:(?P<number>[VS]-\d{1,18}):(?P<page>\d{1,6}):(?P<how>open|turn)"
):
    """All evidence in pages, for whoever asks; `turn` replaces the page it sits on."""

    def __init__(self, number: str, page: int, how: str, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:evidence:{number}:{page}:{how}"))
        self.number, self.page, self.how = number, page, how

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["number"], int(match["page"]), match["how"], label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "evidence"):
            store, viewer = interaction.client.desk.store, interaction.user.id
            stored = await show(store, guild_of(interaction), self.number, viewer_id=viewer)
            view = evidence_view(stored, own_language(interaction), self.page)
            if self.how == "turn":
                await interaction.response.edit_message(view=view)
            else:
                await interaction.response.send_message(view=view, ephemeral=True)


class ApproveButton(ui.DynamicItem[Press], template=r"v1:approve:(?P<number>V-\d{1,18}):(?P<sha>[0-9a-f]{12})"):
    def __init__(self, number: str, sha: str, label: str | None) -> None:
        custom_id = f"v1:approve:{number}:{sha}"
        super().__init__(ui.Button(label=label, custom_id=custom_id))
        self.number, self.sha = number, sha

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["number"], match["sha"], label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "approve"):
            await take_decision(interaction, self.number, self.sha, DecisionKind.APPROVE, "")


class ChangesButton(ui.DynamicItem[Press], template=r"v1:changes:(?P<number>V-\d{1,18}):(?P<sha>[0-9a-f]{12})"):
    def __init__(self, number: str, sha: str, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:changes:{number}:{sha}"))
        self.number, self.sha = number, sha

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["number"], match["sha"], label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "changes"):
            require_decider(interaction)
            await open_form(interaction, changes_form(own_language(interaction), self.number, self.sha))


class HistoryButton(ui.DynamicItem[Press], template=history.ID):
    def __init__(self, wanted: history.Search, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=wanted.custom_id))
        self.wanted = wanted

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(history.from_match(match), label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "history"):
            if interaction.user.id != self.wanted.requester:
                raise Problem("chat_problem.not_yours")
            guild_id = guild_of(interaction)
            language = await interaction.client.desk.language(guild_id)
            view = await history_view(interaction.client, guild_id, self.wanted, language)
            await interaction.response.edit_message(view=view)


BUTTONS = (EvidenceButton, ApproveButton, ChangesButton, HistoryButton)


def is_ours(custom_id: str) -> bool:
    """Whether some button of this version has such an id."""
    return any(button.__discord_ui_compiled_template__.fullmatch(custom_id) for button in BUTTONS)


def label_of(item: ui.Item[Any]) -> str | None:
    return item.label if isinstance(item, ui.Button) else None
