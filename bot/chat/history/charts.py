"""Pictures of how things went, as PNG. Import it only where one is asked for: matplotlib takes its time.

Drawn for a phone: one column, large letters, a light ground of their own in Discord's dark and light mode alike. What
no installed font can draw, such as Japanese where there is none, is left out: the letter or number before it is also
in the words beside the picture. No colour speaks alone: bars are hatched, lines dashed, levels written out.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from bot.judging.rubric import CORE
from bot.model.verdicts import Level, Outcome
from bot.services.trends import Overview, Trend, Weeks
from bot.store.verdicts import Decided
from bot.texts import text

GROUND, INK, FAINT = "#fbfbf9", "#1d2229", "#c9ced6"
WIDTH, DPI = 6.0, 120  # 720 pixels: half of them are left on a phone
HEADING = 0.35  # inches
LONGEST_NAME = 36  # characters
# Of fonts that have Japanese, those that systems come with.
JAPANESE = ("Noto Sans CJK JP", "Noto Sans JP", "IPAexGothic", "IPAGothic", "TakaoGothic", "Hiragino Sans", "Yu Gothic")
LATIN = "DejaVu Sans"  # comes with matplotlib
LOOKS = {
    Outcome.FITS: ("#2e8b57", ""),
    Outcome.REVISE: ("#e0a100", "//"),
    Outcome.DOES_NOT_FIT: ("#c0392b", "xx"),
    Outcome.CANNOT_TELL: ("#8fa3b5", ".."),
}
DECIDED_LOOKS = {
    Decided.APPROVE: ("#2e8b57", ""),
    Decided.ASK_FOR_CHANGES: ("#e0a100", "//"),
    Decided.DISAGREE: ("#7d5ba6", "xx"),
    Decided.OPEN: ("#8fa3b5", ".."),
}
OWN, SPONSORED = ("#3f7cac", ""), ("#e07a1f", "//")


def trend_chart(trend: Trend, language: str, today: date) -> bytes:
    """A: levels by verdict. B: verdicts by week. C: own and sponsored posts by month. D: followers' answers to them."""
    with mpl.rc_context(_settings()):
        figure, (levels, weeks, posts, answers) = _panels(f"@{trend.influencer.handle}", today, 3.5, 3.2, 2.9, 2.9)
        _draw_levels(levels, trend, language)
        _draw_weeks(weeks, trend.weeks, "B", language)
        months = trend.months
        ticks = [f"{start:%y-%m}" for start in months.starts]
        names = [_shown(text(language, f"chart.{name}"), str(at)) for at, name in enumerate(("own", "sponsored"), 1)]
        series = ((names[0], months.own, OWN), (names[1], months.sponsored, SPONSORED))
        _stacked(posts, ticks, series)
        _title(posts, "C", text(language, "chart.posts"))
        lines = ((names[0], months.own_answers, "o-", OWN[0]), (names[1], months.sponsored_answers, "s--", "#a34d00"))
        for name, values, style, colour in lines:
            heights = [np.nan if value is None else value for value in values]
            answers.plot(range(len(heights)), heights, style, color=colour, label=name, markersize=7, linewidth=2)
        _finish(answers, ticks)
        answers.set_xlim(-0.6, len(ticks) - 0.4)
        _title(answers, "D", text(language, "chart.answers"))
        return _png(figure)


def overview_chart(overview: Overview, language: str, today: date) -> bytes:
    """A: verdicts by week. B: by influencer. C: decisions on the newest texts."""
    rows = [*overview.by_influencer]
    if any(overview.others.values()):
        rows.append((text(language, "chart.others"), overview.others))
    with mpl.rc_context(_settings()):
        heights = 3.2, 0.42 * max(len(rows), 2) + 1.1, 2.6
        figure, (weeks, people, decisions) = _panels(overview.campaign.name, today, *heights)
        _draw_weeks(weeks, overview.weeks, "A", language)
        _draw_people(people, rows, len(overview.by_influencer), language)
        for at, decided in enumerate(Decided):
            colour, hatch = DECIDED_LOOKS[decided]
            bar = decisions.barh(at, overview.decisions.get(decided, 0), color=colour, hatch=hatch, edgecolor=INK)
            decisions.bar_label(bar, padding=4)
        names = [_shown(text(language, f"history.decided_{one}"), str(at)) for at, one in enumerate(Decided, 1)]
        decisions.set_yticks(range(len(names)), names)
        decisions.invert_yaxis()
        decisions.margins(x=0.12)
        decisions.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        _title(decisions, "C", text(language, "chart.decisions"))
        return _png(figure)


def _panels(name: str, today: date, *heights: float) -> tuple[Figure, list[Axes]]:
    """A picture of panels below each other, `heights` in inches; each as wide as its own labels let it be.

    Above them stands what it is about, and of which day: a picture that is sent on says that itself.
    """
    figure = Figure(figsize=(WIDTH, sum(heights) + HEADING), dpi=DPI, layout="constrained")
    name = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    figure.suptitle(_shown(name, today.isoformat()), x=0.03, ha="left", fontsize=14)
    engine = figure.get_layout_engine()
    assert isinstance(engine, ConstrainedLayoutEngine)  # asked for above
    engine.set(w_pad=0.12, h_pad=0.1)
    parts = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)
    return figure, [part.subplots() for part in parts.flat]


