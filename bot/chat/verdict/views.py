"""Cards with their buttons. Every button is told by its id alone, so that it works after any restart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Self

import discord
from discord import ui

from bot.chat.desk import Interaction, guarded, guild_of, own_language
from bot.chat.draft.versions import NewVersionButton, VersionsButton
from bot.chat.forms import Filled, approve_form, changes_form, open_form, overrule_form
from bot.chat.history import history_query
from bot.chat.personal.handing_in import Target, submit_button
from bot.chat.rights import require_decider, sight_of
from bot.chat.verdict.cards import container, verdict_card
from bot.chat.verdict.copies import pressed_on, redraw, require_open_here, show_beside
from bot.chat.verdict.pages import NEUTRAL, evidence_page, history_page, label_of, paged_view
from bot.chat.verdict.replies import AnswerButton
from bot.errors import Problem
from bot.model.decisions import DecisionKind
from bot.model.posts import Visibility
from bot.model.verdicts import Outcome
from bot.services.decide import decide, needs_reason
from bot.services.lookup import show
from bot.store.verdicts import StoredVerdict
from bot.texts import text

_TITLE = re.compile(r"## [^\n]+ · ([VS]-\d+)\n")
SHA = 12  # hex digits of the text's fingerprint in an id

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
    number, sha = stored.number, stored.revision.sha256[:SHA]
    has_others = stored.newer is not None or stored.revision.number > 1
    versions = VersionsButton(number, 0, "open", text(language, "button.versions"))
    row: ui.ActionRow[Any] = ui.ActionRow(EvidenceButton(number, 0, "open", text(language, "button.evidence")))
    if stored.newer is not None:
        yield row.add_item(versions)
        return
    if stored.draft.visibility is Visibility.TEAM:
        approve = ApproveButton(number, sha, text(language, "button.approve"))
        if stored.verdict.outcome is Outcome.FITS:  # the obvious next step only where nothing speaks against it
            approve.item.style = discord.ButtonStyle.success
        row.add_item(approve)
        row.add_item(ChangesButton(number, sha, text(language, "button.changes")))
        row.add_item(OverruleButton(number, sha, text(language, "button.overrule")))
    row.add_item(NewVersionButton(number, text(language, "button.version")))
    if stored.draft.visibility is Visibility.PRIVATE:
        row.add_item(submit_button(number, language, target))
    yield row
    if has_others:
        yield ui.ActionRow(versions)


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
    shown = history_page(found, language, wanted.page)
    return paged_view(shown, language, lambda page, label: HistoryButton(wanted.at(page), label))


async def show_decision(interaction: Interaction, number: str) -> None:
    """The card the interaction sits on, as it stands after a decision."""
    desk, guild_id = interaction.client.desk, guild_of(interaction)
    stored = await show(desk.store, guild_id, number, viewer_id=None)
    if not await redraw(interaction, stored):
        await interaction.response.edit_message(view=verdict_view(stored, await desk.language(guild_id)))


async def _to_decide(interaction: Interaction, number: str) -> StoredVerdict:
    """The verdict. Raises Problem where this person may not decide, or nobody does any more."""
    await require_decider(interaction)
    stored = await pressed_on(interaction, number)
    await require_open_here(interaction, stored)
    return stored


async def take_decision(interaction: Interaction, number: str, sha: str, kind: DecisionKind, reason: str) -> None:
    """Stores what this person decided and shows it. Raises Problem: no right to, or the text has changed."""
    await _to_decide(interaction, number)
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
    desk.batch_stored.set()  # the card of a batch counts it
    await show_decision(interaction, number)


async def on_approve_form(interaction: Interaction, filled: Filled, match: re.Match[str]) -> None:
    reason = filled.words.get("reason", "")
    await take_decision(interaction, match["number"], match["sha"], DecisionKind.APPROVE, reason)


async def on_changes_form(interaction: Interaction, filled: Filled, match: re.Match[str]) -> None:
    reason = filled.words.get("reason", "")
    await take_decision(interaction, match["number"], match["sha"], DecisionKind.ASK_FOR_CHANGES, reason)


async def on_overrule_form(interaction: Interaction, filled: Filled, match: re.Match[str]) -> None:
    reason = filled.words.get("reason", "")
    await take_decision(interaction, match["number"], match["sha"], DecisionKind.DISAGREE, reason)


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


class ApproveButton(ui.DynamicItem[Press], template=r"v1:approve:(?P<number>V-\d{1,18}):(?P<sha>[0-9a-f]{12})"):
    """At one click; where the verdict speaks against it, it opens the form that asks why."""

    def __init__(self, number: str, sha: str, label: str | None) -> None:
        custom_id = f"v1:approve:{number}:{sha}"
        super().__init__(ui.Button(label=label, custom_id=custom_id))
        self.number, self.sha = number, sha

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["number"], match["sha"], label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "approve"):
            if needs_reason(await _to_decide(interaction, self.number)):
                await open_form(interaction, approve_form(own_language(interaction), self.number, self.sha))
                return
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
            await _to_decide(interaction, self.number)
            await open_form(interaction, changes_form(own_language(interaction), self.number, self.sha))


class OverruleButton(ui.DynamicItem[Press], template=r"v1:overrule:(?P<number>V-\d{1,18}):(?P<sha>[0-9a-f]{12})"):
    def __init__(self, number: str, sha: str, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:overrule:{number}:{sha}"))
        self.number, self.sha = number, sha

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["number"], match["sha"], label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "overrule"):
            await _to_decide(interaction, self.number)
            await open_form(interaction, overrule_form(own_language(interaction), self.number, self.sha))


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
