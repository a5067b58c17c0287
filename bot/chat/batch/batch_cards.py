"""The one card of a batch: how far it is, then what became of it; and the list of all its drafts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, Self

import discord
from discord import ui

from bot.chat.batch.approving import approve_button
from bot.chat.batch.batch_found import find_batch
from bot.chat.desk import guarded, guild_of, own_language
from bot.chat.markup import plain, width
from bot.chat.rights import sight_of
from bot.chat.verdict.cards import COLOURS, container, outcome_words, said
from bot.chat.verdict.pages import NEUTRAL, Shown, label_of
from bot.chat.verdict.views import verdict_view
from bot.judging.label import is_fine
from bot.model.decisions import DecisionKind
from bot.model.verdicts import Outcome
from bot.services.batch_file import state_of, write_table
from bot.services.lookup import show
from bot.store.batches import Batch, Row, Tally
from bot.texts import paired, text

MOST_OPTIONS = 25  # Discord's limit of one list
LOOK_FIRST = (Outcome.DOES_NOT_FIT, Outcome.REVISE)  # these before anything else
ORDER = (*LOOK_FIRST, Outcome.CANNOT_TELL, Outcome.FITS)
LOOK_ROOM, REFUSED_ROOM = 2200, 900  # characters
MOST_LINES = 8  # of a block: what a phone shows at once
LONGEST_WHY = 140

Press = ui.Button[Any]


def progress_view(batch: Batch, tally: Tally, language: str, *, is_away: bool) -> ui.LayoutView:
    """While drafts wait; `is_away`: the judge is."""
    lines = [_title(batch, language), text(language, "batch.progress", **_counts(tally))]
    if tally.refused:
        lines.append(text(language, "batch.refused_so_far", count=tally.refused))
    if tally.over_budget:
        lines.append(text(language, "batch.over_budget", count=tally.over_budget))
    elif is_away:
        lines.append(text(language, "batch.away"))
    box = container(NEUTRAL, ["\n".join(lines)])
    box.add_item(_buttons(batch.id, language))
    return ui.LayoutView(timeout=None).add_item(box)


def summary_view(batch: Batch, rows: Sequence[Row], language: str) -> ui.LayoutView:
    """When nothing waits any more: counts, what to look at first, what is no draft, and a list to open any of them."""
    found = [row for row in in_order(rows) if row.outcome]
    first = [_line(row, language) for row in found if row.outcome in LOOK_FIRST]
    refused = [_refused(row, language) for row in rows if row.state is None]
    blocks = [
        "\n".join([_title(batch, language), *_outcomes(rows, language)]),
        _block("batch.look_first", first, LOOK_ROOM, language),
        _block("batch.refused", refused, REFUSED_ROOM, language),
    ]
    colour = COLOURS[found[0].outcome] if found and found[0].outcome else NEUTRAL
    box = container(colour, blocks)
    if found:
        row: ui.ActionRow[Any] = ui.ActionRow(_select(batch.id, 0, found[:MOST_OPTIONS], language))
        box.add_item(row)
    buttons = _buttons(batch.id, language)
    if approve := approve_button(batch.id, rows, language):
        buttons.add_item(approve)
    return ui.LayoutView(timeout=None).add_item(box.add_item(buttons))


def list_page(batch: Batch, rows: Sequence[Row], language: str, page: int) -> Shown:
    """All items as they were sent, MOST_OPTIONS a page; the nearest page where there is no such one."""
    pages = max(1, -(-len(rows) // MOST_OPTIONS))
    page = min(max(page, 0), pages - 1)
    here = rows[page * MOST_OPTIONS : (page + 1) * MOST_OPTIONS]
    count = text(language, "batch.page", total=len(rows), page=page + 1, pages=pages)
    lines = [_entry(row, language) for row in here]
    box = container(NEUTRAL, [f"{_title(batch, language)}\n-# {count}", "\n".join(lines)])
    if found := [row for row in here if row.outcome]:
        row: ui.ActionRow[Any] = ui.ActionRow(_select(batch.id, page, found, language))
        box.add_item(row)
    turns: ui.ActionRow[Any] = ui.ActionRow()
    if page:
        turns.add_item(BatchListButton(batch.id, page - 1, "turn", text(language, "button.previous")))
    if page + 1 < pages:
        turns.add_item(BatchListButton(batch.id, page + 1, "turn", text(language, "button.next")))
    if turns.children:
        box.add_item(turns)
    return Shown(box, page, pages)


def is_card_of(message: discord.Message, batch_id: int) -> bool:
    """Whether a message of ours is the card of that batch."""
    return file_id(batch_id) in _ids_on(message)


def is_summary(message: discord.Message) -> bool:
    """Whether a message of ours is the card of a batch at its end, with a list of verdicts."""
    return any(BatchSelect.__discord_ui_compiled_template__.fullmatch(one) for one in _ids_on(message))


def _ids_on(message: discord.Message) -> list[str]:
    view = ui.LayoutView.from_message(message)
    return [str(getattr(item, "custom_id", "")) for item in view.walk_children()]


def file_id(batch_id: int) -> str:
    return f"v1:batchfile:{batch_id}"


def in_order(rows: Sequence[Row]) -> list[Row]:
    """What needs a look first stands first, else as sent."""
    return sorted(rows, key=lambda row: ORDER.index(row.outcome) if row.outcome else len(ORDER))


def _title(batch: Batch, language: str) -> str:
    return f"### {text(language, 'batch.title', who=plain(batch.author_name, 60))}"


def _counts(tally: Tally) -> dict[str, int]:
    return {"done": tally.judged + tally.failed, "total": tally.total - tally.refused}


def _outcomes(rows: Sequence[Row], language: str) -> Iterator[str]:
    """One line for each outcome there is, the weightiest first; then how many lack a label, and were decided."""
    for outcome in ORDER:
        if count := sum(row.outcome is outcome for row in rows):
            yield paired(language, outcome_words(outcome, language), f"**{count}**")
    if count := sum(row.disclosure is not None and not is_fine(row.disclosure) for row in rows):
        yield text(language, "batch.label_count", count=count)
    for kind in (DecisionKind.APPROVE, DecisionKind.ASK_FOR_CHANGES):
        if count := sum(row.decided is kind and not row.is_replaced for row in rows):
            yield text(language, f"batch.decided_{kind}", count=count)
    for state in ("failed", "refused"):
        if count := sum(row.outcome is None and state_of(row) == state for row in rows):
            yield f"⚠️ {text(language, f'batch.{state}_count', count=count)}"


def _block(title: str, lines: Sequence[str], room: int, language: str) -> str:
    """As many of the lines as fit, and how many more there are; "" for none."""
    if not lines:
        return ""
    kept: list[str] = []
    for line in lines[:MOST_LINES]:
        room -= width(line) + 1
        if room < 0:
            break
        kept.append(line)
    if more := len(lines) - len(kept):
        kept.append(f"-# {text(language, 'batch.more', count=more)}")
    return "\n".join([f"**{text(language, title)}**", *kept])


def _line(row: Row, language: str) -> str:
    """One that needs a look: number, whose, and why in a line."""
    why = said(language, row.because, LONGEST_WHY) if row.because else ""
    outcome = outcome_words(row.outcome, language) if row.outcome else ""
    return paired(language, f"{outcome} · **{row.number}** {_whose(row)}", why)


def _refused(row: Row, language: str) -> str:
    why = said(language, row.problem, LONGEST_WHY) if row.problem else ""
    return paired(language, f"**{plain(row.label, 60)}**", why)


def _entry(row: Row, language: str) -> str:
    """One item of the list; at most about 130 characters."""
    if row.outcome:
        return f"{plain(row.label, 24)} · **{row.number}** {_whose(row, 28)} · {outcome_words(row.outcome, language)}"
    if row.problem:
        return f"{plain(row.label, 24)} · ⚠️ {said(language, row.problem, 80)}"
    return f"{plain(row.label, 24)} · {_whose(row, 28)} · {text(language, f'batch.{state_of(row)}')}"


def _whose(row: Row, limit: int = 40) -> str:
    return f"@{plain(row.handle, limit)}"


def _select(batch_id: int, page: int, rows: Sequence[Row], language: str) -> BatchSelect:
    options = [
        discord.SelectOption(
            label=f"{row.number} @{row.handle}"[:100],
            value=row.number,
            description=f"{outcome_words(row.outcome, language)} · {row.campaign}"[:100] if row.outcome else None,
        )
        for row in rows
    ]
    placeholder = text(language, "batch.open")
    return BatchSelect(ui.Select(custom_id=f"v1:batchpick:{batch_id}:{page}", placeholder=placeholder, options=options))


def _buttons(batch_id: int, language: str) -> ui.ActionRow[Any]:
    every = BatchListButton(batch_id, 0, "open", text(language, "button.batch_list"))
    return ui.ActionRow(every, BatchFileButton(batch_id, text(language, "button.batch_file")))


class BatchSelect(ui.DynamicItem[ui.Select[Any]], template=r"v1:batchpick:(?P<batch>\d{1,18}):(?P<page>\d{1,4})"):
    """Opens one verdict of the batch, for whoever asks alone."""

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        del match
        assert isinstance(item, ui.Select)  # the ids are of lists alone
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "batch select"):
            guild_id, number = guild_of(interaction), self.item.values[0]
            store, sight = interaction.client.desk.store, await sight_of(interaction)
            stored = await show(store, guild_id, number, viewer_id=None, sight=sight)
            view = verdict_view(stored, own_language(interaction))
            await interaction.response.send_message(view=view, ephemeral=True)


class BatchListButton(
    ui.DynamicItem[Press], template=r"v1:batchlist:(?P<batch>\d{1,18}):(?P<page>\d{1,4}):(?P<how>open|turn)"
):
    """All items in pages, for whoever asks alone; `turn` replaces the page it sits on."""

    def __init__(self, batch_id: int, page: int, how: str, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:batchlist:{batch_id}:{page}:{how}"))
        self.batch_id, self.page, self.how = batch_id, page, how

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(int(match["batch"]), int(match["page"]), match["how"], label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "batch list"):
            found, rows = await find_batch(interaction, self.batch_id)
            shown = list_page(found, rows, own_language(interaction), self.page)
            view = ui.LayoutView(timeout=None).add_item(shown.box)
            if self.how == "turn":
                await interaction.response.edit_message(view=view)
            else:
                await interaction.response.send_message(view=view, ephemeral=True)


class BatchFileButton(ui.DynamicItem[Press], template=r"v1:batchfile:(?P<batch>\d{1,18})"):
    """The whole batch as a CSV file, for whoever asks alone."""

    def __init__(self, batch_id: int, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=file_id(batch_id)))
        self.batch_id = batch_id

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(int(match["batch"]), label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "batch file"):
            _, rows = await find_batch(interaction, self.batch_id)
            data = write_table(rows, own_language(interaction))
            file = discord.File(BytesIO(data), f"batch-{self.batch_id}.csv")
            await interaction.response.send_message(file=file, ephemeral=True)
