"""The invented posts as they are shown later on: as recent as they were, on the same weekdays."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import sample
from bot.config import Review

FIRST = datetime(2026, 11, 1, tzinfo=UTC)


def times_in(path: Path) -> list[datetime]:
    return [datetime.fromisoformat(json.loads(line)["created_at"]) for line in path.read_text("utf-8").splitlines()]


def times(folder: Path) -> list[datetime]:
    return [one for path in sorted(folder.glob("*.jsonl")) for one in times_in(path)]


NEWEST = [max(times_in(path)) for path in (sample.folder() / "posts").glob("*.jsonl")]  # of each influencer


def test_at_first_the_posts_are_as_they_are(tmp_path: Path) -> None:
    copy = sample.recent_workspace(tmp_path / "copy", FIRST)
    assert copy.read_bytes() == sample.workspace().read_bytes()
    assert times(copy.parent / "posts") == times(sample.folder() / "posts")


def test_years_later_all_are_moved_on_alike(tmp_path: Path) -> None:
    now = FIRST + timedelta(days=5000)
    later = times(sample.recent_workspace(tmp_path / "copy", now).parent / "posts")
    [moved] = {new - old for new, old in zip(later, times(sample.folder() / "posts"), strict=True)}
    assert moved == sample.moved(now) > timedelta(days=4500)
    assert max(later) <= now


@settings(deadline=None, max_examples=20)
@given(st.timedeltas(timedelta(0), timedelta(days=60_000)))
def test_whenever_it_is_every_history_is_recent_enough_to_judge_by(later: timedelta) -> None:
    now = FIRST + later
    moved = sample.moved(now)
    assert moved % timedelta(weeks=1) == timedelta(0)
    for newest in NEWEST:
        assert timedelta(0) <= now - (newest + moved) < timedelta(days=Review().max_age_days)
