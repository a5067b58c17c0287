"""`/influencer import` and `/influencer roster`: a file of past posts or of people, and an answer that says what was
read, what was not, and whose it is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import discord

from bot.chat.desk import NOT_SENT, Interaction, guarded, guild_of, own_language
from bot.chat.markup import day, plain, width
from bot.chat.rights import require_keeper
from bot.errors import Problem
from bot.services.files import clean_name
from bot.services.library import ImportReport, import_posts
from bot.services.names import find_influencer
from bot.services.roster import Roster, load_roster
from bot.services.split_import import Split, import_split
from bot.store.search import handle_key
from bot.texts import listed, paired, render, text

LARGEST_MB = 25
FETCH_SECONDS = 60.0
ROWS_SHOWN = 5
NAMES_SHOWN = 10
LONGEST_MESSAGE = 1990  # characters: Discord's limit is 2000
LONGEST_LINE = 200
_UNSAFE = re.compile(r"[^\w.\-]+")


async def import_file(interaction: Interaction, handle: str | None, file: discord.Attachment) -> None:
    """Stores the posts of an influencer who is known already: a slip of the pen must not make a new one.

    Without a handle those of everybody known whom the file names.
    """
    await require_keeper(interaction)
    desk, guild_id, language = interaction.client.desk, guild_of(interaction), own_language(interaction)
    async with desk.store.read() as conn:
        whose = await find_influencer(conn, guild_id, handle) if handle else None
    _require_small(file)
    await interaction.response.defer(thinking=True, ephemeral=True)
    async with guarded(interaction, "import"):
        data = await fetched(file)
        with TemporaryDirectory() as folder:
            path = Path(folder) / safe_name(file.filename)
            await asyncio.to_thread(path.write_bytes, data)
            if whose is None:
                lines = split_lines(await import_split(desk.store, guild_id, path), language)
            else:
                report = await import_posts(desk.store, guild_id, whose.handle, path, influencer_id=whose.id)
                lines = report_lines(report, language)
            said = within(list(lines))
        await interaction.edit_original_response(content=said)


async def import_roster(interaction: Interaction, file: discord.Attachment) -> None:
    """Adds and changes influencers; of rows that are refused the first are shown, and all stand in a file."""
    await require_keeper(interaction)
    desk, guild_id, language = interaction.client.desk, guild_of(interaction), own_language(interaction)
    _require_small(file)
    await interaction.response.defer(thinking=True, ephemeral=True)
    async with guarded(interaction, "roster"):
        done = await load_roster(desk.store, guild_id, clean_name(file.filename), await fetched(file))
        rows = [text(language, "roster.row", number=row, why=render(language, why)) for row, why in done.refused]
        files = [discord.File(BytesIO("\n".join(rows).encode()), "refused.txt")] if len(rows) > ROWS_SHOWN else []
        content = within([*roster_lines(done, rows, language)])
        await interaction.edit_original_response(content=content, attachments=files)


def roster_lines(done: Roster, rows: Sequence[str], language: str) -> Iterator[str]:
    """How many were added, changed and left, by name as far as there is room; and what was refused."""
    yield text(language, "roster.done", added=len(done.added), changed=len(done.changed), left=done.left)
    for key, handles in (("added", done.added), ("changed", done.changed)):
        if handles:
            names = [f"@{plain(handle, 70)}" for handle in handles[:NAMES_SHOWN]]
            if more := len(handles) - len(names):
                names.append(text(language, "roster.and_more", count=more))
            yield text(language, f"roster.{key}", handles=listed(language, names))
    if rows:
        yield text(language, "roster.refused", count=len(rows))
    yield from (f"- {plain(row, LONGEST_LINE)}" for row in rows[:ROWS_SHOWN])
    if len(rows) > ROWS_SHOWN:
        yield text(language, "roster.in_file")
    if done.added:
        yield text(language, "roster.next")


def split_lines(split: Split, language: str) -> Iterator[str]:
    """What was stored of each, and what was not."""
    if split.left_out:
        yield f"⚠️ {text(language, 'library.accounts_left_out', count=len(split.left_out))}"
    for account, why in split.left_out[:ROWS_SHOWN]:
        yield f"- {paired(language, plain(account, 70), plain(render(language, why), LONGEST_LINE))}"
    bad = split.unreadable + sum(report.bad_count for report in split.imports)
    for key, count in (("rows_not_used", bad), ("rows_unnamed", split.unnamed)):
        if count:
            yield f"⚠️ {text(language, f'library.{key}', count=count)}"
    for report in split.imports:
        counts = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged}
        yield text(language, "terminal.imported", handle=plain(report.influencer.handle, 70), **counts)


def _require_small(file: discord.Attachment) -> None:
    if file.size > LARGEST_MB * 2**20:
        raise Problem("import_problem.too_big", name=clean_name(file.filename), limit=LARGEST_MB)


def within(lines: Sequence[str]) -> str:
    """The first of the lines that one message holds."""
    said = ""
    for line in lines:
        if width(said) + width(line) >= LONGEST_MESSAGE:
            return f"{said}\n…"
        said = f"{said}\n{line}" if said else line
    return said


async def fetched(file: discord.Attachment) -> bytes:
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            return await file.read()
    except NOT_SENT:  # a timeout too
        raise Problem("import_problem.gone", name=clean_name(file.filename)) from None


def safe_name(name: str) -> str:
    """A name from outside as one that can be no path; the ending stays, by which the format is told."""
    return _UNSAFE.sub("_", clean_name(name)).lstrip(".") or "posts"


def report_lines(report: ImportReport, language: str) -> Iterator[str]:
    """What was read, from when, whose it is, and what could not be used."""
    whose = plain(report.influencer.handle, 70)
    counts = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged}
    yield f"**{text(language, 'terminal.imported', handle=whose, **counts)}**"
    if report.account and handle_key(report.account) != handle_key(report.influencer.handle):
        account = plain(report.account, 70)
        yield f"⚠️ {text(language, 'library.other_account', account=account, handle=whose)}"
    if report.first and report.last:
        key = "terminal.one_date" if report.first.date() == report.last.date() else "terminal.dates"
        yield text(language, key, first=day(report.first), last=day(report.last)).strip()
    for name, count in (("undated", report.undated), ("repeated", report.repeated), ("ahead", report.ahead)):
        if count:
            yield text(language, f"terminal.{name}", count=count).strip()
    if report.bad_count:
        yield f"⚠️ {text(language, 'library.rows_left_out', count=report.bad_count)}"
    rows = [(row.line, row.reason) for row in report.bad_rows] + [(note.line, note.reason) for note in report.notes]
    for line, reason in rows[:ROWS_SHOWN]:
        why = plain(render(language, reason), LONGEST_LINE)
        yield f"- {text(language, 'terminal.row', line=line, reason=why).strip()}"
    yield f"-# {plain(render(language, report.layout), LONGEST_LINE)}"
