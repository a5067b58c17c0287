"""The reliability plot, as a PNG file. Import it only where one is asked for: matplotlib takes its time."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from bot.errors import Problem
from bot.evaluation.measures import BINS, PLAIN, SPONSORED, error_of, reliability
from bot.evaluation.scored import Scored

_INK, _GREY, _FAINT = "0.1", "0.4", "0.6"


def draw(scored: Scored, path: Path) -> None:
    """Writes the plot, over any file of that name. Raises Problem where it cannot be written."""
    try:
        figure_of(scored).savefig(path, format="png")  # drawn by Agg: a figure made without pyplot opens no display
    except OSError as error:
        raise Problem("eval.not_writable", path=str(path), why=error.strerror) from None


def figure_of(scored: Scored) -> Figure:
    """Above: share of own drafts by probability, beside the diagonal. Below: how many drafts stand behind each point.

    The two lines differ in dash, marker and filling, so that a print in grey loses nothing.
    """
    figure = Figure(figsize=(7, 7), dpi=120, layout="constrained")
    curve, counts = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    curve.plot([0, 1], [0, 1], ":", color=_FAINT, label="perfectly calibrated")
    _add(curve, counts, "unsponsored drafts", scored, PLAIN, "o-", _INK, -1)
    _add(curve, counts, "sponsored drafts", scored, SPONSORED, "s--", _GREY, 1)
    error = error_of(scored, PLAIN)
    curve.set_title("Reliability of the probabilities" + ("" if error is None else f": ECE {error:.3f}"))
    curve.set(xlim=(0, 1), ylim=(-0.02, 1.02), ylabel="share of own drafts")
    curve.grid(color="0.9")
    curve.legend(loc="best")
    counts.set(xlabel="probability that the draft is the influencer's own", ylabel="drafts in the bin")
    counts.margins(y=0.15)
    counts.xaxis.set_major_locator(MultipleLocator(1 / BINS))
    return figure


def _add(
    curve: Axes, counts: Axes, name: str, scored: Scored, kinds: tuple[str, ...], line: str, colour: str, side: int
) -> None:
    """One group of drafts: a line above, and bars on one `side` of each bin's middle; nothing where none answered."""
    if (error := error_of(scored, kinds)) is None:
        return
    answered = scored.of(*kinds).answered()
    bins = reliability(answered.probability, answered.label)
    label = f"{name} (n = {len(answered.label)}, ECE {error:.3f})"
    filling = colour if side < 0 else "white"
    curve.plot(bins.probability, bins.share, line, color=colour, markerfacecolor=filling, markersize=7, label=label)
    bars = counts.bar((bins.number + 0.5 + 0.2 * side) / BINS, bins.count, 0.38 / BINS, color=filling, edgecolor=colour)
    counts.bar_label(bars, fontsize=7, padding=1)
