"""`/influencer import`: a file of past posts, and an answer that says what was read, what was not, and whose it is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import discord

from bot.chat.desk import NOT_SENT, Interaction, guarded, guild_of, own_language
from bot.chat.markup import day, plain
from bot.chat.rights import require_keeper
from bot.errors import Problem
from bot.services.files import clean_name
from bot.services.library import ImportReport, import_posts
from bot.services.names import find_influencer
from bot.store.search import handle_key
from bot.texts import render, text

LARGEST_MB = 25
FETCH_SECONDS = 60.0
ROWS_SHOWN = 5
LONGEST_LINE = 200
_UNSAFE = re.compile(r"[^\w.\-]+")


async def import_file(interaction: Interaction, handle: str, file: discord.Attachment) -> None:
    """Stores the posts of an influencer who is known already: a slip of the pen must not make a new one."""
    await require_keeper(interaction)
    desk, guild_id, language = interaction.client.desk, guild_of(interaction), own_language(interaction)
    async with desk.store.read() as conn:
        whose = await find_influencer(conn, guild_id, handle)
    if file.size > LARGEST_MB * 2**20:
        raise Problem("import_problem.too_big", name=clean_name(file.filename), limit=LARGEST_MB)
    await interaction.response.defer(thinking=True, ephemeral=True)
    async with guarded(interaction, "import"):
        data = await fetched(file)
        with TemporaryDirectory() as folder:
            path = Path(folder) / safe_name(file.filename)
            await asyncio.to_thread(path.write_bytes, data)
            report = await import_posts(desk.store, guild_id, whose.handle, path, influencer_id=whose.id)
        await interaction.edit_original_response(content="\n".join(report_lines(report, language)))


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
