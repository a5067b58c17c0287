"""What one text means for one jurisdiction: which label counts, in which language, and where it stands."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum, auto
from typing import NamedTuple

from bot.judging.disclosure.broken import broken_denials
from bot.judging.disclosure.labels import Hit
from bot.judging.disclosure.own import OWN
from bot.judging.disclosure.patterns import DENIAL, SENSITIVE
from bot.judging.disclosure.rulebook import FormatRule, Jurisdiction, LabelRule, Outcome, Platform, Source
from bot.judging.disclosure.ruleset import Finding, Ruleset, Table, Worth
from bot.judging.disclosure.text import FOREIGN, HIDES, OVERRIDES, STRIKES, Folded, fold, fold_look_alikes, is_styled

PASS = Outcome.PASS
_SPOKEN_FOLD = 200  # characters of a transcript, about its first ten seconds
_RUN = 3  # so many tags directly before a label hide it
_LOOK_BACK = 24  # words
_WORDY = re.compile(r"[^\W_]")


Labels = tuple[tuple[str, str], ...]  # key and form of each


class Channel(StrEnum):
    """Where a text meets its audience."""

    CAPTION = auto()
    OVERLAY = auto()
    SPOKEN = auto()


class Fault(NamedTuple):
    """What is wrong with the place of a label, in every country."""

    outcome: Outcome
    detail: str
    position: int
    limit: int


class Spot(NamedTuple):
    """The letters of a label in the raw text."""

    label: str
    span: tuple[int, int]


class Place(NamedTuple):
    """Where a label stands, and what is wrong with that."""

    spot: Spot
    tag: int  # its number among the tags; 0 if it is none
    fault: Fault | None
    styled: bool


class Text(NamedTuple):
    """One scanned text."""

    folded: Folded
    labels: list[Hit]
    others: list[Hit]  # denials and sensitive words
    obscured: list[Hit]  # what only shows when look-alike, spaced or struck letters are read as plain ones
    branded: bool  # the brand is named, so that a loose word may be meant as a label
    spots: dict[int, Spot]  # of the labels, by their number, as they are asked for
    places: dict[int, Place]
    channel: Channel

    @property
    def forms(self) -> Labels:
        """Which labels it has, in which form."""
        return tuple([(hit.key, hit.form) for hit in self.labels])

    @property
    def is_silent(self) -> bool:
        """Whether nothing in it looks like a label."""
        return not (self.labels or self.obscured)


class CountryResult(NamedTuple):
    """One jurisdiction's line. `detail` and `question` are keys of the messages; `question` may be empty."""

    jurisdiction: str
    finding: Finding
    span: tuple[int, int] | None  # of the label or denial, in the raw caption
    label: str  # as it stands in the text
    fix: str  # ready line
    channel: Channel  # of the text that decided
    question: str = ""

    @property
    def outcome(self) -> Outcome:
        return self.finding.outcome

    @property
    def detail(self) -> str:
        return self.finding.detail

    @property
    def rule_id(self) -> str:
        return self.finding.rule_id

    @property
    def position(self) -> int | None:
        return self.finding.position

    @property
    def limit(self) -> int | None:
        return self.finding.limit

    @property
    def language(self) -> str:
        return self.finding.language

    @property
    def source(self) -> Source:
        return self.finding.source

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


class Weighed(NamedTuple):
    """What a law makes of the labels of a text, wherever they stand there."""

    accepted: tuple[
        tuple[int, Finding, LabelRule | None], ...
    ]  # number among the labels; the rule if it has exceptions
    finding: Finding  # where none of these counts
    nearest: int | None  # the label that finding is about


class Law(NamedTuple):
    """A jurisdiction as it applies to the case at hand."""

    place: Jurisdiction
    table: Table
    platform: Platform
    needs: FormatRule | None  # what the format needs beyond the caption
    fix: str  # ready line
    nothing: Finding  # for a text without any label
    question: str = ""  # still open where the caption passes


