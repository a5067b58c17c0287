"""Tells a person what the team answered to their request to be an influencer: by one direct message."""

from __future__ import annotations

from hashlib import sha256

import discord
import structlog

from bot.chat.desk import NOT_SENT, DeskClient
from bot.chat.markup import plain
from bot.chat.outgoing.decision_news import say_once
from bot.store.links import Link
from bot.texts import text

log = structlog.get_logger(__name__)


async def tell_asker(client: DeskClient, answered: Link) -> None:
    """Once, however often it is asked to. Whoever cannot be reached reads the answer with /me show."""
    guild_id, handle = answered.influencer.guild_id, plain(answered.influencer.handle, 70)
    guild, language = client.get_guild(guild_id), await client.desk.language(guild_id)
    server = plain(guild.name if guild else str(guild_id), 100)
    key = "told.linked" if answered.confirmed_at else "told.not_linked"
    sentence = text(language, key, handle=handle, server=server)
    request = f"{guild_id} {answered.influencer.id} {answered.user_id} {answered.asked_at.isoformat()}"
    nonce = f"k{sha256(request.encode()).hexdigest()[:20]}"
    try:
        channel = await client.create_dm(discord.Object(answered.user_id))
        await say_once(client, channel, sentence, nonce, answered.asked_at)
    except NOT_SENT as error:
        log.warning("link_news.not_told", error=type(error).__name__)
