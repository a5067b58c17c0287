"""Log lines: to stderr, as text or JSON. They carry ids and counts, never a draft's words or a secret."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

from bot.config import Log


class _Stderr:
    """Whatever sys.stderr is now. A line that cannot be written, as to a closed pipe, is lost; it stops no work."""

    def write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(line)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def start_log(settings: Log, *, at_least: int = logging.DEBUG) -> None:
    """Sets the log of this process; `at_least` keeps it quieter than the settings ask."""
    import structlog

    line = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    level = max(at_least, logging.getLevelNamesMapping()[settings.level])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Stderr())),
    )
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr)
