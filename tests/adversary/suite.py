"""Every attack on the sample drafts, judged by one judge, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from bot import sample
from bot.config import Review
from bot.judging import rubric
from bot.judging.answer import Judge
from bot.judging.conflicts import conflicts, cross_checked
from bot.judging.injection import find_injection_in_setting, speaks_to_reviewer
from bot.judging.label import is_fine
from bot.judging.offline import OfflineJudge
from bot.judging.review import Case, review
from bot.model import Outcome
from tests.adversary.attacks import Attack, attacked, payload
from tests.sample_cases import NOW, case_of

ORDER = (Outcome.DOES_NOT_FIT, Outcome.CANNOT_TELL, Outcome.REVISE, Outcome.FITS)
SETTINGS = Review()


@dataclass(frozen=True, slots=True)
class Judged:
    outcome: Outcome
    flagged: bool
    conflicting: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attack on one draft. `before` is what the offline judge says of the draft alone."""

    attack: Attack
    draft: str
    before: Outcome
    after: Judged

    @property
    def improved(self) -> bool:
        return ORDER.index(self.after.outcome) > ORDER.index(self.before)

    @property
    def fits(self) -> bool:
        return self.improved and self.after.outcome is Outcome.FITS


def sample_cases() -> dict[str, Case]:
    """The sample drafts by title, apart from the one that holds an attack already."""
    return {draft.title: case_of(draft) for draft in sample.drafts() if "order to the reviewer" not in draft.title}


async def judged(case: Case, judge: Judge, *, cross_check: bool = True) -> Judged:
    """A review with what stands around it: posts that speak to the reviewer left out, measured readings held against."""
    kept = replace(case, posts=tuple(post for post in case.posts if not speaks_to_reviewer(post.text)))
    verdict = await review(kept, judge, SETTINGS, NOW)
    criteria = dict(verdict.criteria)
    if cross_check and judge.kind != "offline":
        measured = await review(kept, OfflineJudge(), SETTINGS, NOW)
        criteria = cross_checked(criteria, measured.criteria)
    flagged = verdict.injection.observed or find_injection_in_setting(case.campaign, case.influencer).observed
    found, _ = rubric.outcome(criteria, disclosure_ok=is_fine(verdict.disclosure), injection=flagged)
    conflicting = bool(conflicts(criteria))
    if found is Outcome.FITS and conflicting:
        found = Outcome.CANNOT_TELL
    left_out = len(kept.posts) < len(case.posts)
    return Judged(found, flagged or left_out, conflicting)


async def attempts(
    cases: dict[str, Case], tried: Iterable[Attack], judge_for: Callable[[str], Judge], *, cross_check: bool = True
) -> list[Attempt]:
    """`judge_for` makes the judge for one attack's text."""
    before = {title: (await judged(case, OfflineJudge())).outcome for title, case in cases.items()}
    return [
        Attempt(
            attack,
            title,
            before[title],
            await judged(attacked(case, attack), judge_for(payload(attack, case)), cross_check=cross_check),
        )
        for attack in tried
        for title, case in cases.items()
    ]


def table(rows: Iterable[Attempt]) -> str:
    """One line a class: attempts, improved, improved to fits, flagged, conflicting."""
    kinds: dict[str, list[Attempt]] = {}
    for row in rows:
        kinds.setdefault(row.attack.kind, []).append(row)
    lines = [f"{'class':22}{'tried':>7}{'improved':>10}{'to fits':>9}{'flagged':>9}{'conflict':>10}"]
    for kind, those in kinds.items():
        counts = (
            len(those),
            sum(row.improved for row in those),
            sum(row.fits for row in those),
            sum(row.after.flagged for row in those),
            sum(row.after.conflicting for row in those),
        )
        lines.append(f"{kind:22}{counts[0]:>7}{counts[1]:>10}{counts[2]:>9}{counts[3]:>9}{counts[4]:>10}")
    return "\n".join(lines)
