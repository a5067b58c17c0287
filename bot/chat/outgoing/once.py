"""Posts that stand only once, whatever fails or dies on the way.

Discord knows a repetition by its nonce, for some minutes. Where an earlier attempt may have ended unnoticed, that is
not relied on: then what stands in the channel is read first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import discord
from discord import ui
from discord.abc import Messageable

from bot.chat.desk import SKEW, DeskClient
from bot.model.drafts import AnswerAddress, AnswerKind

LOOKED_AT = 5_000  # messages, the newest ones
REPEATED = (500, 502, 504, 524)  # what the library answers by sending the same once more

_is_posting: ContextVar[bool] = ContextVar("is_posting", default=False)


@dataclass(frozen=True, slots=True)
class Once:
    """How a post is known again."""

    nonce: str
    since: datetime  # before the first attempt
    is_it: Callable[[discord.Message], bool]  # of a message of ours
    may_stand: bool  # there may have been an attempt that nobody noted the end of
    reply_to: discord.MessageReference | None = None


async def post_once(client: DeskClient, channel: Messageable, what: ui.LayoutView | str, once: Once) -> discord.Message:
    """The message as it stands now. Raises what Discord's trouble raises; then it may stand all the same."""
    if once.may_stand:
        async for message in own_messages(client, channel, once.since):
            if once.is_it(message) and not _answers_another(message, once.reply_to):
                return message
    message = await post(channel, what, once.nonce, once.reply_to)
    if _answers_another(message, once.reply_to):  # Discord has the nonce from elsewhere, and posted nothing
        message = await post(channel, what, f"{once.nonce}+", once.reply_to)
    return message


async def own_messages(client: DeskClient, channel: Messageable, since: datetime) -> AsyncIterator[discord.Message]:
    """The bot's own after `since`, the newest first; none where it may not read. Raises as `post_once`."""
    with suppress(discord.Forbidden):
        async for message in channel.history(
            limit=LOOKED_AT, after=client.at_discord(since) - SKEW, oldest_first=False
        ):
            if client.user is not None and message.author.id == client.user.id:
                yield message


def texts_on(message: discord.Message) -> list[str]:
    """What a message of components says, block by block."""
    view = ui.LayoutView.from_message(message)
    return [item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay)]


def reference_to(channel_id: int, message_id: int) -> discord.MessageReference:
    """For a reply to a message; where that was deleted the reply stands by itself."""
    return discord.MessageReference(message_id=message_id, channel_id=channel_id, fail_if_not_exists=False)


def target_of_reply(answer: AnswerAddress) -> discord.MessageReference | None:
    """None where the draft came by no message, as one handed in from direct messages."""
    if answer.kind is not AnswerKind.REPLY or not answer.message_id:
        return None
    return reference_to(answer.channel_id, answer.message_id)


def answers(message: discord.Message, message_id: int) -> bool:
    return message.reference is not None and message.reference.message_id == message_id


def no_blind_repeats(hear_time: Callable[[str], None]) -> aiohttp.TraceConfig:
    """For the client: a post that Discord answers with an error ends there, where the library would repeat it blindly.

    Whoever posts repeats it, after a look at what stands. `hear_time` hears what Discord says the time is.
    """

    async def ended(_session: aiohttp.ClientSession, _: object, params: aiohttp.TraceRequestEndParams) -> None:
        if "Age" not in params.response.headers:  # else the time it was kept since
            hear_time(params.response.headers.get("Date", ""))
        if _is_posting.get() and params.response.status in REPEATED:
            raise discord.DiscordServerError(params.response, None)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(ended)
    return trace


async def post(
    channel: Messageable, what: ui.LayoutView | str, nonce: str, reply_to: discord.MessageReference | None = None
) -> discord.Message:
    """One attempt. Raises as `post_once`."""
    options: dict[str, Any] = {"content": what, "suppress_embeds": True} if isinstance(what, str) else {"view": what}
    if reply_to is not None:
        options["reference"] = reply_to
    before = _is_posting.set(True)
    try:
        return await channel.send(nonce=nonce, **options)
    finally:
        _is_posting.reset(before)


def _answers_another(message: discord.Message, reply_to: discord.MessageReference | None) -> bool:
    return message.reference is not None and reply_to is not None and not answers(message, reply_to.message_id or 0)
