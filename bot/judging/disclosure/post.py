"""What one jurisdiction says of all the texts of a post: what its format needs, and what the relation changes."""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

from bot.judging.disclosure.findings import NOWHERE, Law, Text, Weighed, judge, weigh
from bot.judging.disclosure.results import Channel, CountryResult
from bot.judging.disclosure.rulebook import FormatRule, Outcome
from bot.judging.disclosure.ruleset import Finding, Ruleset

rank = attrgetter("line.finding.outcome.rank")  # of a result, from the worst


class Case(NamedTuple):
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
    def has_others(self) -> bool:
        """Whether a denial or a sensitive word may be among the texts."""
        return bool(self.caption.others or self.caption.obscured or self.frames or self.spoken)

    @property
    def is_silent(self) -> bool:
        """Whether there is a caption alone, in which nothing looks like a label."""
        return self.caption.is_silent and not self.frames and self.spoken is None


def assess(case: Case, law: Law, weighed: Weighed) -> CountryResult:
    found = judge(case.caption, law, weighed)
    if law.needs:
        found = _worst_of_needed(case, law, law.needs, found)
    return found if case.relation == "paid" else _with_relation(case.relation, law, found)


def _with_relation(relation: str, law: Law, found: CountryResult) -> CountryResult:
    """Where the law on a relation is unknown, or depends on facts, ask instead of deciding."""
    rule = law.place.relations.get(relation)
    if rule and rule.duty == "label":
        return found
    # An unknown law is never passed; where only the facts are open, an accepted label settles them.
    if found.outcome is not Outcome.MISSING and (rule or found.outcome is not Outcome.PASS):
        return found
    finding = found.finding._replace(outcome=Outcome.NOT_ASSESSABLE, detail="relation")
    if rule is None:
        return found.but(finding, "relation_unknown")
    return found.but(finding._replace(rule_id=rule.id, source=rule.source), rule.question)


def _worst_of_needed(case: Case, law: Law, rule: FormatRule, caption: CountryResult) -> CountryResult:
    """The worst of the texts that the format needs."""
    judged: list[CountryResult] = []
    missing: list[str] = []
    for need in rule.needs:
        if options := _options(case, law, rule, need, caption):
            judged.append(max(options, key=rank))
        else:
            missing.append(need)
    if missing:  # the caption alone says nothing about a video, unless what was supplied is wrong already
        judged = [one for one in judged if one.channel is not Channel.CAPTION]
        asked = Finding(Outcome.NOT_ASSESSABLE, "needs_text", rule.id, rule.source)
        line = law.line(asked)._replace(question="need_" + "_".join(missing))
        judged.append(CountryResult(line, NOWHERE[Channel.CAPTION]))
    worst = min(judged, key=rank)
    return worst.but(question=rule.question) if worst.outcome is Outcome.PASS else worst


def _options(case: Case, law: Law, rule: FormatRule, need: str, caption: CountryResult) -> list[CountryResult]:
    """The ways in which a need is met; empty if nobody supplied the text."""
    options = []
    if need == "caption":
        options.append(caption)
    if need in ("overlay", "either") and case.frames:
        options.append(_frames(case, law, rule))
    if need in ("spoken", "either") and case.spoken:
        options.append(_alone(case.spoken, law))
    return options


def _alone(text: Text, law: Law) -> CountryResult:
    return judge(text, law, weigh(law, text.forms, branded=text.branded))


def _frames(case: Case, law: Law, rule: FormatRule) -> CountryResult:
    """One finding for all frames of a story, or for the texts on a video."""
    found = [_alone(frame, law) for frame in case.frames]
    best = max(range(len(found)), key=lambda at: (rank(found[at]), -at))
    if case.format != "story" or found[best].outcome is not Outcome.PASS:
        return found[best]
    if not rule.every:
        late = found[best].but(found[best].finding._replace(outcome=Outcome.BELOW_FOLD, detail="late_frame"))
        return late.over(best + 1, 1) if best else found[best]
    for number, one in enumerate(found, start=1):
        if one.outcome is not Outcome.PASS:
            bare = Finding(Outcome.MISSING, "frame_without_label", rule.id, rule.source)
            return CountryResult(law.line(bare), NOWHERE[Channel.OVERLAY]).over(number, len(found))
    return found[best]
