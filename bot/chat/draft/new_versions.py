"""New versions come in: by form, by a reply to the card or the draft, by an edit of the draft's message.

An approval holds for one text only, so nobody's chatter may become a version by mistake: what does not look like the
draft is asked about or left alone.
"""

from __future__ import annotations

import re
from typing import Any, Self

import discord
import structlog
from discord import ui

from bot.chat import forms
from bot.chat.batch.batch_edits import follow_edit
from bot.chat.desk import (
    NOT_SENT,
    Boundary,
    DeskClient,
    Interaction,
    acknowledge,
    guarded,
    guild_of,
    own_language,
    place_of,
)
from bot.chat.draft import mentions
from bot.chat.draft.attachments import beside, looks_like_text, read_draft
from bot.chat.draft.intake import FORM_SECONDS, MENTION_SECONDS, SEEN, example, own_names, with_names
from bot.chat.draft.versions import require_author_or_decider
from bot.chat.verdict.cards import container
from bot.chat.verdict.pages import NEUTRAL, label_of
from bot.chat.verdict.views import number_on
from bot.errors import Problem
from bot.model.drafts import AnswerAddress, AnswerKind
from bot.model.posts import Visibility
from bot.services.difference import kept_share
from bot.services.lookup import show
from bot.services.names import known_handles
from bot.services.versions import NewText, add_version, newest_work
from bot.store import batches, library, versions
from bot.store.batches import Batch
from bot.store.drafts import Work
from bot.store.verdicts import StoredVerdict, find_verdict
from bot.texts import text

ALIKE = 0.4  # of a reply's words that stand in the draft too: then it is a new version of it
LONG = 0.5  # of the draft's length: a reply as long as that is asked about

log = structlog.get_logger(__name__)


async def on_version_form(interaction: Interaction, filled: forms.Filled, match: re.Match[str]) -> None:
    store, viewer = interaction.client.desk.store, interaction.user.id
    stored = await show(store, place_of(interaction), match["number"], viewer_id=viewer)
    await require_author_or_decider(interaction, stored)
    storing = _store_version(interaction, filled, stored)
    await acknowledge(interaction, storing, is_private=stored.draft.visibility is Visibility.PRIVATE)


async def _store_version(interaction: Interaction, filled: forms.Filled, stored: StoredVerdict) -> None:
    desk, guild_id, person = interaction.client.desk, stored.draft.guild_id, interaction.user
    async with desk.store.read() as conn:
        newest = await newest_work(conn, guild_id, stored.draft.id)
    typed = filled.words.get("text", "")
    if typed.strip() == newest.revision.text.strip() and any(map(looks_like_text, filled.files)):
        typed = ""  # left as it was, beside a file that holds the new one
    sent = await read_draft(interaction.client, typed, filled.files, desk.settings.review, seconds=FORM_SECONDS)
    is_private = stored.draft.visibility is Visibility.PRIVATE
    new = NewText(
        person_id=person.id,
        source_key=f"interaction:{interaction.id}",
        text=sent.text,
        answer=AnswerAddress(
            AnswerKind.INTERACTION,
            application_id=interaction.application_id,
            token=interaction.token,
            channel_id=interaction.channel_id or 0,
            user_id=person.id,
            ephemeral=is_private,
            language=own_language(interaction) if is_private else await desk.language(guild_id),
        ),
        spoken=sent.spoken,
        attachments=sent.attachments,
        not_read=sent.not_read,
        keeps_files=True,
    )
    limited = desk.settings.limits
    await add_version(desk.store, guild_id, stored.draft.id, new, desk.settings.review, desk.clock(), limited=limited)


def nonce_of(message: discord.Message) -> str:
    """Of the one sentence said to a message, and again to each edit of it."""
    if message.edited_at is None:
        return f"m{message.id}"
    return f"e{message.id % 10**12}{int(message.edited_at.timestamp() * 1000) % 10**12}"


