"""All versions of a draft with what was decided about each, and the button that asks for a new one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Self

import discord
from discord import ui

from bot.chat.desk import Interaction, guarded, own_language, place_of
from bot.chat.forms import open_form, version_form
from bot.chat.markup import ago, plain
from bot.chat.rights import require_decider, sight_of
from bot.chat.verdict.cards import container, decision_line, for_whom, outcome_words, text_changes, voice, within
from bot.chat.verdict.copies import pressed_on, show_beside
from bot.chat.verdict.pages import NEUTRAL, Shown, label_of, packed, paged_view
from bot.errors import Problem
from bot.services.versions import History, history_of, newest_work
from bot.store.verdicts import StoredVerdict
from bot.store.versions import SentText
from bot.texts import listed, text

PIECE = 700  # characters of a text in one block
CHANGES_ROOM = 900
WHOLE = 2000  # of a reason: escaped it takes up to twice its length

Press = ui.Button[Any]


def versions_page(history: History, number: str, language: str, page: int) -> Shown:
    """Page `page`, the newest version first; the nearest one where there is no such page."""
    language = voice(history.verdicts[-1], language)
    pages = packed(_versions(history, language))
    page = min(max(page, 0), len(pages) - 1)
    head = f"### {text(language, 'versions.title', number=number)}\n{for_whom(history.verdicts[-1], language)}"
    foot = f"-# {text(language, 'versions.page', page=page + 1, pages=len(pages))}"
    return Shown(container(NEUTRAL, [head, pages[page], foot]), page, len(pages))


def versions_view(history: History, number: str, language: str, page: int) -> ui.LayoutView:
    shown = versions_page(history, number, language, page)
    return paged_view(shown, language, lambda page, label: VersionsButton(number, page, "turn", label))


def _versions(history: History, language: str) -> Iterator[str]:
    """Blocks of at most about 2300 characters."""
    judged = {one.revision.id: one for one in history.verdicts}
    before: dict[int, StoredVerdict] = {}
    for earlier, later in zip(history.verdicts, history.verdicts[1:], strict=False):
        before[later.revision.id] = earlier
    for sent in reversed(history.texts):
        one = judged.get(sent.revision_id)
        yield _about(sent, one, language)
        earlier_one = before.get(sent.revision_id)
        if one and earlier_one and (lines := text_changes(one, earlier_one, language, 200)):
            yield within(lines, CHANGES_ROOM)
        if one:
            yield from _decisions(one, language)
        if one and one.is_erased:
            yield f"-# {text(language, 'erased.text')}"
        else:
            yield from _whole("versions.text", sent.text, language)
        if sent.spoken:
            yield from _whole("versions.spoken", sent.spoken, language)


def _about(sent: SentText, one: StoredVerdict | None, language: str) -> str:
    if one:
        values = {"number": one.number, "outcome": outcome_words(one.verdict.outcome, language)}
        title = text(language, "versions.version", version=sent.number, **values)
    else:
        title = text(language, "versions.unjudged", version=sent.number)
    nobody = "versions.nobody" if sent.is_typed else "versions.deleted"
    who = f"<@{sent.sent_by}>" if sent.sent_by else text(language, nobody)
    lines = [title, f"-# {text(language, 'versions.sent', when=ago(sent.created_at), who=who)}"]
    if sent.files:
        files = plain(listed(language, sent.files), 200)
        lines.append(f"-# {text(language, 'versions.files', count=len(sent.files), files=files)}")
    if sent.text or sent.spoken or sent.files:  # of a text that was taken out nothing is told, not even that
        lines.append(f"-# {text(language, 'versions.fingerprint', sha256=sent.sha256)}")
    return "\n".join(lines)


def _decisions(one: StoredVerdict, language: str) -> Iterator[str]:
    """Every one, oldest first."""
    is_void = one.newer is not None
    if not one.decisions:
        yield text(language, "versions.undecided")
    for decision in one.decisions:
        yield decision_line(decision, language, is_void=is_void, longest=WHOLE)


def _whole(title: str, words: str, language: str) -> Iterator[str]:
    """The exact text, line by line, in as many blocks as it needs."""
    yield f"-# {text(language, title)}"
    for line in words.splitlines() or [""]:
        for start in range(0, max(len(line), 1), PIECE // 2):  # what is escaped takes up to twice its length
            yield f"> {plain(line[start : start + PIECE // 2], PIECE)}"


async def require_author_or_decider(interaction: Interaction, stored: StoredVerdict) -> None:
    """Raises Problem for anybody else than who sent the draft in and the people who decide."""
    if interaction.user.id == stored.draft.author_id:
        return
    try:
        await require_decider(interaction)
    except Problem:
        raise Problem("version_problem.not_yours") from None


class NewVersionButton(ui.DynamicItem[Press], template=r"v1:version:(?P<number>[VS]-\d{1,18})"):
    """Opens the form with the draft's newest text in it."""

    def __init__(self, number: str, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:version:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["number"], label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "version"):
            store = interaction.client.desk.store
            stored = await pressed_on(interaction, self.number)
            await require_author_or_decider(interaction, stored)
            if stored.is_erased:
                raise Problem("decide_problem.erased", number=self.number)
            async with store.read() as conn:
                newest = await newest_work(conn, stored.draft.guild_id, stored.draft.id)
            form = version_form(own_language(interaction), self.number, newest.revision.text)
            await open_form(interaction, form)


class VersionsButton(
    ui.DynamicItem[Press], template=r"v1:versions:(?P<number>[VS]-\d{1,18}):(?P<page>\d{1,6}):(?P<how>open|turn)"
):
    """All versions in pages, for whoever asks; `turn` replaces the page it sits on."""

    def __init__(self, number: str, page: int, how: str, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:versions:{number}:{page}:{how}"))
        self.number, self.page, self.how = number, page, how

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["number"], int(match["page"]), match["how"], label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "versions"):
            store, viewer, sight = interaction.client.desk.store, interaction.user.id, await sight_of(interaction)
            stored = await pressed_on(interaction, self.number)
            history = await history_of(store, place_of(interaction), self.number, viewer_id=viewer, sight=sight)
            view = versions_view(history, self.number, own_language(interaction), self.page)
            if self.how == "turn":
                await interaction.response.edit_message(view=view)
            else:
                await show_beside(interaction, stored, view)
