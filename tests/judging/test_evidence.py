"""Which posts fit the budget: the newest, and of the others those most worth reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.judging.evidence import history_tokens, select_posts
from bot.model.dossiers import Statement, StatementKind
from bot.model.posts import PastPost
from bot.model.verdicts import Quote, Stance

START = datetime(2022, 3, 1, tzinfo=UTC)
POSTS = tuple(
    PastPost(f"p{at}", f"Cloud {at} over the quay, tea at {at % 12} with whoever comes by.", START + timedelta(days=at))
    for at in range(200)
)
BUDGET = history_tokens(POSTS) // 4


def note_on(post: PastPost) -> Statement:
    quote = Quote(post.id, post.text, 0, len(post.text), Stance.SUPPORTS, post.created_at)
    return Statement(StatementKind.REFUSAL, "parasols", "Refuses all parasols.", (quote,))


def test_a_history_that_fits_is_read_whole() -> None:
    selected = select_posts(POSTS, ["tea"], budget_tokens=history_tokens(POSTS))
    assert (selected.newest, selected.nearest) == (POSTS, ())


def test_a_third_goes_to_the_newest_and_the_rest_to_what_is_worth_reading() -> None:
    selected = select_posts(POSTS, ["Cloud 17 over the quay"], budget_tokens=BUDGET)
    assert selected.newest == POSTS[-len(selected.newest) :]
    assert history_tokens(selected.newest) <= BUDGET // 3
    assert BUDGET * 0.9 <= history_tokens((*selected.newest, *selected.nearest)) <= BUDGET
    assert POSTS[17] in selected.nearest
    assert not set(selected.newest) & set(selected.nearest)
    assert list(selected.nearest) == sorted(selected.nearest, key=POSTS.index)


@pytest.mark.parametrize("at", [3, 90])
def test_what_a_statement_without_room_quotes_is_read(at: int) -> None:
    def read(*noted: Statement) -> bool:
        return POSTS[at] in select_posts(POSTS, ["parasols"], budget_tokens=400, noted=noted).nearest

    assert read(note_on(POSTS[at]))
    assert not read()