async def on_edit(client: DeskClient, message: discord.Message) -> bool:
    """A message of a server was changed. Where it brought a draft, its words are the draft's next version.

    Where it brought several, each whose words were changed gets one. False where it brought none.
    """
    assert message.guild is not None  # of these alone the client tells
    assert message.edited_at is not None
    desk, guild_id = client.desk, message.guild.id
    async with desk.store.read() as conn:
        draft_id = await versions.draft_of_message(conn, guild_id, message.id)
        work = await newest_work(conn, guild_id, draft_id) if draft_id else None
        several = await batches.batch_of_message(conn, guild_id, message.id) if work is None else None
    if (brought := work or several) is None:
        return False

    async def say(sentence: str) -> None:
        await message.reply(sentence, nonce=nonce_of(message), mention_author=False)

    async with Boundary(brought.answer.language, say, "edit"):
        if not message.content and not message.attachments:
            raise Problem("version_problem.unreadable")
        own = own_names(client, message)
        after = mentions.after_mention(message.content, own)
        words = message.content if after is None else after
        if isinstance(brought, Batch):
            await follow_edit(client, message, brought, with_names(message, mentions.at_lines(words, own)))
            return True
        found = await _draft_words(client, message, brought, words)
        if found is None:
            raise Problem("version_problem.other")
        key = f"edit:{message.id}:{int(message.edited_at.timestamp() * 1000)}"
        await _add(client, message, brought, found, key, keeps_files=False)
    return True


async def on_reply(client: DeskClient, message: discord.Message, *, is_answered: bool = False) -> bool:
    """Whether it was dealt with: the author's reply, with a new text, to a draft or its card. Raises Problem, also for
    somebody else's reply that speaks to the bot and is no draft of its own.

    `is_answered`: the bot replied to it already, so that nothing is asked again.
    """
    work = await _replied_to(client, message)
    if work is None:
        return False
    words = mentions.after_mention(message.content, own_names(client, message))
    if work.draft.author_id != message.author.id:
        if words is None or await _begins_draft(client, message, words):
            return False
        raise Problem("version_problem.not_your_reply")
    found = await _draft_words(client, message, work, message.content if words is None else words)
    if found is None:
        return False
    in_file = not found.strip() and bool(message.attachments)
    if in_file or kept_share(work.revision.text, found) >= ALIKE:
        await _add(client, message, work, found, f"message:{message.id}", keeps_files=True)
        return True
    is_talk = words is None and len(found) < LONG * len(work.revision.text)
    if not (is_talk or is_answered):
        await _ask(client, message, work)
    return not is_talk


async def _replied_to(client: DeskClient, message: discord.Message) -> Work | None:
    """The newest text of the draft, where somebody replies to it or its card with something that can be read."""
    link = message.reference
    if message.guild is None or link is None or link.message_id is None:
        return None
    if not message.content and not message.attachments:  # Discord does not say what
        return None
    guild_id, target = message.guild.id, link.resolved
    number = number_on(target) if isinstance(target, discord.Message) and target.author == client.user else None
    async with client.desk.store.read() as conn:
        if number is None:
            draft_id = await versions.draft_of_message(conn, guild_id, link.message_id)
        else:
            shown = await find_verdict(conn, guild_id, number, viewer_id=None)
            draft_id = shown.draft.id if shown else None
        return await newest_work(conn, guild_id, draft_id) if draft_id else None


async def _begins_draft(client: DeskClient, message: discord.Message, words: str) -> bool:
    """Whether a message begins as a draft does, with the handle of somebody who is known here."""
    assert message.guild is not None  # of these alone the client tells
    async with client.desk.store.read() as conn:
        known = await library.campaign_names(conn, message.guild.id)
        found = mentions.parse(with_names(message, words), known, with_file=bool(message.attachments))
        return bool(found and await library.find_influencer(conn, message.guild.id, found.handle))


