from __future__ import annotations

import io
import sys

import pytest
import structlog

from bot.config import Log
from bot.log import start_log


def test_a_line_says_what_happened_to_which_ids(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(Log(format="json"))
    structlog.get_logger("any").warning("review.outage", revision_id=7)
    shown = capsys.readouterr()
    assert '"revision_id": 7' in shown.err
    assert shown.out == ""


def test_a_log_nobody_takes_stops_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    start_log(Log())
    gone = io.StringIO()
    gone.close()
    monkeypatch.setattr(sys, "stderr", gone)
    with pytest.raises(ValueError, match="closed"):
        print(file=sys.stderr)
    structlog.get_logger("any").warning("review.outage", revision_id=7)  # would raise as well


def test_the_log_follows_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    start_log(Log())
    later = io.StringIO()
    monkeypatch.setattr(sys, "stderr", later)
    structlog.get_logger("any").warning("review.outage", revision_id=7)
    assert "review.outage" in later.getvalue()
