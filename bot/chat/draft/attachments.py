"""Fetches what somebody attached, while its address still works, and has it sorted out."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import discord

from bot.chat.desk import NOT_SENT
from bot.config import Review as ReviewSettings
from bot.errors import Problem
from bot.model.drafts import Attachment
from bot.model.messages import Message
from bot.services.files import Sent, attachment, clean_name, is_text, sort_out

MEGABYTE = 2**20
TEXT_ENDINGS = (".txt", ".md", ".text")
KEPT = 500  # messages whose files a form was opened for
ASKING_SECONDS = 1.0  # of the three that an interaction lives


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came along; its address is good for a short time only."""

    name: str
    size: int
    kind: str  # content type, "" where Discord names none
    url: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """Files that are here, and the names of those that are not: out of reach, too big, too many."""

    here: tuple[Attachment, ...]
    gone: tuple[str, ...] = ()
    big: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


class Kept:
    """The addresses of files beside messages for which a form was opened, the latest KEPT.

    A form cannot carry them, and without the message content intent Discord tells them once only: with the click that
    opens the form. They are good for about a day; nothing is downloaded for forms that nobody sends.
    """

    def __init__(self) -> None:
        self._files: OrderedDict[int, tuple[Attached, ...]] = OrderedDict()  # by message

    def keep(self, message: discord.Message) -> None:
        self._files[message.id] = beside(message)
        self._files.move_to_end(message.id)
        if len(self._files) > KEPT:
            self._files.popitem(last=False)

    async def files(self, client: discord.Client, channel_id: int, message_id: int) -> tuple[Attached, ...]:
        """The files of that message. After a restart Discord is asked, who tells them only where the bot may read;
        empty where not."""
        if message_id in self._files:
            return self._files[message_id]
        try:
            async with asyncio.timeout(ASKING_SECONDS):
                message = await client.get_partial_messageable(channel_id).fetch_message(message_id)
        except NOT_SENT:
            return ()
        return beside(message)


def looks_like_text(file: Attached) -> bool:
    """Whether it may hold a draft's words, before it is fetched; what it is, its bytes tell."""
    ending = PurePath(file.name).suffix.lower()
    return ending in TEXT_ENDINGS or (not ending and file.kind.startswith("text/plain"))


def beside(message: discord.Message) -> tuple[Attached, ...]:
    """The files that came with a message."""
    return tuple(Attached(file.filename, file.size, file.content_type or "", file.url) for file in message.attachments)


async def read_draft(
    client: discord.Client, typed: str, files: Sequence[Attached], settings: ReviewSettings, *, seconds: float
) -> Sent:
    """The words typed and the files attached, as draft. `seconds`: how long a download may take; all run at once.

    Beside typed words a file that is too big or out of reach is only named as not read. Raises Problem where nothing
    else is left to be the draft, and where it cannot be told which of it is.
    """
    limit, most = settings.max_file_mb, settings.max_files
    files_here = await fetch_all(client, files, limit_mb=limit, most=most, seconds=seconds)
    if not typed.strip() and not any(map(is_text, files_here.here)):
        if files_here.gone:
            raise Problem("chat_problem.file_gone", file=files_here.gone[0])
        if files_here.big:
            raise Problem("chat_problem.file_too_big", file=files_here.big[0], limit=limit)
    return sort_out(typed, files_here.here, not_read(files_here, limit, most))


def not_read(fetched: Fetched, limit_mb: float, most: int) -> list[Message]:
    """What is said of the files that are not here."""
    return [
        *(Message("not_read_file.too_big", {"file": name, "limit": limit_mb}) for name in fetched.big),
        *(Message("not_read_file.gone", {"file": name}) for name in fetched.gone),
        *(Message("not_read_file.too_many", {"file": name, "most": most}) for name in fetched.more),
    ]


async def fetch_all(
    client: discord.Client, files: Sequence[Attached], *, limit_mb: float, most: int, seconds: float
) -> Fetched:
    """The first `most` files of at most `limit_mb`; all are fetched at once."""
    fitting = [file for file in files if file.size <= limit_mb * MEGABYTE]
    kept = fitting[:most]
    data = await asyncio.gather(*(_fetch(client, file, seconds) for file in kept))
    return Fetched(
        here=tuple(attachment(file.name, body) for file, body in zip(kept, data, strict=True) if body is not None),
        gone=tuple(clean_name(file.name) for file, body in zip(kept, data, strict=True) if body is None),
        big=tuple(clean_name(file.name) for file in files if file not in fitting),
        more=tuple(clean_name(file.name) for file in fitting[most:]),
    )


async def _fetch(client: discord.Client, file: Attached, seconds: float) -> bytes | None:
    try:
        async with asyncio.timeout(seconds):
            return await client.http.get_from_cdn(file.url)
    except NOT_SENT:  # a timeout too
        return None