async def _draft_words(client: DeskClient, message: discord.Message, work: Work, words: str) -> str | None:
    """The draft in a message that may begin, as a mention does, with whose it is and for which campaign.

    None where that is another influencer or campaign. Raises Problem where a message that is no reply names nobody.
    """
    guild_id = work.draft.guild_id
    for person in message.mentions:  # a handle that is also a member's name becomes a mention while typing
        words = words.replace(f"<@{person.id}>", f"@{person.name}").replace(f"<@!{person.id}>", f"@{person.name}")
    async with client.desk.store.read() as conn:
        known = await library.campaign_names(conn, guild_id)
        if mentions.names_more(words):  # another draft is no part of this one
            handles = await known_handles(conn, guild_id)
            if len(mentions.parts(mentions.parted(words, handles, known))) > 1:
                return None
        found = mentions.parse(words, known, with_file=bool(message.attachments))
        named = await library.find_influencer(conn, guild_id, found.handle) if found else None
    if found and named:
        is_same = not found.campaign or found.campaign.casefold() == work.campaign.name.casefold()
        return found.text if named.id == work.influencer.id and is_same else None
    if message.reference is None:
        raise Problem("chat_problem.mention", example=example(client, work.answer.language))
    return words


async def _add(
    client: DeskClient, message: discord.Message, work: Work, words: str, source_key: str, *, keeps_files: bool
) -> None:
    desk = client.desk
    sent = await read_draft(client, words, beside(message), desk.settings.review, seconds=MENTION_SECONDS)
    new = NewText(
        person_id=message.author.id,
        source_key=source_key,
        text=sent.text,
        answer=AnswerAddress(
            AnswerKind.REPLY,
            channel_id=message.channel.id,
            message_id=message.id,
            user_id=message.author.id,
            language=await desk.language(work.draft.guild_id),
        ),
        spoken=sent.spoken,
        attachments=sent.attachments,
        not_read=sent.not_read,
        keeps_files=keeps_files,
    )
    guild_id, limited = work.draft.guild_id, desk.settings.limits
    await add_version(desk.store, guild_id, work.draft.id, new, desk.settings.review, desk.clock(), limited=limited)
    desk.queue.wake()
    try:
        await message.add_reaction(SEEN)
    except NOT_SENT as error:  # stored all the same
        log.warning("new_text.not_acknowledged", error=type(error).__name__)


async def _ask(client: DeskClient, message: discord.Message, work: Work) -> None:
    """Whether a reply that looks little like the draft is a new version of it."""
    async with client.desk.store.read() as conn:
        name = await versions.newest_number(conn, work.draft.guild_id, work.draft.id)
    if name is None:
        return  # nobody has seen a card yet
    language = work.answer.language
    box = container(NEUTRAL, [text(language, "version_problem.ask", number=name)])
    box.add_item(ui.ActionRow(TakeButton(work.draft.id, message.id, text(language, "button.take"))))
    view = ui.LayoutView(timeout=None).add_item(box)
    try:
        await message.reply(view=view, nonce=nonce_of(message), mention_author=False)
    except NOT_SENT as error:
        log.warning("new_text.not_asked", error=type(error).__name__)


class TakeButton(ui.DynamicItem[ui.Button[Any]], template=r"v1:take:(?P<draft>\d{1,18}):(?P<message>\d{1,20})"):
    """Takes a message as the next version of a draft, when its author says so."""

    def __init__(self, draft_id: int, message_id: int, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:take:{draft_id}:{message_id}"))
        self.draft_id, self.message_id = draft_id, message_id

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(int(match["draft"]), int(match["message"]), label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "take"):
            client, guild_id = interaction.client, guild_of(interaction)
            try:
                async with client.desk.store.read() as conn:
                    work = await newest_work(conn, guild_id, self.draft_id)
            except LookupError:  # erased, or of another server
                raise Problem("version_problem.gone") from None
            if work.draft.author_id != interaction.user.id:
                raise Problem("version_problem.not_yours")
            message = await _fetched(client, interaction.channel_id or 0, self.message_id)
            words = mentions.after_mention(message.content, own_names(client, message))
            found = await _draft_words(client, message, work, message.content if words is None else words)
            if not found:
                raise Problem("version_problem.gone")
            await interaction.response.defer()
            await _add(client, message, work, found, f"message:{message.id}", keeps_files=True)
            await interaction.delete_original_response()


async def _fetched(client: DeskClient, channel_id: int, message_id: int) -> discord.Message:
    try:
        message = await client.get_partial_messageable(channel_id).fetch_message(message_id)
    except discord.HTTPException:
        raise Problem("version_problem.gone") from None
    if not message.content:
        raise Problem("version_problem.gone")
    return message