def scan(raw: str, rules: Ruleset, brands: tuple[str, ...], channel: Channel = Channel.CAPTION) -> Text:
    """Fold and scan one text."""
    folded = fold(raw)
    plain = folded.text
    branded = any(brand in plain for brand in brands)
    hits = rules.lexicon.scan(plain, brands, is_latin=not folded.traits & FOREIGN, is_branded=branded)
    obscured = [hit for hit in hits if hit.spaced]
    if obscured:
        hits = [hit for hit in hits if not hit.spaced]
    if (alike := fold_look_alikes(folded)) is not None:
        obscured += [
            hit
            for hit in rules.lexicon.scan(alike, brands, is_latin=True, is_branded=True)  # what is disguised is Latin
            if alike[hit.start : hit.end] != plain[hit.start : hit.end] and not hit.spaced
        ]
    if hits and folded.traits & HIDES:
        hits, hidden = _visible(folded, hits)
        obscured += hidden
    labels = [hit for hit in hits if not hit.key.startswith((DENIAL, SENSITIVE))]
    others = [hit for hit in hits if hit.key.startswith((DENIAL, SENSITIVE))] if len(labels) < len(hits) else []
    if "\n" in plain:
        others += broken_denials(plain, rules.lexicon, rules.breaks, brands)
    if channel is Channel.SPOKEN:  # where nothing sets off a label
        labels = [hit._replace(form="said") if hit.form == "word" else hit for hit in labels]
    return Text(folded, labels, others, obscured, branded, {}, {}, channel)


def _visible(folded: Folded, hits: list[Hit]) -> tuple[list[Hit], list[Hit]]:
    """Hits that a reader can read, and those struck through or shown back to front."""
    raw = folded.raw
    if any(mark in raw for mark in OVERRIDES):
        return [], hits
    spans = {hit: folded.raw_span(hit.start, hit.end) for hit in hits}
    struck = [hit for hit, (start, end) in spans.items() if not STRIKES.isdisjoint(raw[start : end + 1])]
    return [hit for hit in hits if hit not in struck], struck


def weigh(law: Law, labels: Labels, *, branded: bool) -> Weighed:
    """What `law` makes of `labels`; in a text that is `branded` a loose word counts too."""
    accepted: list[tuple[int, Finding, LabelRule | None]] = []
    best: Worth | None = None
    nearest: int | None = None
    for number, (key, form) in enumerate(labels):
        worth = law.table.worths[key, form]
        if worth is None or (form == "word" and not worth.loose and not branded):
            continue
        if worth.finding.outcome is PASS:
            rule = worth.rule
            accepted.append((number, worth.finding, rule if rule.unless_before or rule.unless_after else None))
        elif best is None or worth.priority < best.priority:
            best, nearest = worth, number
    if best is None or (best.finding.outcome is Outcome.MISSING and law.nothing.outcome is Outcome.TOOL_ONLY):
        return Weighed(tuple(accepted), law.nothing, None)
    return Weighed(tuple(accepted), best.finding, nearest)


def judge(text: Text, law: Law, weighed: Weighed) -> CountryResult:
    """The finding for one text. The best placed accepted label counts, however many there are."""
    best: tuple[Finding, Spot] | None = None
    for number, accepted, rule in weighed.accepted:
        if rule and _means_something_else(text, text.labels[number], rule):
            continue
        at = text.places.get(number) or _label_place(text, number, law.platform)
        finding = _placed(text, at, accepted, law)
        if finding.outcome is PASS:
            return result(text, law, finding, at.spot)
        if best is None or finding.outcome.rank > best[0].outcome.rank:
            best = finding, at.spot
    if best is None and text.obscured:
        best = _obscured(text, law)
    if best:
        return result(text, law, *best)
    nearest = weighed.nearest
    if nearest is None:
        return result(text, law, weighed.finding)
    return result(text, law, weighed.finding, text.spots.get(nearest) or _label_spot(text, nearest))


def result(text: Text, law: Law, finding: Finding, at: Spot | None = None) -> CountryResult:
    """What the law says of the text, and of which label or denial in it."""
    channel = text.channel
    if at is None:
        return CountryResult(law.place.code, finding, None, "", law.fix, channel)
    span = at.span if channel is Channel.CAPTION else None
    question = law.question if finding.outcome is PASS else ""
    return CountryResult(law.place.code, finding, span, at.label, law.fix, channel, question)


