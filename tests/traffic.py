"""Every call the bot makes in any test, held against Discord's own description of its API where that is at hand.

Each loopback Discord, in whatever process a test starts it, writes down the calls it answers; those that are new are
looked at after each test, so that the test which made a wrong one fails. What can be pressed, chosen or sent off must
also be told by its id alone, so that it works after a restart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.chat.routes import BUTTONS, ROUTES
from bot.sandbox.messages import walk
from tests.sandbox.conformance import problems

MODAL = 9  # the type of an answer
OF_ANOTHER_VERSION = "v0:"  # how ids begin that tests send to see what becomes of them
PRESSABLE = {2, 3, 5, 6, 7, 8}  # buttons and lists


class Traffic:
    """The calls recorded in `folder`, one file a loopback Discord, checked against the description at `description`."""

    def __init__(self, folder: Path, description: Path) -> None:
        self._folder, self._description = folder, description
        self._read: dict[Path, int] = {}  # bytes
        self.checked = 0

    def problems(self) -> list[str]:
        """What is wrong with the calls since the last look."""
        found = []
        for calls in self._fresh():
            self.checked += len(calls)
            found += problems(calls, self._description)
            found += [f"{call['method']} {call['path']}: {one}" for call in calls for one in forgotten(call["body"])]
        return found

    def skip(self) -> None:
        """Leave out the calls since the last look: a test made them wrong on purpose."""
        for _ in self._fresh():
            pass

    def _fresh(self) -> Iterator[list[dict[str, Any]]]:
        for file in sorted(self._folder.iterdir()):
            with file.open("rb") as stream:
                stream.seek(self._read.get(file, 0))
                lines = [line for line in stream if line.endswith(b"\n")]  # the last may be half written
            if lines:
                self._read[file] = self._read.get(file, 0) + sum(map(len, lines))
                yield [json.loads(line) for line in lines]


def forgotten(body: Any) -> Iterator[str]:
    """The buttons, lists and forms in a call that no process but the one that sent them would know."""
    if not isinstance(body, dict):
        return
    data = body.get("data") or {}
    if body.get("type") == MODAL:
        if sum(bool(pattern.fullmatch(data["custom_id"])) for pattern, _ in ROUTES) != 1:
            yield f"no one form is called {data['custom_id']}"
        return
    for component in walk(body.get("components") or data.get("components") or []):
        if component["type"] in PRESSABLE and (custom_id := component.get("custom_id")):
            kinds = [kind for kind in BUTTONS if kind.__discord_ui_compiled_template__.fullmatch(custom_id)]
            if len(kinds) != 1 and not custom_id.startswith(OF_ANOTHER_VERSION):
                yield f"no one kind of component is called {custom_id}"
