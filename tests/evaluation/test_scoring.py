"""A run asks the scorer about every draft once, and reports what came of it."""

import json
from pathlib import Path

from bot.config import Review
from bot.evaluation.scorers import JudgeScorer
from bot.judging.answer import Answer, Claim, CriterionAnswer
from bot.judging.evidence import Evidence
from bot.model.messages import Message
from bot.model.verdicts import CriterionKey, Level, Reading, Stance
from tests.evaluation.samples import Scripted, drafts, run, scripted_rows, write

KEYS = {
    "auc", "ece", "brier", "coverage", "accuracy_decided", "ms_per_draft", "ms_per_profile", "calls", "tokens", "n",
}  # fmt: skip


async def test_measures_every_kind_and_leaves_null_what_is_lacking(tmp_path: Path) -> None:
    write(tmp_path, drafts(genuine="calm", random_other="loud", brand_copy="terse"))
    seen: list[tuple[int, int]] = []
    done = await run(tmp_path, on_progress=lambda done, total: seen.append((done, total)))
    report = done.report.to_json()
    assert report.keys() >= KEYS
    assert report["auc"] == {"random": 1.0, "hard": None, "sponsored": None, "brand_copy": 1.0}
    assert (report["n"], report["calls"], report["tokens"]) == (6, 0, 0)
    assert report["ece_sponsored"] is None
    assert done.report.ece_by_chance["sponsored"] is None
    assert done.report.ece_by_chance["plain"] is not None
    assert seen == [(n, 6) for n in range(1, 7)]
    assert json.loads(json.dumps(report, allow_nan=False)) == json.loads(json.dumps(report))


async def test_sponsored_drafts_are_set_against_each_other_only(tmp_path: Path) -> None:
    write(tmp_path, drafts(genuine="loud", sponsored_own="calm", sponsored_other="loud"))
    assert (await run(tmp_path)).report.auc["sponsored"] == 1.0


async def test_the_scorer_hears_which_drafts_are_sponsored(tmp_path: Path) -> None:
    write(tmp_path, [{"creator": "calm", "kind": "sponsored_own", "label": 1, "text": "a"}])
    scorer = Scripted({"a": 0.5})
    await run(tmp_path, scorer)
    assert scorer.asked == {(12, True)}


async def test_profiles_are_made_from_the_cut_stores(tmp_path: Path) -> None:
    write(tmp_path, scripted_rows())
    scorer = Scripted(dict.fromkeys("abcd", 0.5))
    report = (await run(tmp_path, scorer, newest=3, limit=2)).report
    assert report.n == 2
    assert scorer.asked == {(3, False)}
    assert (report.calls, report.tokens) == (3, 70)


async def test_time_for_making_profiles_is_not_time_for_scoring(tmp_path: Path) -> None:
    write(tmp_path, scripted_rows(), stored=150)  # a profile takes some 50 ms, an answer from the table nothing
    report = (await run(tmp_path, Scripted(dict.fromkeys("abcd", 0.5)))).report
    assert report.ms_per_profile is not None
    assert 0 < report.ms_per_draft < report.ms_per_profile / 5


async def test_a_creator_without_posts_is_abstained_on_unasked(tmp_path: Path) -> None:
    write(tmp_path, scripted_rows(), stored=0)
    scorer = Scripted({})
    report = (await run(tmp_path, scorer)).report
    assert (report.coverage, report.ms_per_profile, scorer.asked) == (0, None, set())


class Reader:
    """A judge that calls every draft with 'tea' in it the influencer's own, and quotes two of their posts for it."""

    kind, model, prompt_hash = "llm", "m", "h"

    async def read(self, evidence: Evidence) -> Answer:
        claims = tuple(Claim("history", post.id, post.text, Stance.SUPPORTS) for post in evidence.posts[:2])
        level = Level.L4 if "tea" in evidence.draft else Level.L0
        answer = CriterionAnswer(claims, Message("literal", {"text": "so it reads"}), level)
        return Answer(dict.fromkeys(CriterionKey, answer), (Reading("{}", "m", prompt_tokens=10, calls=1),))


async def test_a_judge_that_reads_is_scored_by_its_levels(tmp_path: Path) -> None:
    rows = [("genuine", 1, "Tea and tea again, for the tea."), ("random_other", 0, "Buy the car today, my friends.")]
    write(tmp_path, [{"creator": "calm", "kind": kind, "label": label, "text": text} for kind, label, text in rows])
    report = (await run(tmp_path, JudgeScorer(Reader(), Review()))).report
    assert report.auc["random"] == 1.0
    assert (report.calls, report.tokens) == (2, 20)
