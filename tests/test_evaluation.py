"""What `eval` prints is what its definitions say, and broken input is named with its place."""

import json
import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Review
from bot.evaluation.labelled import Creator, is_fitted, read_labelled
from bot.evaluation.measures import auc, calibration_error, evaluate
from bot.evaluation.scorers import Cost, JudgeScorer
from bot.judging.answer import Answer, Claim, CriterionAnswer
from bot.judging.evidence import Evidence
from bot.model import CriterionKey, Level, Message, Reading, Stance
from tests.judging.voice.voices import MANNERS, posts_of

KEYS = {"auc", "ece", "brier", "coverage", "accuracy_decided", "ms_per_draft", "calls", "tokens", "n"}


def write(directory: Path, drafts: Sequence[dict[str, object]], prefix: str = "", stored: int = 12) -> None:
    creators = [{"creator": name, "lang": "en", "stored": posts_of(name, stored)} for name in MANNERS]
    for name, rows in (("creators", creators), ("drafts", drafts)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (directory / f"{prefix}{name}.jsonl").write_text(text, "utf-8")


def drafts(**kinds: str) -> list[dict[str, object]]:
    """Two drafts a kind for the calm author; the value says whose manner they have."""
    return [
        {"id": f"{kind}{n}", "creator": "calm", "kind": kind, "label": int(manner == "calm"), "text": text}
        for kind, manner in kinds.items()
        for n, text in enumerate(posts_of(manner, 2, seed=7))
    ]


async def test_measures_every_kind_and_leaves_null_what_is_lacking(tmp_path: Path) -> None:
    write(tmp_path, drafts(genuine="calm", random_other="loud", brand_copy="terse"))
    seen: list[tuple[int, int]] = []
    report = (await evaluate(tmp_path, on_progress=lambda done, total: seen.append((done, total)))).to_json()
    assert report.keys() >= KEYS
    assert report["auc"] == {"random": 1.0, "hard": None, "sponsored": None, "brand_copy": 1.0}
    assert (report["n"], report["calls"], report["tokens"]) == (6, 0, 0)
    assert report["ece_sponsored"] is None
    assert seen == [(n, 6) for n in range(1, 7)]
    assert json.loads(json.dumps(report, allow_nan=False)) == json.loads(json.dumps(report))


async def test_sponsored_drafts_are_set_against_each_other_only(tmp_path: Path) -> None:
    write(tmp_path, drafts(genuine="loud", sponsored_own="calm", sponsored_other="loud"))
    assert (await evaluate(tmp_path)).auc["sponsored"] == 1.0


async def test_the_scorer_hears_which_drafts_are_sponsored(tmp_path: Path) -> None:
    write(tmp_path, [{"creator": "calm", "kind": "sponsored_own", "label": 1, "text": "a"}])
    scorer = Scripted({"a": 0.5})
    await evaluate(tmp_path, make_scorer=lambda _: scorer)
    assert scorer.asked == {(12, True)}


class Scripted:
    """Scores from a table; None abstains."""

    cost = Cost(calls=3, tokens=70)

    def __init__(self, scores: dict[str, float | None]) -> None:
        self.scores = scores
        self.asked: set[tuple[int, bool]] = set()  # posts stored, draft sponsored

    async def __call__(self, creator: Creator, draft: str, *, sponsored: bool) -> float | None:
        self.asked.add((len(creator.stored), sponsored))
        return self.scores[draft]


def scripted_rows() -> list[dict[str, object]]:
    rows = (("genuine", 1, "a"), ("genuine", 1, "b"), ("random_other", 0, "c"), ("random_other", 0, "d"))
    return [{"creator": "calm", "kind": kind, "label": label, "text": text} for kind, label, text in rows]


async def test_brier_coverage_and_accuracy_follow_their_definitions(tmp_path: Path) -> None:
    write(tmp_path, scripted_rows())
    scorer = Scripted({"a": 0.9, "b": 0.5, "c": 0.1, "d": 0.85})
    report = await evaluate(tmp_path, make_scorer=lambda _: scorer)
    assert report.auc["random"] == 0.75
    assert report.brier == pytest.approx((0.01 + 0.25 + 0.01 + 0.7225) / 4)
    assert report.coverage == 0.75
    assert report.accuracy_decided == pytest.approx(2 / 3)
    assert (report.calls, report.tokens) == (3, 70)
    assert report.auc_interval["random"] == (0.75, 0.75)


async def test_a_scorer_may_abstain(tmp_path: Path) -> None:
    write(tmp_path, scripted_rows())
    report = await evaluate(tmp_path, make_scorer=lambda _: Scripted({"a": 0.9, "b": None, "c": 0.1, "d": None}))
    assert (report.auc["random"], report.coverage, report.accuracy_decided) == (1.0, 0.5, 1.0)
    nothing = await evaluate(tmp_path, make_scorer=lambda _: Scripted(dict.fromkeys("abcd")))
    assert (nothing.auc["random"], nothing.brier, nothing.coverage) == (None, None, 0.0)


async def test_newest_cuts_the_stores_and_limit_the_drafts(tmp_path: Path) -> None:
    write(tmp_path, scripted_rows())
    scorer = Scripted(dict.fromkeys("abcd", 0.5))
    assert (await evaluate(tmp_path, newest=3, limit=2, make_scorer=lambda _: scorer)).n == 2
    assert scorer.asked == {(3, False)}


async def test_prefix_reads_the_other_set(tmp_path: Path) -> None:
    write(tmp_path, drafts(genuine="calm"), prefix="ig_")
    assert (await evaluate(tmp_path, prefix="ig_")).n == 2


async def test_folds_split_the_creators_by_name_alone(tmp_path: Path) -> None:
    rows = [{"creator": name, "kind": "genuine", "label": 1, "text": "x"} for name in MANNERS]
    write(tmp_path, rows)
    scorer = Scripted({"x": 0.5})
    fitted = (await evaluate(tmp_path, fold="fitted", make_scorer=lambda _: scorer)).n
    unfitted = (await evaluate(tmp_path, fold="unfitted", make_scorer=lambda _: scorer)).n
    assert fitted == sum(map(is_fitted, MANNERS))
    assert fitted + unfitted == len(MANNERS)


async def test_a_creator_without_posts_is_abstained_on(tmp_path: Path) -> None:
    write(tmp_path, drafts(genuine="calm", random_other="loud"), stored=0)
    assert (await evaluate(tmp_path)).coverage == 0


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"creators\.jsonl is missing"):
        await evaluate(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ('{"creator": "calm", "kind": "genuine", "label": 2, "text": "x"}', "'label'"),
        ('{"creator": "calm", "kind": "genuine", "label": 1}', "'text'"),
        ('{"creator": "stranger", "kind": "genuine", "label": 1, "text": "x"}', "stranger"),
    ],
)
async def test_a_broken_line_is_named_with_its_number(tmp_path: Path, line: str, reason: str) -> None:
    write(tmp_path, drafts(genuine="calm"))
    path = tmp_path / "drafts.jsonl"
    path.write_text(path.read_text("utf-8") + "\n" + line + "\n", "utf-8")
    with pytest.raises(ValueError, match=rf"drafts\.jsonl, line 4: .*{reason}"):
        read_labelled(tmp_path)


