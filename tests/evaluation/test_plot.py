"""The reliability plot shows the measured bins, and nothing else has to wait for matplotlib."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from bot.errors import Problem
from bot.evaluation.plot import draw, figure_of
from bot.evaluation.scored import Scored, ScoredDraft
from tests.evaluation.samples import drafts, write

ROOT = Path(__file__).parent.parent.parent
Row = tuple[str, Literal[0, 1], float | None]
PLAIN: tuple[Row, ...] = (
    ("genuine", 1, 0.9), ("genuine", 1, 0.94), ("genuine", 1, None), ("random_other", 0, 0.3), ("genuine", 1, 0.34),
)  # fmt: skip
SPONSORED: tuple[Row, ...] = (("sponsored_own", 1, 0.15), ("sponsored_other", 0, 0.55))


def scored(rows: Sequence[Row]) -> Scored:
    return Scored.of_drafts(ScoredDraft(f"d{number}", "c", *row) for number, row in enumerate(rows))


def test_the_lines_are_the_bins_beside_the_diagonal() -> None:
    curve, counts = figure_of(scored((*PLAIN, *SPONSORED))).axes
    diagonal, plain, sponsored = (np.asarray(line.get_xydata()) for line in curve.lines)
    assert diagonal.tolist() == [[0, 0], [1, 1]]
    assert plain == pytest.approx(np.array([[0.32, 0.5], [0.92, 1.0]]))
    assert sponsored == pytest.approx(np.array([[0.15, 1.0], [0.55, 0.0]]))
    # gaps: 0.32 against a half, 0.92 against one; two drafts each
    assert "ECE 0.130" in curve.get_title()
    assert "ECE 0.700" in str(curve.lines[2].get_label())
    bars = [
        (bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in counts.patches if isinstance(bar, Rectangle)
    ]
    assert bars == [pytest.approx(bar) for bar in ((0.33, 2), (0.93, 2), (0.17, 1), (0.57, 1))]


def test_lines_are_told_apart_without_colour() -> None:
    curve, _ = figure_of(scored((*PLAIN, *SPONSORED))).axes
    assert len({line.get_linestyle() for line in curve.lines}) == 3
    assert curve.lines[1].get_marker() != curve.lines[2].get_marker()


@pytest.mark.parametrize(("rows", "lines"), [(PLAIN, 2), (SPONSORED, 2), ([("genuine", 1, None)], 1)])
def test_what_was_not_scored_has_no_line(rows: Sequence[Row], lines: int) -> None:
    assert len(figure_of(scored(rows)).axes[0].lines) == lines


def test_the_file_is_a_png_and_a_place_that_takes_none_is_named(tmp_path: Path) -> None:
    draw(scored(PLAIN), tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(Problem, match=r"nowhere.*cannot be written"):
        draw(scored(PLAIN), tmp_path / "nowhere" / "plot.png")


@pytest.mark.parametrize(("options", "loaded"), [((), False), (("--plot", "plot.png"), True)])
def test_matplotlib_is_loaded_for_a_plot_alone(tmp_path: Path, options: tuple[str, ...], loaded: bool) -> None:
    write(tmp_path, drafts(genuine="calm", random_other="loud"))
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot", "eval", ".", *options],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ("matplotlib" in done.stderr) == loaded
    assert (tmp_path / "plot.png").exists() == loaded
