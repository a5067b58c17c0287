"""The disclosure rules as data: loading, validation and look-up of `disclosure_rules/*.toml`.

Every row is dated and names its source. A malformed row stops the load with one sentence that names file and row.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

RULES = Path(__file__).with_name("disclosure_rules")
SHARED = ("contradictions", "messages", "platforms", "sensitive")  # files that are no jurisdiction
RELATIONS = frozenset({"paid", "gift", "affiliate", "own_brand", "employee"})
FORMATS = frozenset({"caption", "photo", "carousel", "post", "story", "video", "live", "podcast"})
CHANNELS = frozenset({"overlay", "spoken", "either", "caption"})
FORMS = frozenset({"tag", "bare", "phrase", "word", "start", "beside"})
EVERYWHERE = "ALL"


class RuleError(ValueError):
    """A rule cannot be used; the sentence names the file and the row."""


class Status(StrEnum):
    """What a jurisdiction makes of a label."""

    ACCEPTED = "accepted"
    WEAK = "weak"
    REFUSED = "refused"
    GIFT_ONLY = "gift_only"  # accepted for a gift with no duty to post, ignored otherwise
    SECONDARY = "secondary"  # counts only beside an accepted label
    UNSOURCED = "unsourced"  # no source found: treated as weak


@dataclass(frozen=True, slots=True)
class Source:
    url: str
    kind: str  # law, regulator, court, code, secondary
    as_of: date
    confidence: str  # H, M, L


@dataclass(frozen=True, slots=True)
class LabelRule:
    """One row: labels that one jurisdiction treats alike. Patterns may hold `{brand}`, `{link}` and `(a|b)`."""

    id: str
    jurisdiction: str
    labels: tuple[str, ...]
    status: Status
    language: str
    source: Source
    relations: frozenset[str] = RELATIONS
    forms: frozenset[str] = frozenset()  # empty: those usual for the status
    unless_after: tuple[str, ...] = ()  # what makes a bare label part of a longer word
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, day: date | None) -> bool:
        """Whether the row holds on `day`; None asks for the rules of today, as dated."""
        if day is None:
            return self.valid_to is None
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Words by which a text denies what it is."""

    id: str
    labels: tuple[str, ...]
    language: str
    source: Source
    relations: frozenset[str] = RELATIONS
    unless_before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RelationRule:
    """Whether a relation calls for a label: `label`, or `ask` where the law is unknown or depends on facts."""

    id: str
    relation: str
    duty: str
    source: Source
    question: str | None = None


@dataclass(frozen=True, slots=True)
class FormatRule:
    """What a format needs beyond the caption. `every`: the label must stand on every frame, not only the first."""

    id: str
    formats: frozenset[str]
    needs: tuple[str, ...]
    source: Source
    every: bool = False
    question: str | None = None  # still open where all needed texts carry a label


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    code: str
    name: Mapping[str, str]
    languages: tuple[str, ...]
    labels: tuple[LabelRule, ...]
    relations: Mapping[str, RelationRule]
    formats: tuple[FormatRule, ...]
    fixes: Mapping[str, Mapping[str, str]]  # relation -> language -> line
    tool_severity: str
    tool_source: Source
    placement_id: str
    placement_source: Source
    tag_limit: int | None = None
    aliases: tuple[str, ...] = ()
    as_of: date = date.min

    def format_rule(self, format_: str) -> FormatRule | None:
        return next((rule for rule in self.formats if format_ in rule.formats), None)

    def fix(self, relation: str, languages: Sequence[str]) -> str:
        """The ready line for `relation`, in the first of `languages` there is one for."""
        lines = self.fixes.get(relation) or self.fixes["paid"]
        return next((lines[code] for code in languages if code in lines), next(iter(lines.values())))


@dataclass(frozen=True, slots=True)
class Platform:
    """Where a platform folds a caption, in characters and lines; None means it shows all."""

    name: str
    chars: int | None
    lines: int | None
    source: Source
    in_video_only: bool = False  # a label in the caption never suffices
    tool: str | None = None  # key of the sentence on the platform's own disclosure setting
    tool_source: Source | None = None


