"""Whether a sponsored text says that it is advertising, country by country, as the dated rules ask. Not legal advice.

`check` is deterministic and makes no call; the rules are data (`disclosure_rules/*.toml`) and are compiled on first use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto
from functools import lru_cache
from typing import Any, NamedTuple

from bot.judging.disclosure_labels import DENIAL, SENSITIVE, Hit
from bot.judging.disclosure_rulebook import (
    FORMATS,
    RELATIONS,
    FormatRule,
    Jurisdiction,
    LabelRule,
    Platform,
    SensitiveRule,
    Source,
    guild_rules,
    rulebook,
)
from bot.judging.disclosure_ruleset import Ruleset, Table, has_strict_form, ruleset, table
from bot.judging.disclosure_text import OVERRIDES, STRIKES, Folded, fold, fold_look_alikes, is_styled

_SPOKEN_FOLD = 200  # characters of a transcript, about the first ten seconds
_RUN = 3  # so many tags directly before a label hide it
_VIDEO_FORMATS = frozenset({"story", "video", "live", "podcast"})


class Outcome(StrEnum):
    """What a jurisdiction says of the text, worst first. The value is the name."""

    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return name

    CONTRADICTED = auto()
    MISSING = auto()
    OBFUSCATED = auto()
    WRONG_LANGUAGE = auto()
    AMBIGUOUS = auto()
    TOOL_ONLY = auto()
    BURIED = auto()
    BELOW_FOLD = auto()
    NOT_ASSESSABLE = auto()
    PASS = auto()
    NOT_CHECKED = auto()  # relation none: there is nothing to disclose


_SEVERITY = {outcome: rank for rank, outcome in enumerate(Outcome)}


class CountryResult(NamedTuple):
    """One jurisdiction's line. `detail` and `question` are keys of the texts in `disclosure_messages`."""

    jurisdiction: str
    outcome: Outcome
    detail: str
    rule_id: str
    span: tuple[int, int] | None  # of the label or denial, in the raw caption
    label: str  # as it stands in the text
    index: int | None  # where it stands: character, line, tag or frame, as the detail says
    limit: int | None
    source_url: str
    source_kind: str
    as_of: date
    confidence: str  # H, M, L
    fix: str
    question: str


@dataclass(frozen=True, slots=True)
class SensitiveFlag:
    """A product kind with rules of its own, and the words that gave it away."""

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
    tool: str = ""  # key of the sentence on the platform's own setting, where it is not on
    as_of: date | None = None

    @property
    def worst(self) -> CountryResult | None:
        return min(self.results, key=lambda result: _SEVERITY[result.outcome], default=None)


class _Finding(NamedTuple):
    """What one text means for one jurisdiction."""

    outcome: Outcome
    detail: str = ""
    rule_id: str = ""
    source: Source | None = None
    hit: Hit | None = None
    index: int | None = None
    limit: int | None = None


class _Text(NamedTuple):
    """One scanned text."""

    folded: Folded
    hits: list[Hit]
    obscured: list[Hit]  # labels that only show after look-alike folding
    branded: bool  # the brand is named, so that a loose word may be meant as a label


@dataclass(frozen=True, slots=True)
class _Case:
    """All that a jurisdiction looks at."""

    rules: Ruleset
    caption: _Text
    frames: tuple[_Text, ...]
    spoken: _Text | None
    platform: Platform
    format: str
    relation: str
    languages: tuple[str, ...] | None
    tool: bool
    day: date | None
    brand: str