async def test_a_creator_who_stands_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, drafts(genuine="calm"))
    path = tmp_path / "creators.jsonl"
    path.write_text(path.read_text("utf-8") * 2, "utf-8")
    with pytest.raises(ValueError, match=r"line 7: .*twice"):
        read_labelled(tmp_path)


async def test_no_draft_to_score_is_said(tmp_path: Path) -> None:
    write(tmp_path, [])
    with pytest.raises(ValueError, match="no draft"):
        await evaluate(tmp_path)


SCORES = st.lists(st.integers(0, 5).map(lambda n: n / 5), min_size=1, max_size=12)


@given(SCORES, SCORES)
def test_auc_is_how_often_a_positive_ranks_above_a_negative(positive: list[float], negative: list[float]) -> None:
    wins = [(p > n) + (p == n) / 2 for p in positive for n in negative]
    assert auc(np.array(positive), np.array(negative)) == pytest.approx(sum(wins) / len(wins))


def test_auc_needs_both_sides() -> None:
    assert auc(np.array([]), np.array([0.5])) is None


def test_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    probabilities, labels = np.array([0.05, 0.05, 0.95, 1.0]), np.array([0.0, 1.0, 1.0, 1.0])
    # first bin: 0.05 against a half; last bin: 0.975 against one
    assert calibration_error(probabilities, labels) == pytest.approx(0.5 * 0.45 + 0.5 * 0.025)


@given(SCORES)
def test_calibration_error_is_none_when_probabilities_come_true(scores: list[float]) -> None:
    assert math.isclose(calibration_error(np.array(scores), np.array(scores)), 0, abs_tol=1e-12)


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
    report = await evaluate(tmp_path, make_scorer=partial(JudgeScorer, Reader(), Review()))
    assert report.auc["random"] == 1.0
    assert (report.calls, report.tokens) == (2, 20)
