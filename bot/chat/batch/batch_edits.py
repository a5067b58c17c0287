"""A message of several drafts was edited: each draft whose words are other ones now gets a new version.

What left the message is kept, and what is new in it is no draft by that; both are said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import discord
import structlog

from bot.chat.desk import NOT_SENT, DeskClient
from bot.chat.draft import mentions
from bot.chat.draft.attachments import beside, looks_like_text
from bot.errors import Problem
from bot.model.drafts import AnswerAddress, AnswerKind
from bot.services.batch_edits import Edits, Now, edits
from bot.services.batch_file import is_table
from bot.services.versions import NewText, add_version
from bot.store import batches, library
from bot.store.batches import Batch
from bot.store.search import handle_key, name_key

SEEN = "👀"

log = structlog.get_logger(__name__)


async def follow_edit(client: DeskClient, message: discord.Message, batch: Batch, words: str) -> None:
    """`words`: of the message, after a mention of the bot. Raises Problem where there is something to be said: drafts
    that came as files, that cannot be taken, or that were removed or added."""
    if any(looks_like_text(file) or is_table(file.name) for file in beside(message)):
        raise Problem("version_problem.batch_of_files")
    async with client.desk.store.read() as conn:
        before = await batches.brought_by(conn, batch.guild_id, message.id)
        campaigns = await library.campaign_names(conn, batch.guild_id)
        influencers = {handle_key(one.handle): one.id for one in await library.influencers(conn, batch.guild_id)}
    found = edits(before, list(_read(words, influencers, campaigns)))
    await _store(client, message, batch, found)
    if found.changed:
        client.desk.queue.wake()
        try:
            await message.add_reaction(SEEN)
        except NOT_SENT as error:  # stored all the same
            log.warning("batch_edits.not_acknowledged", error=type(error).__name__)
    if found.removed or found.added:
        key = "both" if found.removed and found.added else "removed" if found.removed else "added"
        raise Problem(f"version_problem.batch_{key}", removed=len(found.removed), added=len(found.added))


def _read(words: str, influencers: Mapping[str, int], campaigns: Sequence[str]) -> Iterator[Now]:
    """`influencers`: ids by folded handle. Raises Problem for a line that may or may not begin a draft."""
    for part in mentions.parts(mentions.parted(words, influencers, campaigns)):
        if handle := mentions.doubtful(part, influencers):
            raise Problem("chat_problem.one_or_two", handle=handle)
        read = mentions.parse(part, campaigns, with_file=False)
        whose = influencers.get(handle_key(read.handle)) if read else None
        yield Now(whose, name_key(read.campaign), read.text) if read and whose else Now(None, "", part)


async def _store(client: DeskClient, message: discord.Message, batch: Batch, found: Edits) -> None:
    """A version of each draft that was changed, answered by a card of its own below the message."""
    assert message.edited_at is not None  # edited
    desk, moment = client.desk, int(message.edited_at.timestamp() * 1000)
    answer = AnswerAddress(
        AnswerKind.REPLY,
        channel_id=message.channel.id,
        message_id=message.id,
        user_id=message.author.id,
        language=await desk.language(batch.guild_id),
    )
    for one, words in found.changed:
        key = f"edit:{message.id}:{moment}:{one.draft_id}"
        new = NewText(message.author.id, key, words, answer, keeps_files=True)
        settings, limited = desk.settings.review, desk.settings.limits
        await add_version(desk.store, batch.guild_id, one.draft_id, new, settings, desk.clock(), limited=limited)
