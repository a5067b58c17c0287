"""Cards with their buttons. Every button is told by its id alone, so that it works after any restart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Self

import discord
from discord import ui

from bot.chat.desk import Interaction, guarded, guild_of, own_language
from bot.chat.draft.versions import NewVersionButton, VersionsButton
from bot.chat.history import history_query
from bot.chat.personal.handing_in import Target, submit_button
from bot.chat.rights import sight_of
from bot.chat.verdict.cards import container, verdict_card
from bot.chat.verdict.copies import pressed_on, show_beside
from bot.chat.verdict.deciding import About, DecideButton
from bot.chat.verdict.pages import NEUTRAL, evidence_page, history_page, label_of, paged_view
from bot.chat.verdict.replies import AnswerButton
from bot.errors import Problem
from bot.model.posts import Visibility
from bot.model.verdicts import Outcome
from bot.store.verdicts import StoredVerdict
from bot.texts import text

_TITLE = re.compile(r"## [^\n]+ · ([VS]-\d+)\n")

Press = ui.Button[Any]


def verdict_view(
    stored: StoredVerdict,
    language: str,
    *,
    note: str = "",
    buttons: bool = True,
    with_draft: bool = False,
    target: Target | None = None,
) -> ui.LayoutView:
    """The card; with `note` above it where something has to be said about the way it came, or the draft in it.

    `target`: where a private check would be handed in, where that is known.
    """
    box = verdict_card(stored, language, with_draft=with_draft)
    if buttons:
        for row in _rows(stored, language, target):
            box.add_item(row)
    view = ui.LayoutView(timeout=None)
    if note:
        view.add_item(ui.TextDisplay(note))
    return view.add_item(box)


def _rows(stored: StoredVerdict, language: str, target: Target | None) -> Iterator[ui.ActionRow[Any]]:
    """What can be done about a verdict. About a text that was replaced or taken out nobody decides any more."""
    if stored.is_erased:
        return
    number = stored.number
    versions = VersionsButton(number, 0, "open", text(language, "button.versions"))
    row: ui.ActionRow[Any] = ui.ActionRow(EvidenceButton(number, 0, "open", text(language, "button.evidence")))
    if stored.newer is not None:
        yield row.add_item(versions)
        return
    if stored.draft.visibility is Visibility.TEAM:
        approve = _decide_button("approve", stored, language)
        if stored.verdict.outcome is Outcome.FITS:  # the obvious next step only where nothing speaks against it
            approve.item.style = discord.ButtonStyle.success
        row.add_item(approve)
        row.add_item(_decide_button("changes", stored, language))
        row.add_item(_decide_button("overrule", stored, language))
    row.add_item(NewVersionButton(number, text(language, "button.version")))
    if stored.draft.visibility is Visibility.PRIVATE:
        row.add_item(submit_button(number, language, target))
    yield row
    further: list[ui.Item[Any]] = [versions] if stored.revision.number > 1 else []
    if stored.standing:
        further.append(_decide_button("withdraw", stored, language))
    if further:
        yield ui.ActionRow(*further)


def _decide_button(what: str, stored: StoredVerdict, language: str) -> DecideButton:
    return DecideButton(About.shown(what, stored), text(language, f"button.{what}"))


def number_on(message: discord.Message) -> str | None:
    """The number of the verdict whose card a message of ours is; None for any other message."""
    view = ui.LayoutView.from_message(message)
    texts = [item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay)]
    return next((match[1] for text in texts if (match := _TITLE.match(text))), None)


def notice_view(sentence: str) -> ui.LayoutView:
    """One sentence in the place of a card that is not there."""
    return ui.LayoutView(timeout=None).add_item(container(NEUTRAL, [sentence]))


def evidence_view(stored: StoredVerdict, language: str, page: int) -> ui.LayoutView:
    shown = evidence_page(stored, language, page)
    view = paged_view(shown, language, lambda page, label: EvidenceButton(stored.number, page, "turn", label))
    if stored.draft.visibility is Visibility.TEAM and not stored.is_erased:
        shown.box.add_item(ui.ActionRow(AnswerButton(stored.number, text(language, "button.answer"))))
    return view


async def history_view(interaction: Interaction, wanted: history_query.Search) -> ui.LayoutView:
    """One page of a search. Raises Problem where it names somebody who is no longer stored."""
    store, language = interaction.client.desk.store, own_language(interaction)
    found = await history_query.find(store, guild_of(interaction), wanted, await sight_of(interaction))
    shown = history_page(found, language)
    return paged_view(shown, language, lambda page, label: HistoryButton(wanted.at(page), label))


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
            stored = await pressed_on(interaction, self.number)
            view = evidence_view(stored, own_language(interaction), self.page)
            if self.how == "turn":
                await interaction.response.edit_message(view=view)
            else:
                await show_beside(interaction, stored, view)


class HistoryButton(ui.DynamicItem[Press], template=history_query.ID):
    def __init__(self, wanted: history_query.Search, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=wanted.custom_id))
        self.wanted = wanted

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(history_query.from_match(match), label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "history"):
            if interaction.user.id != self.wanted.requester:
                raise Problem("chat_problem.not_yours")
            await interaction.response.edit_message(view=await history_view(interaction, self.wanted))
