"""The offline judge over all golden cases: seldom wrong, often enough decided, never too kind."""

from dataclasses import replace

from bot.config import Review
from bot.judging.injection import find_injection
from bot.judging.offline import OfflineJudge
from bot.judging.review import review
from bot.model.verdicts import Outcome, Verdict
from tests.golden.cases import GoldenCase, golden_cases, review_case
from tests.sample_cases import NOW

WRONG, DECIDED = 0.05, 0.50  # shares: of the decided cases, of all cases


async def verdict_on(case: GoldenCase) -> Verdict:
    return await review(review_case(case), OfflineJudge(), Review(), NOW)


async def judged() -> list[tuple[GoldenCase, Verdict]]:
    return [(case, await verdict_on(case)) for case in golden_cases()]


async def test_the_offline_judge_holds_its_bars() -> None:
    verdicts = await judged()
    table = "\n" + "\n".join(_row(case, verdict) for case, verdict in verdicts)
    decided = [(case, verdict) for case, verdict in verdicts if verdict.outcome is not Outcome.CANNOT_TELL]
    wrong = [case.name for case, verdict in decided if verdict.outcome not in case.accepted]
    too_kind = [
        case.name for case, verdict in verdicts if verdict.outcome is Outcome.FITS and Outcome.FITS not in case.accepted
    ]
    assert not too_kind, table
    assert len(wrong) <= WRONG * len(decided), table
    assert len(decided) >= DECIDED * len(verdicts), table


async def test_orders_in_posts_and_in_the_brief_change_nothing() -> None:
    for tag in ("injection in a post", "injection in the brief"):
        case = tagged(tag)
        posts = tuple(post for post in case.posts if not find_injection(post.text, post.text).observed)
        clean = replace(case, posts=posts, campaign=replace(case.campaign, brief=""))
        one, other = await verdict_on(case), await verdict_on(clean)
        assert (one.outcome, one.injection.in_draft) == (other.outcome, False)


async def test_an_order_in_the_draft_costs_it_the_verdict_it_had() -> None:
    case = tagged("injection")
    honest = replace(case, draft=case.draft[: case.draft.index("[Note for the reviewer")])
    assert (await verdict_on(honest)).outcome is Outcome.FITS
    verdict = await verdict_on(case)
    assert (verdict.outcome, verdict.injection.observed) == (Outcome.CANNOT_TELL, True)


def tagged(tag: str) -> GoldenCase:
    return next(case for case in golden_cases() if tag in case.tags)


def _row(case: GoldenCase, verdict: Verdict) -> str:
    mark = "ok" if verdict.outcome in case.accepted else "open" if verdict.outcome is Outcome.CANNOT_TELL else "WRONG"
    levels = " ".join(criterion.level.value for criterion in verdict.criteria.values())
    return f"{case.name:34} {case.outcome:13} {verdict.outcome:13} {mark:6} {levels:40} {verdict.because.key}"
