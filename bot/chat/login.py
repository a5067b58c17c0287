"""A look at Discord with the token, without starting a session: for `doctor`."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
import discord

from bot.errors import Problem
from bot.model.messages import Message

# What the bot needs where drafts are posted: see, answer, read what a reply refers to, show that it has seen.
NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
    add_reactions=True,
)


@dataclass(frozen=True, slots=True)
class Login:
    name: str
    guilds: tuple[str, ...]
    may_read_messages: bool  # the message content intent is on in the developer portal
    invite: str  # link that asks for the permissions in NEEDED


def _why(error: Exception) -> Message:
    match error:
        case discord.HTTPException():
            return Message("doctor.status", {"status": error.status})
        case aiohttp.ClientConnectorDNSError():
            return Message("doctor.no_name")
        case TimeoutError():
            return Message("doctor.no_answer")
        case _:
            return Message("doctor.no_connection")


async def look_at_login(token: str) -> Login:
    """Raises Problem when Discord refuses the token or cannot be reached."""
    client = discord.Client(intents=discord.Intents.none())
    try:
        await client.login(token)
        application = await client.application_info()
        guilds = [guild.name async for guild in client.fetch_guilds(limit=200)]
    except discord.LoginFailure:
        raise Problem("chat_problem.login") from None
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise Problem("doctor.unreachable", why=_why(error)) from None
    finally:
        await client.close()
    flags = application.flags
    return Login(
        name=str(client.user),
        guilds=tuple(guilds),
        may_read_messages=flags.gateway_message_content or flags.gateway_message_content_limited,
        invite=discord.utils.oauth_url(application.id, permissions=NEEDED, scopes=("bot", "applications.commands")),
    )
