"""Dates as exports write them, read into UTC. A date that could mean two days is never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.model.messages import Message

_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_UTC = re.compile(r" *(?:UTC|GMT|Z)$")
_SPACED_ZONE = re.compile(r" +(?=[+-]\d\d:?\d\d$)")
_NUMBER = re.compile(r"\d+(\.\d*)?(e\+?\d+)?", re.IGNORECASE)
_TIME = r"(?:[ T,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\.\d+)? *(?P<half>[ap]\.?m\.?)?)?"
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[/.\-](?P<month>\d{1,2})[/.\-](?P<day>\d{1,2})" + _TIME, re.IGNORECASE)
_DOTTED = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})" + _TIME, re.IGNORECASE)
_YEAR_LAST = re.compile(r"(?P<first>\d{1,2})([/\-])(?P<other>\d{1,2})\2(?P<year>\d{4})" + _TIME, re.IGNORECASE)
_JAPANESE = re.compile(
    r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?:\([月火水木金土日]\))?[ T]*"
    r"(?P<half>午前|午後)?(?:(?P<hour>\d{1,2})[:時](?:(?P<minute>\d{1,2})分?)?(?::?(?P<second>\d{1,2})秒?)?)?"
)
_NAMED_MONTHS = (
    "%a %b %d %H:%M:%S %z %Y",  # Wed May 04 02:18:49 +0000 2016
    "%a, %d %b %Y %H:%M:%S%z",
    *(f"{date}{time}" for date in ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y") for time in ("", " %H:%M")),
)


def read_date(raw: str, *, day_first: bool | None = None) -> tuple[datetime | None, Message | None]:
    """The moment in UTC (no zone counts as UTC), or None with the reason; an empty cell is None without one.

    `day_first`: how 03/04/2025 is to be read; None: not at all.
    """
    if not (text := raw.strip()):
        return None, None
    try:
        moment = _moment(text, day_first)
    except (ValueError, OverflowError):
        return None, Message("import_row.date_unreadable", {"date": text[:40]})
    if moment is None:
        return None, Message("import_row.date_ambiguous", {"date": text[:40]})
    return moment, None


def day_comes_first(dates: Iterable[str]) -> bool | None:
    """Whether the dates of one file, as in 13/04/2025, begin with the day; None where none tells, or they differ.

    Reads no further than to the first date that is written in another way.
    """
    found: set[bool] = set()
    for raw in filter(None, map(str.strip, dates)):
        match = _YEAR_LAST.fullmatch(raw)
        if match is None:
            break
        first, other = int(match["first"]), int(match["other"])
        if max(first, other) > 12:
            found.add(first > other)
    return found.pop() if len(found) == 1 else None


def _moment(text: str, day_first: bool | None) -> datetime | None:
    """None where day and month cannot be told apart. Raises ValueError or OverflowError for what is no date."""
    if _NUMBER.fullmatch(text) and not (len(text) == 8 and text.isdigit()):
        return _sane(_epoch(float(text)))
    plain = _SPACED_ZONE.sub("", _UTC.sub("+00:00", text))
    try:
        return _sane(datetime.fromisoformat(plain))
    except ValueError:
        pass
    for pattern in (_YEAR_FIRST, _DOTTED, _JAPANESE):
        if match := pattern.fullmatch(text):
            return _sane(_assembled(match, int(match["month"]), int(match["day"])))
    if match := _YEAR_LAST.fullmatch(text):
        first, other = int(match["first"]), int(match["other"])
        if max(first, other) > 12 or first == other:
            day_first = first > 12
        if day_first is None:
            return None
        return _sane(_assembled(match, *((other, first) if day_first else (first, other))))
    return _sane(_with_named_month(plain))


def _epoch(number: float) -> datetime:
    """Seconds, milliseconds or microseconds since 1970, told apart by size."""
    for divisor in (1, 1_000, 1_000_000):
        if number / divisor < _LATEST.timestamp():
            return datetime.fromtimestamp(number / divisor, UTC)
    raise ValueError(number)


def _assembled(match: re.Match[str], month: int, day: int) -> datetime:
    parts = match.groupdict(default="")
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    if half := parts["half"].lower():
        hour = hour % 12 + (12 if half.startswith(("p", "午後")) else 0)
    return datetime(int(parts["year"]), month, day, hour, minute, second, tzinfo=UTC)


def _with_named_month(text: str) -> datetime:
    for form in _NAMED_MONTHS:
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - only some forms have a zone
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise ValueError(text)


def _sane(moment: datetime) -> datetime:
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if not _EARLIEST - timedelta(days=1) < moment < _LATEST:
        raise ValueError(moment)
    return moment
