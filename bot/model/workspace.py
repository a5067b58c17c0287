"""What a server has set up: its settings, brands, campaigns, influencers and rules of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Influencer:
    id: int
    guild_id: int
    handle: str  # without @, case kept
    name: str
    language: str  # ISO 639-1, e.g. "ja"
    country: str | None  # ISO 3166-1 alpha-2
    platform: str
    followers: int | None = None  # stored and shown, never read by a judge


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """How a server is set up."""

    language: str = ""  # ISO 639-1; empty: not chosen yet
    countries: tuple[str, ...] = ()  # disclosure law checked for every draft, beside the campaign's countries
    decider_roles: tuple[int, ...] = ()  # who may decide; none: who may manage messages
    drafts_channel_id: int | None = None  # where drafts are posted
    retention_days: int = 0  # of texts; 0: kept


@dataclass(frozen=True, slots=True)
class BrandValue:
    """A value the brand claims, and the words by which a search finds it in posts."""

    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Brand:
    id: int
    guild_id: int
    name: str
    handle: str | None = None
    aliases: tuple[str, ...] = ()
    about: str = ""
    category: str = ""
    category_words: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    values: tuple[BrandValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Campaign:
    id: int
    guild_id: int
    name: str
    brand: Brand
    goal: str = ""
    brief: str = ""
    must_say: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2; disclosure law is checked for each
    platform: str = "instagram"
    format: str = "caption"  # caption, video, story
    relation: str = "paid"  # paid, gift, affiliate, own_brand, employee, none
    decide_within_hours: int = 0  # after the verdict; 0: no deadline


@dataclass(frozen=True, slots=True)
class GuildRule:
    """A server's own disclosure rule: what one label is worth in one country."""

    id: int
    guild_id: int
    country: str  # code of a jurisdiction that there are rules for, e.g. "DE"
    label: str
    status: str  # accepted, ambiguous, refused
    language: str  # of the label, ISO 639-1
    source: str  # an address, or why
    as_of: date  # the day it was set down
    added_by: int = 0  # Discord user id; 0: the command line

    @property
    def name(self) -> str:
        """What people see and remove it by."""
        return f"own-{self.id}"
