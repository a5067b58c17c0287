"""Drafts come in: stored first, acknowledged then, so that what was acknowledged is never lost."""

from __future__ import annotations

from collections.abc import Sequence

import discord
import structlog

from bot.chat import forms, mentions
from bot.chat.attached import read_draft
from bot.chat.desk import NOT_SENT, Boundary, DeskClient, Interaction, guarded, guild_of, own_language
from bot.chat.views import take_decision
from bot.errors import Problem
from bot.model import AnswerAddress, AnswerKind, DecisionKind, Message, Visibility
from bot.services.lookup import suggest_campaigns
from bot.services.submit import Submission, submit
from bot.store import library
from bot.texts import text

FORM_SECONDS = 1.5  # for a download: an interaction is void three seconds after the click
MENTION_SECONDS = 30.0
SEEN = "👀"

log = structlog.get_logger(__name__)


async def on_form(interaction: Interaction, custom_id: str) -> None:
    """A form of ours was sent, by this process or one before it."""
    async with guarded(interaction, "form"):
        filled = forms.read_form(interaction.data)
        if match := forms.REVIEW_FORM.fullmatch(custom_id):
            visibility = Visibility.TEAM if match["kind"] == "review" else Visibility.PRIVATE
            handle, campaign = await _names(interaction, int(match["influencer"]), int(match["campaign"]))
            await take(interaction, filled, handle, campaign, visibility)
        elif match := forms.MENU_FORM.fullmatch(custom_id):
            attachments = int(match["attachments"])
            unread = (Message("not_read_file.attachments", {"count": attachments}),) if attachments else ()
            handle, campaign = filled.words.get("influencer", ""), filled.words.get("campaign", "")
            await take(interaction, filled, handle, campaign, Visibility.TEAM, unread)
        elif match := forms.CHANGES_FORM.fullmatch(custom_id):
            reason, kind = filled.words.get("reason", ""), DecisionKind.ASK_FOR_CHANGES
            await take_decision(interaction, match["number"], match["sha"], kind, reason)
        else:
            raise Problem("chat_problem.unknown_form")


async def _names(interaction: Interaction, influencer_id: int, campaign_id: int) -> tuple[str, str]:
    guild_id = guild_of(interaction)
    async with interaction.client.desk.store.read() as conn:
        influencer = await library.get_influencer(conn, guild_id, influencer_id)
        campaign = await library.get_campaign(conn, guild_id, campaign_id)
    if influencer is None or campaign is None:
        raise Problem("chat_problem.gone")
    return influencer.handle, campaign.name


async def take(
    interaction: Interaction,
    filled: forms.Filled,
    handle: str,
    campaign: str,
    visibility: Visibility,
    unread: tuple[Message, ...] = (),
) -> None:
    """Stores the draft of a form, then acknowledges it. Raises Problem for input that cannot be used."""
    desk, guild_id = interaction.client.desk, guild_of(interaction)
    is_private = visibility is Visibility.PRIVATE
    typed = filled.words.get("text", "")
    draft, beside = await read_draft(interaction.client, typed, filled.files, seconds=FORM_SECONDS)
    address = AnswerAddress(
        AnswerKind.INTERACTION,
        application_id=interaction.application_id,
        token=interaction.token,
        channel_id=interaction.channel_id or 0,
        user_id=interaction.user.id,
        ephemeral=is_private,
        language=own_language(interaction) if is_private else await desk.language(guild_id),
    )
    submission = Submission(
        guild_id=guild_id,
        handle=handle,
        campaign=campaign,
        author_id=interaction.user.id,
        author_name=interaction.user.display_name,
        visibility=visibility,
        source_key=f"interaction:{interaction.id}",
        text=draft,
        answer=address,
        not_read=(*beside, *unread),
    )
    await submit(desk.store, submission, desk.settings.review, desk.clock())
    try:
        await interaction.response.defer(thinking=True, ephemeral=is_private)
    except NOT_SENT as error:  # stored all the same: the answer finds another way
        log.warning("intake.not_acknowledged", error=type(error).__name__)
    desk.queue.wake()


async def on_mention(client: DeskClient, message: discord.Message, words: str) -> None:
    """Somebody wrote `@bot ...` in a channel of a server; `words` is what followed."""
    assert message.guild is not None  # direct messages are answered by the client itself
    desk, guild_id = client.desk, message.guild.id
    language = await desk.language(guild_id)

    async def say(sentence: str) -> None:
        await message.reply(sentence, nonce=f"m{message.id}", mention_author=False)

    async with Boundary(language, say, "mention"):
        submission = await _read_mention(client, message, words, language)
        await submit(desk.store, submission, desk.settings.review, desk.clock())
        try:
            await message.add_reaction(SEEN)
        except NOT_SENT as error:  # stored all the same
            log.warning("intake.not_acknowledged", error=type(error).__name__)
        desk.queue.wake()


async def _read_mention(client: DeskClient, message: discord.Message, words: str, language: str) -> Submission:
    assert message.guild is not None  # see on_mention
    guild_id = message.guild.id
    known = [campaign.name for campaign in await suggest_campaigns(client.desk.store, guild_id, "")]
    for person in message.mentions:  # a handle that is also a member's name becomes a mention while typing
        words = words.replace(f"<@{person.id}>", f"@{person.name}").replace(f"<@!{person.id}>", f"@{person.name}")
    found = mentions.parse(words, known, with_file=bool(message.attachments))
    if found is None:
        raise Problem("chat_problem.mention", example=example(client, language))
    files = tuple(
        forms.Attached(file.filename, file.size, file.content_type or "", file.url) for file in message.attachments
    )
    draft, unread = await read_draft(client, found.text, files, seconds=MENTION_SECONDS)
    return Submission(
        guild_id=guild_id,
        handle=found.handle,
        campaign=found.campaign or _only(known, client, language),
        author_id=message.author.id,
        author_name=message.author.display_name,
        visibility=Visibility.TEAM,
        source_key=f"message:{message.id}",
        text=draft,
        answer=AnswerAddress(
            AnswerKind.REPLY,
            channel_id=message.channel.id,
            message_id=message.id,
            user_id=message.author.id,
            language=language,
        ),
        not_read=unread,
    )


def _only(campaigns: Sequence[str], client: DeskClient, language: str) -> str:
    """The campaign, where there is just one; where there is none the service says so."""
    if len(campaigns) > 1:
        raise Problem("chat_problem.choose_campaign", known=campaigns[:5], example=example(client, language))
    return campaigns[0] if campaigns else ""


def example(client: DeskClient, language: str) -> str:
    """A mention as it should be written."""
    return text(language, "help.example", bot=client.user.name if client.user else "bot")
