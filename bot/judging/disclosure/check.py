"""Whether a sponsored text says that it is advertising, country by country, as the dated rules ask. Not legal advice.

`check` is deterministic and makes no call. The rules are data (`rules/*.toml`), compiled on first use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

from bot.judging.disclosure.findings import Channel, Finding, Law, Text, judge, place, scan
from bot.judging.disclosure.labels import SENSITIVE
from bot.judging.disclosure.load import guild_rules, rulebook
from bot.judging.disclosure.own import OWN
from bot.judging.disclosure.rulebook import (
    FORMATS,
    RELATIONS,
    FormatRule,
    Outcome,
    Platform,
    SensitiveRule,
    Source,
)
from bot.judging.disclosure.ruleset import Ruleset, ruleset, table
from bot.judging.disclosure.text import fold

__all__ = ["CountryResult", "Disclosure", "Outcome", "SensitiveFlag", "check"]


class CountryResult(NamedTuple):
    """One jurisdiction's line. `detail` and `question` are keys of the messages; `question` may be empty."""

    jurisdiction: str
    outcome: Outcome
    detail: str
    rule_id: str
    span: tuple[int, int] | None  # of the label or denial, in the raw caption
    label: str  # as it stands in the text
    position: int | None  # of the label: character, line, tag or frame, as the detail says
    limit: int | None
    language: str  # of the label; empty where there is none
    source: Source
    fix: str  # ready line
    question: str

    @property
    def source_url(self) -> str:
        return self.source.url

    @property
    def as_of(self) -> date:
        return self.source.as_of

    @property
    def is_own(self) -> bool:
        """Whether a server's own rule says so, not one of the shipped ones."""
        return self.source.kind == OWN

    @property
    def confidence(self) -> str:
        """H: text of the rule read; M: secondary source; L: unconfirmed."""
        return self.source.confidence


@dataclass(frozen=True, slots=True)
class SensitiveFlag:
    """A product kind with rules of its own, and the words of the caption that gave it away."""

    rule: SensitiveRule
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Every jurisdiction's line; `outcome`, `rule` and `fix` are those of the worst."""

    outcome: Outcome
    results: tuple[CountryResult, ...] = ()
    rule: str = ""
    fix: str = ""
    sensitive: tuple[SensitiveFlag, ...] = ()
    tool: str = ""  # key of the sentence on the platform's own setting, where that is not on
    as_of: date | None = None

    @property
    def worst(self) -> CountryResult | None:
        """The first of the worst lines; None if nothing was checked."""
        return min(self.results, key=lambda result: result.outcome.rank, default=None)


class _Case(NamedTuple):
    """All that a jurisdiction looks at."""

    rules: Ruleset
    caption: Text
    frames: tuple[Text, ...]
    spoken: Text | None
    format: str
    relation: str

    @property
    def texts(self) -> tuple[Text, ...]:
        return (self.caption, *self.frames, *((self.spoken,) if self.spoken else ()))

    @property
    def is_silent(self) -> bool:
        """Whether there is a caption alone, in which nothing looks like a label."""
        return self.caption.is_silent and not self.frames and self.spoken is None


