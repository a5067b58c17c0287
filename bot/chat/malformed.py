"""What Discord sends that the library cannot read costs that one thing, never the client or a whole channel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import discord
import structlog

UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)  # what reading it ends in
NEEDED_EVENTS = ("READY", "RESUMED")  # without them there is no session

log = structlog.get_logger(__name__)


def drop_bad_events(client: discord.Client) -> None:
    """Events that cannot be read are logged and dropped.

    The library lets them end the client: of its table of parsers, which nothing public tells, each is wrapped.
    """
    parsers = client._connection.parsers
    for name in parsers.keys() - set(NEEDED_EVENTS):
        parsers[name] = partial(_or_drop, name, parsers[name])


def leave_out_own_messages(client: discord.Client) -> None:
    """Each answer comes back as an event, which nobody here waits for: it is not read. Before `drop_bad_events`."""
    parsers = client._connection.parsers
    parse = parsers["MESSAGE_CREATE"]

    def unless_own(data: Any) -> None:
        if client.user is None or data["author"]["id"] != str(client.user.id):
            parse(data)

    parsers["MESSAGE_CREATE"] = unless_own


def _or_drop(name: str, parse: Callable[[Any], None], data: Any) -> None:
    try:
        parse(data)
    except UNREADABLE as error:
        log.error("chat.event_dropped", kind=name, error=type(error).__name__)
