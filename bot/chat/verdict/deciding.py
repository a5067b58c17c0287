"""The buttons by which people decide on a text, and the form that asks why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import ui

from bot.chat.desk import Interaction, guarded, guild_of, own_language
from bot.chat.forms import Filled, new_form, open_form, words_field
from bot.chat.rights import require_decider
from bot.chat.verdict.copies import pressed_on, redraw, require_open_here
from bot.chat.verdict.pages import label_of
from bot.model.decisions import DecisionKind
from bot.services.decide import decide, needs_reason
from bot.services.lookup import show
from bot.store.verdicts import StoredVerdict
from bot.texts import paired, text

SHA = 12  # hex digits of the text's fingerprint in an id
LONGEST_REASON = 1000  # characters
KINDS: Mapping[str, DecisionKind] = {  # by what stands in ids
    "approve": DecisionKind.APPROVE,
    "changes": DecisionKind.ASK_FOR_CHANGES,
    "overrule": DecisionKind.DISAGREE,
    "withdraw": DecisionKind.WITHDRAW,
}
LABELS = {"approve": "anyway", "changes": "reason", "overrule": "why", "withdraw": "cause"}  # of what the form asks
# Cards from before do not say how many decisions they show.
_ABOUT = rf"(?P<what>{'|'.join(KINDS)}):(?P<number>V-\d{{1,18}}):(?P<sha>[0-9a-f]{{{SHA}}})(:(?P<seen>\d{{1,6}}))?"
FORM = re.compile(rf"form:v1:{_ABOUT}")


@dataclass(frozen=True, slots=True)
class About:
    """What is decided, about which text, by somebody who saw so many decisions on it."""

    what: str
    number: str
    sha: str
    seen: int | None = None

    @classmethod
    def shown(cls, what: str, stored: StoredVerdict) -> Self:
        return cls(what, stored.number, stored.revision.sha256[:SHA], len(stored.decisions))

    @classmethod
    def of(cls, match: re.Match[str]) -> Self:
        return cls(match["what"], match["number"], match["sha"], int(match["seen"]) if match["seen"] else None)

    def __str__(self) -> str:
        return f"{self.what}:{self.number}:{self.sha}" + ("" if self.seen is None else f":{self.seen}")


def reason_form(language: str, about: About) -> ui.Modal:
    title = paired(language, text(language, f"form.{about.what}_title"), about.number)
    form = new_form(title, f"form:v1:{about}")
    style, label = discord.TextStyle.paragraph, LABELS[about.what]
    return form.add_item(words_field(language, "reason", "", longest=LONGEST_REASON, style=style, label=label))


async def on_reason_form(interaction: Interaction, filled: Filled, match: re.Match[str]) -> None:
    await _take(interaction, About.of(match), filled.words.get("reason", ""))


async def _to_decide(interaction: Interaction, about: About) -> StoredVerdict:
    """The verdict. Raises Problem where this person may not decide, or not on what was shown."""
    await require_decider(interaction)
    stored = await pressed_on(interaction, about.number)
    await require_open_here(interaction, stored, about.seen)
    return stored


async def _take(interaction: Interaction, about: About, reason: str) -> None:
    """Stores what this person decided and shows it. Raises Problem: no right to, or not on what was shown."""
    from bot.chat.verdict.views import verdict_view  # which shows these buttons

    await _to_decide(interaction, about)
    desk, guild_id = interaction.client.desk, guild_of(interaction)
    await decide(
        desk.store,
        guild_id,
        about.number,
        KINDS[about.what],
        person_id=interaction.user.id,
        person_name=interaction.user.display_name,
        reason=reason,
        sha256=about.sha,
        now=desk.clock(),
        seen=about.seen,
    )
    desk.batch_stored.set()  # the card of a batch counts it
    stored = await show(desk.store, guild_id, about.number, viewer_id=None)
    if not await redraw(interaction, stored):
        await interaction.response.edit_message(view=verdict_view(stored, await desk.language(guild_id)))


class DecideButton(ui.DynamicItem[ui.Button[Any]], template=rf"v1:{_ABOUT}"):
    """Opens the form that asks why; an approval that nothing speaks against needs no more than the click."""

    def __init__(self, about: About, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:{about}"))
        self.about = about

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(About.of(match), label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, self.about.what):
            stored = await _to_decide(interaction, self.about)
            if KINDS[self.about.what] is DecisionKind.APPROVE and not needs_reason(stored):
                await _take(interaction, self.about, "")
            else:
                await open_form(interaction, reason_form(own_language(interaction), self.about))
