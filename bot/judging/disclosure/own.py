"""A server's own rules as rows that the loader checks like the shipped ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.judging.disclosure.load import guild_rules, rulebook
from bot.judging.disclosure.rulebook import STRICT_FORMS, RuleError, Status
from bot.judging.disclosure.ruleset import ruleset
from bot.model.workspace import GuildRule

OWN = "own"  # kind of source
STATUSES = {"accepted": Status.ACCEPTED, "ambiguous": Status.WEAK, "refused": Status.REFUSED}


def own_row(rule: GuildRule) -> dict[str, Any]:
    """The row for `check(extra_rules=...)`. Its confidence is low: nobody but the server vouches for it."""
    return {
        "id": rule.name,
        "jurisdiction": rule.country,
        "labels": [rule.label],
        "status": STATUSES.get(rule.status, rule.status),
        "language": rule.language,
        "forms": sorted(STRICT_FORMS | {"start"} if rule.language == "ja" else STRICT_FORMS),
        "source_url": rule.source,
        "source_kind": OWN,
        "as_of": rule.as_of,
        "confidence": "L",
    }


def require_usable(rule: GuildRule) -> None:
    """Raises RuleError that says what is wrong with it."""
    guild_rules([own_row(rule)], rulebook())


def compile_own(rules: Iterable[GuildRule]) -> None:
    """Makes them ready for `check`: the first set takes tens of milliseconds, so do it outside an event loop."""
    ruleset(guild_rules(usable(rules)[0], rulebook()))


def usable(rules: Iterable[GuildRule]) -> tuple[list[dict[str, Any]], list[GuildRule]]:
    """Rows of the rules that hold, and the rules that no longer do: one of them must not stop a review."""
    rows, broken = [], []
    for rule in rules:
        try:
            require_usable(rule)
        except RuleError:
            broken.append(rule)
        else:
            rows.append(own_row(rule))
    return rows, broken
