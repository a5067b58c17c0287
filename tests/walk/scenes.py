"""The walk: one scene for each of the twelve points, in their order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.walk import drafts, people
from tests.walk.stage import Stage

Scene = Callable[[Stage], Awaitable[None]]
SCENES: tuple[Scene, ...] = (
    drafts.setting_up,
    drafts.posting_drafts,
    drafts.the_card,
    drafts.versions,
    drafts.decisions,
    people.right_of_reply,
    people.published,
    people.self_check,
    people.history,
    people.two_languages,
    people.rights,
    people.help_and_errors,
)
BARE = {drafts.setting_up}  # begins with nothing stored


def title(scene: Scene) -> str:
    return f"{SCENES.index(scene) + 1}. {(scene.__doc__ or '').strip()}"
