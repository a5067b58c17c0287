"""Brands, campaigns and influencers as people type them into forms: the fields, what each takes, and storing them.

A form holds five fields at most, so each kind of thing has two parts. What is typed goes through the same check as a
workspace file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.model.messages import Message
from bot.model.workspace import Brand, Campaign, Influencer
from bot.services.names import find_brand, find_campaign, find_influencer
from bot.services.where import country_code
from bot.services.workspace import BrandTable, CampaignTable, InfluencerTable, Table, checked, clean_handle
from bot.store import library
from bot.store.database import Store

LONGEST_FIELD = 4000  # characters
_COMMAS = re.compile(r"[,、，\n]")
_LINES = re.compile(r"\n")
_COLON = re.compile(r"[:：]")
_SCALED = re.compile(r"(\d+(?:[.,]\d{1,2})?)\s*([k千万m億])", re.IGNORECASE)  # 12.5k, 3万
_SCALES = {"k": 10**3, "千": 10**3, "万": 10**4, "m": 10**6, "億": 10**8}
_THOUSANDS = re.compile(r"(?<=\d)[\s,.](?=\d{3}(?!\d))")

Thing = Brand | Campaign | Influencer


class Kind(StrEnum):
    BRAND = "brand"
    CAMPAIGN = "campaign"
    INFLUENCER = "influencer"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `read` makes of what was typed what a workspace file would hold; `show` is the way back."""

    name: str  # the key in a workspace file
    read: Callable[[str], Any]
    show: Callable[[Any], str]
    longest: int = LONGEST_FIELD
    lines: bool = False  # takes several
    required: bool = False
    choices: tuple[str, ...] = ()


def _split(separator: re.Pattern[str], typed: str) -> list[str]:
    parts = (" ".join(part.split()) for part in separator.split(typed))
    return list(dict.fromkeys(part for part in parts if part))


def _read_values(typed: str) -> list[dict[str, Any]]:
    """`repair: mend, mended` a line; the words may be left out."""
    values: dict[str, dict[str, Any]] = {}
    for line in _split(_LINES, typed):
        name, *words = _COLON.split(line, maxsplit=1)
        if name.strip():
            values[name.strip()] = {"name": name.strip(), "words": _split(_COMMAS, "".join(words))}
    return list(values.values())


def _read_countries(typed: str) -> list[str]:
    return [country_code(one) for one in _split(_COMMAS, typed)]


