"""Names and descriptions for Discord's own interface, which shows them in the reader's language."""

from __future__ import annotations

from discord.app_commands import locale_str

from bot.texts import FALLBACK, text

LONGEST_CHOICE = 100


def said(key: str) -> locale_str:
    """A text of the catalogue for Discord's own interface."""
    return locale_str(text(FALLBACK, key), key=key)