def _settings() -> dict[Any, Any]:
    return {
        "font.family": [LATIN, *_japanese()],
        "font.size": 12,
        "text.parse_math": False,  # handles and names are no formulas
        "text.color": INK,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.facecolor": GROUND,
        "figure.facecolor": GROUND,
        "xtick.color": INK,
        "ytick.color": INK,
        "hatch.color": GROUND,
        "hatch.linewidth": 1.6,
    }


def _draw_levels(axes: Axes, trend: Trend, language: str) -> None:
    """A table of the five questions by verdict, each level as colour and number."""
    points = [[one.levels.get(key, Level.ABSTAIN).points for one in trend.newest] for key in CORE]
    names = [_shown(text(language, f"criterion.{key}"), str(at)) for at, key in enumerate(CORE, 1)]
    axes.set_yticks(range(len(CORE)), names)
    numbers = [one.number for one in trend.newest]
    axes.set_xticks(range(len(numbers)), numbers, fontsize=15 - max(map(len, numbers), default=4))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlim=(-0.5, max(len(trend.newest), 1) - 0.5), ylim=(len(CORE) - 0.5, -0.5))
    shades = mpl.colormaps["YlGnBu"]
    for row, levels in enumerate(points):
        for at, level in enumerate(levels):
            shade = "#e4e4e0" if level is None else shades(0.15 + 0.2 * level)
            axes.add_patch(mpl.patches.Rectangle((at - 0.47, row - 0.44), 0.94, 0.88, facecolor=shade))
            colour = GROUND if level is not None and level > 2 else INK
            axes.text(at, row, "–" if level is None else str(level), color=colour, ha="center", va="center", size=14)
    _title(axes, "A", text(language, "chart.levels"))


def _draw_weeks(axes: Axes, weeks: Weeks, letter: str, language: str) -> None:
    series = [
        (_shown(text(language, f"outcome.{outcome}"), str(at)), weeks.counts[outcome], LOOKS[outcome])
        for at, outcome in enumerate(Outcome, 1)
    ]
    _stacked(axes, [f"{start:%m-%d}" for start in weeks.starts], series)
    _title(axes, letter, text(language, "chart.outcomes"))


def _draw_people(axes: Axes, rows: Sequence[tuple[str, Mapping[Outcome, int]]], named: int, language: str) -> None:
    """One bar an influencer; `named` of the rows are handles."""
    ends = [0] * len(rows)
    for outcome, (colour, hatch) in LOOKS.items():
        counts = [found.get(outcome, 0) for _, found in rows]
        axes.barh(range(len(rows)), counts, left=ends, color=colour, hatch=hatch, edgecolor=INK, linewidth=0.6)
        ends = [end + count for end, count in zip(ends, counts, strict=True)]
    for at, end in enumerate(ends):
        axes.text(end, at, f" {end}", va="center")
    handles = [f"@{name[:17]}…" if len(name) > 18 else f"@{name}" for name, _ in rows[:named]]
    names = [*handles, *(name for name, _ in rows[named:])]
    axes.set_yticks(range(len(rows)), [_shown(name, str(at)) for at, name in enumerate(names, 1)])
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    axes.margins(x=0.1)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    _title(axes, "B", text(language, "chart.by_influencer"))


def _stacked(axes: Axes, ticks: Sequence[str], series: Sequence[tuple[str, Sequence[int], tuple[str, str]]]) -> None:
    feet = [0] * len(ticks)
    for name, counts, (colour, hatch) in series:
        axes.bar(
            range(len(ticks)),
            counts,
            0.8,
            bottom=feet,
            color=colour,
            hatch=hatch,
            edgecolor=INK,
            linewidth=0.6,
            label=name,
        )
        feet = [foot + count for foot, count in zip(feet, counts, strict=True)]
    axes.set_ylim(0, max(*feet, 1) * 1.1)
    _finish(axes, ticks)


def _finish(axes: Axes, ticks: Sequence[str]) -> None:
    every = range(len(ticks) - 1, -1, -3)
    axes.set_xticks(list(every), [ticks[at] for at in every])
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, -0.42), ncols=2, frameon=False, fontsize=11)


def _title(axes: Axes, letter: str, words: str) -> None:
    axes.set_title(_shown(words, letter), loc="left", fontweight="bold", fontsize=13)


def _shown(words: str, mark: str) -> str:
    """`mark` and the words, or the mark alone where no font has all of them."""
    return f"{mark}  {words}" if all(_has_glyph(sign) for sign in words) else mark


@cache
def _has_glyph(sign: str) -> bool:
    return any(get_font(path).get_char_index(ord(sign)) for path in _paths())


@cache
def _paths() -> tuple[str, ...]:
    families = (LATIN, *_japanese())
    return tuple(str(mpl.font_manager.findfont(FontProperties(family=family))) for family in families)


@cache
def _japanese() -> tuple[str, ...]:
    """The first of the fonts that this machine has; none of them comes with the bot."""
    there = {entry.name for entry in fontManager.ttflist}
    return tuple(name for name in JAPANESE if name in there)[:1]


def _png(figure: Figure) -> bytes:
    """With a thin edge, so that it stands off from a white page too."""
    figure.patch.set(edgecolor=FAINT, linewidth=2)
    written = io.BytesIO()
    figure.savefig(written, format="png")  # drawn by Agg: a figure made without pyplot opens no display
    return written.getvalue()
