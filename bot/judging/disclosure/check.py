"""Whether a sponsored text says that it is advertising, country by country, as the dated rules ask. Not legal advice.

`check` is deterministic and makes no call. The rules are data (`rules/*.toml`), compiled on first use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

from bot.judging.disclosure.findings import (
    Labels,
    Law,
    Text,
    Weighed,
    badly_placed,
    judge,
    scan,
    spot,
    weigh,
)
from bot.judging.disclosure.labels import Hit
from bot.judging.disclosure.load import guild_rules, rulebook
from bot.judging.disclosure.patterns import SENSITIVE
from bot.judging.disclosure.post import Case, assess, rank
from bot.judging.disclosure.refusals import is_refused
from bot.judging.disclosure.results import Channel, CountryResult
from bot.judging.disclosure.rulebook import (
    FORMATS,
    NO_BRAND,
    RELATIONS,
    Outcome,
    Platform,
    SensitiveRule,
    Source,
)
from bot.judging.disclosure.ruleset import Finding, Ruleset, ruleset, table
from bot.judging.disclosure.text import fold

__all__ = ["CountryResult", "Disclosure", "Outcome", "SensitiveFlag", "check"]


@dataclass(frozen=True, slots=True)
class SensitiveFlag:
    """A product kind with rules of its own, and the words of the caption that gave it away."""

    rule: SensitiveRule
    span: tuple[int, int] | None


class Disclosure(NamedTuple):
    """Every jurisdiction's line; `outcome`, `rule` and `fix` are those of the worst."""

    outcome: Outcome
    results: tuple[CountryResult, ...] = ()
    rule: str = ""
    fix: str = ""
    ready: str = ""  # the line that, put in front of the caption, makes all pass; see `ready.with_ready_line`
    sensitive: tuple[SensitiveFlag, ...] = ()
    tool: str = ""  # key of the sentence on the platform's own setting, where that is not on
    as_of: date | None = None

    @property
    def worst(self) -> CountryResult | None:
        """The first of the worst lines; None if nothing was checked."""
        return min(self.results, key=rank, default=None)


def check(
    text: str,
    *,
    countries: Sequence[str],
    platform: str = "instagram",
    format: str = "caption",
    relation: str = "paid",
    brand: str = "",
    brand_aliases: Sequence[str] = (),
    audience_languages: Sequence[str] | None = None,
    tool: bool = False,
    overlay_text: Sequence[str] = (),
    spoken_text: str | None = None,
    as_of: date | None = None,
    extra_rules: Sequence[Mapping[str, Any]] = (),
) -> Disclosure:
    """Check `text` (a caption) against the rules of all `countries`, and take the worst.

    `relation` is paid, gift (with no duty to post), affiliate, own_brand, employee or none. A story, video, live
    stream or podcast is judged by `overlay_text`, one text a frame, and `spoken_text`; without them the outcome is
    NOT_ASSESSABLE. `tool` says that the platform's own setting is on. `as_of` asks for the rules of another day.
    `audience_languages` (codes such as en or pt-BR) replaces the languages of the countries. `extra_rules` are a
    guild's own label rows.
    Raises ValueError for an unknown country, format, relation or language, RuleError for a malformed row.
    """
    if relation == "none":
        return Disclosure(Outcome.NOT_CHECKED)
    _known("relation", relation, RELATIONS)
    _known("format", format, FORMATS)
    book = rulebook()
    rules = ruleset(guild_rules(extra_rules, book)) if extra_rules else ruleset()
    where = book.platforms.get(platform.strip().lower(), book.platforms["other"])
    brands = _brand_names(brand, tuple(brand_aliases))
    languages = tuple(map(_language, audience_languages or ()))
    format = "video" if where.in_video_only and format == "caption" else format
    day = as_of or book.as_of
    asked = _asked(rules, _several(countries), relation, format, day, languages or None, where, tool, brand)
    case = Case(
        rules,
        scan(text, rules, brands),
        tuple([scan(frame, rules, brands, Channel.OVERLAY) for frame in _several(overlay_text)]),
        None if spoken_text is None else scan(spoken_text, rules, brands, Channel.SPOKEN),
        format,
        relation,
    )
    results = _results(case, asked)
    if not where.known:
        results = tuple(map(_unsure, results))
    worst = min(results, key=rank)
    return Disclosure(
        outcome=worst.outcome,
        results=results,
        rule=worst.rule_id,
        fix=worst.fix,
        sensitive=_sensitive(case, asked.laws) if case.has_others else (),
        tool="" if tool else where.tool,
        as_of=book.as_of,
    )


@dataclass(frozen=True, eq=False)
class _Asked:
    """What a campaign asks of every draft: the laws, and what they say of a caption without anything like a label."""

    laws: tuple[Law, ...]
    silent: tuple[CountryResult, ...]
    of_caption: bool  # whatever else was supplied, the caption alone decides


