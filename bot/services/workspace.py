"""workspace.toml: brands, campaigns, influencers and own rules in one file, checked whole before anything is stored."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from bot.errors import Problem
from bot.judging.disclosure.load import rulebook
from bot.model.messages import Message
from bot.model.workspace import Brand, BrandValue, Campaign, GuildRule, Influencer
from bot.services.disclosure_rules import LONGEST_LABEL, LONGEST_SOURCE, checked_rule
from bot.store.search import handle_in, handle_key, name_key
from bot.texts import languages

_HANDLE = re.compile(r"[\w.\-]{1,64}")  # \w: letters and digits of any script
_WHY = {
    "two_letters": "workspace_problem.two_letters",
    "literal_error": "workspace_problem.choice",
    "string_type": "workspace_problem.no_text",
    "string_too_short": "workspace_problem.no_text",
    "string_too_long": "workspace_problem.too_long",
    "tuple_type": "workspace_problem.no_list",
    "int_parsing": "workspace_problem.no_number",
    "int_type": "workspace_problem.no_number",
    "greater_than_equal": "workspace_problem.too_small",
    "less_than_equal": "workspace_problem.too_large",
    "date_type": "workspace_problem.no_date",
    "date_from_datetime_parsing": "workspace_problem.no_date",
    "date_from_datetime_inexact": "workspace_problem.no_date",
}
MOST_HOURS = 24 * 90  # to decide in


def _two_letters(code: str) -> str:
    if not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise PydanticCustomError("two_letters", "two letters are needed")
    return code


Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Words = tuple[Name, ...]
Country = Annotated[str, StringConstraints(to_upper=True), AfterValidator(_two_letters)]
Language = Annotated[str, StringConstraints(to_lower=True), AfterValidator(_two_letters)]


def _jurisdiction(code: str) -> str:
    book = rulebook()
    known = book.aliases.get(code.strip().upper())
    if known is None:
        raise PydanticCustomError("literal_error", "no such rules", {"expected": book.known()})
    return known


def _spoken(code: str) -> str:
    if code.lower() not in languages():
        raise PydanticCustomError("literal_error", "no such language", {"expected": ", ".join(languages())})
    return code.lower()


Spoken = Annotated[str, AfterValidator(_spoken)]  # a language the bot speaks
Jurisdiction = Annotated[str, AfterValidator(_jurisdiction)]  # whose disclosure rules are known


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


Checked = TypeVar("Checked", bound=Table)


class ValueTable(Table):
    name: Name
    words: Words = ()


def _plain_value(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class BrandTable(Table):
    name: Name
    handle: str | None = None
    aliases: Words = ()
    about: str = ""
    category: str = ""
    category_words: Words = ()
    competitors: Words = ()
    claims: Words = ()
    value: tuple[Annotated[ValueTable, BeforeValidator(_plain_value)], ...] = Field(
        (), validation_alias=AliasChoices("value", "values")
    )

    def brand(self, guild_id: int) -> Brand:
        values = tuple(BrandValue(value.name, value.words) for value in self.value)
        fields = {name: getattr(self, name) for name in BrandTable.model_fields if name != "value"}
        return Brand(id=0, guild_id=guild_id, values=values, **fields)


class CampaignTable(Table):
    name: Name
    brand: Name
    goal: str = ""
    brief: str = ""
    must_say: Words = ()
    countries: tuple[Country, ...] = ()
    platform: Name = "instagram"
    format: Literal["caption", "video", "story"] = "caption"
    relation: Literal["paid", "gift", "affiliate", "own_brand", "employee", "none"] = "paid"
    decide_within_hours: int = Field(0, ge=0, le=MOST_HOURS)

    def campaign(self, guild_id: int, brand: Brand) -> Campaign:
        fields = {name: getattr(self, name) for name in CampaignTable.model_fields if name != "brand"}
        return Campaign(id=0, guild_id=guild_id, brand=brand, **fields)


class InfluencerTable(Table):
    handle: Name
    name: str = ""
    lang: Language
    country: Country | None = None
    platform: Name = "unknown"
    followers: int | None = Field(None, ge=0)
    posts: Name | None = None  # a file, relative to the workspace's folder

    def influencer(self, guild_id: int) -> Influencer:
        handle = clean_handle(self.handle)
        return Influencer(
            id=0,
            guild_id=guild_id,
            handle=handle,
            name=self.name or handle,
            language=self.lang,
            country=self.country,
            platform=self.platform,
            followers=self.followers,
        )


class RuleTable(Table):
    """A disclosure rule of the server's own."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LABEL)]
    status: Literal["accepted", "ambiguous", "refused"]
    country: Jurisdiction
    language: Language  # of the label
    source: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SOURCE)]
    as_of: date  # the day it was decided

    def rule(self, guild_id: int) -> GuildRule:
        """Raises Problem for a label that cannot be looked for."""
        return checked_rule(
            guild_id, self.label, self.status, self.country, self.language, self.source, self.as_of, added_by=0
        )


class GuildTable(Table):
    """The settings of the server; a key that is left out stays as it is."""

    language: Spoken | None = None
    countries: tuple[Jurisdiction, ...] | None = None
    decider_roles: tuple[int, ...] | None = None
    drafts_channel_id: int | None = None
    retention_days: int | None = Field(None, ge=0)


