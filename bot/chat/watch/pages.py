"""Reads what stands in a channel page by page, past what the library cannot read.

The library's own `history` ends at the first such message: then nothing behind it would ever be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import discord
import structlog

from bot.chat.malformed import UNREADABLE

Place = discord.abc.GuildChannel | discord.Thread
Anywhere = Place | discord.DMChannel

SIZE = 100  # messages in one of Discord's pages

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """`messages`: the oldest first, without those that cannot be read; `last_id`: of the newest one, readable or not;
    `is_full`: there may be more."""

    messages: tuple[discord.Message, ...]
    first_id: int
    last_id: int
    is_full: bool


async def messages_after(client: discord.Client, place: Place, after: int, most: int) -> Page:
    """The first ones behind `after`, about `most` at most. Raises what Discord's trouble raises, ValueError for half
    an answer."""
    messages: list[discord.Message] = []
    last_id, count, is_full = after, 0, True
    while is_full and count < most:
        page = await _page(client, place, after=last_id)
        messages += page.messages
        last_id, is_full = page.last_id or last_id, page.is_full
        count += SIZE
    return Page(tuple(messages), after, last_id, is_full)


async def messages_since(client: discord.Client, place: Anywhere, since: int, most: int) -> tuple[discord.Message, ...]:
    """The newest ones behind `since`, about `most` at most, the oldest first. Raises as `messages_after`."""
    found: list[discord.Message] = []
    before, count = None, 0
    while count < most:
        page = await _page(client, place, before=before)
        found += page.messages
        before, count = page.first_id, count + SIZE
        if not page.is_full or page.first_id <= since:
            break
    return tuple(sorted((one for one in found if one.id > since), key=lambda one: one.id))


async def _page(
    client: discord.Client, place: Anywhere, *, after: int | None = None, before: int | None = None
) -> Page:
    raw: Any = await client.http.logs_from(place.id, SIZE, after=after, before=before)
    if not isinstance(raw, list):
        raise ValueError  # such as a page of HTML
    read = [_message(client, place, one) for one in raw]
    ids = sorted(found for found, _ in read)
    messages = sorted((one for _, one in read if one is not None), key=lambda one: one.id)
    return Page(tuple(messages), ids[0] if ids else 0, ids[-1] if ids else 0, len(raw) == SIZE)


def _message(client: discord.Client, place: Anywhere, raw: Any) -> tuple[int, discord.Message | None]:
    """Its id, and the message where it can be read. Raises ValueError for what has no id."""
    try:
        message_id = int(raw["id"])
    except UNREADABLE:
        raise ValueError from None
    try:
        if not raw["author"]:  # the library reads on without
            raise ValueError
        return message_id, discord.Message(state=client._connection, channel=cast(Any, place), data=raw)
    except UNREADABLE as error:
        log.error("chat.message_passed_over", message_id=message_id, error=type(error).__name__)
        return message_id, None


def may_read(channel: Place) -> bool:
    """Whether Discord shows the bot what was said there: else it shows a page without messages."""
    allowed = channel.permissions_for(channel.guild.me)
    return allowed.view_channel and allowed.read_message_history


def known_channel(client: discord.Client, guild_id: int, channel_id: int) -> Place | None:
    guild = client.get_guild(guild_id)
    return guild.get_channel_or_thread(channel_id) if guild else None
