"""Drafts come in: stored first, acknowledged then, so that what was acknowledged is never lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import discord
import structlog

from bot.chat import forms
from bot.chat.batch import batches
from bot.chat.desk import NOT_SENT, DeskClient, Interaction, acknowledge, guild_of, own_language
from bot.chat.draft import mentions
from bot.chat.draft.attachments import beside, read_draft
from bot.errors import Problem
from bot.model.drafts import AnswerAddress, AnswerKind
from bot.model.messages import Message
from bot.model.posts import Visibility
from bot.services.names import choose_campaign, known_handles, names_of, near_names
from bot.services.submit import Submission, submit
from bot.store import library
from bot.store.search import handle_key
from bot.texts import text

FORM_SECONDS = 1.5  # for a download: an interaction is void three seconds after the click
MENTION_SECONDS = 30.0
SEEN = "👀"

log = structlog.get_logger(__name__)


async def on_review_form(interaction: Interaction, filled: forms.Filled, match: re.Match[str]) -> None:
    visibility = Visibility.TEAM if match["kind"] == "review" else Visibility.PRIVATE

    async def storing() -> None:
        wanted = guild_of(interaction), int(match["influencer"]), int(match["campaign"])
        handle, campaign = await interaction.client.desk.store.read_together(names_of, wanted)
        await store_form(interaction, filled, handle, campaign, visibility)

    await _take(interaction, storing, is_private=visibility is Visibility.PRIVATE)


async def on_menu_form(interaction: Interaction, filled: forms.Filled, match: re.Match[str]) -> None:
    await _take(interaction, partial(_store_from_menu, interaction, filled, match), is_private=False)


async def _take(
    interaction: Interaction, storing: Callable[[], Coroutine[Any, Any, None]], *, is_private: bool
) -> None:
    """Stores, then acknowledges; in a crowd each is noted and acknowledged first, and stored when all of them are.

    The last of a thousand would else wait for what is done for all those before it.
    """
    late, queue = interaction.client.late, interaction.client.desk.queue
    with late.crowd.under_way() as is_crowd:
        if is_crowd:
            with queue.coming_in():
                with late.crowd.acknowledging():
                    if await late.note(interaction) and not interaction.response.is_done():
                        await late.crowd.acknowledge(interaction, is_private=is_private)
                await late.crowd.all_acknowledged()
        await acknowledge(interaction, storing(), is_private=is_private)


async def _store_from_menu(interaction: Interaction, filled: forms.Filled, match: re.Match[str]) -> None:
    count, files = int(match["attachments"]), filled.files
    if count:
        client = interaction.client
        files = (*files, *await client.kept.files(client, int(match["channel"]), int(match["message"])))
    is_lost = count > 0 and files == filled.files
    unread = (Message("not_read_file.attachments", {"count": count}),) if is_lost else ()
    filled = replace(filled, files=files)
    handle, campaign = filled.words.get("influencer", ""), filled.words.get("campaign", "")
    await store_form(interaction, filled, handle, campaign, Visibility.TEAM, unread)


async def store_form(
    interaction: Interaction,
    filled: forms.Filled,
    handle: str,
    campaign: str,
    visibility: Visibility,
    unread: tuple[Message, ...] = (),
    *,
    workspace: int | None = None,
) -> None:
    """Stores the draft of a form. Raises Problem for input that cannot be used.

    `workspace`: a person's own, in the place of the server.
    """
    desk, guild_id = interaction.client.desk, workspace or guild_of(interaction)
    is_private = visibility is Visibility.PRIVATE
    typed = filled.words.get("text", "")
    settings = desk.settings.review
    sent = await read_draft(interaction.client, typed, filled.files, settings, seconds=FORM_SECONDS)
    address = AnswerAddress(
        AnswerKind.INTERACTION,
        application_id=interaction.application_id,
        token=interaction.token,
        channel_id=interaction.channel_id or 0,
        user_id=interaction.user.id,
        ephemeral=is_private,
        language=own_language(interaction) if is_private else "",
    )
    submission = Submission(
        guild_id=guild_id,
        handle=handle,
        campaign=campaign,
        author_id=interaction.user.id,
        author_name=interaction.user.display_name,
        visibility=visibility,
        source_key=f"interaction:{interaction.id}",
        text=sent.text,
        answer=address,
        not_read=(*sent.not_read, *unread),
        spoken=sent.spoken,
        attachments=sent.attachments,
    )
    await submit(desk.store, submission, settings, desk.clock(), limited=desk.settings.limits)


async def take_message(client: DeskClient, message: discord.Message, words: str, language: str) -> None:
    """Stores what a message brings that is addressed to the bot: one draft or several. Raises Problem.

    `words`: what followed `@bot`.
    """
    known = await client.desk.store.read_together(library.campaign_names, _guild_id(message))
    own = own_names(client, message)
    words = mentions.at_lines(words, own)
    if any(line.strip().startswith(tuple(own)) for line in words.splitlines()[1:]):
        raise Problem("chat_problem.one_or_two", handle=f"@{_name(client)}")
    words = with_names(message, words)
    if await take_several(client, message, words, language):
        return
    found = mentions.parse(words, known, with_file=bool(message.attachments))
    if found is None or not await _may_be_handle(client, message, words, found.handle):
        raise Problem("chat_problem.mention", example=example(client, language))
    if not found.campaign:
        found = replace(found, campaign=await _only(known, client, message, found, language))
    await take_one(client, message, found, language)


async def _may_be_handle(client: DeskClient, message: discord.Message, words: str, handle: str) -> bool:
    """Whether the first word is meant as one: it looks so, or is the slip of a known one. Else somebody just talks."""
    if words.lstrip()[:1] in ("@", "＠") or "/" in words.split(maxsplit=1)[0]:
        return True
    known = await client.desk.store.read_together(known_handles, _guild_id(message))
    return handle_key(handle) in known or bool(near_names(handle, known))


async def take_several(
    client: DeskClient, message: discord.Message, words: str, language: str, *, campaign: str = ""
) -> bool:
    """Stores a message that holds several drafts; False, and nothing done, for any other one. Raises Problem.

    `campaign`: of drafts that name none."""
    if not await batches.take_message(client, message, words, language, campaign=campaign):
        return False
    await _mark_as_seen(message)
    return True


async def take_one(client: DeskClient, message: discord.Message, found: mentions.Mention, language: str) -> None:
    """Stores the draft in a message, to be answered by a reply to it. Raises Problem."""
    desk = client.desk
    submission = await _read_message(client, message, found, language)
    with desk.queue.coming_in():
        await submit(desk.store, submission, desk.settings.review, desk.clock(), limited=desk.settings.limits)
    desk.queue.wake()
    await _mark_as_seen(message)


async def _mark_as_seen(message: discord.Message) -> None:
    try:
        await message.add_reaction(SEEN)
    except NOT_SENT as error:  # stored all the same
        log.warning("intake.not_acknowledged", error=type(error).__name__)


def own_names(client: discord.Client, message: discord.Message) -> list[str]:
    """How the bot may be mentioned in the raw text of a message: as itself, or by the role that is its own."""
    assert client.user is not None  # events come after the login
    bot_id = client.user.id
    roles = [role for role in message.role_mentions if role.tags and role.tags.bot_id == bot_id]
    return [f"<@{bot_id}>", f"<@!{bot_id}>", *(f"<@&{role.id}>" for role in roles)]


def with_names(message: discord.Message, words: str) -> str:
    """A handle that is also a member's name becomes a mention while it is typed: back to the handle."""
    for person in message.mentions:
        words = words.replace(f"<@{person.id}>", f"@{person.name}").replace(f"<@!{person.id}>", f"@{person.name}")
    return words


