"""Discord's answers to a request it refuses: HTTP status, error code, message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = dict[str, Any]
Problem = tuple[str, str, str]  # dotted path into the request body, Discord's code, sentence

KNOWN = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    30034: (400, "Max number of daily application command creates has been reached (200)"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    160002: (400, "Cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
}


class DiscordError(Exception):
    """A refusal as Discord words it; `body` is the JSON answer."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.body: Json = {"message": message, "code": code} | ({"errors": errors} if errors else {})


class RefusedError(Exception):
    """A scripted person asked for something Discord's app would not let them do; the text says what and why."""


def refuse(code: int) -> DiscordError:
    """The error for one of the codes in `KNOWN`."""
    status, message = KNOWN[code]
    return DiscordError(status, code, message)


def reject(problems: Iterable[Problem]) -> None:
    """Raise `invalid` if there are any problems."""
    if found := list(problems):
        raise invalid(found)


def invalid(problems: list[Problem]) -> DiscordError:
    """Error 50035 with Discord's nested `errors` tree, or 50006 when the only fault is an empty message."""
    if all(code == "EMPTY_MESSAGE" for _, code, _ in problems):
        return refuse(50006)
    tree: Json = {}
    for path, code, sentence in problems:
        node = tree
        for key in filter(None, path.split(".")):
            node = node.setdefault(key, {})
        node.setdefault("_errors", []).append({"code": code, "message": sentence})
    return DiscordError(400, 50035, "Invalid Form Body", tree)
