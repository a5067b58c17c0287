"""The pictures, and the words that say the same."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import numpy as np
import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.image import imread

from bot.chat.history.charts import overview_chart, trend_chart
from bot.chat.history.trends import LONGEST_DESCRIPTION, PICTURE, chart_view, overview_words, trend_words
from bot.chat.markup import width
from bot.judging.rubric import CORE
from bot.model.posts import PastPost
from bot.model.verdicts import Level, Outcome
from bot.services.trends import MONTHS, WEEKS, Overview, Trend, by_month, by_week
from bot.store.trends import Judged
from bot.store.verdicts import Decided
from tests.builders import make_campaign, make_influencer
from tests.chat.hostile import PINGS, anything, bare

TODAY = date(2026, 11, 22)  # a Sunday
LANGUAGES = ("en", "ja")


def judged(number: int, outcome: Outcome = Outcome.FITS, *, days_ago: int = 0, level: Level = Level.L3) -> Judged:
    at = datetime(2026, 11, 22, 23, tzinfo=UTC) - timedelta(days=days_ago)
    return Judged(f"V-{number}", "mossy_miles", outcome, dict.fromkeys(CORE, level), at, None, True)


def a_post(number: int, day: str | None, *, sponsored: bool, likes: int | None = 10) -> PastPost:
    at = datetime.fromisoformat(f"{day}T12:00+00:00") if day else None
    return PastPost(f"p{number}", "x", at, None, "instagram", sponsored=sponsored, likes=likes, comments=1)


def a_trend(handle: str = "mossy_miles", *, verdicts: int = 8) -> Trend:
    rows = [judged(n + 1, list(Outcome)[n % 4], days_ago=50 - 5 * n, level=list(Level)[n % 6]) for n in range(verdicts)]
    posts = [a_post(n, f"2026-{n % 11 + 1:02}-07", sponsored=n % 3 == 0) for n in range(40)]
    person = replace(make_influencer(), handle=handle)
    return Trend(person, tuple(rows), by_week(rows, TODAY), by_month(posts, TODAY), 200.0, 50.0)


def an_overview(handle: str = "mossy_miles") -> Overview:
    rows = [(handle, Counter({Outcome.FITS: 3, Outcome.REVISE: 1}))] * 10
    weeks = by_week([judged(1)], TODAY)
    decisions = {Decided.APPROVE: 3, Decided.OPEN: 2}
    return Overview(
        replace(make_campaign(), name=handle), weeks, tuple(rows), Counter({Outcome.FITS: 2}), decisions, ("V-3", "V-9")
    )


def test_weeks_begin_on_monday_and_end_with_this_one() -> None:
    weeks = by_week([judged(1), judged(2, days_ago=6), judged(3, days_ago=7), judged(4, days_ago=400)], TODAY)
    assert (len(weeks.starts), weeks.starts[-1], weeks.starts[-2]) == (WEEKS, date(2026, 11, 16), date(2026, 11, 9))
    assert weeks.counts[Outcome.FITS][-2:] == (1, 2)
    assert sum(map(sum, weeks.counts.values())) == 3  # the oldest is out of sight


def test_months_count_own_and_sponsored_posts_and_their_answers() -> None:
    posts = [
        a_post(1, "2026-11-01", sponsored=False, likes=9),
        a_post(2, "2026-11-30", sponsored=False, likes=99),
        a_post(3, "2026-11-02", sponsored=True, likes=None),
        a_post(4, "2025-12-31", sponsored=True, likes=4),
        a_post(5, "2025-11-30", sponsored=True),
        a_post(6, None, sponsored=True),
    ]
    months = by_month(posts, TODAY)
    assert (len(months.starts), months.starts[0], months.starts[-1]) == (MONTHS, date(2025, 12, 1), date(2026, 11, 1))
    assert (months.own[-1], months.sponsored[-1], months.sponsored[0]) == (2, 1, 1)
    assert (months.own_answers[-1], months.sponsored_answers[-1], months.sponsored_answers[0]) == (55.0, None, 5.0)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("handle", ["mossy_miles", "みかのパン", "$x$^{", "🫖\ue000𠮷"])
def test_a_picture_draws_any_name_on_its_own_ground_without_a_missing_sign(language: str, handle: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of each glyph it lacks
        for png in (
            trend_chart(a_trend(handle), language, TODAY),
            overview_chart(an_overview(handle), language, TODAY),
        ):
            pixels = np.asarray(imread(BytesIO(png)))
            assert 600 < pixels.shape[1] < 800  # a phone shows half of it
            assert (pixels[..., 3] == 1).all()  # opaque: Discord's own ground never shows through
            ground = pixels[30:-30, 5:9, :3]
            assert ground.min() > 0.9
            assert pixels[..., :3].min() < 0.2  # ink


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_stored_makes_a_picture_all_the_same(language: str) -> None:
    empty = by_week([], TODAY)
    nothing = Trend(make_influencer(), (), empty, by_month([], TODAY), None, None)
    assert trend_chart(nothing, language, TODAY).startswith(b"\x89PNG")
    assert overview_chart(Overview(make_campaign(), empty, (), {}, {}, ()), language, TODAY).startswith(b"\x89PNG")
    assert len(list(trend_words(nothing, language))) > 4


def test_the_words_say_what_the_picture_shows() -> None:
    shown = "\n".join(trend_words(a_trend(), "en"))
    for piece in ("V-1 to V-8", "Shared values weak (first not at all)", "last 12 weeks: Fits 2, Revise 2",
                  "26 own, 14 sponsored (35 %)", "answered 75 % less"):  # fmt: skip
        assert piece in shown
    shown = "\n".join(overview_words(an_overview(), "en"))
    for piece in (
        "> @mossy\\_miles: Fits 3, Revise 1",
        "all others: Fits 2",
        "approved 3",
        "V-3, V-9",
    ):
        assert piece in shown


@settings(max_examples=30, deadline=None)
@given(anything, st.sampled_from(LANGUAGES))
def test_any_name_fits_into_message_and_description_and_pings_nobody(name: str, language: str) -> None:
    for words in (trend_words(a_trend(name or "x"), language), overview_words(an_overview(name or "x"), language)):
        lines = list(words)
        view = chart_view(lines)
        assert view.content_length() <= 4000
        [gallery] = [item for item in view.walk_children() if isinstance(item, ui.MediaGallery)]
        [picture] = gallery.items
        assert picture.media.url == f"attachment://{PICTURE}"
        assert 0 < width(picture.description or "") <= LONGEST_DESCRIPTION
        assert not PINGS.search(bare("\n".join(lines)))