def _guild_id(message: discord.Message) -> int:
    assert message.guild is not None  # direct messages are answered by the client itself
    return message.guild.id


async def _read_message(
    client: DeskClient, message: discord.Message, found: mentions.Mention, language: str
) -> Submission:
    sent = await read_draft(client, found.text, beside(message), client.desk.settings.review, seconds=MENTION_SECONDS)
    return Submission(
        guild_id=_guild_id(message),
        handle=found.handle,
        campaign=found.campaign,
        author_id=message.author.id,
        author_name=message.author.display_name,
        visibility=Visibility.TEAM,
        source_key=f"message:{message.id}",
        text=sent.text,
        answer=AnswerAddress(
            AnswerKind.REPLY,
            channel_id=message.channel.id,
            message_id=message.id,
            user_id=message.author.id,
            language=language,
        ),
        not_read=sent.not_read,
        spoken=sent.spoken,
        attachments=sent.attachments,
    )


async def _only(
    campaigns: Sequence[str], client: DeskClient, message: discord.Message, found: mentions.Mention, language: str
) -> str:
    """The campaign, where there is just one; where there is none the service says so."""
    if len(campaigns) < 2:
        return campaigns[0] if campaigns else ""
    problem, shown = "chat_problem.choose_campaign", example(client, language)
    async with client.desk.store.read() as conn:
        named = _guild_id(message), found.handle, found.text
        raise await choose_campaign(conn, *named, problem=problem, example=shown)


def example(client: DeskClient, language: str) -> str:
    """A mention as it should be written."""
    return text(language, "help.example", bot=_name(client))


def _name(client: DeskClient) -> str:
    return client.user.name if client.user else "bot"
