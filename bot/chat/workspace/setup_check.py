"""What a server still lacks, in words that say where to click: from its settings and from what Discord tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import discord

from bot.chat.markup import plain
from bot.model.workspace import GuildSettings
from bot.services.setup import Setup
from bot.texts import text

MOST_CHANNELS = 6  # shown; what is wrong goes first
FINE = "✅"
NEEDED = ("view_channel", "send_messages", "read_message_history", "add_reactions", "attach_files")


def check_lines(
    settings: GuildSettings, guild: discord.Guild, language: str, *, watched: Sequence[int], reads_messages: bool
) -> Iterator[str]:
    """One line for each thing looked at: the channels, the roles, and whether channels can be watched."""
    if settings.drafts_channel_id is None:
        yield text(language, "setup.channel_open")
    channels = list(dict.fromkeys(filter(None, (settings.drafts_channel_id, *watched))))
    lines = sorted((_channel_line(channel_id, guild, language) for channel_id in channels), key=_is_fine)
    yield from lines[:MOST_CHANNELS]
    if (more := len(lines) - MOST_CHANNELS) > 0:
        yield text(language, "setup.more_channels", count=more)
    gone = [role for role in settings.decider_roles if guild.get_role(role) is None]
    if gone:
        yield text(language, "setup.roles_gone", count=len(gone))
    if watched and not reads_messages:
        yield text(language, "setup.watches_in_vain", count=len(watched))
    else:
        yield text(language, "setup.reads_messages" if reads_messages else "setup.reads_no_messages")


def _is_fine(line: str) -> bool:
    return line.startswith(FINE)


def missing(channel: discord.abc.GuildChannel) -> list[str]:
    """The permissions the bot lacks there; where it cannot even see the channel, that one alone."""
    has = channel.permissions_for(channel.guild.me)
    lacking = [name for name in NEEDED if not getattr(has, name)]
    return lacking[:1] if lacking[:1] == ["view_channel"] else lacking


def _channel_line(channel_id: int, guild: discord.Guild, language: str) -> str:
    channel = guild.get_channel(channel_id)
    if channel is None:
        return text(language, "setup.channel_gone", channel=f"<#{channel_id}>")
    if not (lacking := missing(channel)):
        return f"{FINE} {text(language, 'setup.channel_fine', channel=channel.mention)}"
    own_role = guild.self_role
    names = [text(language, f"permission.{name}") for name in lacking]
    role = plain(own_role.name if own_role else guild.me.display_name, 60)
    line = text(language, "setup.channel_lacks", channel=channel.mention, permissions=names, role=role)
    return f"{line}\n-# {text(language, 'setup.no_history')}" if "read_message_history" in lacking else line


def next_lines(found: Setup, language: str) -> Iterator[str]:
    """The first thing that a review still needs; where all is there, how to send a draft."""
    counts = {"brands": found.brands, "campaigns": found.campaigns, "influencers": found.influencers}
    yield text(language, "setup.stored", **counts, rules=found.rules)
    for name, count in (counts | {"posts": found.with_posts}).items():
        if not count:
            yield text(language, f"setup.next_{name}")
            return
    yield text(language, "setup.next_draft")
