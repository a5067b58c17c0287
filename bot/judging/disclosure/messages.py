"""A disclosure result in words: as messages that a verdict keeps, and as whole lines."""

from __future__ import annotations

from bot.judging.disclosure.check import CountryResult, Disclosure, SensitiveFlag
from bot.judging.disclosure.load import rulebook
from bot.model import Message
from bot.texts import FALLBACK, render, text


def detail(result: CountryResult, *, format: str = "caption") -> Message:
    """Why this jurisdiction says what it says, in a sentence."""
    values = {
        "label": result.label,
        "position": result.position,
        "limit": result.limit,
        "language": result.language,
        "format": format,
    }
    return Message(f"label_detail.{result.detail}", values)


def question(result: CountryResult) -> Message | None:
    """What has to be asked before the label can be judged, where something has."""
    return Message(f"label_question.{result.question}") if result.question else None


def country_lines(result: CountryResult, language: str = FALLBACK, *, format: str = "caption") -> list[str]:
    """One jurisdiction in a few lines: outcome, reason, open question, ready line, source."""
    names = rulebook().jurisdictions[result.jurisdiction].name
    country, outcome = names.get(language, names[FALLBACK]), Message(f"label_outcome.{result.outcome}")
    lines = [
        text(language, "label.title", country=country, outcome=outcome),
        render(language, detail(result, format=format)),
    ]
    if asked := question(result):
        lines.append(render(language, asked))
    if result.outcome not in ("PASS", "NOT_ASSESSABLE"):
        lines.append(text(language, "label.fix", fix=result.fix))
    source = {"source": result.source_url, "date": result.as_of.isoformat(), "confidence": result.confidence}
    return [*lines, text(language, "label.source", **source)]


def flag_line(flag: SensitiveFlag, language: str = FALLBACK) -> str:
    """One sensitive product kind in a sentence."""
    note = flag.rule.note
    category = Message(f"label_category.{flag.rule.category}")
    return text(language, "label.flag", category=category, note=note.get(language, note[FALLBACK]))


def report(disclosure: Disclosure, language: str = FALLBACK, *, format: str = "caption") -> str:
    """The whole check in plain lines: every jurisdiction, the platform's setting, flags, and the reservation."""
    if disclosure.as_of is None:
        return text(language, f"label_outcome.{disclosure.outcome}")
    blocks = ["\n".join(country_lines(result, language, format=format)) for result in disclosure.results]
    if disclosure.tool:
        blocks.append(text(language, f"label_tool.{disclosure.tool}"))
    blocks.extend(flag_line(flag, language) for flag in disclosure.sensitive)
    blocks.append(text(language, "label.reservation", date=disclosure.as_of.isoformat()))
    return "\n\n".join(blocks)
