"""What happens after a model has read: kept readings of the golden cases through quote check, caps and outcome."""

from __future__ import annotations

import pytest

from bot.config import Review as ReviewSettings
from bot.judging.review import review
from bot.model.verdicts import Outcome, Verdict
from tests.golden.cases import GoldenCase, golden_cases, review_case
from tests.golden.readings import Reader
from tests.sample_cases import NOW

EXACT, LEVELS = 0.95, 0.95  # shares that have to come out as expected; all others within what is acceptable
CALLS = 1.3  # readings a verdict, the further ones included
OPPOSITE = {Outcome.FITS: Outcome.DOES_NOT_FIT, Outcome.DOES_NOT_FIT: Outcome.FITS}
every_case = pytest.mark.parametrize("golden", golden_cases(), ids=lambda golden: golden.name)

_VERDICTS: dict[str, Verdict] = {}


async def judged(golden: GoldenCase) -> Verdict:
    if golden.name not in _VERDICTS:
        _VERDICTS[golden.name] = await review(review_case(golden), Reader(golden), ReviewSettings(), NOW)
    return _VERDICTS[golden.name]


@every_case
async def test_no_reading_comes_out_opposite_and_every_quote_is_verbatim(golden: GoldenCase) -> None:
    verdict = await judged(golden)
    assert verdict.outcome is not OPPOSITE.get(golden.outcome)
    assert verdict.outcome in golden.accepted
    by_id = {post.id: post for post in golden.posts}
    for criterion in verdict.criteria.values():
        for quote in criterion.quotes:
            assert by_id[quote.post_id].text[quote.start : quote.end] == quote.text
    assert verdict.judge.quotes_dropped == 0


async def test_outcomes_and_levels_are_as_expected() -> None:
    verdicts = [(golden, await judged(golden)) for golden in golden_cases()]
    exact = [golden.name for golden, verdict in verdicts if verdict.outcome is golden.outcome]
    assert len(exact) >= EXACT * len(verdicts), {golden.name for golden, _ in verdicts} - set(exact)
    read = [(golden, verdict) for golden, verdict in verdicts if verdict.judge.readings]
    levels = [
        (golden.name, key, verdict.criteria[key].level, verdict.criteria[key].level in allowed)
        for golden, verdict in read
        for key, allowed in golden.levels.items()
    ]
    assert sum(fine for *_, fine in levels) >= LEVELS * len(levels), [row for row in levels if not row[-1]]


async def test_few_verdicts_take_more_than_one_reading() -> None:
    taken = {golden.name: len((await judged(golden)).judge.readings) for golden in golden_cases()}
    asked = [count for count in taken.values() if count]
    print(f"{sum(asked)} readings for {len(asked)} verdicts that were read, {sum(asked) / len(asked):.2f} each")
    assert sum(asked) <= CALLS * len(asked)
