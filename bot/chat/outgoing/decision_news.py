"""Tells the author of a draft what was decided or answered: quietly, by one direct message that pings nobody else.

The card in the channel shows it, but an author who has put the phone away learns nothing of an edit. A
direct message reaches that one person and leaves the channel as it is. Whoever takes none is answered below the card.
"""

from __future__ import annotations

import discord
import structlog
from discord.abc import Messageable

from bot.chat.desk import NONCE_LIFE, NOT_SENT, SKEW, DeskClient, may_pass
from bot.chat.markup import plain
from bot.chat.verdict.cards import for_whom
from bot.model.decisions import Decision, Reply
from bot.model.drafts import AnswerKind
from bot.store.outbox import Due
from bot.store.verdicts import StoredVerdict
from bot.texts import text

HISTORY = 100  # messages

Said = Decision | Reply

log = structlog.get_logger(__name__)


async def tell_author(client: DeskClient, row: Due, stored: StoredVerdict) -> None:
    """Each decision and answer since the card of `row` was last up to date, once; none of the author's own.

    Raises what Discord's trouble raises, where it may pass: then the same again is said once all the same.
    """
    if row.delivered_at is None or not row.answer.user_id:
        return
    news: list[Said] = [*stored.decisions, *stored.replies]
    for said in sorted(news, key=lambda one: one.created_at):
        if said.created_at > row.delivered_at and said.person_id != row.answer.user_id:
            await _tell(client, row, stored, said)


async def _tell(client: DeskClient, row: Due, stored: StoredVerdict, said: Said) -> None:
    sentence = _sentence(row, stored, said)
    try:
        channel: Messageable = await client.create_dm(discord.Object(row.answer.user_id))
        await _say_once(client, channel, said, sentence)
        return
    except NOT_SENT as error:
        if may_pass(error):
            raise
    if row.channel_id is None or row.message_id is None:
        return
    place = client.get_partial_messageable(row.channel_id)
    card = discord.MessageReference(message_id=row.message_id, channel_id=row.channel_id, fail_if_not_exists=False)
    try:
        await _say_once(client, place, said, sentence, card)
    except NOT_SENT as error:
        if may_pass(error):
            raise
        log.warning("telling.refused", nonce=_nonce(said))


async def _say_once(
    client: DeskClient,
    channel: Messageable,
    said: Said,
    sentence: str,
    reference: discord.MessageReference | None = None,
) -> None:
    """The nonce keeps it from being said twice; once that may be forgotten, what stands there does."""
    if client.desk.clock() - said.created_at > NONCE_LIFE and client.user is not None:
        try:
            async for message in channel.history(limit=HISTORY, after=said.created_at - SKEW):
                if message.author.id == client.user.id and message.content == sentence:
                    return
        except discord.Forbidden:  # without the right to read, saying it is all there is
            pass
    nonce = _nonce(said)
    if reference is None:
        await channel.send(sentence, nonce=nonce, suppress_embeds=True)
    else:
        await channel.send(sentence, nonce=nonce, suppress_embeds=True, reference=reference)


def _nonce(said: Said) -> str:
    """Never the same as a notice's or an answer's."""
    return f"{'a' if isinstance(said, Reply) else 'd'}{said.id}"


def _sentence(row: Due, stored: StoredVerdict, said: Said) -> str:
    language = row.answer.language
    card = text(language, "told.look_up", number=stored.number)
    if row.channel_id and row.message_id and row.answer.kind is not AnswerKind.NONE:  # there stands the batch's
        address = f"https://discord.com/channels/{stored.draft.guild_id}/{row.channel_id}/{row.message_id}"
        card = f"[{text(language, 'told.card')}]({address})"
    values = {"number": stored.number, "campaign": for_whom(stored, language), "card": card}
    values["who"] = f"**{plain(said.person_name, 60)}**"
    if isinstance(said, Reply):
        return text(language, "told.answer", words=plain(said.text, 1000), **values)
    return text(language, f"told.{said.kind}", reason=plain(said.reason, 1000), **values)
