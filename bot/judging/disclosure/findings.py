"""What one text means for one jurisdiction: which label counts, in which language, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from bot.judging.disclosure.broken import broken_denials
from bot.judging.disclosure.labels import Hit
from bot.judging.disclosure.patterns import DENIAL, SENSITIVE
from bot.judging.disclosure.results import Channel, CountryResult, Line, Spot
from bot.judging.disclosure.rulebook import FormatRule, Jurisdiction, LabelRule, Outcome, Platform
from bot.judging.disclosure.ruleset import Finding, Ruleset, Table, Worth
from bot.judging.disclosure.text import FOREIGN, HIDES, OVERRIDES, STRIKES, Folded, fold, fold_look_alikes, is_styled

PASS = Outcome.PASS
_SPOKEN_FOLD = 200  # characters of a transcript, about its first ten seconds
_RUN = 3  # so many tags directly before a label hide it
_LOOK_BACK = 24  # words
_WORDY = re.compile(r"[^\W_]")
NOWHERE = {channel: Spot(channel) for channel in Channel}


Labels = tuple[tuple[str, str], ...]  # key and form of each


class Fault(NamedTuple):
    """What is wrong with the place of a label, in every country."""

    detail: str
    position: int
    limit: int


class Place(NamedTuple):
    """Where a label stands, and what is wrong with that."""

    spot: Spot
    tag: int  # its number among the tags; 0 if it is none
    fault: Fault | None
    styled: bool
    is_odd: bool  # at fault or styled


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


class Weighed(NamedTuple):
    """What a law makes of the labels of a text, wherever they stand there."""

    accepted: tuple[tuple[int, Line, LabelRule | None], ...]  # number among the labels; the rule if it has exceptions
    line: Line  # where none of these counts
    nearest: int | None  # the label that line is about


class Law(NamedTuple):
    """A jurisdiction as it applies to the case at hand."""

    place: Jurisdiction
    table: Table
    platform: Platform
    needs: FormatRule | None  # what the format needs beyond the caption
    fix: str  # ready line
    nothing: Finding  # for a text without any label
    badly_placed: Mapping[str, Line]  # by the detail of the fault
    question: str = ""  # still open where the caption passes

    def line(self, finding: Finding) -> Line:
        return Line(self.place.code, finding, self.fix, self.question if finding.outcome is PASS else "")


def badly_placed(place: Jurisdiction, platform: Platform, fix: str) -> dict[str, Line]:
    """What a jurisdiction says of an accepted label for each fault of its place."""
    faults = {"tag_run": Outcome.BURIED, "tag_limit": Outcome.BURIED}
    faults |= {"chars": Outcome.BELOW_FOLD, "lines": Outcome.BELOW_FOLD}
    sources = {Outcome.BURIED: place.placement_source, Outcome.BELOW_FOLD: platform.source}
    return {
        detail: Line(place.code, Finding(outcome, detail, place.placement_id, sources[outcome]), fix)
        for detail, outcome in faults.items()
    }


def scan(raw: str, rules: Ruleset, brands: tuple[str, ...], channel: Channel = Channel.CAPTION) -> Text:
    """Fold and scan one text."""
    folded = fold(raw)
    plain = folded.text
    branded = any(brand in plain for brand in brands)
    is_latin = not folded.traits & FOREIGN
    hits = rules.lexicon.scan(plain, brands, is_latin=is_latin, is_branded=branded)
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
        others += broken_denials(plain, rules.lexicon, rules.breaks, brands, is_latin=is_latin)
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
    accepted: list[tuple[int, Line, LabelRule | None]] = []
    best: Worth | None = None
    nearest: int | None = None
    for number, (key, form) in enumerate(labels):
        worth = law.table.worths[key, form]
        if worth is None or (form == "word" and not worth.loose and not branded):
            continue
        if worth.finding.outcome is PASS:
            rule = worth.rule
            has_exceptions = rule.unless_before or rule.unless_after
            accepted.append((number, law.line(worth.finding), rule if has_exceptions else None))
        elif best is None or worth.priority < best.priority:
            best, nearest = worth, number
    if best is None or (best.finding.outcome is Outcome.MISSING and law.nothing.outcome is Outcome.TOOL_ONLY):
        return Weighed(tuple(accepted), law.line(law.nothing), None)
    return Weighed(tuple(accepted), law.line(best.finding), nearest)


def judge(text: Text, law: Law, weighed: Weighed) -> CountryResult:
    """The finding for one text. The best placed accepted label counts, however many there are."""
    best: CountryResult | None = None
    for number, line, rule in weighed.accepted:
        if rule and _means_something_else(text, text.labels[number], rule):
            continue
        at = text.places.get(number) or _label_place(text, number, law.platform)
        if not at.is_odd and law.place.tag_limit is None:
            return CountryResult(line, at.spot)
        found = _placed(at, line, law)
        if found.line.finding.outcome is PASS:
            return found
        if best is None or found.outcome.rank > best.outcome.rank:
            best = found
    if best is None and text.obscured:
        best = _obscured(text, law)
    if best:
        return best
    nearest = weighed.nearest
    if nearest is None:
        return CountryResult(weighed.line, NOWHERE[text.channel])
    return CountryResult(weighed.line, text.spots.get(nearest) or _label_spot(text, nearest))


def _means_something_else(text: Text, hit: Hit, rule: LabelRule) -> bool:
    """As `contact for paid promotion`, or a line that starts with the Japanese word for an advertising agency."""
    folded = text.folded.text
    if rule.unless_before and folded[: hit.start].rstrip().endswith(rule.unless_before):
        return True
    return hit.form == "start" and bool(rule.unless_after) and folded.startswith(rule.unless_after, hit.end)


def _obscured(text: Text, law: Law) -> CountryResult | None:
    for hit in text.obscured:
        worth = law.table.worths[hit.key, hit.form]
        if worth and worth.finding.outcome is PASS:
            detail = "spaced" if hit.spaced else "look_alike"
            finding = worth.finding._replace(outcome=Outcome.OBFUSCATED, detail=detail)
            return CountryResult(law.line(finding), spot(text, hit))
    return None


def _label_place(text: Text, number: int, platform: Platform) -> Place:
    """Where a label of `text` stands, as `platform` shows it; worked out once for all jurisdictions."""
    folded, hit = text.folded, text.labels[number]
    at, fault, tag = text.spots.get(number) or _label_spot(text, number), None, 0
    if text.channel is Channel.CAPTION:
        fault = _fault(folded, hit, platform)
        tag = folded.text.count("#", 0, hit.start) + 1 if hit.form == "tag" else 0
    elif text.channel is Channel.SPOKEN and (start := folded.raw_span(hit.start, hit.end)[0]) > _SPOKEN_FOLD:
        fault = Fault("late_spoken", start, _SPOKEN_FOLD)
    if fault:
        at = at._replace(position=fault.position, limit=fault.limit)
    styled = not at.label.isascii() and is_styled(at.label, hit.spelled)
    found = text.places[number] = Place(at, tag, fault, styled, styled or fault is not None)
    return found


def _label_spot(text: Text, number: int) -> Spot:
    found = text.spots[number] = spot(text, text.labels[number])
    return found


def spot(text: Text, hit: Hit) -> Spot:
    """Where a label or denial stands in the raw text."""
    start, end = text.folded.raw_span(hit.start, hit.end)
    is_caption = text.channel is Channel.CAPTION
    return Spot(text.channel, text.folded.raw[start:end], (start, end) if is_caption else None)


def _fault(folded: Folded, hit: Hit, platform: Platform) -> Fault | None:
    if hit.form == "tag" and (run := _run(folded.text[: hit.start])) >= _RUN:
        return Fault("tag_run", run, _RUN)
    if platform.chars is not None:
        shown = folded.shown_length(folded.raw_span(hit.start, hit.end)[1])
        if shown > platform.chars:
            return Fault("chars", shown, platform.chars)
    if platform.lines is not None and (line := folded.text.count("\n", 0, hit.start) + 1) > platform.lines:
        return Fault("lines", line, platform.lines)
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


def _placed(at: Place, line: Line, law: Law) -> CountryResult:
    """An accepted label, judged by where it stands."""
    fault, limit = at.fault, law.place.tag_limit
    if limit is not None and at.tag > limit and not (fault and fault.detail == "tag_run"):
        return CountryResult(law.badly_placed["tag_limit"], at.spot._replace(position=at.tag, limit=limit))
    if fault:
        return CountryResult(law.badly_placed.get(fault.detail) or _said_late(line, fault), at.spot)
    return CountryResult(_styled(line) if at.styled else line, at.spot)


def _said_late(line: Line, fault: Fault) -> Line:
    finding = line.finding._replace(outcome=Outcome.BELOW_FOLD, detail=fault.detail, language="")
    return line._replace(finding=finding, question="")


def _styled(line: Line) -> Line:
    return line._replace(finding=line.finding._replace(detail="styled_letters"))
