"""Texts that try to ping, to format, to forge links or to burst a card; and Discord's reading of what is sent."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import strategies as st

FRAGMENTS = (
    "@everyone",
    "@here",
    "<@1000>",
    "<@&123456789012345678>",
    "<#4000>",
    "[free](https://bad.example/login)",
    "[open post](<https://bad.example>)",
    "https://bad.example",
    "<https://bad.example>",
    "```",
    "`",
    "**",
    "||",
    "\n# big",
    "\n> quoted",
    "\n-# small",
    "\\",
    "\\\\[x](https://bad.example)",
    ":\\//",
    "\u202e",
    "\u200b",
    "\x00",
    "<t:0:R>",
    "</review:1>",
    "<a:wave:1>",
    "👩‍👩‍👧",
    "長い言葉" * 200,
    "x" * 5000,
    "*" * 3000,
    "{influencer}",
    "%s{0}",
)
anything = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=30), max_size=8).map("".join)

_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
_CODE = re.compile(r"```.*?```", re.DOTALL)
_MASKED = re.compile(r"\[([^\[\]]*)\]\(([^()\s]*)\)")
PINGS = re.compile(r"@(everyone|here)|<(@|#|/|a?:|t:)")


def shown(sent: str) -> str:
    """The characters a reader sees of a text in which nothing is formatted."""
    return re.sub("@\u200b", "@", _ESCAPED.sub(r"\1", sent))


def visible(text: str) -> str:
    """The signs of a text that leave a mark, in their order."""
    return "".join(sign for sign in text if unicodedata.category(sign)[0] not in "ZC")


def bare(sent: str) -> str:
    """What Discord may still take for markup: without code blocks and without escaped characters."""
    return _ESCAPED.sub("\ufffd", _CODE.sub("", sent))


def links(sent: str) -> set[str]:
    """Where the masked links of a text lead."""
    return {target for _, target in _MASKED.findall(bare(sent))}


def bare_addresses(sent: str) -> list[str]:
    """Web addresses outside of masked links, which Discord makes clickable by itself."""
    return re.findall(r"\w+://\S+", _MASKED.sub("", bare(sent)))
