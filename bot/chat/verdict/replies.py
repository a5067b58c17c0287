"""Right of reply: the button beside the evidence, its form, and the answer stored beside the finding."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import ui

from bot.chat.desk import Interaction, guarded, guild_of, own_language
from bot.chat.forms import Filled, labelled, new_form, open_form, words_field
from bot.chat.rights import sight_of
from bot.chat.verdict.cards import level_words
from bot.chat.verdict.pages import label_of
from bot.errors import Problem
from bot.model.verdicts import CriterionKey
from bot.services.replies import LONGEST, answer, answerable
from bot.store.verdicts import StoredVerdict
from bot.texts import paired, text

ANSWER_FORM = re.compile(r"form:v1:answer:(?P<number>V-\d{1,18})")
WHOLE = "whole"  # the choice for the whole verdict


def answer_form(stored: StoredVerdict, language: str) -> ui.Modal:
    """Which finding, and what there is to say about it."""
    title = paired(language, text(language, "form.answer_title"), stored.number)
    form = new_form(title, f"form:v1:answer:{stored.number}")
    options = [discord.SelectOption(label=text(language, "answer.whole"), value=WHOLE, default=True)]
    for key in CriterionKey:
        if criterion := stored.verdict.criteria.get(key):
            level = level_words(criterion.level, language, key)
            values = {"criterion": text(language, f"criterion.{key}"), "level": level}
            options.append(discord.SelectOption(label=text(language, "answer.about", **values), value=key))
    form.add_item(labelled(language, "answer_about", ui.Select(custom_id="about", options=options)))
    form.add_item(words_field(language, "answer", "", longest=LONGEST, style=discord.TextStyle.paragraph))
    return form


async def on_answer_form(interaction: Interaction, filled: Filled, match: re.Match[str]) -> None:
    desk, about = interaction.client.desk, filled.words.get("about", WHOLE)
    if about != WHOLE and about not in list(CriterionKey):
        raise Problem("answer_problem.unknown")
    await answer(
        desk.store,
        guild_of(interaction),
        match["number"],
        None if about == WHOLE else CriterionKey(about),
        filled.words.get("answer", ""),
        person_id=interaction.user.id,
        person_name=interaction.user.display_name,
        now=desk.clock(),
    )
    sentence = text(own_language(interaction), "answer.stored", number=match["number"])
    await interaction.response.send_message(sentence, ephemeral=True)


class AnswerButton(ui.DynamicItem[ui.Button[Any]], template=r"v1:answer:(?P<number>V-\d{1,18})"):
    """Opens the form for the people who may answer; tells all others who they are."""

    def __init__(self, number: str, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:answer:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["number"], label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "answer"):
            store, person = interaction.client.desk.store, interaction.user.id
            stored = await answerable(store, guild_of(interaction), self.number, person, await sight_of(interaction))
            await open_form(interaction, answer_form(stored, own_language(interaction)))
