"""What one text means for one jurisdiction: which label counts, in which language, and where it stands."""

from __future__ import annotations

from enum import StrEnum, auto
from typing import NamedTuple

from bot.judging.disclosure.labels import DENIAL, SENSITIVE, Hit
from bot.judging.disclosure.rulebook import FormatRule, Jurisdiction, LabelRule, Outcome, Platform, Source
from bot.judging.disclosure.ruleset import Ruleset, Table, Worth
from bot.judging.disclosure.text import FOREIGN, HIDES, OVERRIDES, STRIKES, Folded, fold, fold_look_alikes, is_styled

PASS = Outcome.PASS
_SPOKEN_FOLD = 200  # characters of a transcript, about its first ten seconds
_RUN = 3  # so many tags directly before a label hide it


class Channel(StrEnum):
    """Where a text meets its audience."""

    CAPTION = auto()
    OVERLAY = auto()
    SPOKEN = auto()


class Finding(NamedTuple):
    """An outcome with its reason. `detail` is a key of the messages."""

    outcome: Outcome
    detail: str
    rule_id: str
    source: Source
    hit: Hit | None = None
    position: int | None = None  # of the label: character, line, tag or frame, as the detail says
    limit: int | None = None
    language: str = ""  # of the label


class Place(NamedTuple):
    """Where a label stands."""

    label: str  # as it stands in the raw text
    span: tuple[int, int]  # in the raw text
    shown: int  # characters a reader sees up to its end
    line: int
    run: int  # tags directly before it, counted up to _RUN
    tag: int  # its number among the tags; 0 if it is none
    styled: bool


class Text(NamedTuple):
    """One scanned text."""

    folded: Folded
    labels: list[Hit]
    others: list[Hit]  # denials and sensitive words
    obscured: list[Hit]  # what only shows when look-alike, spaced or struck letters are read as plain ones
    branded: bool  # the brand is named, so that a loose word may be meant as a label
    places: dict[Hit, Place]  # of labels, as they are asked for

    @property
    def is_silent(self) -> bool:
        """Whether nothing in it looks like a label."""
        return not (self.labels or self.obscured)


class Law(NamedTuple):
    """A jurisdiction as it applies to the case at hand."""

    place: Jurisdiction
    table: Table
    platform: Platform
    is_sure: bool  # the platform is one with rules of its own
    needs: FormatRule | None  # what the format needs beyond the caption
    fix: str  # ready line
    nothing: Finding  # for a text without any label


def scan(raw: str, rules: Ruleset, brands: tuple[str, ...]) -> Text:
    """Fold and scan one text."""
    folded = fold(raw)
    plain = folded.text
    is_latin = not folded.traits & FOREIGN
    found = rules.lexicon.scan(plain, brands, is_latin=is_latin)
    hits, obscured = [hit for hit in found if not hit.spaced], [hit for hit in found if hit.spaced]
    if (alike := fold_look_alikes(folded)) is not None:
        obscured += [
            hit
            for hit in rules.lexicon.scan(alike, brands, is_latin=is_latin)
            if alike[hit.start : hit.end] != plain[hit.start : hit.end] and not hit.spaced
        ]
    if hits and folded.traits & HIDES:
        hits, hidden = _visible(folded, hits)
        obscured += hidden
    labels = [hit for hit in hits if not hit.key.startswith((DENIAL, SENSITIVE))]
    others = [hit for hit in hits if hit.key.startswith((DENIAL, SENSITIVE))] if len(labels) < len(hits) else []
    return Text(folded, labels, others, obscured, any(brand in plain for brand in brands), {})


def _visible(folded: Folded, hits: list[Hit]) -> tuple[list[Hit], list[Hit]]:
    """Hits that a reader can read, and those struck through or shown back to front."""
    raw = folded.raw
    if any(mark in raw for mark in OVERRIDES):
        return [], hits
    struck = [hit for hit in hits if not STRIKES.isdisjoint(raw[slice(*folded.raw_span(hit.start, hit.end))])]
    return [hit for hit in hits if hit not in struck], struck


