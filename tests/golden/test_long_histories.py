"""What a reviewer gets to read of a long history: the dossier made by a careful reader, and search alone beside it."""

from __future__ import annotations

import pytest

from bot.config import Review as ReviewSettings
from bot.judging.disclosure.rulebook import Outcome as LabelOutcome
from bot.judging.dossier import statement_tokens
from bot.judging.hygiene import clean
from bot.judging.label import check_label
from bot.judging.review import search_queries
from bot.judging.search import PostSearch
from tests.golden.long_histories import LongHistory, long_histories

HELD = 0.95  # of the deciding posts, by the dossiers of all histories together
FIRST = 40  # posts that a search would bring
FOUND = 0.5  # of the deciding posts, by search alone

every_history = pytest.mark.parametrize("history", long_histories(), ids=lambda history: history.name)


@every_history
def test_a_long_history_is_well_formed(history: LongHistory) -> None:
    ids = [post.id for post in history.posts]
    assert len(set(ids)) == len(ids) == 300
    dates = [post.created_at for post in history.posts if post.created_at]
    assert dates == sorted(dates)
    assert len({post.text for post in history.posts}) == 300
    for case in history.cases:
        assert set(case.deciding) <= set(ids)
        assert check_label(case.draft, case.campaign, history.influencer).outcome == LabelOutcome.PASS


@every_history
def test_every_statement_is_proven_and_the_dossier_keeps_its_budget(history: LongHistory) -> None:
    dossier, texts = history.dossier(), {post.id: post.text for post in history.posts}
    for statement in dossier.statements:
        for quote in statement.quotes:
            assert texts[quote.post_id][quote.start : quote.end] == quote.text
    assert sum(map(statement_tokens, dossier.statements)) <= ReviewSettings().dossier_tokens


def test_the_dossier_holds_the_deciding_posts_where_search_does_not() -> None:
    deciding = [
        (history, case, post_id) for history in long_histories() for case in history.cases for post_id in case.deciding
    ]
    cited = {history.name: history.dossier().cited for history in long_histories()}
    held = [post_id in cited[history.name] for history, _, post_id in deciding]
    found = []
    for history, case, post_id in deciding:
        queries = search_queries(clean(case.draft, max_characters=20_000), case.campaign)
        found.append(post_id in {post.id for post in PostSearch(history.posts).worth_reading(queries)[:FIRST]})
    print(f"deciding posts {len(deciding)}: dossier {sum(held)}, search alone {sum(found)} in the first {FIRST}")
    assert sum(held) >= HELD * len(deciding)
    assert sum(found) >= FOUND * len(deciding)
    assert sum(held) > 1.2 * sum(found)  # or the dossier would not be worth its cost
