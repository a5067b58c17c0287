"""Each measure is what its definition says."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.measures import auc, calibration_error, error_by_chance, reliability
from tests.evaluation.samples import Scripted, run, scripted_rows, write

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


def test_error_by_chance_is_that_of_labels_drawn_by_the_probabilities() -> None:
    """One draft at one half is off by one half, whatever it is; many at certainty are never off."""
    assert error_by_chance(np.array([0.5])) == pytest.approx((0.5, 0.5))
    assert error_by_chance(np.repeat([0.0, 1.0], 20)) == (0, 0)


def test_error_by_chance_falls_with_the_number_of_drafts() -> None:
    few, many = (error_by_chance(np.tile(np.linspace(0.05, 0.95, 10), n)) for n in (5, 120))
    assert few[0] < few[1]
    # each bin holds n drafts: the mean gap of a share of n is sqrt(2 p (1 - p) / (pi n)), in the mean over the bins
    for n, (mean, _) in ((5, few), (120, many)):
        p = np.linspace(0.05, 0.95, 10)
        assert mean == pytest.approx(np.sqrt(2 * p * (1 - p) / (np.pi * n)).mean(), rel=0.1)


@given(SCORES)
def test_calibration_error_is_none_when_probabilities_come_true(scores: list[float]) -> None:
    assert math.isclose(calibration_error(np.array(scores), np.array(scores)), 0, abs_tol=1e-12)


def test_bins_hold_mean_share_and_count_and_empty_ones_are_left_out() -> None:
    bins = reliability(np.array([0.0, 0.06, 0.34, 1.0]), np.array([0.0, 1.0, 1.0, 1.0]))
    assert bins.number.tolist() == [0, 3, 9]
    assert bins.probability.tolist() == pytest.approx([0.03, 0.34, 1.0])
    assert bins.share.tolist() == [0.5, 1.0, 1.0]
    assert bins.count.tolist() == [2, 1, 1]


async def test_brier_coverage_and_accuracy_follow_their_definitions(tmp_path: Path) -> None:
    write(tmp_path, scripted_rows())
    report = (await run(tmp_path, Scripted({"a": 0.9, "b": 0.5, "c": 0.1, "d": 0.85}))).report
    assert report.auc["random"] == 0.75
    assert report.brier == pytest.approx((0.01 + 0.25 + 0.01 + 0.7225) / 4)
    assert report.coverage == 0.75
    assert report.accuracy_decided == pytest.approx(2 / 3)
    assert report.auc_interval["random"] == (0.75, 0.75)


async def test_a_scorer_may_abstain(tmp_path: Path) -> None:
    write(tmp_path, scripted_rows())
    report = (await run(tmp_path, Scripted({"a": 0.9, "b": None, "c": 0.1, "d": None}))).report
    assert (report.auc["random"], report.coverage, report.accuracy_decided) == (1.0, 0.5, 1.0)
    nothing = (await run(tmp_path, Scripted(dict.fromkeys("abcd")))).report
    assert (nothing.auc["random"], nothing.ece, nothing.brier, nothing.coverage) == (None, None, None, 0.0)
