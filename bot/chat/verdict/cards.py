"""A stored verdict as the card people read. Pure: from values and a language to text within Discord's budgets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from discord import ui

from bot.chat.markup import ago, code_block, day, link, plain, width
from bot.judging.reasons import confidence
from bot.model.decisions import SETTLES, Decision, DecisionKind, PublishedResult, Reply
from bot.model.messages import Message
from bot.model.posts import Visibility, short_id
from bot.model.verdicts import CriterionKey, DisclosureFlag, Finding, Level, Outcome, Quote, Verdict
from bot.services.deadlines import due_at
from bot.services.difference import Change, changes
from bot.services.published import is_approved
from bot.store.verdicts import StoredVerdict
from bot.texts import FALLBACK, listed, paired, quoted, render, supported, text, to_influencer, to_sender

CARD_LIMIT = 4000  # characters of all texts of one message
NOTE_LIMIT = 300  # for a note above the card
REASONS = 3
REASON_FRAME = 340  # of one reason: names, date, link and marks around its words
SHORTEST_REASON = 20  # of its words, and of its quote: so much stays for each, whatever else is said
LONGEST_REASON = 360  # of the reasoning, and of the quote
ANSWER, WHOLE_ANSWER = 100, 60  # of what somebody answered to a finding, and to the whole verdict
CHANGED = 250  # of what changed since the version before, where notes on sensitive products leave it
FLAGS = 2  # notes on sensitive products
LONGEST_DRAFT = 1200  # of the text, where it is shown
EXTRAS = 2  # suggestions and questions each, where room is left
CHANGES = 3  # of the levels and of the words each, where room is left
REPLACED = 0x8A8F98
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
    DecisionKind.WITHDRAW: "card.withdrawn",
}


def container(colour: int, blocks: Sequence[str]) -> ui.Container[Any]:
    """A box with one text a block and a line between blocks; empty blocks are left out."""
    box: ui.Container[Any] = ui.Container(accent_colour=colour)
    for index, block in enumerate(filter(None, blocks)):
        if index:
            box.add_item(ui.Separator())
        box.add_item(ui.TextDisplay(block))
    return box


def verdict_card(stored: StoredVerdict, language: str, *, with_draft: bool = False) -> ui.Container[Any]:
    """The whole card without its buttons. What must be said is said first; reasons, then extras, share what is left.

    `with_draft`: the text it is about too, for where that does not stand beside the card; no note has room then.
    """
    verdict, language = stored.verdict, voice(stored, language)
    if stored.is_erased:
        return _erased_card(stored, language)
    head, foot = _head(stored, language), _foot(stored, language)
    shown = verdict.reasons[:REASONS]
    least = REASONS * (REASON_FRAME + 2 * SHORTEST_REASON)
    wanted = least + (CHANGED if stored.before else 0)
    wanted += sum(width(_answer(stored, finding, language, SHORTEST_REASON)) for finding in shown)
    for flags in reversed(range(FLAGS + 1)):
        middle = [_disclosure(verdict, language, flags), _injection(verdict, language)]
        room = CARD_LIMIT - NOTE_LIMIT - sum(map(width, (head, foot, *middle)))
        if room >= wanted:
            break
    longest = min(ANSWER, SHORTEST_REASON + max(0, (room - wanted) // REASONS))
    answers = [_answer(stored, finding, language, longest) for finding in shown]
    room -= sum(map(width, answers))
    changed = _changes(stored, language, room - least)
    room -= width(changed)
    words = min(LONGEST_REASON, (room // REASONS - REASON_FRAME) // 2)
    quotes = _quotes_of(shown)
    said_of = (_reason(*pair, verdict, language, words) for pair in zip(shown, quotes, strict=True))
    reasons = "\n\n".join("\n".join(filter(None, pair)) for pair in zip(said_of, answers, strict=True))
    room -= width(reasons)
    draft = _draft(stored, language, min(LONGEST_DRAFT, NOTE_LIMIT + max(room, 0))) if with_draft else ""
    extras = _extras(verdict, language, room - max(0, width(draft) - NOTE_LIMIT))
    return container(colour(stored), [head, draft, changed, reasons, *middle, extras, foot])


def voice(stored: StoredVerdict, language: str) -> str:
    """A private check speaks to the influencer where they made it; everything else about them, to whoever reads it.

    Outside any server the past posts are the person's own. In one the team has confirmed who somebody is, or has not.
    """
    if stored.draft.visibility is not Visibility.PRIVATE:
        return language
    is_theirs = stored.draft.guild_id < 0 or stored.author_is_linked
    return to_influencer(language) if is_theirs else to_sender(language)


def _erased_card(stored: StoredVerdict, language: str) -> ui.Container[Any]:
    """What is left of a verdict whose texts were taken out."""
    verdict, criteria, gone = stored.verdict, stored.verdict.criteria, text(language, "card.erased")
    if stored.forgotten_at:
        gone = text(language, "card.erased_on", when=day(stored.forgotten_at))
    levels = [
        paired(language, f"**{text(language, f'criterion.{key}')}**", level_words(criteria[key].level, language, key))
        for key in CriterionKey
        if key in criteria
    ]
    head = [_title(stored, language), for_whom(stored, language), gone]
    foot = [*_decided(stored, language), f"-# {judge_line(verdict, language)}"]
    if stored.draft.visibility is Visibility.PRIVATE:
        foot.append(f"-# {text(language, 'card.private')}")
    return container(REPLACED, ["\n".join(head), "\n".join(levels), "\n".join(foot)])


def _title(stored: StoredVerdict, language: str) -> str:
    return f"## {outcome_words(stored.verdict.outcome, language)} · {stored.number}"


def colour(stored: StoredVerdict) -> int:
    """The outcome's; a text that is no longer the draft's newest has none of its own."""
    return COLOURS[stored.verdict.outcome] if stored.newer is None else REPLACED


def for_whom(stored: StoredVerdict, language: str) -> str:
    names = {"influencer": plain(stored.influencer.handle, 70), "campaign": plain(stored.campaign.name, 90)}
    return text(language, "card.for_whom", **names)


def outcome_words(outcome: Outcome, language: str) -> str:
    return f"{SIGNS[outcome]} {text(language, f'outcome.{outcome}')}"


def level_words(level: Level, language: str, criterion: CriterionKey | None = None) -> str:
    """A label is there or not; `strong` is no word for one."""
    is_label = criterion is CriterionKey.DISCLOSURE and level is not Level.ABSTAIN
    return text(language, f"level.{'disclosure_' * is_label}{level}")


def said(language: str, message: Message, limit: int) -> str:
    """A stored sentence, safe to show."""
    return plain(render(language, message), limit)


def quote_line(quote: Quote, language: str, limit: int) -> str:
    """The words in quotation marks, when they were posted, and the way to the post."""
    parts = [day(quote.created_at) if quote.created_at else "", link(text(language, "card.post_link"), quote.url)]
    name = text(language, "card.post_id", id=plain(short_id(quote.post_id), 20))
    return f"> {quoted(language, plain(quote.text, limit))}\n> -# {' · '.join(filter(None, parts)) or name}"


def decision_line(decision: Decision, language: str, *, is_void: bool = False, longest: int = 120) -> str:
    """Who decided what, and when; with the reason they gave. `is_void`: about a text that was replaced."""
    who = plain(decision.person_name, 60)
    line = text(language, DECIDED[decision.kind], who=f"**{who}**", when=ago(decision.created_at))
    if is_void and decision.kind is not DecisionKind.WITHDRAW:
        line = text(language, "card.void", decision=line)
    return f"{line}\n> {plain(decision.reason, longest)}" if decision.reason else line


def change_line(change: Change, language: str, longest: int) -> str:
    """One change of the words, each piece at most `longest`."""
    removed, added = (plain(piece, longest) for piece in (change.removed, change.added))
    key = "replaced" if removed and added else "removed" if removed else "added" if added else "blanks"
    return f"- {text(language, f'card.change_{key}', removed=removed, added=added)}"


def level_changes(stored: StoredVerdict, before: StoredVerdict, language: str) -> Iterator[str]:
    """A line for each question whose level is another than `before`."""
    for key in CriterionKey:
        new, old = stored.verdict.criteria.get(key), before.verdict.criteria.get(key)
        if new and old and new.level is not old.level:
            was, now = (level_words(one.level, language, key) for one in (old, new))
            yield f"- {text(language, 'card.level_changed', criterion=Message(f'criterion.{key}'), was=was, now=now)}"


def text_changes(stored: StoredVerdict, before: StoredVerdict, language: str, longest: int) -> list[str]:
    """A line for each change of the words, of what is said, and of the files."""
    new, old = stored.revision, before.revision
    lines = [change_line(change, language, longest) for change in changes(old.text, new.text)]
    if changes(old.spoken, new.spoken):
        lines.append(f"- {text(language, 'card.spoken_changed')}")
    if not lines and new.sha256 != old.sha256:
        lines.append(f"- {text(language, 'card.files_changed')}")
    return lines


def within(lines: Iterable[str], room: int) -> str:
    """The first of the lines that have `room` together."""
    kept: list[str] = []
    for line in lines:
        room -= width(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept)


def _head(stored: StoredVerdict, language: str) -> str:
    verdict = stored.verdict
    sure = text(language, f"card.confidence_{confidence(verdict)}", read=verdict.posts_read)
    replaced = [replaced_line(stored, language)] if stored.newer else []
    replaced += [published_line(stored, language)] if stored.published else []
    same = [same_line(stored.same_text, language)] if stored.same_text else []
    because = said(language, verdict.because, 190)
    return "\n".join([_title(stored, language), *replaced, for_whom(stored, language), *same, because, f"-# {sure}"])


def same_line(earlier: StoredVerdict, language: str) -> str:
    """That the same text was judged before, and what was decided on it."""
    made = [one.kind for one in earlier.standing]
    last = ([kind for kind in made if kind in SETTLES] or made)[-1:]
    decided = text(language, f"history.{last[0]}" if last else "history.decided_open")
    if earlier.newer:  # what was decided is void
        decided = text(language, "history.replaced", version=earlier.newer.version)
    return text(language, "card.same_text", number=earlier.number, decided=decided)


def _draft(stored: StoredVerdict, language: str, room: int) -> str:
    """The text that was judged, cut to `room`."""
    words = stored.revision.text
    whole, cut = (text(language, f"card.{key}") for key in ("draft", "draft_begins"))
    block = code_block(words, room - width(cut) - 1)
    is_whole = width(block) == width(code_block(words, 2 * width(words) + CARD_LIMIT))
    return f"{whole if is_whole else cut}\n{block}" if words.strip() else ""


def replaced_line(stored: StoredVerdict, language: str) -> str:
    """By what the text of a verdict was replaced, with the way to the new card once it stands."""
    newer = stored.newer
    assert newer is not None  # asked for where it was
    if newer.number is None:
        return text(language, "card.replaced_unjudged", version=newer.version, when=ago(newer.created_at))
    name = newer.number
    if newer.card:
        name = f"[{name}](https://discord.com/channels/{stored.draft.guild_id}/{newer.card[0]}/{newer.card[1]})"
    return text(language, "card.replaced", number=name, version=newer.version)


def _changes(stored: StoredVerdict, language: str, room: int) -> str:
    """What is other than in the version before, as far as it fits into `room`; "" for a first version."""
    before = stored.before
    if before is None:
        return ""
    values = {"version": stored.revision.number, "number": before.number}
    levels = list(level_changes(stored, before, language))[:CHANGES]
    words = text_changes(stored, before, language, 80)
    if (more := len(words) - CHANGES) > 0:
        words = [*words[:CHANGES], f"-# {text(language, 'card.more_changes', count=more)}"]
    lines = [text(language, "card.changed", **values), *(levels or [f"- {text(language, 'card.levels_same')}"]), *words]
    if stored.verdict.outcome is not before.verdict.outcome:
        was = text(language, "card.outcome_was", outcome=Message(f"outcome.{before.verdict.outcome}"))
        lines.insert(1, f"- {was}")
    return within(lines, room)


def _quotes_of(findings: Sequence[Finding]) -> list[Quote | None]:
    """For each finding the first of its quotes that none above it shows; None where there is no such quote."""
    chosen: list[Quote | None] = []
    for finding in findings:
        above = {(quote.post_id, quote.text) for quote in chosen if quote}
        chosen.append(next((one for one in finding.quotes if (one.post_id, one.text) not in above), None))
    return chosen


def _reason(finding: Finding, quote: Quote | None, verdict: Verdict, language: str, words: int) -> str:
    """`words`: the longest reasoning, and the longest quote."""
    reasoning = said(language, finding.message, words)
    if finding.criterion is not None and finding.criterion in verdict.criteria:
        level = level_words(verdict.criteria[finding.criterion].level, language)
        criterion = text(language, f"criterion.{finding.criterion}")
        reasoning = text(language, "card.reason", criterion=criterion, level=level, reasoning=reasoning)
    lines = [reasoning, *([quote_line(quote, language, words)] if quote else [])]
    if finding.quotes and not quote:
        lines.append(f"-# {text(language, 'card.quoted_above')}")
    elif len(finding.quotes) > 1:
        lines.append(f"-# {text(language, 'card.more_quotes', count=len(finding.quotes) - 1)}")
    return "\n".join(lines)


def _answer(stored: StoredVerdict, finding: Finding, language: str, longest: int) -> str:
    """The newest answer to a finding; the others are in the evidence. A finding about no criterion has none."""
    given = [reply for reply in stored.replies if reply.criterion is finding.criterion is not None]
    return answer_line(given[-1], language, longest) if given else ""


def answer_line(reply: Reply, language: str, longest: int) -> str:
    """What somebody answered to a finding or to the whole verdict."""
    values = {"who": f"**{plain(reply.person_name, 24)}**", "words": plain(reply.text, longest)}
    return f"> {text(language, 'answer.line' if reply.criterion else 'answer.line_whole', **values)}"


def published_line(stored: StoredVerdict, language: str) -> str:
    """How the newest live text compared, when, and who brought it in; what held then may not hold any more."""
    live = stored.published[-1]
    is_void = live.result is PublishedResult.SAME and not is_approved(stored)
    key = "live.card_void" if is_void else f"live.card_{live.result}"
    return text(language, key, who=plain(live.person_name, 24), when=ago(live.created_at))


def _disclosure(verdict: Verdict, language: str, flags: int) -> str:
    """`flags`: how many notes on sensitive products it may hold."""
    label = verdict.disclosure
    if not (label.messages or label.fix or label.flags):
        return ""
    messages = plain(" ".join(render(language, message) for message in label.messages), 220)
    lines = [text(language, "card.disclosure", messages=messages)]
    if label.fix:
        where = "card.disclosure_in_front" if label.in_front else "card.disclosure_fix"
        lines += [text(language, where), code_block(label.fix, 150)]
    lines += [flag_line(flag, language) for flag in label.flags[:flags]]
    if (more := len(label.flags) - flags) > 0:
        lines.append(f"-# {text(language, 'card.more_flags', count=more)}")
    legal = "card.disclosure_as_of" if label.as_of else "card.disclosure_undated"
    return "\n".join([*lines, f"-# {text(language, legal, date=plain(label.as_of or '', 20))}"])


def flag_line(flag: DisclosureFlag, language: str) -> str:
    """A kind of product with rules of its own, the rule in a sentence, and where that comes from."""
    note = plain(flag.note.get(supported(language)) or flag.note.get(FALLBACK, ""), 170)
    where = link(text(language, "label_check.source"), flag.source)
    category = Message(f"label_category.{flag.category}")
    return text(language, "label_check.flag", category=category, note=note, source=where, date=plain(flag.as_of, 20))


def _injection(verdict: Verdict, language: str) -> str:
    if not verdict.injection.observed:
        return ""
    return f"{text(language, 'card.injection')}\n> {quoted(language, plain(verdict.injection.quote, 120))}"


def _extras(verdict: Verdict, language: str, room: int) -> str:
    """Suggested edits and questions, as far as they fit into `room`."""
    lines = within(_extra_lines(verdict, language), room).splitlines()
    while lines and lines[-1].startswith("**"):  # a heading with nothing under it
        lines.pop()
    return "\n".join(lines)


def _extra_lines(verdict: Verdict, language: str) -> Iterator[str]:
    if verdict.suggestions:
        yield text(language, "card.suggestions")
    for one in verdict.suggestions[:EXTRAS]:
        yield f"- {quoted(language, plain(one.draft_quote, 100))} → {plain(one.suggestion, 160)}"
    if verdict.questions:
        yield text(language, "card.questions")
    for question in verdict.questions[:EXTRAS]:
        yield f"- {said(language, question, 160)}"


def _foot(stored: StoredVerdict, language: str) -> str:
    """What was decided, or else the next step; what was not read, and who judged."""
    verdict = stored.verdict
    lines = _decided(stored, language)
    whole = [reply for reply in stored.replies if reply.criterion is None]
    lines += [answer_line(reply, language, WHOLE_ANSWER) for reply in whole[-1:]]
    answered = {reply.criterion for reply in stored.replies}
    shown = len(whole[-1:]) + len(answered & {finding.criterion for finding in verdict.reasons[:REASONS]} - {None})
    if more := len(stored.replies) - shown:
        lines.append(f"-# {text(language, 'answer.more', count=more)}")
    if step := _next_step(stored):
        lines.append(text(language, "card.next_step", step=said(language, step, 160)))
    if stored.newer is None and (due := due_at(stored)):
        lines.append(text(language, "card.decide_by", when=ago(due)))
    lines += [f"-# {said(language, note, 130)}" for note in verdict.notes[:1]]
    if verdict.not_read:
        what = plain(listed(language, (render(language, message) for message in verdict.not_read)), 130)
        lines.append(f"-# {text(language, 'card.not_read', what=what)}")
    if verdict.posts_given:
        counts = {"given": verdict.posts_given, "stored": verdict.posts_stored}
        handle = plain(stored.influencer.handle, 30)
        lines.append(f"-# {text(language, 'card.posts_given', handle=handle, **counts)}")
    lines.append(f"-# {_handed_in(stored, language)}")
    return "\n".join([*lines, f"-# {judge_line(verdict, language)}"])


def _handed_in(stored: StoredVerdict, language: str) -> str:
    """By whom, and whether that is the influencer; of a check that nobody else sees it."""
    if stored.draft.visibility is Visibility.PRIVATE:
        return text(language, "card.private")
    key = "card.handed_in_linked" if stored.author_is_linked else "card.handed_in"
    key = key if stored.draft.author_id else "card.handed_in_by"  # of nobody in Discord
    return text(language, key, who=plain(stored.author_name, 24), handle=plain(stored.influencer.handle, 30))


def _next_step(stored: StoredVerdict) -> Message | None:
    """None once it is settled. Of a verdict that was overruled the step no longer counts: a decision is still due."""
    if any(decision.kind in SETTLES for decision in stored.standing):
        return None
    return Message("next.fits") if stored.standing else stored.verdict.next_step


def _decided(stored: StoredVerdict, language: str) -> list[str]:
    """The last approval, wish for changes or withdrawal, and the last overruling: neither hides the other."""
    settled = [one for one in stored.decisions if one.kind is not DecisionKind.DISAGREE][-1:]
    overruled = [one for one in stored.standing if one.kind is DecisionKind.DISAGREE][-1:]
    is_void, longest = stored.newer is not None, 60 if overruled else 120
    shown = sorted((*settled, *overruled), key=lambda decision: decision.id)
    return [decision_line(decision, language, is_void=is_void, longest=longest) for decision in shown]


def judge_line(verdict: Verdict, language: str) -> str:
    """Who judged, on how many posts; says plainly where no model has read anything."""
    key = "card.judge_offline" if verdict.judge.kind == "offline" else "card.judge_llm"
    model = plain(verdict.judge.model, 60)
    return text(language, key, read=verdict.posts_read, stored=verdict.posts_stored, model=model)