def _means_something_else(text: Text, hit: Hit, rule: LabelRule) -> bool:
    """As `contact for paid promotion`, or a line that starts with the Japanese word for an advertising agency."""
    folded = text.folded.text
    if rule.unless_before and folded[: hit.start].rstrip().endswith(rule.unless_before):
        return True
    return hit.form == "start" and bool(rule.unless_after) and folded.startswith(rule.unless_after, hit.end)


def _obscured(text: Text, law: Law) -> tuple[Finding, Spot] | None:
    for hit in text.obscured:
        worth = law.table.worths[hit.key, hit.form]
        if worth and worth.finding.outcome is PASS:
            detail = "spaced" if hit.spaced else "look_alike"
            return worth.finding._replace(outcome=Outcome.OBFUSCATED, detail=detail), spot(text, hit)
    return None


def _label_place(text: Text, number: int, platform: Platform) -> Place:
    """Where a label of `text` stands, as `platform` shows it; worked out once for all jurisdictions."""
    folded, hit = text.folded, text.labels[number]
    at = text.spots.get(number) or _label_spot(text, number)
    found = text.places[number] = Place(
        at,
        folded.text.count("#", 0, hit.start) + 1 if hit.form == "tag" else 0,
        _fault(folded, hit, at.span[1], platform),
        not folded.raw.isascii() and is_styled(at.label, hit.spelled),
    )
    return found


def _label_spot(text: Text, number: int) -> Spot:
    found = text.spots[number] = spot(text, text.labels[number])
    return found


def spot(text: Text, hit: Hit) -> Spot:
    """Where a label or denial stands in the raw text."""
    start, end = text.folded.raw_span(hit.start, hit.end)
    return Spot(text.folded.raw[start:end], (start, end))


def _fault(folded: Folded, hit: Hit, raw_end: int, platform: Platform) -> Fault | None:
    if hit.form == "tag" and (run := _run(folded.text[: hit.start])) >= _RUN:
        return Fault(Outcome.BURIED, "tag_run", run, _RUN)
    if platform.chars is not None and (shown := folded.shown_length(raw_end)) > platform.chars:
        return Fault(Outcome.BELOW_FOLD, "chars", shown, platform.chars)
    if platform.lines is not None and (line := folded.text.count("\n", 0, hit.start) + 1) > platform.lines:
        return Fault(Outcome.BELOW_FOLD, "lines", line, platform.lines)
    return None


def _run(before: str) -> int:
    """How many tags stand at the end of `before`; handles, emoji and dots between them do not part them."""
    run = 0
    for word in reversed(before.rsplit(maxsplit=_LOOK_BACK)[-_LOOK_BACK:]):
        if word[0] == "#" and len(word) > 1:
            run += word.count("#")
        elif word[0] != "@" and _WORDY.search(word):
            break
        if run >= _RUN:
            break
    return run


def _placed(text: Text, at: Place, accepted: Finding, law: Law) -> Finding:
    """An accepted label, judged by where it stands."""
    if text.channel is Channel.CAPTION:
        if (at.fault or law.place.tag_limit) and (badly := _badly_placed(at, law)):
            return badly
    elif text.channel is Channel.SPOKEN and at.spot.span[0] > _SPOKEN_FOLD:
        rule, source = accepted.rule_id, accepted.source
        return Finding(Outcome.BELOW_FOLD, "late_spoken", rule, source, "", at.spot.span[0], _SPOKEN_FOLD)
    return accepted._replace(detail="styled_letters") if at.styled else accepted


def _badly_placed(at: Place, law: Law) -> Finding | None:
    fault, where = at.fault, law.place
    if fault is None or fault.outcome is not Outcome.BURIED:
        if where.tag_limit is not None and at.tag > where.tag_limit:
            fault = Fault(Outcome.BURIED, "tag_limit", at.tag, where.tag_limit)
        elif fault is None:
            return None
    source = where.placement_source if fault.outcome is Outcome.BURIED else law.platform.source
    return Finding(fault.outcome, fault.detail, where.placement_id, source, "", fault.position, fault.limit)