def _results(case: Case, asked: _Asked) -> tuple[CountryResult, ...]:
    """What each jurisdiction says."""
    if case.has_others and (denial := _denial(case)):
        finding, hit, denying = denial
        at = spot(denying, hit)
        return tuple([CountryResult(law.line(finding), at) for law in asked.laws])
    if case.is_silent:
        return asked.silent
    weighed = _weighed(asked, case.caption.forms, case.caption.branded)
    if asked.of_caption:
        caption = case.caption
        return tuple([judge(caption, law, one) for law, one in zip(asked.laws, weighed, strict=True)])
    return tuple(map(partial(assess, case), asked.laws, weighed))


@lru_cache(maxsize=512)
def _asked(
    rules: Ruleset,
    countries: tuple[str, ...],
    relation: str,
    format: str,
    day: date,
    languages: tuple[str, ...] | None,
    platform: Platform,
    tool: bool,
    brand: str,
) -> _Asked:
    """Kept by campaign, never by what a draft says."""
    laws = []
    for code in rules.book.resolve(countries):
        place = rules.book.place(code)
        spoken = languages or place.languages
        fix = place.fix(relation, spoken).replace("{brand}", brand or NO_BRAND)
        worth = table(rules, code, relation, day, spoken)
        nothing = Finding(Outcome.MISSING, "no_label", worth.main.id, worth.main.source)
        if tool:
            nothing = Finding(Outcome.TOOL_ONLY, place.tool_severity, place.tool_id, place.tool_source)
        badly = badly_placed(place, platform, fix)
        needs = place.formats.get(format)
        if needs and needs.needs == ("caption",):  # nothing beyond the caption, but something to ask
            laws.append(Law(place, worth, platform, None, fix, nothing, badly, needs.question))
        else:
            laws.append(Law(place, worth, platform, needs, fix, nothing, badly))
    empty = Case(rules, scan("", rules, ()), (), None, format, relation)
    silent = tuple(assess(empty, law, weigh(law, (), branded=False)) for law in laws)
    return _Asked(tuple(laws), silent, relation == "paid" and not any(law.needs for law in laws))


@lru_cache(maxsize=1024)
def _weighed(asked: _Asked, labels: Labels, branded: bool) -> tuple[Weighed, ...]:
    """What each law makes of the labels of a caption; kept by campaign and labels, never by where they stand."""
    return tuple(weigh(law, labels, branded=branded) for law in asked.laws)


def _several(texts: Sequence[str]) -> tuple[str, ...]:
    """A single text counts as one, not as its letters."""
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _known(what: str, value: str, allowed: Iterable[str]) -> None:
    if value not in allowed:
        raise ValueError(f"The {what} {value!r} is unknown; use one of {', '.join(sorted(allowed))}.")


def _language(code: str) -> str:
    language = code.partition("-")[0].lower()
    if len(language) != 2 or not language.isalpha():
        raise ValueError(f"The audience language {code!r} is not a code such as en or pt-BR.")
    return language


@lru_cache(maxsize=256)
def _brand_names(brand: str, aliases: tuple[str, ...]) -> tuple[str, ...]:
    """The folded ways to name the brand: as written and in one word, longest first."""
    names = [fold(name.strip().lstrip("@#")).text for name in (brand, *aliases)]
    joined = ["".join(filter(str.isalnum, name)) for name in names]
    return tuple(sorted({name for name in (*names, *joined) if len(name) > 1}, key=lambda name: (-len(name), name)))


def _denial(case: Case) -> tuple[Finding, Hit, Text] | None:
    """The first words, in any of the texts, that deny the label or the relation."""
    for text in case.texts:
        for hit in (*text.others, *text.obscured):
            rule = case.rules.denials.get(hit.key)
            if (
                rule
                and case.relation in rule.relations
                and not rule.is_taken_back(text.folded.text, hit.start, hit.end)
            ):
                return Finding(Outcome.CONTRADICTED, "denied", rule.id, rule.source), hit, text
    return None


@cache
def _unsure_source(source: Source) -> Source:
    return replace(source, confidence="L")


def _unsure(result: CountryResult) -> CountryResult:
    """Where the platform is unknown, so is where it folds a caption."""
    return result.but(result.finding._replace(source=_unsure_source(result.source)))


def _sensitive(case: Case, laws: tuple[Law, ...]) -> tuple[SensitiveFlag, ...]:
    spans: dict[str, tuple[int, int] | None] = {}
    for text in case.texts:
        for hit in text.others:
            category = hit.key.removeprefix(SENSITIVE)
            if category == hit.key or category in spans or is_refused(text.folded.text, hit.start, hit.end):
                continue
            spans[category] = spot(text, hit).span if text is case.caption else None
    if not spans:
        return ()
    scopes = {laws[0].platform.name, *(code for law in laws for code in (law.place.code, law.place.general))}
    rules = (rule for rule in case.rules.book.sensitive if rule.category in spans and rule.scope in scopes)
    return tuple(SensitiveFlag(rule, spans[rule.category]) for rule in rules)
