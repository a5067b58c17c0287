"""Whatever was sent, the cards of a batch stay within Discord's limits, ping nobody, and say what matters first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.batch.batch_cards import MOST_LINES, MOST_OPTIONS, BatchSelect, list_page, progress_view, summary_view
from bot.chat.markup import width
from bot.chat.verdict.cards import CARD_LIMIT
from bot.model.drafts import AnswerAddress, AnswerKind, RevisionState
from bot.model.messages import Message
from bot.model.verdicts import DisclosureLine, Outcome
from bot.store.batches import Batch, Row, Tally
from tests.builders import NOW
from tests.chat.hostile import PINGS, anything, bare

LANGUAGES = ("en", "ja")
OUTCOMES = (None, *Outcome)


def a_batch(who: str = "Mira") -> Batch:
    return Batch(1, 7, "message:1", 5, who, AnswerAddress(AnswerKind.REPLY), NOW)


def a_row(position: int, outcome: Outcome | None, text: str = "mossy") -> Row:
    row = Row(position, text, Message("literal", {"text": text}))
    if outcome is None:
        return row
    said = Message("literal", {"text": text})
    return replace(
        row,
        problem=None,
        handle=text or "a",
        campaign=text,
        text=text,
        state=RevisionState.ANSWERED,
        number=f"V-{position + 1}",
        outcome=outcome,
        because=said,
        next_step=said,
    )


def views(batch: Batch, rows: Sequence[Row], language: str) -> Iterator[ui.LayoutView]:
    yield progress_view(batch, Tally(200, 9, 90, 3, 80), language, is_away=True)
    yield summary_view(batch, rows, language)
    for page in range(-(-len(rows) // MOST_OPTIONS)):
        yield ui.LayoutView(timeout=None).add_item(list_page(batch, rows, language, page).box)


def selects(view: ui.LayoutView) -> list[ui.Select[Any]]:
    return [item.item for item in view.walk_children() if isinstance(item, BatchSelect)]


@pytest.mark.parametrize(("outcomes", "line"), [(["MISSING", "PASS", "BURIED"], "**2**"), (["PASS", "PASS"], "")])
def test_labels_that_are_not_fine_are_counted_whatever_the_outcome(outcomes: list[str], line: str) -> None:
    rows = [
        replace(a_row(at, Outcome.CANNOT_TELL), disclosure=DisclosureLine(one, None, None))
        for at, one in enumerate(outcomes)
    ]
    view = summary_view(a_batch(), rows, "en")
    said = "\n".join(item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay))
    found = [one for one in said.splitlines() if one.startswith("Advertising label")]
    assert [one.endswith(line) for one in found] == ([True] if line else [])


@settings(max_examples=25)
@given(anything, st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=200), st.sampled_from(LANGUAGES))
def test_every_card_fits_and_pings_nobody(text: str, outcomes: list[Outcome | None], language: str) -> None:
    rows = [a_row(position, outcome, text) for position, outcome in enumerate(outcomes)]
    for view in views(a_batch(text), rows, language):
        said = [item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay)]
        assert sum(map(width, said)) <= CARD_LIMIT
        assert view.total_children_count <= 40
        assert not PINGS.search(bare("\n".join(said)))
        for select in selects(view):
            assert 1 <= len(select.options) <= MOST_OPTIONS
            assert all(0 < len(option.label) <= 100 for option in select.options)
            assert all(len(option.description or "") <= 100 for option in select.options)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_batch_with_the_longest_words_still_fits(language: str) -> None:
    for outcome in OUTCOMES:
        rows = [a_row(position, outcome, "長い言葉" * 99) for position in range(200)]
        for view in views(a_batch("長" * 99), rows, language):
            assert view.content_length() <= CARD_LIMIT


def test_what_does_not_fit_the_card_is_counted() -> None:
    rows = [a_row(position, Outcome.REVISE, "w" * 200) for position in range(200)]
    [text] = [
        item.content
        for item in summary_view(a_batch(), rows, "en").walk_children()
        if isinstance(item, ui.TextDisplay) and "Look at these" in item.content
    ]
    listed = text.count("V-")
    assert listed == MOST_LINES
    assert f"and {200 - listed} more" in text


def test_the_weightiest_are_listed_before_those_sent_earlier() -> None:
    rows = [a_row(0, Outcome.FITS), a_row(1, Outcome.REVISE), a_row(2, Outcome.DOES_NOT_FIT)]
    view = summary_view(a_batch(), rows, "en")
    [select] = selects(view)
    assert [option.value for option in select.options] == ["V-3", "V-2", "V-1"]
