"""Load and validate `rules/*.toml`. A malformed or undated row stops the load.

The error is one sentence that names file and row. A guild's own rows go through the same checks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bot.judging.disclosure.patterns import expand, fold_label
from bot.judging.disclosure.rulebook import (
    CHANNELS,
    FORMATS,
    FORMS,
    RELATIONS,
    STRICT_FORMS,
    Contradiction,
    FormatRule,
    Jurisdiction,
    LabelError,
    LabelRule,
    Ordinary,
    Platform,
    RelationRule,
    Rulebook,
    RuleError,
    SensitiveRule,
    Source,
    Status,
)

RULES = Path(__file__).with_name("rules")
SOURCE_KINDS = ("law", "regulator", "court", "code", "platform", "secondary", "none", "own")
MOST_CHOICES = 16  # a label with choices stands for all their combinations
_FAULTS = {
    "too_many_choices": f"has more than {MOST_CHOICES} choices; write it as several labels.",
    "no_letters": "has no letters.",
    "single_letter": "is a single letter.",
}
SHARED = ("contradictions", "ordinary", "platforms", "sensitive")  # files that are no jurisdiction


class _Row:
    """One table of a rules file, read key by key; `done` refuses what was not read."""

    def __init__(self, table: object, where: str, sources: Mapping[str, Source]) -> None:
        if not isinstance(table, Mapping):
            raise RuleError(f"{where}: a row is a table of keys and values.")
        self._left = dict(table)
        self._sources = sources
        name = table.get("id")
        self.where = f"{where}, row {name!r}" if isinstance(name, str) else where

    def error(self, what: str) -> RuleError:
        return RuleError(f"{self.where}: {what}")

    def take(self, key: str, kind: type, default: Any = ...) -> Any:
        value = self._left.pop(key, default)
        if value is ...:
            raise self.error(f"{key} is missing.")
        if value is not default and (not isinstance(value, kind) or value == ""):
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

    def source(self, key: str = "source") -> Source:
        """Either `source` naming a row of [sources], or the four keys themselves."""
        if key in self._left:
            name = self.take(key, str)
            if name not in self._sources:
                raise self.error(f"{key} = {name!r} is not in [sources].")
            return self._sources[name]
        url = self.take("source_url", str)
        return Source(
            url, self.choice("source_kind", SOURCE_KINDS), self._date("as_of"), self.choice("confidence", "HML")
        )

    def done(self) -> None:
        if self._left:
            raise self.error(f"{', '.join(sorted(self._left))} is not a key of this kind of row.")


def label_rule(row: _Row, jurisdiction: str) -> LabelRule:
    status = Status(row.choice("status", tuple(Status)))
    clear = status in (Status.ACCEPTED, Status.GIFT_ONLY)
    rule = LabelRule(
        id=row.take("id", str),
        jurisdiction=jurisdiction,
        labels=row.words("labels"),
        status=status,
        language=row.take("language", str),
        source=row.source(),
        forms=row.choices("forms", FORMS, STRICT_FORMS if clear else STRICT_FORMS | {"word"}),
        relations=row.choices("relations", RELATIONS, RELATIONS),
        unless_before=row.words("unless_before", ()),
        unless_after=row.words("unless_after", ()),
        valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to"),
    )
    row.done()
    if not rule.labels:
        raise row.error("labels is empty.")
    for label in rule.labels:
        if reason := _label_fault(label):
            raise LabelError(str(row.error(f"label {label!r} {_FAULTS[reason]}")), reason)
    if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
        raise row.error("valid_to lies before valid_from.")
    return rule


def _label_fault(label: str) -> str:
    """Why a label cannot be looked for; empty for most."""
    if label.count("|") > MOST_CHOICES:
        return "too_many_choices"
    if not _has_letters(label):
        return "no_letters"
    return "single_letter" if any(len(fold_label(one)) == 1 for one in expand(label)) else ""


def _has_letters(label: str) -> bool:
    """Whether there is something to look for in each of its spellings."""
    return all(any(map(str.isalnum, fold_label(one))) for one in expand(label))


def _contradiction(row: _Row) -> Contradiction:
    rule = Contradiction(
        id=row.take("id", str),
        labels=row.words("labels"),
        language=row.take("language", str),
        source=row.source(),
        relations=row.choices("relations", RELATIONS, RELATIONS),
        unless_before=row.words("unless_before", ()),
        unless_after=row.words("unless_after", ()),
    )
    row.done()
    for label in rule.labels:
        if not _has_letters(label):  # it would be found everywhere
            raise row.error(f"label {label!r} {_FAULTS['no_letters']}")
    return rule


def _ordinary(row: _Row) -> Ordinary:
    found = Ordinary(row.take("label", str), row.words("before", ()), row.words("behind", ()))
    row.done()
    return found


def guild_rules(rows: Sequence[Mapping[str, Any]], book: Rulebook) -> tuple[LabelRule, ...]:
    """A guild's own label rows, validated like the shipped ones. Each also needs `jurisdiction`.

    Raises RuleError.
    """
    rules = []
    for number, table in enumerate(rows, start=1):
        row = _Row(table, f"own rules, number {number}", {})
        code = row.take("jurisdiction", str).upper()
        if code not in book.aliases:
            raise row.error(f"jurisdiction = {code!r} is unknown; use one of {book.known()}.")
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
    formats = {name: rule for rule in map(_format, _rows(data, "format", where, sources)) for name in rule.formats}
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
        tool_id=tool.take("id", str),
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
        question=row.take("question", str, ""),
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
        question=row.take("question", str, ""),
    )
    row.done()
    if unknown := set(rule.needs) - CHANNELS:
        raise row.error(f"needs: {', '.join(sorted(unknown))} is unknown; use {', '.join(sorted(CHANNELS))}.")
    return rule


def _platform(row: _Row) -> tuple[Platform, tuple[str, ...]]:
    aliases = row.words("aliases", ())
    tool = row.take("tool", str, "")
    platform = Platform(
        name=row.take("name", str),
        chars=row.take("chars", int, None),
        lines=row.take("lines", int, None),
        source=row.source(),
        in_video_only=row.take("in_video_only", bool, False),
        tool=tool,
        tool_source=row.source("tool_source") if tool else None,
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
    data = {path.name: _read(path) for path in sorted(RULES.glob("*.toml")) if path.stem not in SHARED}
    states = {name: tables.pop("state", []) for name, tables in data.items()}
    places = {name: jurisdiction(tables, name) for name, tables in data.items()}
    unions = {name: replace(place, general=place.code) for name, place in places.items() if states[name]}
    places |= unions
    members = [_state(row, unions[name]) for name in unions for row in _state_rows(states[name], name)]
    every = (*places.values(), *members)
    return Rulebook(
        jurisdictions={place.code: place for place in places.values()},
        states={state.code: state for state in members},
        aliases={code: place.code for place in every for code in (*place.aliases, place.code)},
        contradictions=tuple(map(_contradiction, _file_rows("contradictions.toml", "contradiction"))),
        ordinary=tuple(map(_ordinary, _rows(_read(RULES / "ordinary.toml"), "word", "ordinary.toml", {}))),
        platforms=_platforms(_file_rows("platforms.toml", "platform")),
        sensitive_words={name: tuple(words) for name, words in _read(RULES / "sensitive.toml")["words"].items()},
        sensitive=tuple(map(_sensitive, _file_rows("sensitive.toml", "rule"))),
        as_of=max(place.as_of for place in places.values()),
    )


def _state_rows(tables: Iterable[object], where: str) -> list[_Row]:
    return [_Row(table, f"{where}, [[state]]", {}) for table in tables]


def _state(row: _Row, union: Jurisdiction) -> Jurisdiction:
    """A country for which there are only the general rules of its union, told in its own languages.

    Where no label of its languages is sourced, `words` and the union's own language are weak.
    """
    code, languages, words = row.take("code", str), row.words("languages"), row.words("words", ())
    labels = union.labels
    if not any(rule.status is Status.ACCEPTED and rule.language in languages for rule in labels):
        labels = tuple(
            replace(rule, status=Status.WEAK)
            if rule.status is Status.ACCEPTED and rule.language in union.languages
            else rule
            for rule in labels
        )
    if words:
        vague = next(rule for rule in labels if rule.status is Status.UNSOURCED)
        labels += (replace(vague, id=f"{code.lower()}-words", labels=words, language=languages[0]),)
    state = replace(
        union,
        code=code,
        name=row.texts("name"),
        languages=languages,
        aliases=row.words("aliases", ()),
        labels=labels,
    )
    row.done()
    return state


def _file_rows(name: str, kind: str) -> list[_Row]:
    data = _read(RULES / name)
    return _rows(data, kind, name, _sources(data["sources"], name))


def _platforms(rows: Iterable[_Row]) -> dict[str, Platform]:
    found: dict[str, Platform] = {}
    for platform, aliases in map(_platform, rows):
        found |= dict.fromkeys((platform.name, *aliases), platform)
    return found
