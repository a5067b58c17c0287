"""A stored verdict as the card people read. Pure: from values and a language to text within Discord's budgets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from discord import ui

from bot.chat.markup import ago, code_block, day, link, plain, width
from bot.judging.rubric import CORE
from bot.model import Decision, DecisionKind, Finding, Level, Message, Outcome, Quote, Verdict, Visibility
from bot.store.verdicts import StoredVerdict
from bot.texts import render, text

CARD_LIMIT = 4000  # characters of all texts of one message
NOTE_LIMIT = 300  # for a note above the card
REASONS = 3
REASON_FRAME = 340  # of one reason: names, date, link and marks around its words
LONGEST_REASON = 360  # of the reasoning, and of the quote
EXTRAS = 2  # suggestions and questions each, where room is left
COLOURS = {
    Outcome.FITS: 0x2E8B57,
    Outcome.REVISE: 0xE0A100,
    Outcome.DOES_NOT_FIT: 0xC0392B,
    Outcome.CANNOT_TELL: 0x5D7083,
}
SIGNS = {Outcome.FITS: "✅", Outcome.REVISE: "✏️", Outcome.DOES_NOT_FIT: "⛔", Outcome.CANNOT_TELL: "❔"}
DECIDED = {
    DecisionKind.APPROVE: "card.approved",
    DecisionKind.ASK_FOR_CHANGES: "card.asked_for_changes",
    DecisionKind.DISAGREE: "card.disagreed",
}


def container(colour: int, blocks: Sequence[str]) -> ui.Container[Any]:
    """A box with one text a block and a line between blocks; empty blocks are left out."""
    box: ui.Container[Any] = ui.Container(accent_colour=colour)
    for index, block in enumerate(filter(None, blocks)):
        if index:
            box.add_item(ui.Separator())
        box.add_item(ui.TextDisplay(block))
    return box


def verdict_card(stored: StoredVerdict, language: str) -> ui.Container[Any]:
    """The whole card without its buttons. What must be said is said first; reasons, then extras, share what is left."""
    verdict = stored.verdict
    head, foot = _head(stored, language), _foot(stored, language)
    middle = [_disclosure(verdict, language), _injection(verdict, language)]
    room = CARD_LIMIT - NOTE_LIMIT - sum(map(width, (head, foot, *middle)))
    words = min(LONGEST_REASON, (room // REASONS - REASON_FRAME) // 2)
    reasons = "\n\n".join(_reason(finding, verdict, language, words) for finding in verdict.reasons[:REASONS])
    extras = _extras(verdict, language, room - width(reasons))
    return container(COLOURS[verdict.outcome], [head, reasons, *middle, extras, foot])


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


def for_whom(stored: StoredVerdict, language: str) -> str:
    names = {"influencer": plain(stored.influencer.handle, 70), "campaign": plain(stored.campaign.name, 90)}
    return text(language, "card.for_whom", **names)


def outcome_words(outcome: Outcome, language: str) -> str:
    return f"{SIGNS[outcome]} {text(language, f'outcome.{outcome}')}"


def level_words(level: Level, language: str) -> str:
    return text(language, f"level.{level}")


def said(language: str, message: Message, limit: int) -> str:
    """A stored sentence, safe to show."""
    return plain(render(language, message), limit)


def quote_line(quote: Quote, language: str, limit: int) -> str:
    """The words in quotation marks, when they were posted, and the way to the post."""
    where = link(text(language, "card.post_link"), quote.url) or text(
        language, "card.post_id", id=plain(quote.post_id, 60)
    )
    parts = [day(quote.created_at)] if quote.created_at else []
    return f"> “{plain(quote.text, limit)}”\n> -# {' · '.join([*parts, where])}"


def decision_line(decision: Decision, language: str) -> str:
    """Who decided what, and when; with the reason they gave."""
    who = plain(decision.person_name, 60)
    line = text(language, DECIDED[decision.kind], who=f"**{who}**", when=ago(decision.created_at))
    return f"{line}\n> {plain(decision.reason, 120)}" if decision.reason else line


def _head(stored: StoredVerdict, language: str) -> str:
    verdict = stored.verdict
    sure = text(language, f"card.confidence_{confidence(verdict)}", read=verdict.posts_read)
    return (
        f"## {outcome_words(verdict.outcome, language)} · {stored.number}\n{for_whom(stored, language)}\n"
        f"{said(language, verdict.because, 220)}\n-# {sure}"
    )


def _reason(finding: Finding, verdict: Verdict, language: str, words: int) -> str:
    """`words`: the longest reasoning, and the longest quote."""
    reasoning = said(language, finding.message, words)
    if finding.criterion is not None and finding.criterion in verdict.criteria:
        level = level_words(verdict.criteria[finding.criterion].level, language)
        criterion = text(language, f"criterion.{finding.criterion}")
        reasoning = text(language, "card.reason", criterion=criterion, level=level, reasoning=reasoning)
    lines = [reasoning, *(quote_line(quote, language, words) for quote in finding.quotes[:1])]
    if len(finding.quotes) > 1:
        lines.append(f"-# {text(language, 'card.more_quotes', count=len(finding.quotes) - 1)}")
    return "\n".join(lines)


def _disclosure(verdict: Verdict, language: str) -> str:
    label = verdict.disclosure
    if not (label.messages or label.fix):
        return ""
    messages = plain(" ".join(render(language, message) for message in label.messages), 260)
    lines = [text(language, "card.disclosure", messages=messages)]
    if label.fix:
        lines += [text(language, "card.disclosure_fix"), code_block(label.fix, 150)]
    legal = "card.disclosure_as_of" if label.as_of else "card.disclosure_undated"
    return "\n".join([*lines, f"-# {text(language, legal, date=plain(label.as_of or '', 20))}"])


def _injection(verdict: Verdict, language: str) -> str:
    if not verdict.injection.observed:
        return ""
    return f"{text(language, 'card.injection')}\n> “{plain(verdict.injection.quote, 120)}”"


def _extras(verdict: Verdict, language: str, room: int) -> str:
    """Suggested edits and questions, as far as they fit into `room`."""
    lines: list[str] = []
    for line in _extra_lines(verdict, language):
        room -= width(line) + 1
        if room < 0:
            break
        lines.append(line)
    while lines and lines[-1].startswith("**"):  # a heading with nothing under it
        lines.pop()
    return "\n".join(lines)


def _extra_lines(verdict: Verdict, language: str) -> Iterator[str]:
    if verdict.suggestions:
        yield text(language, "card.suggestions")
    for one in verdict.suggestions[:EXTRAS]:
        yield f"- “{plain(one.draft_quote, 100)}” → {plain(one.suggestion, 160)}"
    if verdict.questions:
        yield text(language, "card.questions")
    for question in verdict.questions[:EXTRAS]:
        yield f"- {said(language, question, 160)}"


def _foot(stored: StoredVerdict, language: str) -> str:
    """What was decided, or else the next step; what was not read, and who judged."""
    verdict = stored.verdict
    lines = [decision_line(decision, language) for decision in stored.decisions[-1:]]
    if not lines:
        lines.append(text(language, "card.next_step", step=said(language, verdict.next_step, 160)))
    lines += [f"-# {said(language, note, 160)}" for note in verdict.notes[:1]]
    if verdict.not_read:
        what = plain(", ".join(render(language, message) for message in verdict.not_read), 160)
        lines.append(f"-# {text(language, 'card.not_read', what=what)}")
    if stored.draft.visibility is Visibility.PRIVATE:
        lines.append(f"-# {text(language, 'card.private')}")
    return "\n".join([*lines, f"-# {judge_line(verdict, language)}"])


def judge_line(verdict: Verdict, language: str) -> str:
    """Who judged, on how many posts; says plainly where no model has read anything."""
    key = "card.judge_offline" if verdict.judge.kind == "offline" else "card.judge_llm"
    model = plain(verdict.judge.model, 60)
    return text(language, key, read=verdict.posts_read, stored=verdict.posts_stored, model=model)
