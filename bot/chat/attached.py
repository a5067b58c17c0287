"""Which of the words and files somebody sent is the draft, and what of it was not read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import PurePath

import discord

from bot.chat.desk import NOT_SENT
from bot.chat.forms import Attached
from bot.errors import Problem
from bot.model import Message
from bot.services.submit import read_text_file

LARGEST_FILE = 10 * 2**20  # bytes
TEXT_ENDINGS = frozenset((".txt", ".text", ".md", ".markdown", ""))
LONGEST_NAME = 80


async def read_draft(
    client: discord.Client, typed: str, files: Sequence[Attached], *, seconds: float
) -> tuple[str, tuple[Message, ...]]:
    """The text of the draft, and the files beside it that nobody will read. `seconds`: how long a download may take.

    Raises Problem: words and a text file, several text files, no text at all, a file too big or out of reach.
    """
    drafts = [file for file in files if _may_be_text(file)]
    names = [file.name[:LONGEST_NAME] for file in drafts]
    if typed.strip() and drafts:
        raise Problem("chat_problem.text_or_file", file=names[0])
    if len(drafts) > 1:
        raise Problem("chat_problem.one_file", files=names)
    others = [file for file in files if file not in drafts]
    if not typed.strip() and not drafts:
        if others:
            raise Problem("submit_problem.not_text", file=others[0].name[:LONGEST_NAME])
        raise Problem("chat_problem.no_draft")
    text = read_text_file(drafts[0].name, await _fetch(client, drafts[0], seconds)) if drafts else typed
    return text, tuple(Message("not_read_file.file", {"file": file.name[:LONGEST_NAME]}) for file in others)


def _may_be_text(file: Attached) -> bool:
    if file.kind:
        return file.kind.startswith("text/")
    return PurePath(file.name).suffix.lower() in TEXT_ENDINGS


async def _fetch(client: discord.Client, file: Attached, seconds: float) -> bytes:
    name = file.name[:LONGEST_NAME]
    if file.size > LARGEST_FILE:
        raise Problem("chat_problem.file_too_big", file=name, limit=LARGEST_FILE // 2**20)
    try:
        async with asyncio.timeout(seconds):
            return await client.http.get_from_cdn(file.url)
    except NOT_SENT:  # a timeout too
        raise Problem("chat_problem.file_gone", file=name) from None
