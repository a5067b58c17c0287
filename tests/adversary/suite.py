"""Attacks on the sample drafts, judged by one judge, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from bot import sample
from bot.config import Review
from bot.judging.answer import Judge
from bot.judging.conflicts import conflicts
from bot.judging.offline import OfflineJudge
from bot.judging.review import Case, review
from bot.model.verdicts import CriterionKey, Level, Outcome
from tests.adversary.attacks import Attack, attacked, payload
from tests.sample_cases import NOW, case_of

ORDER = (Outcome.DOES_NOT_FIT, Outcome.CANNOT_TELL, Outcome.REVISE, Outcome.FITS)
SETTINGS = Review()
JudgeFor = Callable[[str], Judge]  # the judge for one attack's text


@dataclass(frozen=True, slots=True)
class Judged:
    outcome: Outcome
    levels: Mapping[CriterionKey, Level]
    flagged: bool
    conflicting: bool

    def better_than(self, other: Judged) -> bool:
        """A better outcome; to get from `cannot tell` to `revise` by a worse level is no gain."""
        fell = any((level.points or 0) < (other.levels[key].points or 0) for key, level in self.levels.items())
        no_gain = fell and (other.outcome, self.outcome) == (Outcome.CANNOT_TELL, Outcome.REVISE)
        return ORDER.index(self.outcome) > ORDER.index(other.outcome) and not no_gain


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attack on one draft. `before` is what the offline judge says of the draft alone."""

    attack: Attack
    draft: str
    before: Judged
    after: Judged

    @property
    def improved(self) -> bool:
        return self.after.better_than(self.before)

    @property
    def fits(self) -> bool:
        return self.before.outcome is not Outcome.FITS and self.after.outcome is Outcome.FITS


_BEFORE: dict[str, Judged] = {}  # by title, as each draft is attacked many times


@cache
def sample_cases() -> Mapping[str, Case]:
    """The sample drafts by title, apart from the one that holds an attack already."""
    return {draft.title: case_of(draft) for draft in sample.drafts() if "order to the reviewer" not in draft.title}


async def judged(case: Case, judge: Judge) -> Judged:
    verdict = await review(case, judge, SETTINGS, NOW)
    levels = {key: criterion.level for key, criterion in verdict.criteria.items()}
    left_out = any(message.key == "not_read.posts_addressed" for message in verdict.not_read)
    noted = any(note.key != "note.line_missing" for note in verdict.notes)
    conflicting = bool(conflicts(verdict.criteria)) or noted
    return Judged(verdict.outcome, levels, verdict.injection.observed or left_out, conflicting)


async def attempt(title: str, attack: Attack, judge_for: JudgeFor) -> Attempt:
    """`attack` on the sample draft of this title."""
    case = sample_cases()[title]
    if title not in _BEFORE:
        _BEFORE[title] = await judged(case, OfflineJudge())
    after = await judged(attacked(case, attack), judge_for(payload(attack, case)))
    return Attempt(attack, title, _BEFORE[title], after)


def table(rows: Iterable[Attempt]) -> str:
    """One line a class: how many were tried, improved the outcome, improved it to fits, were flagged, conflicted."""
    kinds: dict[str, list[Attempt]] = {}
    for row in rows:
        kinds.setdefault(row.attack.kind, []).append(row)
    lines = [f"{'class':22}{'tried':>7}{'improved':>10}{'to fits':>9}{'flagged':>9}{'conflict':>10}"]
    for kind, those in kinds.items():
        improved, fits = sum(row.improved for row in those), sum(row.fits for row in those)
        flagged, conflicting = sum(row.after.flagged for row in those), sum(row.after.conflicting for row in those)
        lines.append(f"{kind:22}{len(those):>7}{improved:>10}{fits:>9}{flagged:>9}{conflicting:>10}")
    return "\n".join(lines)
