"""Marks of a text that speaks to its reviewer instead of to followers.

They flag, they do not protect: known patterns miss most of what an attacker invents. Protection lies in what code owns
(quotes, caps, outcome). A flag only ever takes a verdict away from `fits`, never towards it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from bot.judging.disguise import undisguised, without_accents
from bot.model.verdicts import Injection
from bot.model.workspace import Campaign, Influencer

_MAX_QUOTE = 200
_ORDER_SENTENCES = 4  # an order is looked for in so many sentences together
_SENTENCE_END = re.compile(r"(?<=[.!?]\s)|(?<=[。！？\n])")

# A joiner inside an emoji and tag characters inside a flag are ordinary use; elsewhere such characters hide something.
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_REGIONS = "|".join("".join(chr(0xE0000 + ord(letter)) for letter in region) for region in ("gbeng", "gbsct", "gbwls"))
ORDINARY_INVISIBLE = re.compile(f"(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])|(?<=\U0001f3f4)(?:{_REGIONS})\U000e007f")
# Persian, Hindi or Thai words hold such characters by right; Latin, Cyrillic, Chinese and Japanese ones do not.
_LETTERS = "0-9A-Za-z\u00c0-\u052f\u3040-\u30ff\u3400-\u9fff"
_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_HIDING = re.compile(
    f"[\u202d\u202e]|{_TAGS.pattern}|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{{4}}|[\u200b-\u200d\u2060-\u2064\ufeff]{{4}}"
    f"|(?<=[{_LETTERS}])[\u200b-\u200d\u2060-\u2064](?=[{_LETTERS}])"
)
# These turn the order of what follows; beside right-to-left letters that is what they are for.
_TURNING = re.compile("[\u202b\u2067]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


def find_injection(raw: str, text: str) -> Injection:
    """What in a draft speaks to its reviewer: `raw` is searched for hidden characters, the cleaned `text` for words."""
    by, quote = [], ""
    if _hides(raw):
        by.append("hidden_characters")
        quote = _tagged(raw)
    for reading in (without_accents(text), *undisguised(text)):
        lower = reading.lower()
        for family, pattern in _patterns().items():
            if family not in by and (found := pattern.search(lower)):
                by.append(family)
                quote = quote or reading[found.start() : found.end()].strip()
    return Injection(bool(by), tuple(by), quote[:_MAX_QUOTE])


def without_orders(text: str, quote: str = "") -> str:
    """`text` without the sentences that speak to its reviewer and those that `quote` stands in.

    Empty where an order cannot be told from the rest; `text` itself where nothing that can be seen is an order.
    """
    at = text.find(quote) if quote else -1
    pieces, length = [], 0
    for piece in _SENTENCE_END.split(text):
        if at < 0 or length + len(piece) <= at or at + len(quote) <= length:
            pieces.append(piece)
        length += len(piece)
    for width in range(1, _ORDER_SENTENCES + 1):
        pieces = _without_runs(pieces, width)
        rest = "".join(pieces).strip()
        if not find_injection(rest, rest).observed:
            return rest
    return ""


def _without_runs(pieces: list[str], width: int) -> list[str]:
    runs = [range(start, start + width) for start in range(len(pieces) - width + 1)]
    orders = {at for run in runs if speaks_to_reviewer("".join(pieces[at] for at in run)) for at in run}
    return [piece for at, piece in enumerate(pieces) if at not in orders]


@lru_cache(maxsize=50_000)
def speaks_to_reviewer(post: str) -> bool:
    """Whether a stored post holds an injection. Such a post is evidence of nothing."""
    return find_injection(post, post).observed


def find_injection_in_setting(campaign: Campaign, influencer: Influencer) -> Injection:
    """What in a brief or in names speaks to the reviewer; `by` is then `setting`, since the draft does not."""
    brand = campaign.brand
    texts = (
        campaign.name,
        campaign.goal,
        campaign.brief,
        *campaign.must_say,
        *(brand.name, brand.about, brand.category, *brand.claims, *brand.competitors),
        *(value.name for value in brand.values),
        *(influencer.name, influencer.handle),
    )
    for text in texts:
        if (found := find_injection(text, text)).observed:
            return Injection(True, ("setting",), found.quote)
    return Injection()


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    families = tomllib.loads(files(__package__ or __name__).joinpath("injection.toml").read_text("utf-8"))
    return {family: re.compile("|".join(alternatives), re.DOTALL) for family, alternatives in families.items()}


def _hides(raw: str) -> bool:
    rest = ORDINARY_INVISIBLE.sub("", raw)
    return bool(_HIDING.search(rest) or (_TURNING.search(rest) and not _RIGHT_TO_LEFT.search(rest)))


def _tagged(raw: str) -> str:
    """What tag characters spell, which nobody sees in the draft itself."""
    tags = "".join(_TAGS.findall(ORDINARY_INVISIBLE.sub("", raw)))
    return "".join(letter for tag in tags if (letter := chr(ord(tag) - 0xE0000)).isprintable()).strip()