def check(
    text: str,
    *,
    countries: Sequence[str],
    platform: str = "instagram",
    format: str = "caption",  # noqa: A002 - the field's own word, as in Campaign.format
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
    `audience_languages` replaces the languages of the countries. `extra_rules` are a guild's own label rows.
    Raises ValueError for an unknown country, format or relation, RuleError for a malformed row.
    """
    if relation == "none":
        return Disclosure(Outcome.NOT_CHECKED)
    _known("relation", relation, RELATIONS)
    _known("format", format, FORMATS)
    book = rulebook()
    rules = ruleset(guild_rules(extra_rules, book)) if extra_rules else ruleset()
    codes = book.resolve(tuple(countries))
    where = book.platform(platform) or book.platforms["other"]
    brands = _brands(brand, tuple(brand_aliases))
    case = _Case(
        rules=rules,
        caption=_scan(text, rules, brands),
        frames=tuple(_scan(frame, rules, brands) for frame in overlay_text),
        spoken=None if spoken_text is None else _scan(spoken_text, rules, brands),
        platform=where,
        format="video" if where.in_video_only and format == "caption" else format,
        relation=relation,
        languages=tuple(audience_languages) if audience_languages is not None else None,
        tool=tool,
        day=as_of,
        brand=brand,
    )
    denial = _denial(case)
    results = tuple(_result(case, book.jurisdictions[code], denial) for code in codes)
    worst = min(results, key=lambda result: _SEVERITY[result.outcome])
    return Disclosure(
        outcome=worst.outcome,
        results=results,
        rule=worst.rule_id,
        fix=worst.fix,
        sensitive=_sensitive(case, codes),
        tool="" if tool else where.tool or "",
        as_of=max(result.as_of for result in results),
    )


def _known(what: str, value: str, allowed: Iterable[str]) -> None:
    if value not in allowed:
        raise ValueError(f"The {what} {value!r} is unknown; use one of {', '.join(sorted(allowed))}.")


@lru_cache(maxsize=256)
def _brands(brand: str, aliases: tuple[str, ...]) -> tuple[str, ...]:
    """The folded ways to name the brand: as written and in one word, longest first."""
    names = [fold(name.strip().lstrip("@#")).text for name in (brand, *aliases)]
    joined = ["".join(c for c in name if c.isalnum() or c == "_") for name in names]
    return tuple(sorted({name for name in (*names, *joined) if len(name) > 1}, key=lambda name: (-len(name), name)))


def _scan(raw: str, rules: Ruleset, brands: tuple[str, ...]) -> _Text:
    folded = fold(raw)
    plain = folded.text
    found = rules.lexicon.scan(plain, brands)
    hits = [hit for hit in found if not hit.spaced]
    obscured = [hit for hit in found if hit.spaced]
    if (alike := fold_look_alikes(plain)) is not None:
        obscured += [
            hit
            for hit in rules.lexicon.scan(alike, brands)
            if alike[hit.start : hit.end] != plain[hit.start : hit.end] and not hit.spaced
        ]
    if folded.edits and not STRIKES.isdisjoint(raw):
        struck = [hit for hit in hits if not STRIKES.isdisjoint(raw[slice(*folded.raw_span(hit.start, hit.end))])]
        hits = [hit for hit in hits if hit not in struck]
        obscured += struck
    if folded.edits and not OVERRIDES.isdisjoint(raw):
        hits, obscured = [], hits + obscured
    branded = any(brand in plain for brand in brands) if brands else "@" in plain
    return _Text(folded, hits, obscured, branded)


def _denial(case: _Case) -> tuple[_Text, Hit, str, Source] | None:
    """The first words, in any of the texts, that deny the label or the relation."""
    texts = (case.caption, *case.frames, *((case.spoken,) if case.spoken else ()))
    rules = {DENIAL + rule.id: rule for rule in case.rules.book.contradictions}
    for text in texts:
        for hit in (*text.hits, *text.obscured):
            rule = rules.get(hit.key)
            if rule and case.relation in rule.relations:
                before = text.folded.text[: hit.start]
                if not before.endswith(rule.unless_before):
                    return text, hit, rule.id, rule.source
    return None


def _result(case: _Case, place: Jurisdiction, denial: tuple[_Text, Hit, str, Source] | None) -> CountryResult:
    rule = place.format_rule(case.format)
    languages = case.languages or place.languages
    worth = table(case.rules, place.code, case.relation, case.day)
    if denial:
        text, hit, rule_id, source = denial
        finding, question = _Finding(Outcome.CONTRADICTED, "denied", rule_id, source, hit), ""
    else:
        text, finding, question = _assess(case, place, rule, worth, languages)
        finding, question = _with_relation(case, place, finding, question)
    source = finding.source or worth.main.source
    span, label = None, ""
    if finding.hit:
        where = text.folded.raw_span(finding.hit.start, finding.hit.end)
        label = text.folded.raw[slice(*where)]
        span = where if text is case.caption else None
    return CountryResult(
        place.code,
        finding.outcome,
        finding.detail,
        finding.rule_id or worth.main.id,
        span,
        label,
        finding.index,
        finding.limit,
        source.url,
        source.kind,
        source.as_of,
        "L" if case.platform.name == "other" else source.confidence,
        _fix(place, case.relation, languages, case.brand),
        question,
    )


@lru_cache(maxsize=1024)
def _fix_line(line: str, brand: str) -> str:
    return line.replace("{brand}", brand or "[brand]")


def _fix(place: Jurisdiction, relation: str, languages: tuple[str, ...], brand: str) -> str:
    return _fix_line(place.fix(relation, languages), brand)


def _with_relation(case: _Case, place: Jurisdiction, finding: _Finding, question: str) -> tuple[_Finding, str]:
    """Where the law on a relation is unknown, or depends on facts, ask instead of deciding."""
    if case.relation == "paid":
        return finding, question
    rule = place.relations.get(case.relation)
    if rule and rule.duty == "label":
        return finding, question
    if rule is None:
        open_outcomes, asked, rule_id = (Outcome.PASS, Outcome.MISSING), "relation_unknown", ""
    else:
        open_outcomes, asked, rule_id = (Outcome.MISSING,), rule.question or "relation_unknown", rule.id
    if finding.outcome in open_outcomes:
        source = rule.source if rule else finding.source
        return finding._replace(outcome=Outcome.NOT_ASSESSABLE, detail="relation", rule_id=rule_id, source=source), asked
    return finding, question


def _assess(
    case: _Case, place: Jurisdiction, rule: FormatRule | None, worth: Table, languages: tuple[str, ...]
) -> tuple[_Text, _Finding, str]:
    """The worst of the texts that the format needs, with the question that stays open."""
    if rule is None or rule.needs == ("caption",):
        finding = _judge(case, case.caption, place, worth, languages, "caption")
        return case.caption, finding, rule.question or "" if rule and finding.outcome is Outcome.PASS else ""
    judged: list[tuple[_Text, _Finding]] = []
    missing: list[str] = []
    for need in rule.needs:
        options = _channel(case, rule, need, place, worth, languages)
        if options:
            judged.append(min(options, key=lambda option: -_SEVERITY[option[1].outcome]))
        else:
            missing.append(need)
    if missing:
        judged = [one for one in judged if one[0] is not case.caption]
        asked = _Finding(Outcome.NOT_ASSESSABLE, "needs_text", rule.id, rule.source)
        judged.append((case.caption, asked))
    text, worst = min(judged, key=lambda one: _SEVERITY[one[1].outcome])
    if worst.outcome is Outcome.NOT_ASSESSABLE:
        return text, worst, "need_" + "_".join(missing)
    return text, worst, rule.question or "" if worst.outcome is Outcome.PASS else ""


def _channel(
    case: _Case, rule: FormatRule, need: str, place: Jurisdiction, worth: Table, languages: tuple[str, ...]
) -> list[tuple[_Text, _Finding]]:
    """The ways in which a need can be met; empty if nobody supplied the text."""
    options = []
    if need == "caption":
        options.append((case.caption, _judge(case, case.caption, place, worth, languages, "caption")))
    if need in ("overlay", "either") and case.frames:
        options.append(_frames(case, rule, place, worth, languages))
    if need in ("spoken", "either") and case.spoken:
        options.append((case.spoken, _judge(case, case.spoken, place, worth, languages, "spoken")))
    return options


def _frames(
    case: _Case, rule: FormatRule, place: Jurisdiction, worth: Table, languages: tuple[str, ...]
) -> tuple[_Text, _Finding]:
    """One finding for all frames of a story or the texts on a video."""
    findings = [_judge(case, frame, place, worth, languages, "overlay") for frame in case.frames]
    best = max(range(len(findings)), key=lambda at: (_SEVERITY[findings[at].outcome], -at))
    if findings[best].outcome is not Outcome.PASS or case.format != "story":
        return case.frames[best], findings[best]
    if rule.every:
        for at, finding in enumerate(findings):
            if finding.outcome is not Outcome.PASS:
                outcome = _Finding(Outcome.MISSING, "frame_without_label", rule.id, rule.source, None, at + 1, len(findings))
                return case.frames[at], outcome
    elif best:
        late = findings[best]._replace(outcome=Outcome.BELOW_FOLD, detail="late_frame", index=best + 1, limit=1)
        return case.frames[best], late
    return case.frames[best], findings[best]


def _judge(
    case: _Case, text: _Text, place: Jurisdiction, worth: Table, languages: tuple[str, ...], channel: str
) -> _Finding:
    """What one text means for one jurisdiction, placement included."""
    wrong_language: _Finding | None = None
    best: _Finding | None = None
    for hit in text.hits:
        rule = worth.accepted.get(hit.key)
        if rule and (has_strict_form(hit, rule) or (channel == "spoken" and hit.form == "word")) and not _part(text, hit, rule):
            if rule.language in languages:
                placed = _placed(case, text, hit, rule, place, channel)
                if best is None or _SEVERITY[placed.outcome] > _SEVERITY[best.outcome]:
                    best = placed
            else:
                wrong_language = wrong_language or _finding(Outcome.WRONG_LANGUAGE, rule.language, rule, hit)
        elif not rule and not wrong_language and (rule := worth.foreign.get(hit.key)) and has_strict_form(hit, rule):
            if rule.language not in languages:
                wrong_language = _finding(Outcome.WRONG_LANGUAGE, rule.language, rule, hit)
    if best:
        return best
    return (
        _obscured(text, worth, languages)
        or wrong_language
        or _weak(text, worth, languages)
        or _none(case, text, place, worth)
    )


def _finding(outcome: Outcome, detail: str, rule: LabelRule, hit: Hit) -> _Finding:
    return _Finding(outcome, detail, rule.id, rule.source, hit)


def _part(text: _Text, hit: Hit, rule: LabelRule) -> bool:
    """Whether a label at the start of a line is part of a longer word, as in the word for an advertising agency."""
    return hit.form == "start" and text.folded.text.startswith(rule.unless_after or ("\0",), hit.end)


def _obscured(text: _Text, worth: Table, languages: tuple[str, ...]) -> _Finding | None:
    for hit in text.obscured:
        rule = worth.accepted.get(hit.key)
        if rule and rule.language in languages and has_strict_form(hit, rule):
            return _finding(Outcome.OBFUSCATED, "spaced" if hit.spaced else "look_alike", rule, hit)
    return None


def _weak(text: _Text, worth: Table, languages: tuple[str, ...]) -> _Finding | None:
    for hit in text.hits:
        if hit.form == "word" and not text.branded:
            continue
        if weak := worth.weak_detail(hit):
            return _finding(Outcome.AMBIGUOUS, weak[1], weak[0], hit)
        rule = worth.foreign.get(hit.key)
        if rule and rule.language in languages and has_strict_form(hit, rule):
            return _finding(Outcome.AMBIGUOUS, "weak", rule, hit)
    return None


def _none(case: _Case, text: _Text, place: Jurisdiction, worth: Table) -> _Finding:
    if case.tool:
        return _Finding(Outcome.TOOL_ONLY, place.tool_severity, f"{place.code.lower()}-tool", place.tool_source)
    for hit in text.hits:
        if (rule := worth.other_relation.get(hit.key)) and hit.form != "word":
            return _finding(Outcome.MISSING, "label_for_other_relation", rule, hit)
    for hit in text.hits:
        if hit.form == "word" and (rule := worth.accepted.get(hit.key)):
            return _finding(Outcome.MISSING, "undelimited_word", rule, hit)
    return _Finding(Outcome.MISSING, "no_label")


def _placed(case: _Case, text: _Text, hit: Hit, rule: LabelRule, place: Jurisdiction, channel: str) -> _Finding:
    """An accepted label, judged by where it stands."""
    folded = text.folded
    start, end = folded.raw_span(hit.start, hit.end)
    if channel == "spoken" and start > _SPOKEN_FOLD:
        return _Finding(Outcome.BELOW_FOLD, "late_spoken", rule.id, rule.source, hit, start, _SPOKEN_FOLD)
    if channel == "caption":
        if hit.form == "tag" and (buried := _buried(folded.text, hit.start, place.tag_limit)):
            detail, index, limit = buried
            return _Finding(Outcome.BURIED, detail, place.placement_id, place.placement_source, hit, index, limit)
        if case.platform.chars and (shown := folded.shown_length(end)) > case.platform.chars:
            source = case.platform.source
            return _Finding(Outcome.BELOW_FOLD, "chars", place.placement_id, source, hit, shown, case.platform.chars)
        if case.platform.lines and (line := folded.text.count("\n", 0, hit.start) + 1) > case.platform.lines:
            source = case.platform.source
            return _Finding(Outcome.BELOW_FOLD, "lines", place.placement_id, source, hit, line, case.platform.lines)
    styled = not folded.raw.isascii() and is_styled(folded.raw[start:end], hit.spelled)
    return _finding(Outcome.PASS, "styled_letters" if styled else "", rule, hit)


def _buried(text: str, start: int, tag_limit: int | None) -> tuple[str, int, int] | None:
    """Whether the tag at `start` stands behind a run of tags, or past the last tag that counts."""
    run, left = 0, text[:start].split()
    while left and run < _RUN and left[-1].startswith("#") and len(left[-1]) > 1:
        run += left.pop().count("#")
    if run >= _RUN:
        return "tag_run", run + 1, _RUN
    if tag_limit is not None and (index := text.count("#", 0, start) + 1) > tag_limit:
        return "tag_limit", index, tag_limit
    return None


def _sensitive(case: _Case, codes: tuple[str, ...]) -> tuple[SensitiveFlag, ...]:
    spans: dict[str, tuple[int, int] | None] = {}
    for text in (case.caption, *case.frames, *((case.spoken,) if case.spoken else ())):
        for hit in text.hits:
            if hit.key.startswith(SENSITIVE):
                span = text.folded.raw_span(hit.start, hit.end) if text is case.caption else None
                spans.setdefault(hit.key.removeprefix(SENSITIVE), span)
    if not spans:
        return ()
    return tuple(
        SensitiveFlag(rule, spans[rule.category])
        for rule in case.rules.book.sensitive
        if rule.category in spans and (rule.scope == case.platform.name or rule.scope in codes)
    )