class Workspace(Table):
    guild: GuildTable = GuildTable()
    brand: tuple[BrandTable, ...] = ()
    campaign: tuple[CampaignTable, ...] = ()
    influencer: tuple[InfluencerTable, ...] = ()
    disclosure_rule: tuple[RuleTable, ...] = ()


def clean_handle(typed: str) -> str:
    """The handle without '@' and blanks, width normalised; also from the address of a profile.

    Raises Problem for what can be no handle.
    """
    handle = handle_in(unicodedata.normalize("NFKC", typed)).strip().removeprefix("@")
    if not _HANDLE.fullmatch(handle):
        raise Problem("import_problem.handle", handle=typed.strip()[:80])
    return handle


def read_workspace(path: Path, stored_brands: Iterable[str]) -> Workspace:
    """The tables in `path`. A campaign's brand is one of them or of `stored_brands`; posts are files in its folder.

    Raises Problem that names table, number and key.
    """
    if not path.exists():
        raise Problem("import_problem.missing", path=str(path))
    try:
        tables = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError:
        raise Problem("import_problem.unreadable", path=str(path)) from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise Problem("workspace_problem.not_toml", path=str(path), why=str(error)) from None
    try:
        workspace = Workspace.model_validate(tables)
    except ValidationError as error:
        raise _explained(path, error) from None
    if not workspace.model_fields_set:
        raise Problem("workspace_problem.nothing", path=str(path))
    _check_across(path, workspace, stored_brands)
    return workspace


def posts_path(workspace_path: Path, posts: str) -> Path:
    """Where the posts file really lies, with `..` and links followed."""
    return (workspace_path.resolve().parent / posts).resolve()


def _explained(path: Path, error: ValidationError) -> Problem:
    """The first thing wrong, in terms of the file: ("brand", 0, "value", 1, "name") is [[brand]] 1, value 2 name."""
    first = error.errors()[0]
    table, *place = first["loc"]
    if table == "guild" and place:
        what = _why(first) if first["type"] != "extra_forbidden" else Message("workspace_problem.no_key")
        return Problem("workspace_problem.guild_value", path=str(path), key=_key(place), why=what)
    if len(place) < 2 or not isinstance(place[0], int):
        return Problem("workspace_problem.unknown_table", path=str(path), table=str(table)[:40])
    where = {"path": str(path), "table": f"[[{table}]]", "number": place[0] + 1, "key": _key(place[1:])}
    match first["type"]:
        case "extra_forbidden":
            return Problem("workspace_problem.unknown_key", **where)
        case "missing":
            return Problem("workspace_problem.missing_key", **where)
        case _:
            return Problem("workspace_problem.value", why=_why(first), **where)


def checked(table: type[Checked], values: Mapping[str, object]) -> Checked:
    """One table from values that somebody typed. Raises Problem on the first field that cannot be used."""
    try:
        return table.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        missing = first["type"] == "missing"
        why = Message("workspace_problem.no_text") if missing else _why(first)
        raise Problem("entry_problem.value", field=Message(f"field.{first['loc'][0]}"), why=why) from None


def _key(place: Sequence[int | str]) -> str:
    return " ".join(str(part + 1) if isinstance(part, int) else part for part in place)[:80]


def _why(error: ErrorDetails) -> Message:
    if key := _WHY.get(error["type"]):
        return Message(key, error.get("ctx", {}))
    return Message("literal", {"text": error["msg"]})


def _check_across(path: Path, workspace: Workspace, stored_brands: Iterable[str]) -> None:
    """What one table alone cannot show. Raises Problem for the first thing that is wrong."""

    def check(table: str, number: int, key: str, message: Message | None) -> None:
        if message is not None:
            where = {"path": str(path), "table": f"[[{table}]]", "number": number, "key": key}
            raise Problem("workspace_problem.value", why=message, **where)

    known, campaigns, handles, rules = set[str](), set[str](), set[str](), set[str]()
    for number, brand in enumerate(workspace.brand, start=1):
        check("brand", number, "name", _twice(brand.name, name_key(brand.name), known))
    known.update(name_key(name) for name in stored_brands)
    for number, campaign in enumerate(workspace.campaign, start=1):
        check("campaign", number, "name", _twice(campaign.name, name_key(campaign.name), campaigns))
        if name_key(campaign.brand) not in known:
            check("campaign", number, "brand", Message("workspace_problem.no_brand", {"name": campaign.brand}))
    for number, influencer in enumerate(workspace.influencer, start=1):
        check("influencer", number, "handle", _problem(partial(clean_handle, influencer.handle)))
        check("influencer", number, "handle", _twice(influencer.handle, handle_key(influencer.handle), handles))
        if influencer.posts and not posts_path(path, influencer.posts).is_relative_to(path.resolve().parent):
            check("influencer", number, "posts", Message("workspace_problem.outside", {"posts": influencer.posts}))
    for number, rule in enumerate(workspace.disclosure_rule, start=1):
        check("disclosure_rule", number, "label", _problem(partial(rule.rule, 0)))
        key = f"{rule.country} {name_key(rule.rule(0).label)}"
        check("disclosure_rule", number, "label", _twice(rule.label, key, rules))


def _twice(name: str, key: str, seen: set[str]) -> Message | None:
    """Says so when `key` was there before, and remembers it."""
    if key in seen:
        return Message("workspace_problem.twice", {"name": name})
    seen.add(key)
    return None


def _problem(call: Callable[[], object]) -> Message | None:
    try:
        call()
    except Problem as problem:
        return problem.message
    return None
