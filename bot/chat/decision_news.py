"""Tells the author of a draft what was decided about it: quietly, by one direct message that nobody else is pinged by.

The card in the channel shows every decision, but an author who has put the phone away learns nothing of an edit. A
direct message reaches that one person and leaves the channel as it is. Whoever takes none is answered below the card.
"""

from __future__ import annotations

import discord
import structlog
from discord.abc import Messageable

from bot.chat.cards import for_whom
from bot.chat.desk import NONCE_LIFE, NOT_SENT, SKEW, DeskClient, may_pass
from bot.chat.markup import plain
from bot.model import Decision
from bot.store.outbox import Due
from bot.store.verdicts import StoredVerdict
from bot.texts import text

HISTORY = 100  # messages

log = structlog.get_logger(__name__)


async def tell_author(client: DeskClient, row: Due, stored: StoredVerdict) -> None:
    """Each decision made since the card of `row` was last up to date, once; none that the author made.

    Raises what Discord's trouble raises, where it may pass: then the same again is said once all the same.
    """
    if row.delivered_at is None or not row.answer.user_id:
        return
    for decision in stored.decisions:
        if decision.created_at > row.delivered_at and decision.person_id != row.answer.user_id:
            await _tell(client, row, stored, decision)


async def _tell(client: DeskClient, row: Due, stored: StoredVerdict, decision: Decision) -> None:
    sentence = _sentence(row, stored, decision)
    try:
        channel: Messageable = await client.create_dm(discord.Object(row.answer.user_id))
        await _say_once(client, channel, decision, sentence)
        return
    except NOT_SENT as error:
        if may_pass(error):
            raise
    if row.channel_id is None or row.message_id is None:
        return
    place = client.get_partial_messageable(row.channel_id)
    card = discord.MessageReference(message_id=row.message_id, channel_id=row.channel_id, fail_if_not_exists=False)
    try:
        await _say_once(client, place, decision, sentence, card)
    except NOT_SENT as error:
        if may_pass(error):
            raise
        log.warning("telling.refused", decision_id=decision.id)


async def _say_once(
    client: DeskClient,
    channel: Messageable,
    decision: Decision,
    sentence: str,
    reference: discord.MessageReference | None = None,
) -> None:
    """The nonce keeps it from being said twice; once that may be forgotten, what stands there does."""
    if client.desk.clock() - decision.created_at > NONCE_LIFE and client.user is not None:
        try:
            async for message in channel.history(limit=HISTORY, after=decision.created_at - SKEW):
                if message.author.id == client.user.id and message.content == sentence:
                    return
        except discord.Forbidden:  # without the right to read, saying it is all there is
            pass
    nonce = f"d{decision.id}"
    if reference is None:
        await channel.send(sentence, nonce=nonce, suppress_embeds=True)
    else:
        await channel.send(sentence, nonce=nonce, suppress_embeds=True, reference=reference)


def _sentence(row: Due, stored: StoredVerdict, decision: Decision) -> str:
    language = row.answer.language
    card = text(language, "told.look_up", number=stored.number)
    if row.channel_id and row.message_id:
        address = f"https://discord.com/channels/{stored.draft.guild_id}/{row.channel_id}/{row.message_id}"
        card = f"[{text(language, 'told.card')}]({address})"
    return text(
        language,
        f"told.{decision.kind}",
        number=stored.number,
        campaign=for_whom(stored, language),
        who=f"**{plain(decision.person_name, 60)}**",
        reason=plain(decision.reason, 1000),
        card=card,
    )
