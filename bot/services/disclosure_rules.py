"""A server's own disclosure rules: checked like the shipped ones before they are stored."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.judging.disclosure.load import MOST_CHOICES, rulebook
from bot.judging.disclosure.own import STATUSES, require_usable
from bot.judging.disclosure.rulebook import LabelError
from bot.model.workspace import GuildRule
from bot.store import guild_rules
from bot.store.database import Store

MOST_RULES = 50  # of one server
LONGEST_LABEL, LONGEST_SOURCE = 80, 300  # characters
_LANGUAGE = re.compile(r"[a-z]{2}")


def checked_rule(
    guild_id: int, label: str, status: str, country: str, language: str, source: str, today: date, added_by: int
) -> GuildRule:
    """The rule as typed, cleaned. Raises Problem: one sentence on the first thing that is wrong."""
    label, source = " ".join(label.lstrip("#＃ \n").split()), " ".join(source.split())
    book = rulebook()
    code = book.aliases.get(country.strip().upper())
    if code is None:
        raise Problem("rules_problem.country", country=country.strip()[:20], known=book.known())
    language = language.strip().lower()
    if not _LANGUAGE.fullmatch(language):
        raise Problem("rules_problem.language", language=language[:20])
    if status not in STATUSES:
        raise Problem("rules_problem.status", status=status[:20], known=list(STATUSES))
    if not label:
        raise Problem("rules_problem.no_letters")
    if not source:
        raise Problem("rules_problem.source")
    if len(label) > LONGEST_LABEL or len(source) > LONGEST_SOURCE:
        raise Problem("rules_problem.too_long", label=LONGEST_LABEL, source=LONGEST_SOURCE)
    rule = GuildRule(0, guild_id, code, label, status, language, source, today, added_by)
    try:
        require_usable(rule)
    except LabelError as error:
        raise Problem(f"rules_problem.{error.reason}", most=MOST_CHOICES) from None
    return rule


async def add_rule(store: Store, rule: GuildRule) -> GuildRule:
    """Stores a checked rule; one for the same label and country is replaced. Raises Problem for one too many."""
    async with store.write() as conn:
        return await add_rule_in(conn, rule)


async def add_rule_in(conn: AsyncConnection, rule: GuildRule) -> GuildRule:
    """`add_rule` as part of a transaction."""
    stored = await guild_rules.upsert_guild_rule(conn, rule)
    if len(await guild_rules.guild_rules(conn, rule.guild_id)) > MOST_RULES:
        raise Problem("rules_problem.too_many", most=MOST_RULES)
    return stored


async def rules_of(store: Store, guild_id: int) -> tuple[GuildRule, ...]:
    """Oldest first."""
    async with store.read() as conn:
        return await guild_rules.guild_rules(conn, guild_id)


async def remove_rule(store: Store, guild_id: int, typed: str) -> GuildRule:
    """Removes the rule that was typed by name (own-7) or by its label. Raises Problem where there is none."""
    wanted = typed.strip().lstrip("#＃").casefold()
    async with store.write() as conn:
        for rule in await guild_rules.guild_rules(conn, guild_id):
            if wanted in (rule.name, str(rule.id), rule.label.casefold()):
                await guild_rules.remove_guild_rule(conn, guild_id, rule.id)
                return rule
    raise Problem("rules_problem.unknown", name=typed.strip()[:40])
