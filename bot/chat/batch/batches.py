"""Several drafts at once come in: by one message, by several text files, or as a CSV file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import discord
import structlog
from discord import app_commands

from bot.chat import forms
from bot.chat.completion import campaigns
from bot.chat.desk import NOT_SENT, DeskClient, Interaction, acknowledge, guild_of, own_language, tell
from bot.chat.draft import mentions
from bot.chat.draft.attachments import Attached, beside, fetch_all, looks_like_text
from bot.chat.localized import said
from bot.errors import Problem
from bot.model.drafts import AnswerAddress, AnswerKind, Attachment
from bot.model.messages import Message
from bot.services.batch_file import is_table, is_workbook, read_table
from bot.services.batches import Part, Started, submit_batch
from bot.services.files import is_text, sort_out
from bot.services.names import find_campaign, known_handles
from bot.services.subtitles import ENDINGS
from bot.store import library
from bot.store.batches import Batch
from bot.store.search import handle_key
from bot.texts import text

FORM_SECONDS = 1.5  # for a download: an interaction is void three seconds after the click
MESSAGE_SECONDS = 30.0
FORM = re.compile(r"form:v1:batch:(?P<campaign>\d+)")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """What the server has names for, and `handle` and `campaign` for a draft that names none."""

    handles: frozenset[str]  # folded
    campaigns: tuple[str, ...]
    handle: str = ""
    campaign: str = ""


@app_commands.command(name="batch", description=said("command.batch"))
@app_commands.describe(file=said("command.batch_file"), campaign=said("command.batch_campaign"))
@app_commands.autocomplete(campaign=campaigns)
@app_commands.guild_only()
async def batch(interaction: Interaction, file: discord.Attachment | None = None, campaign: str | None = None) -> None:
    """With a file at once; without one it asks for files and words in a form."""
    guild_id = guild_of(interaction)
    async with interaction.client.desk.store.read() as conn:
        what = await find_campaign(conn, guild_id, campaign) if campaign else None
    if file is None:
        await forms.open_form(interaction, forms.batch_form(own_language(interaction), what.id if what else 0))
        return
    sent = Attached(file.filename, file.size, file.content_type or "", file.url)
    await _take(interaction, "", (sent,), what.name if what else "")


async def on_batch_form(interaction: Interaction, filled: forms.Filled, match: re.Match[str]) -> None:
    async with interaction.client.desk.store.read() as conn:
        what = await library.get_campaign(conn, guild_of(interaction), int(match["campaign"]))
    await _take(interaction, filled.words.get("text", ""), filled.files, what.name if what else "")


async def _take(interaction: Interaction, words: str, files: Sequence[Attached], campaign: str) -> None:
    """Stores the batch, then says so to its sender alone; the card comes into the channel. Raises Problem."""

    async def telling(started: Started) -> None:
        counts = {"taken": started.tally.total - started.tally.refused, "refused": started.tally.refused}
        try:
            await tell(interaction, text(own_language(interaction), "batch.taken", **counts))
        except NOT_SENT as error:  # stored all the same: the card tells
            log.warning("batches.not_told", error=type(error).__name__)

    storing = _store(interaction, words, files, campaign)
    await acknowledge(interaction, storing, is_private=True, telling=telling)


async def _store(interaction: Interaction, words: str, files: Sequence[Attached], campaign: str) -> Started:
    client, guild_id = interaction.client, guild_of(interaction)
    language = await client.desk.language(guild_id)
    known = replace(await _known(client, guild_id), campaign=campaign)
    known = known if campaign else _only(known)
    found = await _parts(client, words, files, known, language, FORM_SECONDS)
    address = AnswerAddress(
        AnswerKind.INTERACTION,
        channel_id=interaction.channel_id or 0,
        user_id=interaction.user.id,
        language=language,
    )
    author = interaction.user.id, interaction.user.display_name
    return await _start(client, guild_id, f"interaction:{interaction.id}", author, address, found)


async def take_message(
    client: DeskClient, message: discord.Message, words: str, language: str, *, campaign: str = ""
) -> bool:
    """Stores a message that holds several drafts as a batch; False, and nothing done, where it holds one.

    `words` is what follows a mention of the bot; `campaign` that of drafts which name none. Raises Problem.
    """
    assert message.guild is not None  # messages in servers alone get here
    files = beside(message)
    has_files = sum(map(looks_like_text, files)) > 1 or any(is_table(file.name) for file in files)
    if not (has_files or mentions.names_more(words) or len(mentions.parts(words)) > 1):
        return False
    known = await _known(client, message.guild.id)
    words = mentions.parted(words, known.handles, known.campaigns)
    has_parts = len(mentions.parts(words)) > 1
    if not has_parts and (handle := mentions.doubtful(words, known.handles)):
        raise Problem("chat_problem.one_or_two", handle=handle)
    if not (has_parts or has_files):
        return False
    first = mentions.parse(words, known.campaigns, with_file=True)
    if first is not None and handle_key(first.handle) in known.handles:
        known = replace(known, handle=first.handle)
        if first.text and not has_parts:
            raise Problem("chat_problem.text_or_file", file=files[0].name)
    named = "" if has_parts else mentions.named_in(words, known.campaigns)  # a part's campaign is no other one's
    known = _only(replace(known, campaign=campaign or named))
    found = await _parts(client, words if has_parts else "", files, known, language, MESSAGE_SECONDS)
    address = AnswerAddress(
        AnswerKind.REPLY,
        channel_id=message.channel.id,
        message_id=message.id,
        user_id=message.author.id,
        language=language,
    )
    author = message.author.id, message.author.display_name
    await _start(client, message.guild.id, f"message:{message.id}", author, address, found)
    return True


async def _start(
    client: DeskClient,
    guild_id: int,
    source_key: str,
    author: tuple[int, str],
    address: AnswerAddress,
    parts: Sequence[Part],
) -> Started:
    desk = client.desk
    now = desk.clock()
    new = Batch(0, guild_id, source_key, *author, address, now)
    started = await submit_batch(desk.store, new, parts, desk.settings.review, now, limited=desk.settings.limits)
    desk.queue.wake()
    desk.batch_stored.set()
    return started


async def _known(client: DeskClient, guild_id: int) -> Known:
    async with client.desk.store.read() as conn:
        handles = await known_handles(conn, guild_id)
        return Known(handles, tuple(one.name for one in await library.campaigns(conn, guild_id)))


def _only(known: Known) -> Known:
    """With the campaign of the server where there is just one and none was named."""
    if known.campaign or len(known.campaigns) != 1:
        return known
    return replace(known, campaign=known.campaigns[0])


async def _parts(
    client: DeskClient, words: str, files: Sequence[Attached], known: Known, language: str, seconds: float
) -> list[Part]:
    """All drafts in words and files. Raises Problem for a table that cannot be read, and files out of reach."""
    settings = client.desk.settings.review
    limit = settings.max_file_mb
    fetched = await fetch_all(client, files, limit_mb=limit, most=forms.MOST_FILES, seconds=seconds)
    typed = mentions.parts(mentions.parted(words, known.handles, known.campaigns))
    found = [_typed(part, number, known, language) for number, part in enumerate(typed, 1)]
    tables = [file for file in fetched.here if is_table(file.name)]
    for file in tables:
        found += read_table(file.name, file.data, language, handle=known.handle, campaign=known.campaign)
    found += _of_files([file for file in fetched.here if file not in tables], known)
    for why, names in (("too_big", fetched.big), ("gone", fetched.gone)):
        problem = f"chat_problem.file_{why}"
        found += [Part(name, problem=Message(problem, {"file": name, "limit": limit})) for name in names]
    return found


def _typed(words: str, number: int, known: Known, language: str) -> Part:
    label = text(language, "batch.part", number=number)
    found = mentions.parse(words, known.campaigns, with_file=False)
    if found is None:
        return Part(label, problem=Message("batch_problem.not_understood"))
    if handle := mentions.doubtful(words, known.handles):
        return Part(label, problem=Message("chat_problem.one_or_two", {"handle": handle}))
    return Part(label, found.handle, found.campaign or known.campaign, found.text)


def _of_files(files: Sequence[Attachment], known: Known) -> Iterable[Part]:
    """One draft for each text file, with the files that are called the same; for subtitles alone one, too."""
    texts = [file for file in files if file.content_type == "text/plain" and not _is_captions(file)]
    names = [_stem(file) for file in texts]
    texts += [file for file in files if is_text(file) and file not in texts and _stem(file) not in names]
    used: list[Attachment] = []
    for file in texts:
        group = [file, *(one for one in files if one not in texts and _stem(one) == _stem(file))]
        used += group
        yield _of_file(file.name, group, known)
    for file in files:
        if file not in used:
            key = "workbook" if is_workbook(file.name) else "whose_file"
            yield Part(file.name, problem=Message(f"batch_problem.{key}", {"file": file.name}))


def _of_file(name: str, group: Sequence[Attachment], known: Known) -> Part:
    try:
        sent = sort_out("", group)
    except Problem as problem:
        return Part(name, problem=problem.message)
    part = Part(
        name,
        known.handle,
        known.campaign,
        sent.text,
        spoken=sent.spoken,
        attachments=sent.attachments,
        not_read=sent.not_read,
    )
    found = mentions.parse(sent.text, known.campaigns, with_file=False)
    if found is not None and handle_key(found.handle) in known.handles:  # else the words are the draft's own
        part = replace(part, handle=found.handle, campaign=found.campaign or known.campaign, text=found.text)
    return part


def _stem(file: Attachment) -> str:
    return PurePath(file.name).stem.casefold()


def _is_captions(file: Attachment) -> bool:
    return PurePath(file.name).suffix.lower() in ENDINGS
