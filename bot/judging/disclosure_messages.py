"""The words for people: a disclosure result said in English or Japanese, always as 'not legal advice'."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from bot.judging.disclosure import CountryResult, Disclosure, SensitiveFlag
from bot.judging.disclosure_load import RULES, rulebook

FALLBACK = "en"


@cache
def texts(language: str) -> Mapping[str, Any]:
    """All texts of one language; English for a language there are none for."""
    tables = tomllib.loads((RULES / "messages.toml").read_text("utf-8"))
    found: Mapping[str, Any] = tables.get(language, tables[FALLBACK])
    return found


def country_lines(result: CountryResult, language: str = FALLBACK, *, format: str = "caption") -> list[str]:
    """One jurisdiction in a few lines: outcome, reason, open question, ready line, source."""
    say = texts(language)
    names = rulebook().jurisdictions[result.jurisdiction].name
    lines = [
        say["title"].format(country=names.get(language, names[FALLBACK]), outcome=say["outcome"][result.outcome]),
        say["detail"][result.detail].format(
            label=result.label, position=result.position, limit=result.limit, language=result.language, format=format
        ),
    ]
    if result.question:
        lines.append(say["question"][result.question])
    if result.outcome not in ("PASS", "NOT_ASSESSABLE"):
        lines.append(say["fix"].format(fix=result.fix))
    lines.append(
        say["source"].format(source=result.source_url, date=result.as_of.isoformat(), confidence=result.confidence)
    )
    return lines


def flag_line(flag: SensitiveFlag, language: str = FALLBACK) -> str:
    """One sensitive product kind in a sentence."""
    say, note = texts(language), flag.rule.note
    category, note_text = say["category"][flag.rule.category], note.get(language, note[FALLBACK])
    return str(say["flag"].format(category=category, note=note_text))


def report(disclosure: Disclosure, language: str = FALLBACK, *, format: str = "caption") -> str:
    """The whole check in plain lines: every jurisdiction, the platform's setting, flags, and the reservation."""
    say = texts(language)
    if disclosure.as_of is None:
        return str(say["outcome"][disclosure.outcome])
    blocks = ["\n".join(country_lines(result, language, format=format)) for result in disclosure.results]
    if disclosure.tool:
        blocks.append(say["tool"][disclosure.tool])
    blocks.extend(flag_line(flag, language) for flag in disclosure.sensitive)
    blocks.append(say["reservation"].format(date=disclosure.as_of.isoformat()))
    return "\n\n".join(blocks)
