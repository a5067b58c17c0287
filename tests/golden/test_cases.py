"""Every golden case is well formed and says what it claims to say."""

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime

import pytest

from bot.judging.injection import find_injection
from bot.judging.label import check_label
from bot.judging.quotes import find
from bot.judging.rubric import outcome
from bot.model.messages import Message
from bot.model.verdicts import Criterion, CriterionKey, Injection, Level, Outcome
from tests.golden.cases import GoldenCase, golden_cases
from tests.sample_cases import NOW

SPAN = (datetime(2024, 2, 1, tzinfo=UTC), NOW)
NO_READING = {"thin history", "stale history"}  # decided before any judge is asked
every_case = pytest.mark.parametrize("case", golden_cases(), ids=lambda case: case.name)


def test_there_are_enough_cases_and_no_outcome_crowds_out_the_others() -> None:
    cases = golden_cases()
    assert len(cases) >= 24
    assert sum("hard" in case.tags for case in cases) >= len(cases) / 3
    by_outcome = {wanted: sum(case.outcome is wanted for case in cases) for wanted in Outcome}
    assert min(by_outcome[Outcome.FITS], by_outcome[Outcome.REVISE]) >= 0.28 * len(cases)
    assert max(by_outcome.values()) <= 0.38 * len(cases)
    languages = [case.influencer.language for case in cases]
    assert {code: languages.count(code) for code in ("ja", "es", "de")} == {"ja": 3, "es": 2, "de": 1}


def test_no_name_or_id_is_used_twice() -> None:
    cases = golden_cases()
    for names in (
        [case.influencer.handle for case in cases],
        [case.influencer.name for case in cases],
        [case.campaign.brand.name for case in cases],
        [case.campaign.name for case in cases],
        [post.id for case in cases for post in case.posts],
        [post.text for case in cases for post in case.posts],
    ):
        assert len(set(names)) == len(names)


@every_case
def test_the_feed_is_in_order_and_within_its_years(case: GoldenCase) -> None:
    dates = [post.created_at for post in case.posts if post.created_at is not None]
    assert len(dates) == len(case.posts)
    assert dates == sorted(set(dates))
    assert SPAN[0] <= dates[0]
    assert dates[-1] <= SPAN[1]
    if NO_READING.isdisjoint(case.tags):
        assert 18 <= len(case.posts) <= 40
        assert dates[-1] >= datetime(2026, 9, 1, tzinfo=UTC), "the newest post is of this autumn"


@every_case
def test_the_expectation_is_complete(case: GoldenCase) -> None:
    assert set(case.levels) == set(CriterionKey)
    assert all(case.levels.values())
    assert case.outcome not in case.acceptable
    assert set(case.deciding) <= {post.id for post in case.posts}
    assert case.tags
    if NO_READING.isdisjoint(case.tags):
        assert case.deciding
        assert any(post_id in case.why for post_id in case.deciding), "`why` names posts"
    assert set(re.findall(r"[a-z]{2}-\d{3}", case.why)) <= {post.id for post in case.posts}


@every_case
def test_the_levels_lead_to_the_outcome(case: GoldenCase) -> None:
    """By the rubric's own rule: the best allowed levels still fit, the worst still do not."""
    pick = min if case.outcome in (Outcome.REVISE, Outcome.DOES_NOT_FIT) else max
    conflict = "wording" if case.outcome is Outcome.REVISE else "product"
    criteria = {
        key: Criterion(_by_points(levels, pick), Message("literal"), conflict=conflict)
        for key, levels in case.levels.items()
    }
    injection = Injection(True, ("override",)) if "injection" in case.tags else Injection()
    found, _ = outcome(criteria, disclosure_ok=case.disclosure == "PASS", injection=injection)
    assert found is case.outcome


def _by_points(levels: Collection[Level], pick: Callable[[list[Level]], Level]) -> Level:
    """Levels sort by name, L0 first; `abstain` only where nothing else is allowed."""
    return pick([level for level in levels if level is not Level.ABSTAIN] or [Level.ABSTAIN])


@every_case
def test_the_label_is_as_intended(case: GoldenCase) -> None:
    line = check_label(case.draft, case.campaign, case.influencer)
    assert line.outcome == case.disclosure
    if case.disclosure != "PASS":
        assert "disclosure" in case.tags
    assert case.levels[CriterionKey.DISCLOSURE] == {Level.L4} or case.disclosure != "PASS"


@every_case
def test_the_lines_of_the_brief_stand_in_the_draft(case: GoldenCase) -> None:
    for line in case.campaign.must_say:
        assert find(line, case.draft)
    if "forced line" in case.tags:
        assert case.campaign.must_say


@every_case
def test_orders_to_the_reviewer_stand_where_the_case_says(case: GoldenCase) -> None:
    assert find_injection(case.draft, case.draft).observed == ("injection" in case.tags)
    in_posts = any(find_injection(post.text, post.text).observed for post in case.posts)
    assert in_posts == ("injection in a post" in case.tags)
    in_brief = find_injection(case.campaign.brief, case.campaign.brief).observed
    assert in_brief == ("injection in the brief" in case.tags)
