"""A disclosure check, and a server's own rules, as messages. Pure: from values and a language to boxes that fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from discord import ui

from bot.chat.markup import code_block, link, plain, width
from bot.chat.verdict.cards import CARD_LIMIT, container, flag_line
from bot.judging.disclosure.check import CountryResult, Disclosure, Outcome
from bot.judging.disclosure.messages import country_name, detail, flag_of, has_general_rules_only, question
from bot.judging.disclosure.ready import is_met
from bot.judging.disclosure.rulebook import NO_BRAND
from bot.model.messages import Message
from bot.model.workspace import GuildRule
from bot.texts import render, text

MOST_BLOCKS = 15  # a message holds 40 components, and a block is two
MOST_FLAGS = 12
FINE, OPEN, WRONG = 0x2E8B57, 0x5D7083, 0xC0392B  # colours
_OPEN = (Outcome.NOT_ASSESSABLE, Outcome.NOT_CHECKED)
_SIGNS = {Outcome.PASS: "✅", Outcome.NOT_ASSESSABLE: "❔", Outcome.MISSING: "⛔", Outcome.CONTRADICTED: "⛔"}


def check_answer(found: Disclosure, language: str, format: str) -> list[ui.Container[Any]]:
    """One box a message: every country, the worst first, then what else is to be known of the platform and product."""
    results = sorted(found.results, key=lambda result: result.outcome.rank)
    fine = sum(result.outcome is Outcome.PASS for result in results)
    head = text(language, "label_check.head", fine=fine, countries=len(results))
    blocks = [f"## {head}"]
    if found.ready:
        blocks.append(_line(found.ready, "card.disclosure_in_front", language))
    blocks += [_country(result, language, format, has_line=bool(found.ready)) for result in results]
    if found.tool:
        blocks.append(text(language, f"label_tool.{found.tool}"))
    blocks += [flag_line(flag_of(flag), language) for flag in found.sensitive[:MOST_FLAGS]]
    if (more := len(found.sensitive) - MOST_FLAGS) > 0:
        blocks.append(text(language, "label_check.more_flags", count=more))
    blocks.append(f"-# {text(language, 'label_check.foot', date=str(found.as_of))}")
    colour = FINE if found.outcome is Outcome.PASS else OPEN if found.outcome in _OPEN else WRONG
    return [container(colour, pack) for pack in packed(blocks)]


def rules_answer(rules: Sequence[GuildRule], language: str) -> list[ui.Container[Any]]:
    """All own rules of a server."""
    if not rules:
        return [container(OPEN, [text(language, "rules.none")])]
    lines = [rule_line(rule, language) for rule in rules]
    blocks = ["\n".join(lines[start : start + 8]) for start in range(0, len(lines), 8)]
    return [container(OPEN, pack) for pack in packed([text(language, "rules.head", count=len(rules)), *blocks])]


def rule_line(rule: GuildRule, language: str) -> str:
    values = {
        "rule": f"`{rule.name}`",
        "country": country_name(rule.country, language),
        "label": plain(rule.label, 120),
        "status": Message(f"rule_status.{rule.status}"),
        "language": rule.language,
        "date": rule.as_of.isoformat(),
        "source": plain(rule.source, 120),
    }
    return text(language, "rules.line", **values)


def packed(blocks: Iterable[str]) -> Iterator[list[str]]:
    """The blocks in as many messages as they need."""
    pack: list[str] = []
    for block in blocks:
        if pack and (len(pack) == MOST_BLOCKS or sum(map(width, pack)) + width(block) > CARD_LIMIT):
            yield pack
            pack = []
        pack.append(block)
    yield pack


def _country(result: CountryResult, language: str, format: str, *, has_line: bool) -> str:
    """Outcome, reason, open question, line to copy; then rule, place of the label, source and date.

    `has_line`: one line for all countries stands above, so none of this country alone is offered.
    """
    country, outcome = country_name(result.jurisdiction, language), Message(f"label_outcome.{result.outcome}")
    title = text(language, "label.title", country=country, outcome=outcome)
    lines = [
        f"**{_SIGNS.get(result.outcome, '⚠️')} {title}**",
        plain(render(language, detail(result, format=format)), 320),
    ]
    if asked := question(result):
        lines.append(render(language, asked))
    if not is_met(result) and not has_line:
        lines.append(_line(result.fix, "label_check.copy", language))
    if has_general_rules_only(result):
        lines.append(text(language, "label.general_only", countries=country))
    facts = [text(language, "label_check.rule", rule=plain(result.rule_id, 60))]
    if result.span:
        facts.append(text(language, "label_check.span", start=result.span[0] + 1, end=result.span[1]))
    facts.append(_source(result, language))
    return "\n".join([*lines, f"-# {' · '.join(facts)}"])


def _source(result: CountryResult, language: str) -> str:
    day = result.as_of.isoformat()
    if result.is_own:
        return plain(text(language, "label.own_source", source=result.source_url, date=day), 240)
    where = link(text(language, "label_check.source"), result.source_url) or text(language, "label_check.no_source")
    sure = Message(f"label_confidence.{result.confidence}")
    return text(language, "label_check.dated", source=where, date=day, confidence=sure)


def _line(fix: str, key: str, language: str) -> str:
    """A line to copy under what is said of it; one that lacks the brand's name is not ready, and says so."""
    return f"{text(language, 'label_check.copy_brand' if NO_BRAND in fix else key)}\n{code_block(fix, 150)}"
