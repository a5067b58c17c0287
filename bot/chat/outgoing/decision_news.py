"""Tells people what was decided, answered or found live: quietly, by one direct message that pings nobody else.

The card in the channel shows it, but an author who has put the phone away learns nothing of an edit. A
direct message reaches that one person and leaves the channel as it is. An author who takes none is answered below the
card. The influencer a draft is about hears what has to change, whoever sent it in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import discord
import structlog
from discord.abc import Messageable

from bot.chat.desk import NOT_SENT, DeskClient, may_pass
from bot.chat.markup import plain
from bot.chat.outgoing.once import Once, post_once, reference_to
from bot.chat.verdict.cards import for_whom
from bot.model.decisions import Decision, DecisionKind, Published, PublishedResult, Reply, standing
from bot.model.drafts import AnswerKind
from bot.store import decisions, links
from bot.store.nonces import nonce
from bot.store.outbox import Due, Told
from bot.store.verdicts import StoredVerdict
from bot.texts import text

Said = Decision | Reply | Published

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _News:
    """One decision, answer or finding. `may_stand`: an attempt to tell of it may have been made."""

    said: Said
    may_stand: bool


def told_by(stored: StoredVerdict) -> Told:
    """What an author knows who was told all that `stored` holds."""
    everything: tuple[Sequence[Said], ...] = (stored.decisions, stored.replies, stored.published)
    return Told(*(max((said.id for said in some), default=0) for some in everything))


async def tell_news(client: DeskClient, row: Due, stored: StoredVerdict, began: datetime) -> None:
    """Each decision and answer that `row` does not know to be told, once: to who sent the text in and to the
    draft's author, but none of their own; a wish for changes, and that it was withdrawn, to the influencer too.
    That a published text has lost its label is told alike.

    `began`: when this process did. Raises what Discord's trouble raises, where it may pass: then the same again is said
    once all the same.
    """
    if row.delivered_at is None:
        return
    everything: list[Said] = [*stored.decisions, *stored.replies, *stored.published]
    for said in sorted(everything, key=lambda one: one.created_at):
        if not _is_news(said, row.told):
            continue
        news = _News(said, may_stand=row.attempts > 0 or said.created_at < began)
        if row.answer.user_id not in (0, said.person_id):
            await _tell_author(client, row, stored, news)
        if (author := stored.draft.author_id) not in (0, row.answer.user_id, said.person_id):
            name = _nonce("o", author, said)  # another person sent this version
            await _tell_directly(client, author, _sentence(row, stored, said), name, news)
        if key := _told_influencer(stored, said):
            await _tell_influencer(client, row, stored, news, key)


def _is_news(said: Said, told: Told) -> bool:
    if isinstance(said, Published):
        return said.result is PublishedResult.LABEL_LOST and said.id > told.published
    return said.id > (told.decision if isinstance(said, Decision) else told.reply)


async def _tell_author(client: DeskClient, row: Due, stored: StoredVerdict, news: _News) -> None:
    said = news.said
    sentence, name = _sentence(row, stored, said), nonce(_letter(said), said.id, said.created_at)
    if isinstance(said, Decision) and (count := await _approved_with(client, said)) > 1:
        values = {"count": count, "who": f"**{plain(said.person_name, 60)}**", "card": _batch_card(row, stored)}
        sentence = text(row.answer.language, "told.approve_many", **values)
    if await _tell_directly(client, row.answer.user_id, sentence, name, news):
        return
    if row.channel_id is None or row.message_id is None:
        return
    place, card = client.get_partial_messageable(row.channel_id), reference_to(row.channel_id, row.message_id)
    try:
        await say_once(client, place, sentence, name, said.created_at, card, may_stand=news.may_stand)
    except NOT_SENT as error:
        if may_pass(error):
            raise
        log.warning("telling.refused", nonce=name)


async def _approved_with(client: DeskClient, said: Decision) -> int:
    async with client.desk.store.read() as conn:
        return await decisions.approved_with(conn, said) if said.kind is DecisionKind.APPROVE else 0


def _batch_card(row: Due, stored: StoredVerdict) -> str:
    address = f"https://discord.com/channels/{stored.draft.guild_id}/{row.channel_id}/{row.message_id}"
    return f"[{text(row.answer.language, 'told.card')}]({address})"


def _told_influencer(stored: StoredVerdict, said: Said) -> str:
    """The key of what the influencer hears: what they are to change, and where that is withdrawn; "" for nothing."""
    if not isinstance(said, Decision):
        return ""
    if said.kind is DecisionKind.ASK_FOR_CHANGES:
        return "told.changes_to_yours"
    before = standing([one for one in stored.decisions if one.id < said.id])
    is_told = any(one.kind is DecisionKind.ASK_FOR_CHANGES for one in before)
    return "told.withdraw_yours" if said.kind is DecisionKind.WITHDRAW and is_told else ""


async def _tell_influencer(client: DeskClient, row: Due, stored: StoredVerdict, news: _News, key: str) -> None:
    """The reason is for them to act on, whoever sent the draft in. Nobody else reads it, so it is said directly."""
    language, draft, asked = row.answer.language, stored.draft, news.said
    assert isinstance(asked, Decision)
    async with client.desk.store.read() as conn:
        people = await links.linked_users(conn, draft.guild_id, draft.influencer_id)
    values = {"number": stored.number, "campaign": for_whom(stored, language), "reason": plain(asked.reason, 1000)}
    sentence = text(language, key, who=f"**{plain(asked.person_name, 60)}**", **values)
    for person in people:
        if person not in (row.answer.user_id, draft.author_id, asked.person_id):
            await _tell_directly(client, person, sentence, _nonce("i", person, asked), news)


async def _tell_directly(client: DeskClient, person: int, sentence: str, name: str, news: _News) -> bool:
    """False where they take no direct messages. Raises what Discord's trouble raises, where it may pass."""
    try:
        channel = await client.create_dm(discord.Object(person))
        await say_once(client, channel, sentence, name, news.said.created_at, may_stand=news.may_stand)
    except NOT_SENT as error:
        if may_pass(error):
            raise
        return False
    return True