class _Assessed(NamedTuple):
    """A finding, the text it is about, and the question that stays open."""

    finding: Finding
    text: Text
    question: str = ""


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
    Raises ValueError for an unknown country, format or relation, RuleError for a malformed row.
    """
    if relation == "none":
        return Disclosure(Outcome.NOT_CHECKED)
    _known("relation", relation, RELATIONS)
    _known("format", format, FORMATS)
    book = rulebook()
    rules = ruleset(guild_rules(extra_rules, book)) if extra_rules else ruleset()
    where = book.platforms.get(platform.strip().lower(), book.platforms["other"])
    brands = _brand_names(brand, tuple(brand_aliases))
    languages = audience_languages and tuple(code.split("-")[0].lower() for code in audience_languages)
    format = "video" if where.in_video_only and format == "caption" else format
    day = as_of or book.as_of
    asked = _asked(rules, _several(countries), relation, format, day, languages or None, where, tool, brand)
    case = _Case(
        rules,
        scan(text, rules, brands),
        tuple(scan(frame, rules, brands) for frame in _several(overlay_text)),
        None if spoken_text is None else scan(spoken_text, rules, brands),
        format,
        relation,
    )
    denial = _denial(case)
    if denial is None and case.is_silent:
        results = asked.silent
    else:
        results = tuple(_result(case, law, denial) for law in asked.laws)
    worst = min(results, key=lambda result: result.outcome.rank)
    return Disclosure(
        outcome=worst.outcome,
        results=results,
        rule=worst.rule_id,
        fix=worst.fix,
        sensitive=_sensitive(case, asked.laws),
        tool="" if tool else where.tool,
        as_of=book.as_of,
    )


class _Asked(NamedTuple):
    """What a campaign asks of every draft: the laws, and what they say of a caption without anything like a label."""

    laws: tuple[Law, ...]
    silent: tuple[CountryResult, ...]


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
        place = rules.book.jurisdictions[code]
        spoken = languages or place.languages
        fix = place.fix(relation, spoken).replace("{brand}", brand or "[brand]")
        worth = table(rules, code, relation, day, spoken)
        nothing = Finding(Outcome.MISSING, "no_label", worth.main.id, worth.main.source)
        if tool:
            nothing = Finding(Outcome.TOOL_ONLY, place.tool_severity, place.tool_id, place.tool_source)
        laws.append(Law(place, worth, platform, platform.known, place.formats.get(format), fix, nothing))
    empty = _Case(rules, scan("", rules, ()), (), None, format, relation)
    return _Asked(tuple(laws), tuple(_result(empty, law, None) for law in laws))


def _several(texts: Sequence[str]) -> tuple[str, ...]:
    """A single text counts as one, not as its letters."""
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _known(what: str, value: str, allowed: Iterable[str]) -> None:
    if value not in allowed:
        raise ValueError(f"The {what} {value!r} is unknown; use one of {', '.join(sorted(allowed))}.")


@lru_cache(maxsize=256)
def _brand_names(brand: str, aliases: tuple[str, ...]) -> tuple[str, ...]:
    """The folded ways to name the brand: as written and in one word, longest first."""
    names = [fold(name.strip().lstrip("@#")).text for name in (brand, *aliases)]
    joined = ["".join(filter(str.isalnum, name)) for name in names]
    return tuple(sorted({name for name in (*names, *joined) if len(name) > 1}, key=lambda name: (-len(name), name)))


def _denial(case: _Case) -> _Assessed | None:
    """The first words, in any of the texts, that deny the label or the relation."""
    for text in case.texts:
        for hit in (*text.others, *text.obscured):
            rule = case.rules.denials.get(hit.key)
            if rule and case.relation in rule.relations:
                if rule.unless_before and text.folded.text[: hit.start].endswith(rule.unless_before):
                    continue
                return _Assessed(Finding(Outcome.CONTRADICTED, "denied", rule.id, rule.source, hit), text)
    return None


def _result(case: _Case, law: Law, denial: _Assessed | None) -> CountryResult:
    if denial is not None:
        finding, text, question = denial
    elif law.needs is None and case.relation == "paid":
        finding, text, question = judge(case.caption, law, Channel.CAPTION), case.caption, ""
    elif case.relation == "paid":
        finding, text, question = _assess(case, law)
    else:
        finding, text, question = _with_relation(case.relation, law, _assess(case, law))
    span, label, hit = None, "", finding.hit
    if hit:
        at = place(text, hit)
        label, span = at.label, at.span if text is case.caption else None
    return CountryResult(
        law.place.code,
        finding.outcome,
        finding.detail,
        finding.rule_id,
        span,
        label,
        finding.position,
        finding.limit,
        finding.language,
        finding.source if law.is_sure else _unsure(finding.source),
        law.fix,
        question,
    )


@cache
def _unsure(source: Source) -> Source:
    """Where the platform is unknown, so is where it folds a caption."""
    return replace(source, confidence="L")


def _with_relation(relation: str, law: Law, assessed: _Assessed) -> _Assessed:
    """Where the law on a relation is unknown, or depends on facts, ask instead of deciding."""
    rule = law.place.relations.get(relation)
    if rule and rule.duty == "label":
        return assessed
    finding = assessed.finding
    # An unknown law is never passed; where only the facts are open, an accepted label settles them.
    if finding.outcome is not Outcome.MISSING and (rule or finding.outcome is not Outcome.PASS):
        return assessed
    finding = finding._replace(outcome=Outcome.NOT_ASSESSABLE, detail="relation")
    if rule is None:
        return _Assessed(finding, assessed.text, "relation_unknown")
    return _Assessed(finding._replace(rule_id=rule.id, source=rule.source), assessed.text, rule.question)


def _assess(case: _Case, law: Law) -> _Assessed:
    """The worst of the texts that the format needs."""
    rule = law.needs
    if rule is None:
        return _Assessed(judge(case.caption, law, Channel.CAPTION), case.caption, "")
    judged: list[_Assessed] = []
    missing: list[str] = []
    for need in rule.needs:
        if options := _options(case, law, rule, need):
            judged.append(max(options, key=_rank))
        else:
            missing.append(need)
    if missing:  # the caption alone says nothing about a video, unless what was supplied is wrong already
        judged = [one for one in judged if one.text is not case.caption]
        asked = Finding(Outcome.NOT_ASSESSABLE, "needs_text", rule.id, rule.source)
        judged.append(_Assessed(asked, case.caption, "need_" + "_".join(missing)))
    worst = min(judged, key=_rank)
    return worst._replace(question=rule.question) if worst.finding.outcome is Outcome.PASS else worst


def _rank(assessed: _Assessed) -> int:
    return assessed.finding.outcome.rank


def _options(case: _Case, law: Law, rule: FormatRule, need: str) -> list[_Assessed]:
    """The ways in which a need is met; empty if nobody supplied the text."""
    options = []
    if need == "caption":
        options.append(_Assessed(judge(case.caption, law, Channel.CAPTION), case.caption))
    if need in ("overlay", "either") and case.frames:
        options.append(_frames(case, law, rule))
    if need in ("spoken", "either") and case.spoken:
        options.append(_Assessed(judge(case.spoken, law, Channel.SPOKEN), case.spoken))
    return options


def _frames(case: _Case, law: Law, rule: FormatRule) -> _Assessed:
    """One finding for all frames of a story, or for the texts on a video."""
    found = [_Assessed(judge(frame, law, Channel.OVERLAY), frame) for frame in case.frames]
    best = max(range(len(found)), key=lambda at: (_rank(found[at]), -at))
    if case.format != "story" or found[best].finding.outcome is not Outcome.PASS:
        return found[best]
    if not rule.every:
        late = found[best].finding._replace(outcome=Outcome.BELOW_FOLD, detail="late_frame", position=best + 1, limit=1)
        return found[best]._replace(finding=late) if best else found[best]
    for number, one in enumerate(found, start=1):
        if one.finding.outcome is not Outcome.PASS:
            bare = Finding(Outcome.MISSING, "frame_without_label", rule.id, rule.source, None, number, len(found))
            return _Assessed(bare, one.text)
    return found[best]


def _sensitive(case: _Case, laws: tuple[Law, ...]) -> tuple[SensitiveFlag, ...]:
    spans: dict[str, tuple[int, int] | None] = {}
    for text in case.texts:
        for hit in text.others:
            if hit.key.startswith(SENSITIVE):
                span = text.folded.raw_span(hit.start, hit.end) if text is case.caption else None
                spans.setdefault(hit.key.removeprefix(SENSITIVE), span)
    if not spans:
        return ()
    scopes = {laws[0].platform.name, *(law.place.code for law in laws)}
    rules = (rule for rule in case.rules.book.sensitive if rule.category in spans and rule.scope in scopes)
    return tuple(SensitiveFlag(rule, spans[rule.category]) for rule in rules)
