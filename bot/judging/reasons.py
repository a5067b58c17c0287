"""From judged criteria to what people are told: the weightiest reasons, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping

from bot.judging.disclosure.rulebook import Outcome as LabelOutcome
from bot.judging.label import is_fine
from bot.judging.rubric import CORE, VETOES, is_contradicted
from bot.model.messages import Message
from bot.model.verdicts import Criterion, CriterionKey, DisclosureLine, Finding, Level, Outcome, Stance, Verdict


def weightiest(criteria: Mapping[CriterionKey, Criterion], outcome: Outcome) -> tuple[Finding, ...]:
    """All judged core criteria, weightiest first: what speaks for the outcome, and best proven, comes first."""
    is_open = outcome is Outcome.CANNOT_TELL  # then what is open, with a post to read, is the reason
    told = [key for key in CORE if criteria[key].level is not Level.ABSTAIN or (is_open and criteria[key].quotes)]
    findings = [_finding(key, criteria[key], outcome) for key in told]
    return tuple(sorted(findings, key=lambda finding: -finding.weight))


def _finding(key: CriterionKey, criterion: Criterion, outcome: Outcome) -> Finding:
    points = criterion.level.points
    if points is None:  # open, but with a past post to be read beside the draft
        stance, clarity = (Stance.CONTRADICTS if is_contradicted(criterion) else Stance.NEUTRAL), 1
    else:
        stance, clarity = (Stance.SUPPORTS if points >= 2 else Stance.CONTRADICTS), abs(points - 2)
    decides = (stance is Stance.SUPPORTS) is (outcome is Outcome.FITS)
    weight = (
        clarity + 2 * decides + 0.5 * bool(criterion.quotes) + 0.25 * (key in VETOES and stance is Stance.CONTRADICTS)
    )
    reasoning = criterion.reasoning
    if criterion.brief_at_fault:  # the line's author is named before anything else is said
        reasoning = Message("reason.brief_at_fault", {"line": criterion.draft_quotes[0], "reasoning": reasoning})
    return Finding(key, reasoning, stance, weight, criterion.quotes)


def with_label(outcome: Outcome, because: Message, label: DisclosureLine) -> Message:
    """`because`, and where nothing else can be told, what is known all the same: that the label is not right."""
    if outcome is not Outcome.CANNOT_TELL or is_fine(label):
        return because
    if label.fix is None:
        return Message("because.label_open", {"because": because})
    key = "missing" if label.outcome == LabelOutcome.MISSING else "wrong"
    return Message(f"because.label_{key}", {"because": because, "line": label.fix})


def next_step(outcome: Outcome, because: Message, label: DisclosureLine) -> Message:
    """What the team does with this verdict, in a sentence or two."""
    if outcome is Outcome.CANNOT_TELL:
        lacks_posts = because.key in ("because.thin_history", "because.old_history")
        step = Message("next.import_posts" if lacks_posts else "next.read_it")
        if because.key in ("because.few_words", "because.repeats"):
            step = Message("next.write_more")
        if is_fine(label):
            return step
        return Message("next.label" if label.fix else "next.label_open", {"step": step, "line": label.fix or ""})
    if outcome is Outcome.REVISE:
        return Message("next.revise" if is_fine(label) else "next.revise_label")
    return Message(f"next.{outcome}")


def confidence(verdict: Verdict) -> str:
    """How far to lean on the verdict, from what carries it: `high`, `medium`, `low`, or `none` where it cannot tell.

    High needs a model that has read, 30 posts, an answer to each of the five questions and three posts quoted.
    """
    if verdict.outcome is Outcome.CANNOT_TELL:
        return "none"
    core = [verdict.criteria[key] for key in CORE if key in verdict.criteria]
    unanswered = sum(criterion.level is Level.ABSTAIN for criterion in core)
    quoted = len({quote.post_id for criterion in core for quote in criterion.quotes})
    if verdict.posts_read < 10 or unanswered > 1 or not quoted:
        return "low"
    is_read = verdict.judge.kind != "offline"
    return "high" if is_read and verdict.posts_read >= 30 and not unanswered and quoted >= 3 else "medium"
