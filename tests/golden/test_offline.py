"""The offline judge over all golden cases: seldom wrong, often enough decided, never too kind."""

from bot.config import Review
from bot.judging.offline import OfflineJudge
from bot.judging.review import review
from bot.model import Outcome, Verdict
from tests.golden.cases import GoldenCase, golden_cases, review_case
from tests.sample_cases import NOW

WRONG, DECIDED = 0.05, 0.50  # shares: of the decided cases, of all cases


async def judged() -> list[tuple[GoldenCase, Verdict]]:
    return [(case, await review(review_case(case), OfflineJudge(), Review(), NOW)) for case in golden_cases()]


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


def _row(case: GoldenCase, verdict: Verdict) -> str:
    mark = "ok" if verdict.outcome in case.accepted else "open" if verdict.outcome is Outcome.CANNOT_TELL else "WRONG"
    levels = " ".join(criterion.level.value for criterion in verdict.criteria.values())
    return f"{case.name:34} {case.outcome:13} {verdict.outcome:13} {mark:6} {levels:40} {verdict.because.key}"