def judge(text: Text, law: Law, channel: Channel) -> Finding:
    """The finding for one text. The best placed accepted label counts, however many there are."""
    best: Finding | None = None
    next_best: Worth | None = None
    nearest: Hit | None = None
    for hit in text.labels:
        form = "said" if hit.form == "word" and channel is Channel.SPOKEN else hit.form
        worth = law.table.worth(hit.key, form)
        if worth is None or (form == "word" and not worth.loose and not text.branded):
            continue
        if worth.outcome is PASS:
            if not _means_something_else(text, hit, worth.rule):
                placed = _placed(text, hit, worth.rule, law, channel)
                if placed.outcome is PASS:
                    return placed
                if best is None or placed.outcome.rank > best.outcome.rank:
                    best = placed
        elif next_best is None or worth.priority < next_best.priority:
            next_best, nearest = worth, hit
    if best is None and text.obscured:
        best = _obscured(text, law)
    if best or next_best is None or nearest is None:
        return best or law.nothing
    if next_best.outcome is Outcome.MISSING and law.nothing.outcome is Outcome.TOOL_ONLY:
        return law.nothing
    return _finding(next_best.outcome, next_best.detail, next_best.rule, nearest)


def _means_something_else(text: Text, hit: Hit, rule: LabelRule) -> bool:
    """As `contact for paid promotion`, or a line that starts with the Japanese word for an advertising agency."""
    if not rule.unless_before and not rule.unless_after:
        return False
    folded = text.folded.text
    if rule.unless_before and folded[: hit.start].rstrip().endswith(rule.unless_before):
        return True
    return hit.form == "start" and bool(rule.unless_after) and folded.startswith(rule.unless_after, hit.end)


def _obscured(text: Text, law: Law) -> Finding | None:
    for hit in text.obscured:
        worth = law.table.worth(hit.key, hit.form)
        if worth and worth.outcome is PASS:
            return _finding(Outcome.OBFUSCATED, "spaced" if hit.spaced else "look_alike", worth.rule, hit)
    return None


def _finding(outcome: Outcome, detail: str, rule: LabelRule, hit: Hit) -> Finding:
    return Finding(outcome, detail, rule.id, rule.source, hit, None, None, rule.language)


def place(text: Text, hit: Hit) -> Place:
    """Where a label of `text` stands; worked out once for all jurisdictions."""
    if (at := text.places.get(hit)) is None:
        at = text.places[hit] = _place(text.folded, hit)
    return at


def _place(folded: Folded, hit: Hit) -> Place:
    start, end = folded.raw_span(hit.start, hit.end)
    tag = hit.form == "tag"
    label = folded.raw[start:end]
    return Place(
        label,
        (start, end),
        folded.shown_length(end),
        folded.text.count("\n", 0, hit.start) + 1,
        _run(folded.text[: hit.start]) if tag else 0,
        folded.text.count("#", 0, hit.start) + 1 if tag else 0,
        not folded.raw.isascii() and is_styled(label, hit.spelled),
    )


def _run(before: str) -> int:
    """How many tags stand at the end of `before`."""
    run, words = 0, before.rsplit(maxsplit=_RUN)
    while words and run < _RUN and words[-1].startswith("#") and len(words[-1]) > 1:
        run += words.pop().count("#")
    return run


def _placed(text: Text, hit: Hit, rule: LabelRule, law: Law, channel: Channel) -> Finding:
    """An accepted label, judged by where it stands."""
    at = place(text, hit)
    if channel is Channel.SPOKEN and at.span[0] > _SPOKEN_FOLD:
        return Finding(Outcome.BELOW_FOLD, "late_spoken", rule.id, rule.source, hit, at.span[0], _SPOKEN_FOLD)
    if channel is Channel.CAPTION and (badly := _badly_placed(at, hit, law)):
        return badly
    return _finding(PASS, "styled_letters" if at.styled else "label", rule, hit)


def _badly_placed(at: Place, hit: Hit, law: Law) -> Finding | None:
    rule, tags, platform = law.place.placement_id, law.place.placement_source, law.platform
    if at.run >= _RUN:
        return Finding(Outcome.BURIED, "tag_run", rule, tags, hit, at.run, _RUN)
    if law.place.tag_limit is not None and at.tag > law.place.tag_limit:
        return Finding(Outcome.BURIED, "tag_limit", rule, tags, hit, at.tag, law.place.tag_limit)
    if platform.chars is not None and at.shown > platform.chars:
        return Finding(Outcome.BELOW_FOLD, "chars", rule, platform.source, hit, at.shown, platform.chars)
    if platform.lines is not None and at.line > platform.lines:
        return Finding(Outcome.BELOW_FOLD, "lines", rule, platform.source, hit, at.line, platform.lines)
    return None