@dataclass(frozen=True, slots=True)
class SensitiveRule:
    """A kind of product with rules of its own on a platform or in a jurisdiction."""

    id: str
    category: str
    scope: str  # platform name or jurisdiction code
    effect: str  # banned, restricted
    note: Mapping[str, str]
    source: Source


@dataclass(frozen=True, slots=True)
class Rulebook:
    jurisdictions: Mapping[str, Jurisdiction]
    aliases: Mapping[str, str]  # any accepted country code -> jurisdiction
    contradictions: tuple[Contradiction, ...]
    platforms: Mapping[str, Platform]
    sensitive: tuple[SensitiveRule, ...]
    sensitive_words: Mapping[str, tuple[str, ...]]
    as_of: date

    def resolve(self, countries: Iterable[str]) -> tuple[str, ...]:
        """Jurisdiction codes for country codes, each once, in the order given."""
        found: dict[str, None] = {}
        for country in countries:
            code = self.aliases.get(country.strip().upper())
            if code is None:
                raise ValueError(f"There are no disclosure rules for {country!r}; known: {', '.join(self.known())}.")
            found[code] = None
        if not found:
            raise ValueError(f"Name at least one country for the disclosure check: {', '.join(self.known())}.")
        return tuple(found)

    def known(self) -> tuple[str, ...]:
        return tuple(sorted(self.aliases))

    def platform(self, name: str) -> Platform | None:
        return self.platforms.get(name.strip().lower())


class _Row:
    """One table of a rules file, read key by key; `done` refuses what was not read."""

    def __init__(self, table: Mapping[str, Any], where: str, sources: Mapping[str, Source]) -> None:
        if not isinstance(table, Mapping):
            raise RuleError(f"{where}: a row is a table of keys and values.")
        self._left = dict(table)
        self._sources = sources
        self.where = f"{where}, row {table['id']!r}" if isinstance(table.get("id"), str) else where

    def error(self, what: str) -> RuleError:
        return RuleError(f"{self.where}: {what}")

    def take(self, key: str, kind: type, default: Any = ...) -> Any:
        value = self._left.pop(key, default)
        if value is ...:
            raise self.error(f"{key} is missing.")
        if value is not default and (not isinstance(value, kind) or (kind is str and not value.strip())):
            raise self.error(f"{key} = {value!r} is not a {kind.__name__}.")
        return value

    def day(self, key: str) -> date | None:
        return self._date(key) if key in self._left else None

    def _date(self, key: str) -> date:
        value = self._left.pop(key, None)
        if isinstance(value, str):  # rows of a guild may come from JSON
            try:
                value = date.fromisoformat(value)
            except ValueError:
                raise self.error(f"{key} = {value!r} is not a date such as 2026-11-22.") from None
        if type(value) is not date:
            raise self.error(f"{key} is missing: every rule needs the day it was checked, such as {key} = 2026-11-22.")
        return value

    def choice(self, key: str, allowed: Iterable[str], default: Any = ...) -> str:
        value: str = self.take(key, str, default)
        if value not in allowed:
            raise self.error(f"{key} = {value!r} is unknown; use one of {', '.join(sorted(allowed))}.")
        return value

    def words(self, key: str, default: Any = ...) -> tuple[str, ...]:
        values = self.take(key, Sequence, default)
        if isinstance(values, str) or not all(isinstance(value, str) and value.strip() for value in values):
            raise self.error(f"{key} = {values!r} is not a list of texts.")
        return tuple(values)

    def choices(self, key: str, allowed: frozenset[str], default: frozenset[str]) -> frozenset[str]:
        values = frozenset(self.words(key, tuple(default)))
        if unknown := values - allowed:
            raise self.error(f"{key}: {', '.join(sorted(unknown))} is unknown; use {', '.join(sorted(allowed))}.")
        return values

    def texts(self, key: str) -> dict[str, str]:
        table = dict(self.take(key, Mapping))
        if not table or not all(isinstance(text, str) and text.strip() for text in table.values()):
            raise self.error(f"{key} = {table!r} is not a table of language = text.")
        return table

    def source(self) -> Source:
        """Either `source` naming a row of [sources], or the four keys themselves."""
        if "source" in self._left:
            name = self.take("source", str)
            if name not in self._sources:
                raise self.error(f"source = {name!r} is not in [sources].")
            return self._sources[name]
        url = self.take("source_url", str)
        kind = self.choice("source_kind", ("law", "regulator", "court", "code", "platform", "secondary", "none"))
        return Source(url, kind, self._date("as_of"), self.choice("confidence", "HML"))

    def done(self) -> None:
        if self._left:
            raise self.error(f"{', '.join(sorted(self._left))} is not a key of this kind of row.")


