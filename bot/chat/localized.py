"""Names and descriptions for Discord's own interface, which shows them in the reader's language."""

from __future__ import annotations

from discord.app_commands import AppCommandContext, AppInstallationType, Group, locale_str

from bot.texts import FALLBACK, text

LONGEST_CHOICE = 100


def said(key: str) -> locale_str:
    """A text of the catalogue for Discord's own interface."""
    return locale_str(text(FALLBACK, key), key=key)


def own_group(name: str) -> Group:
    """A group of commands for a person's own things: in servers, in direct messages, and as the person's own app."""
    return Group(
        name=name,
        description=said(f"command.{name}_group"),
        allowed_contexts=AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        allowed_installs=AppInstallationType(guild=True, user=True),
    )
