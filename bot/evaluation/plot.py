"""The reliability plot as a PNG file. Imported only where one is asked for: matplotlib takes its time."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from bot.errors import Problem
from bot.evaluation.measures import BINS, PLAIN, SPONSORED, Bins, error_of, reliability
from bot.evaluation.scored import Scored

# Told apart by line, marker and filling too, so that a print in grey loses nothing.
_PLAIN = {"color": "0.1", "linestyle": "-", "marker": "o"}
_SPONSORED = {"color": "0.45", "linestyle": "--", "marker": "s", "markerfacecolor": "white"}


def draw(scored: Scored, path: Path) -> None:
    """Writes the plot, over any file of that name. Raises Problem where it cannot be written."""
    try:
        FigureCanvasAgg(figure_of(scored)).print_png(path)
    except OSError as error:
        raise Problem("eval.not_writable", path=str(path), why=error.strerror) from None