def label_rule(row: _Row, jurisdiction: str) -> LabelRule:
    rule = LabelRule(
        id=row.take("id", str),
        jurisdiction=jurisdiction,
        labels=row.words("labels"),
        status=Status(row.choice("status", tuple(Status))),
        language=row.take("language", str),
        source=row.source(),
        relations=row.choices("relations", RELATIONS, RELATIONS),
        forms=row.choices("forms", FORMS, frozenset()),
        unless_after=row.words("unless_after", ()),
        valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to"),
    )
    row.done()
    if not rule.labels:
        raise row.error("labels is empty.")
    if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
        raise row.error("valid_to lies before valid_from.")
    return rule


def contradiction(row: _Row) -> Contradiction:
    rule = Contradiction(
        id=row.take("id", str),
        labels=row.words("labels"),
        language=row.take("language", str),
        source=row.source(),
        relations=row.choices("relations", RELATIONS, RELATIONS),
        unless_before=row.words("unless_before", ()),
    )
    row.done()
    return rule


def guild_rules(rows: Sequence[Mapping[str, Any]], book: Rulebook) -> tuple[LabelRule, ...]:
    """A guild's own label rows, validated like the shipped ones. Each also needs `jurisdiction`.

    Raises RuleError.
    """
    rules = []
    for number, table in enumerate(rows, start=1):
        row = _Row(table, f"own rules, number {number}", {})
        code = row.take("jurisdiction", str).upper()
        if code not in book.aliases:
            raise row.error(f"jurisdiction = {code!r} is unknown; use one of {', '.join(book.known())}.")
        rules.append(label_rule(row, book.aliases[code]))
    return tuple(rules)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path.name}: not readable as TOML ({error}).") from error


def _sources(tables: Mapping[str, Any], where: str) -> dict[str, Source]:
    found = {}
    for name, table in tables.items():
        row = _Row(table, f"{where}, [sources.{name}]", {})
        found[name] = row.source()
        row.done()
    return found


def _rows(data: dict[str, Any], kind: str, where: str, sources: Mapping[str, Source]) -> list[_Row]:
    return [_Row(table, f"{where}, [[{kind}]]", sources) for table in data.pop(kind, [])]


def jurisdiction(data: dict[str, Any], where: str) -> Jurisdiction:
    """One jurisdiction from its parsed file. Raises RuleError."""
    sources = _sources(data.pop("sources", {}), where)
    head = _Row({key: data.pop(key) for key in ("code", "name", "languages", "aliases") if key in data}, where, sources)
    code = head.take("code", str)
    labels = tuple(label_rule(row, code) for row in _rows(data, "label", where, sources))
    relations = {rule.relation: rule for rule in map(_relation, _rows(data, "relation", where, sources))}
    formats = tuple(map(_format, _rows(data, "format", where, sources)))
    placement = _Row(data.pop("placement", {}), f"{where}, [placement]", sources)
    tool = _Row(data.pop("tool", {}), f"{where}, [tool]", sources)
    found = Jurisdiction(
        code=code,
        name=head.texts("name"),
        languages=head.words("languages"),
        aliases=head.words("aliases", ()),
        labels=labels,
        relations=relations,
        formats=formats,
        fixes=_fixes(data.pop("fix", {}), where),
        tool_severity=tool.choice("severity", ("warn", "info")),
        tool_source=tool.source(),
        placement_id=placement.take("id", str),
        tag_limit=placement.take("tag_limit", int, None),
        placement_source=placement.source(),
        as_of=max(source.as_of for source in sources.values()),
    )
    for row in (head, placement, tool, _Row(data, where, sources)):
        row.done()
    _unique([rule.id for rule in labels], where)
    return found


