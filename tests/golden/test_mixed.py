"""What a reviewer gets to read of golden cases in histories of thousands of posts. The notes are simulated."""

from __future__ import annotations

from bot.config import Review
from bot.judging.dossier import cut, expected_tokens, statement_tokens
from bot.judging.evidence import history_tokens
from tests.golden.mixed import long_cases, mixed, short_cases, simulated_dossier, total


def test_search_alone_brings_most_of_what_decides_a_short_case() -> None:
    found = total(short_cases()[::9], 2_000)
    print(found)
    assert found.first_100 >= 0.8 * found.deciding


def test_with_notes_nearly_all_of_what_decides_is_read_in_two_thousand_posts() -> None:
    found = total((*short_cases()[1::13], *long_cases()[::9]), 2_000)
    print(found)
    assert found.with_dossier >= 0.95 * found.deciding
    assert found.with_dossier > found.first_100


def test_with_notes_nearly_all_of_what_decides_is_read_in_ten_thousand_posts() -> None:
    found = total(long_cases()[5:6], 10_000)
    print(found)
    assert found.with_dossier >= 0.93 * found.deciding


def test_a_dossier_costs_little_more_than_the_history_to_make_and_is_read_within_its_budget() -> None:
    posts = mixed(long_cases()[0], 10_000)
    made = simulated_dossier(long_cases()[0], posts, budget_tokens=Review().dossier_tokens)
    assert sum(map(statement_tokens, made.statements)) <= Review().dossier_tokens
    assert expected_tokens(cut(posts)) <= 1.3 * history_tokens(posts)
    assert made.left_out > 5 * len(made.statements)