def _show_values(values: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(f"{one['name']}: {', '.join(one['words'])}" if one["words"] else one["name"] for one in values)


def _line(name: str, longest: int, *, required: bool = False) -> Field:
    return Field(name, lambda typed: " ".join(typed.split()), lambda value: value or "", longest, required=required)


def _maybe(name: str, longest: int) -> Field:
    """A line that may be unknown."""
    return replace(_line(name, longest), read=lambda typed: " ".join(typed.split()) or None)


def _text(name: str) -> Field:
    return Field(name, str.strip, str, lines=True)


def _words(name: str) -> Field:
    return Field(name, lambda typed: _split(_COMMAS, typed), "\n".join, lines=True)


def _sentences(name: str) -> Field:
    return replace(_words(name), read=lambda typed: _split(_LINES, typed))


def _number(name: str, empty: int | None) -> Field:
    def read(typed: str) -> str | int | None:
        digits = _THOUSANDS.sub("", typed.strip())
        return int(digits) if digits.isdecimal() else empty if not digits else typed.strip()

    return Field(name, read, lambda value: "" if value == empty else str(value), longest=15)


def _followers() -> Field:
    exact = _number("followers", None)

    def read(typed: str) -> Any:
        """People round them."""
        if scaled := _SCALED.fullmatch(typed.strip()):
            return round(float(scaled[1].replace(",", ".")) * _SCALES[scaled[2].lower()])
        return exact.read(typed)

    return replace(exact, read=read)


def _choice(name: str, *choices: str) -> Field:
    return Field(name, str.strip, str, choices=choices)


PLATFORMS = ("instagram", "tiktok", "youtube", "x", "facebook", "threads", "linkedin", "other")
PARTS: Mapping[Kind, Mapping[str, tuple[Field, ...]]] = {
    Kind.BRAND: {
        "main": (
            _line("name", 100, required=True),
            _line("category", 200),
            _text("about"),
            Field("value", _read_values, _show_values, lines=True),
            _sentences("claims"),
        ),
        "more": (_maybe("handle", 100), _words("aliases"), _words("category_words"), _words("competitors")),
    },
    Kind.CAMPAIGN: {
        "main": (
            _line("name", 100, required=True),
            _line("goal", 200),
            _text("brief"),
            _sentences("must_say"),
            Field("countries", _read_countries, ", ".join, 200),
        ),
        "more": (
            _line("brand", 100, required=True),
            _choice("platform", *PLATFORMS),
            _choice("format", "caption", "video", "story"),
            _choice("relation", "paid", "gift", "affiliate", "own_brand", "employee", "none"),
            _number("decide_within_hours", 0),
        ),
    },
    Kind.INFLUENCER: {
        "main": (
            _line("name", 100),
            _line("lang", 2, required=True),
            replace(_maybe("country", 60), read=lambda typed: country_code(typed) or None),
            _choice("platform", *PLATFORMS, "unknown"),
            _followers(),
        ),
    },
}


def shown(kind: Kind, part: str, thing: Thing | None) -> dict[str, str]:
    """What the fields of a form are filled with at first: nothing for a new thing.

    Raises Problem where a form would change what it only shows: a text that is too long for it, or words that it
    would split.
    """
    values = _as_file(thing) if thing else {}
    texts = {}
    for field in PARTS[kind][part]:
        if field.name in values:
            value = values[field.name]
            texts[field.name] = typed = field.show(value)
            again = field.read(typed)
            if len(typed) > field.longest or (again != value and (again or value)):
                raise Problem("entry_problem.only_by_file", field=Message(f"field.{field.name}"))
    return texts


def _as_file(thing: Thing) -> dict[str, Any]:
    """The thing as a workspace file would hold it."""
    match thing:
        case Brand():
            own = _fields(thing, BrandTable) | {
                "value": [{"name": one.name, "words": list(one.words)} for one in thing.values]
            }
        case Campaign():
            own = _fields(thing, CampaignTable) | {"brand": thing.brand.name}
        case Influencer():
            own = _fields(thing, InfluencerTable) | {"lang": thing.language}
    return own


def _fields(thing: Thing, table: type[Table]) -> dict[str, Any]:
    held = {name: getattr(thing, name) for name in table.model_fields if hasattr(thing, name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in held.items()}


def _changed(kind: Kind, before: Thing | None, typed: Mapping[str, str]) -> dict[str, Any]:
    """The thing as a workspace file would hold it, with what was typed in the place of what was."""
    fields = {field.name: field for part in PARTS[kind].values() for field in part}
    read = {name: fields[name].read(words) for name, words in typed.items() if name in fields}
    return (_as_file(before) if before else {}) | read


async def save(
    store: Store, guild_id: int, kind: Kind, thing_id: int, typed: Mapping[str, str], *, handle: str = ""
) -> Thing:
    """Stores a new thing (`thing_id` 0), or the fields that were typed of one that is there.

    `handle` is that of a new influencer. Raises Problem: a field that cannot be used, a name that is taken, a brand
    that is not stored, or a thing that is gone.
    """
    async with store.write() as conn:
        before = await thing_of(conn, guild_id, kind, thing_id) if thing_id else None
        values = _changed(kind, before, typed)
        match kind:
            case Kind.BRAND:
                return await _save_brand(conn, guild_id, thing_id, values)
            case Kind.CAMPAIGN:
                return await _save_campaign(conn, guild_id, thing_id, values)
            case Kind.INFLUENCER:
                return await _save_influencer(conn, guild_id, thing_id, {"handle": handle} | values)


async def _save_brand(conn: AsyncConnection, guild_id: int, brand_id: int, values: Mapping[str, Any]) -> Brand:
    brand = replace(checked(BrandTable, values).brand(guild_id), id=brand_id)
    _require_free(Kind.BRAND, brand.name, brand_id, await library.find_brand(conn, guild_id, brand.name))
    return await (library.update_brand if brand_id else library.upsert_brand)(conn, brand)


async def _save_campaign(conn: AsyncConnection, guild_id: int, campaign_id: int, values: Mapping[str, Any]) -> Campaign:
    table = checked(CampaignTable, values)
    campaign = replace(table.campaign(guild_id, await find_brand(conn, guild_id, table.brand)), id=campaign_id)
    _require_free(Kind.CAMPAIGN, campaign.name, campaign_id, await library.find_campaign(conn, guild_id, campaign.name))
    return await (library.update_campaign if campaign_id else library.upsert_campaign)(conn, campaign)


async def _save_influencer(
    conn: AsyncConnection, guild_id: int, influencer_id: int, values: Mapping[str, Any]
) -> Influencer:
    """The handle stays: past posts and verdicts hang on it."""
    influencer = checked(InfluencerTable, values).influencer(guild_id)
    found = await library.find_influencer(conn, guild_id, influencer.handle)
    _require_free(Kind.INFLUENCER, f"@{influencer.handle}", influencer_id, found)
    return await library.upsert_influencer(conn, influencer)


def influencer_with(guild_id: int, before: Influencer | None, handle: str, typed: Mapping[str, str]) -> Influencer:
    """An influencer with what was typed in the place of what was; `handle` is that of a new one.

    Raises Problem for a field that cannot be used, or is missing.
    """
    values = {"handle": handle} | _changed(Kind.INFLUENCER, before, typed)
    return checked(InfluencerTable, values).influencer(guild_id)


def _require_free(kind: Kind, name: str, own_id: int, found: Thing | None) -> None:
    if found is not None and found.id != own_id:
        raise Problem("entry_problem.taken", name=name, kind=kind.value)


async def require_new(store: Store, guild_id: int, handle: str) -> str:
    """A handle that is not stored yet, cleaned. Raises Problem for one that is, or can be none."""
    handle = clean_handle(handle)
    async with store.read() as conn:
        found = await library.find_influencer(conn, guild_id, handle)
    _require_free(Kind.INFLUENCER, f"@{handle}", 0, found)
    return handle


async def thing_of(conn: AsyncConnection, guild_id: int, kind: Kind, thing_id: int) -> Thing:
    """Raises Problem for one that is no longer stored here."""
    get = {Kind.BRAND: library.get_brand, Kind.CAMPAIGN: library.get_campaign, Kind.INFLUENCER: library.get_influencer}
    found: Thing | None = await get[kind](conn, guild_id, thing_id)
    if found is None:
        raise Problem("entry_problem.gone")
    return found


async def things_of(conn: AsyncConnection, guild_id: int, kind: Kind) -> Sequence[Thing]:
    """All of one kind, by name."""
    match kind:
        case Kind.BRAND:
            return await library.brands(conn, guild_id)
        case Kind.CAMPAIGN:
            return await library.campaigns(conn, guild_id)
        case Kind.INFLUENCER:
            return await library.influencers(conn, guild_id)


async def find_thing(conn: AsyncConnection, guild_id: int, kind: Kind, name: str) -> Thing:
    """The brand, campaign or influencer that was named. Raises Problem that names the nearest."""
    match kind:
        case Kind.BRAND:
            return await find_brand(conn, guild_id, name)
        case Kind.CAMPAIGN:
            return await find_campaign(conn, guild_id, name)
        case Kind.INFLUENCER:
            return await find_influencer(conn, guild_id, name)