def _fixes(tables: Mapping[str, Any], where: str) -> dict[str, Mapping[str, str]]:
    row = _Row(tables, f"{where}, [fix]", {})
    found: dict[str, Mapping[str, str]] = {relation: row.texts(relation) for relation in tables}
    if "paid" not in found:
        raise row.error("the line for paid is missing.")
    return found


def _relation(row: _Row) -> RelationRule:
    rule = RelationRule(
        id=row.take("id", str),
        relation=row.choice("relation", RELATIONS),
        duty=row.choice("duty", ("label", "ask")),
        source=row.source(),
        question=row.take("question", str, None),
    )
    row.done()
    return rule


def _format(row: _Row) -> FormatRule:
    rule = FormatRule(
        id=row.take("id", str),
        formats=row.choices("formats", FORMATS, frozenset()),
        needs=row.words("needs"),
        source=row.source(),
        every=row.take("every", bool, False),
        question=row.take("question", str, None),
    )
    row.done()
    if unknown := set(rule.needs) - CHANNELS:
        raise row.error(f"needs: {', '.join(sorted(unknown))} is unknown; use {', '.join(sorted(CHANNELS))}.")
    return rule


def _platform(row: _Row) -> tuple[Platform, tuple[str, ...]]:
    aliases = row.words("aliases", ())
    tool = row.take("tool", str, None)
    platform = Platform(
        name=row.take("name", str),
        chars=row.take("chars", int, None),
        lines=row.take("lines", int, None),
        source=row.source(),
        in_video_only=row.take("in_video_only", bool, False),
        tool=tool,
        tool_source=_Row({"source": row.take("tool_source", str)}, row.where, row._sources).source() if tool else None,
    )
    row.done()
    return platform, aliases


def _sensitive(row: _Row) -> SensitiveRule:
    rule = SensitiveRule(
        id=row.take("id", str),
        category=row.take("category", str),
        scope=row.take("scope", str),
        effect=row.choice("effect", ("banned", "restricted")),
        note=row.texts("note"),
        source=row.source(),
    )
    row.done()
    return rule


def _unique(ids: Sequence[str], where: str) -> None:
    for index, one in enumerate(ids):
        if one in ids[:index]:
            raise RuleError(f"{where}: two rows are called {one!r}.")


@cache
def rulebook() -> Rulebook:
    """The shipped rules, read once. Raises RuleError."""
    paths = sorted(path for path in RULES.glob("*.toml") if path.stem not in SHARED)
    found = [jurisdiction(_read(path), path.name) for path in paths]
    aliases: dict[str, str] = {}
    for one in sorted(found, key=lambda j: j.code != "EU"):  # a member state's own file beats the default for the Union
        aliases |= dict.fromkeys((*one.aliases, one.code), one.code)
    denials = _read(RULES / "contradictions.toml")
    sources = _sources(denials["sources"], "contradictions.toml")
    platforms = _platforms(_read(RULES / "platforms.toml"))
    sensitive = _read(RULES / "sensitive.toml")
    sensitive_sources = _sources(sensitive["sources"], "sensitive.toml")
    return Rulebook(
        jurisdictions={one.code: one for one in found},
        aliases=aliases,
        contradictions=tuple(map(contradiction, _rows(denials, "contradiction", "contradictions.toml", sources))),
        platforms=platforms,
        sensitive=tuple(map(_sensitive, _rows(sensitive, "rule", "sensitive.toml", sensitive_sources))),
        sensitive_words={name: tuple(words) for name, words in sensitive["words"].items()},
        as_of=max(one.as_of for one in found),
    )


def _platforms(data: dict[str, Any]) -> dict[str, Platform]:
    sources = _sources(data["sources"], "platforms.toml")
    found: dict[str, Platform] = {}
    for row in _rows(data, "platform", "platforms.toml", sources):
        platform, aliases = _platform(row)
        found |= dict.fromkeys((platform.name, *aliases), platform)
    return found
