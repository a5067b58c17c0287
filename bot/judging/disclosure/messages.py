"""A disclosure result in words: as messages that a verdict keeps, and as whole lines."""

from __future__ import annotations

from bot.judging.disclosure.check import CountryResult, Disclosure, SensitiveFlag
from bot.judging.disclosure.load import rulebook
from bot.judging.disclosure.ready import is_met
from bot.judging.disclosure.rulebook import NO_BRAND, Source
from bot.model.messages import Message
from bot.model.verdicts import DisclosureFlag
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
    said = Message(f"label_detail.{result.detail}", values)
    if not result.is_own:
        return said
    what = {"key": said.key, "values": values}
    return Message("label.by_own_rule", {"what": what, "rule": result.rule_id})


def question(result: CountryResult) -> Message | None:
    """What has to be asked before the label can be judged, where something has."""
    return Message(f"label_question.{result.question}") if result.question else None


def country_lines(
    result: CountryResult, language: str = FALLBACK, *, format: str = "caption", has_line: bool = False
) -> list[str]:
    """One jurisdiction in a few lines: outcome, reason, open question, ready line unless all have one, source."""
    country, outcome = country_name(result.jurisdiction, language), Message(f"label_outcome.{result.outcome}")
    lines = [
        text(language, "label.title", country=country, outcome=outcome),
        render(language, detail(result, format=format)),
    ]
    if asked := question(result):
        lines.append(render(language, asked))
    if result.outcome != "NOT_ASSESSABLE" and not is_met(result) and not has_line:
        lines.append(text(language, "label.fix", fix=result.fix))
    if has_general_rules_only(result):
        lines.append(text(language, "label.general_only", countries=country))
    return [*lines, source_line(result, language)]


def country_name(code: str, language: str) -> str:
    names = rulebook().place(code).name
    return names.get(language, names[FALLBACK])


def has_general_rules_only(result: CountryResult) -> bool:
    """Whether nothing but the general rules of its union is on file for the country, which has to be said."""
    return bool(rulebook().place(result.jurisdiction).general)


def source_line(result: CountryResult, language: str = FALLBACK) -> str:
    """Which row says so, where that comes from, of what day, and how sure it is."""
    sure = Message(f"label_confidence.{result.confidence}")
    source = {"source": result.source_url, "date": result.as_of.isoformat(), "confidence": sure}
    if result.is_own:
        return text(language, "label.own_source", **source)
    return text(language, "label.source", rule=result.rule_id, **source)


def flag_of(flag: SensitiveFlag) -> DisclosureFlag:
    """A flag as a verdict keeps it."""
    rule, as_of = flag.rule, flag.rule.source.as_of.isoformat()
    return DisclosureFlag(rule.category, rule.scope, rule.effect, rule.note, rule.source.url, as_of)


def flag_line(flag: DisclosureFlag, language: str = FALLBACK) -> str:
    """One sensitive product kind in a sentence, with its source."""
    note = flag.note.get(language) or flag.note[FALLBACK]
    category = Message(f"label_category.{flag.category}")
    return text(language, "label.flag", category=category, note=note, source=flag.source, date=flag.as_of)


def ready_key(line: str) -> str:
    """The key of what is said above a line to copy: one that lacks the brand's name is not ready."""
    return "label_check.copy_brand" if NO_BRAND in line else "card.disclosure_in_front"


def as_data(disclosure: Disclosure, language: str = FALLBACK, *, format: str = "caption") -> dict[str, object]:
    """The whole check for other programs, with the reservation; spans count characters of the raw caption."""
    day = disclosure.as_of and disclosure.as_of.isoformat()
    return {
        "outcome": disclosure.outcome,
        "rule": disclosure.rule or None,
        "fix": None if all(map(is_met, disclosure.results)) else disclosure.fix,
        "ready_line": disclosure.ready or None,
        "results": [_result_data(result, language, format) for result in disclosure.results],
        "sensitive": [
            {"category": flag.rule.category, "where": flag.rule.scope, "effect": flag.rule.effect, "span": flag.span}
            | _source_data(flag.rule.source)
            for flag in disclosure.sensitive
        ],
        "platform": text(language, f"label_tool.{disclosure.tool}") if disclosure.tool else None,
        "as_of": day,
        "reservation": text(language, "label.reservation", date=day) if day else None,
    }


def _result_data(result: CountryResult, language: str, format: str) -> dict[str, object]:
    asked = question(result)
    return {
        "country": result.jurisdiction,
        "outcome": result.outcome,
        "detail": result.detail,
        "reason": render(language, detail(result, format=format)),
        "question": render(language, asked) if asked else None,
        "label": result.label or None,
        "span": result.span,
        "fix": None if is_met(result) else result.fix,
        "rule": result.rule_id,
        "own_rule": result.is_own,
        "general_rules_only": has_general_rules_only(result),
    } | _source_data(result.source)


def _source_data(source: Source) -> dict[str, object]:
    return {"source": source.url, "as_of": source.as_of.isoformat(), "confidence": source.confidence}


def report(disclosure: Disclosure, language: str = FALLBACK, *, format: str = "caption") -> str:
    """The whole check in plain lines: every jurisdiction, the platform's setting, flags, and the reservation."""
    if disclosure.as_of is None:
        return text(language, f"label_outcome.{disclosure.outcome}")
    has_line = bool(disclosure.ready)
    blocks = [f"{text(language, ready_key(disclosure.ready))}\n{disclosure.ready}"] if has_line else []
    blocks += [
        "\n".join(country_lines(result, language, format=format, has_line=has_line)) for result in disclosure.results
    ]
    if disclosure.tool:
        blocks.append(text(language, f"label_tool.{disclosure.tool}"))
    blocks.extend(flag_line(flag_of(flag), language) for flag in disclosure.sensitive)
    blocks.append(text(language, "label.reservation", date=disclosure.as_of.isoformat()))
    return "\n\n".join(blocks)
