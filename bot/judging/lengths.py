"""How many characters a platform takes in one post; where a draft has more, it would be cut or refused there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.model.messages import Message
from bot.model.workspace import Campaign

# As of November 2026, second hand and not checked with each platform. Of two limits the higher one stands.
LONGEST: Mapping[str, int] = {
    "instagram": 2_200,
    "tiktok": 4_000,  # 2,200 in older apps
    "youtube": 5_000,  # of a description
    "threads": 500,
    "x": 280,  # unless the account may write long posts
}
_LINK = re.compile(r"https?://\S+")
_X_LINK = 23  # every link counts so much there
_X_SINGLE = re.compile("[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")  # all others count twice


def too_long(written: str, campaign: Campaign) -> tuple[Message, ...]:
    """A note on a text that is longer than its platform takes. The words of a story stand in its picture."""
    platform = campaign.platform
    limit = LONGEST.get(platform)
    count = _on_x(written.strip()) if platform == "x" else len(written.strip())
    if limit is None or count <= limit or campaign.format == "story":
        return ()
    key = "note.too_long_x" if platform == "x" else "note.too_long"
    return (Message(key, {"count": count, "limit": limit, "platform": Message(f"label_platform.{platform}")}),)


def _on_x(written: str) -> int:
    text, links = _LINK.subn("", written)
    return 2 * len(text) - len(_X_SINGLE.findall(text)) + _X_LINK * links
