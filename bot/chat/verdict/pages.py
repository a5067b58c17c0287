"""What does not fit on a card, in pages: all the evidence of one verdict, and lists of verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from discord import ui

from bot.chat.markup import ago, plain, width
from bot.chat.verdict.cards import (
    COLOURS,
    answer_line,
    container,
    for_whom,
    judge_line,
    level_words,
    outcome_words,
    published_line,
    quote_line,
    said,
    voice,
)
from bot.judging.signal_words import in_words
from bot.model.decisions import DecisionKind
from bot.model.verdicts import Criterion, CriterionKey, Level, Stance
from bot.services.as_json import answers_to
from bot.store.verdicts import Page, StoredVerdict
from bot.texts import quoted, text

PAGE_TEXT = 3300  # of the 4000 characters of a message; heading and foot take some of the rest
HISTORY_ROWS = 5
LONGEST_ANSWER = 2000  # whole: escaped it takes up to twice its length
NEUTRAL = 0x5D7083


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of something: the box, and which of how many pages it is (from 0)."""

    box: ui.Container[Any]
    page: int
    pages: int


def evidence_page(stored: StoredVerdict, language: str, page: int) -> Shown:
    """Page `page` of all that carries the verdict; the nearest one where there is no such page."""
    language = voice(stored, language)
    pages = packed(_evidence(stored, language))
    page = min(max(page, 0), len(pages) - 1)
    head = f"### {text(language, 'evidence.title', number=stored.number)}\n{for_whom(stored, language)}"
    count = text(language, "evidence.page", page=page + 1, pages=len(pages))
    foot = f"-# {count} · {judge_line(stored.verdict, language)}"
    return Shown(container(COLOURS[stored.verdict.outcome], [head, pages[page], foot]), page, len(pages))


def history_row(row: StoredVerdict, language: str) -> str:
    """A verdict in a list: number, outcome, what was decided, when, for whom, and its text cut short."""
    overruled = [one.kind for one in row.standing if one.kind is DecisionKind.DISAGREE]
    shown = dict.fromkeys([*overruled, *(one.kind for one in row.decisions[-1:])])
    decided = "".join(f" · {text(language, f'history.{kind}')}" for kind in shown)
    if row.newer:
        key = "history.void" if decided else "history.replaced"
        decided += f" · {text(language, key, version=row.newer.version)}"
    noted = f"{published_line(row, language)}\n" if row.published else ""
    noted += "".join(f"{answer_line(reply, language, 100)}\n" for reply in row.replies[-1:] if reply.text)
    words = text(language, "erased.text") if row.is_erased else plain(row.revision.text, 120)
    return (
        f"**{row.number}** · {outcome_words(row.verdict.outcome, language)}{decided} · {ago(row.created_at)}\n"
        f"{for_whom(row, language)}\n{noted}> {words}"
    )


def history_page(
    found: Page, language: str, *, which: str = "", row: Callable[[StoredVerdict, str], str] = history_row
) -> Shown:
    """One page of verdicts. `which`: "own_" for the checks of one person, "waiting_" for what waits for them."""
    page, pages = found.offset // HISTORY_ROWS, max(1, -(-found.total // HISTORY_ROWS))
    rows = [row(one, language) for one in found.rows] or [text(language, f"history.{which}none")]
    count = text(language, "history.page", total=found.total, page=page + 1, pages=pages)
    title, way = text(language, f"history.{which}title"), text(language, f"history.{which}open")
    blocks = [f"### {title}\n-# {count}", *rows, f"-# {way}"]
    return Shown(container(NEUTRAL, blocks), page, pages)


def paged_view(shown: Shown, language: str, button: Callable[[int, str], ui.Item[Any]]) -> ui.LayoutView:
    """A page with the buttons that turn it; `button` makes one, from the page it leads to and its label."""
    row: ui.ActionRow[Any] = ui.ActionRow()
    if shown.page:
        row.add_item(button(shown.page - 1, text(language, "button.previous")))
    if shown.page + 1 < shown.pages:
        row.add_item(button(shown.page + 1, text(language, "button.next")))
    if row.children:
        shown.box.add_item(row)
    return ui.LayoutView(timeout=None).add_item(shown.box)


def label_of(item: ui.Item[Any]) -> str | None:
    return item.label if isinstance(item, ui.Button) else None


def packed(blocks: Iterable[str]) -> list[str]:
    """Blocks joined into as few pages as their order allows."""
    pages = [""]
    for block in blocks:
        joined = f"{pages[-1]}\n{block}" if pages[-1] else block
        if width(joined) <= PAGE_TEXT:
            pages[-1] = joined
        else:
            pages.append(block)
    return pages


def _evidence(stored: StoredVerdict, language: str) -> Iterator[str]:
    """Blocks of at most about 900 characters."""
    verdict = stored.verdict
    if whole := answers_to(stored, None):
        yield text(language, "answer.title")
    yield from (answer_line(reply, language, LONGEST_ANSWER) for reply in whole)
    if verdict.deciding:
        yield text(language, "evidence.deciding")
    yield from (quote_line(quote, language, 300) for quote in verdict.deciding)
    for key in CriterionKey:
        if key in verdict.criteria:
            yield from _criterion(key, verdict.criteria[key], language)
            yield from (answer_line(reply, language, LONGEST_ANSWER) for reply in answers_to(stored, key))
    if measured := [said(language, words, 250) for signal in verdict.signals if (words := in_words(signal))]:
        yield text(language, "evidence.measured")
    yield from (f"- {words}" for words in measured)
    if verdict.suggestions:
        yield text(language, "card.suggestions")
    for one in verdict.suggestions:
        why = f"\n-# {plain(one.why, 200)}" if one.why else ""
        yield f"- {quoted(language, plain(one.draft_quote, 200))} → {plain(one.suggestion, 300)}{why}"
    if verdict.questions:
        yield text(language, "card.questions")
    for question in verdict.questions:
        yield f"- {said(language, question, 300)}"


def _criterion(key: CriterionKey, criterion: Criterion, language: str) -> Iterator[str]:
    name = text(language, f"criterion.{key}")
    head = text(language, "evidence.criterion", criterion=name, level=level_words(criterion.level, language, key))
    yield f"{head}\n{said(language, criterion.reasoning, 600)}"
    for cap in criterion.caps:
        yield f"-# {text(language, 'evidence.lowered', why=said(language, cap, 250))}"
    for quote in criterion.quotes:
        is_open = quote.stance is Stance.CONTRADICTS and criterion.level is Level.ABSTAIN  # for a person to read
        speaks = "may_contradict" if is_open else quote.stance.value
        yield f"{quote_line(quote, language, 500)} · {text(language, f'evidence.{speaks}')}"
    for words in criterion.draft_quotes:
        yield f"-# {text(language, 'evidence.in_draft')}\n> {quoted(language, plain(words, 300))}"
    if key is not CriterionKey.DISCLOSURE and not criterion.quotes:
        yield f"-# {text(language, 'evidence.no_quotes')}"
