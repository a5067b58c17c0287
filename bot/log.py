"""Log lines: to stderr, as text or JSON. They carry ids and counts, never a draft's words or a secret."""

from __future__ import annotations

import logging
import sys

from bot.config import Log


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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr)