async def say_once(
    client: DeskClient,
    channel: Messageable,
    sentence: str,
    name: str,
    since: datetime,
    reference: discord.MessageReference | None = None,
    *,
    may_stand: bool = True,
) -> None:
    """What came about at `since`; `name`: the nonce. Raises what Discord's trouble raises.

    `may_stand` False: there was no attempt before, so nothing is looked for.
    """

    def is_it(message: discord.Message) -> bool:
        return message.content == sentence

    await post_once(client, channel, sentence, Once(name, since, is_it, may_stand, reference))


def _nonce(letter: str, person: int, said: Said) -> str:
    """Of what further people are told."""
    return nonce(f"{letter}{person % 16**6:x}-", said.id, said.created_at)


def _letter(said: Said) -> str:
    """Never that of a notice or an answer."""
    return "p" if isinstance(said, Published) else "a" if isinstance(said, Reply) else "d"


def _sentence(row: Due, stored: StoredVerdict, said: Said) -> str:
    language = row.answer.language
    card = text(language, "told.look_up", number=stored.number)
    if row.channel_id and row.message_id and row.answer.kind is not AnswerKind.NONE:  # there stands the batch's
        address = f"https://discord.com/channels/{stored.draft.guild_id}/{row.channel_id}/{row.message_id}"
        card = f"[{text(language, 'told.card')}]({address})"
    values = {"number": stored.number, "campaign": for_whom(stored, language), "card": card}
    values["who"] = f"**{plain(said.person_name, 60)}**"
    if isinstance(said, Published):
        return text(language, "told.label_lost", **values)
    if isinstance(said, Reply):
        return text(language, "told.answer", words=plain(said.text, 1000), **values)
    return text(language, f"told.{said.kind}", reason=plain(said.reason, 1000), **values)
