"""`/published`: brings in the live text, and shows how it compares with what was approved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import discord
from discord import app_commands, ui
from discord.app_commands import Range

from bot.chat.desk import Interaction, acknowledge, guild_of, own_language
from bot.chat.draft.attachments import read_draft
from bot.chat.draft.intake import FORM_SECONDS
from bot.chat.forms import LONGEST_TEXT, Filled, new_form, open_form, upload_field, words_field
from bot.chat.localized import said
from bot.chat.markup import ago, code_block, plain
from bot.chat.rights import may_decide, sight_of
from bot.chat.verdict.cards import change_line, container, for_whom, within
from bot.errors import Problem
from bot.model.decisions import PublishedResult
from bot.model.messages import Message
from bot.services.difference import Change
from bot.services.lookup import show
from bot.services.published import Checked, check_published, stands_in
from bot.services.replies import is_theirs
from bot.store.verdicts import StoredVerdict
from bot.texts import listed, paired, render, text

PUBLISHED_FORM = re.compile(r"form:v1:published:(?P<number>V-\d{1,18})")
DIFFERENCES_ROOM = 1600  # characters
LONGEST_PIECE = 160  # of a difference, on each side
COLOURS = {
    PublishedResult.SAME: 0x2E8B57,
    PublishedResult.CHANGED: 0xE0A100,
    PublishedResult.LABEL_LOST: 0xC0392B,
    PublishedResult.NOT_APPROVED: 0xC0392B,
}


@app_commands.command(name="published", description=said("command.published"))
@app_commands.describe(number=said("command.number"))
@app_commands.guild_only()
async def published(interaction: Interaction, number: Range[str, 1, 30]) -> None:
    stored = await _require_part(interaction, number)
    language = own_language(interaction)
    title = paired(language, text(language, "form.published_title"), stored.number)
    form = new_form(title, f"form:v1:published:{stored.number}")
    style = discord.TextStyle.paragraph
    field = words_field(language, "text", "", longest=LONGEST_TEXT, style=style, required=False, label="live")
    form.add_item(field).add_item(upload_field(language, label="live_file"))
    await open_form(interaction, form)


async def _require_part(interaction: Interaction, number: str) -> StoredVerdict:
    """The verdict. Raises Problem for anybody else than who decides, who sent it in, and the influencer.

    What is said of a published text stands in the record for everybody, so no outsider may say it.
    """
    store = interaction.client.desk.store
    stored = await show(store, guild_of(interaction), number, viewer_id=None, sight=await sight_of(interaction))
    if await is_theirs(store, stored, interaction.user.id) or await may_decide(interaction):
        return stored
    raise Problem("live_problem.not_yours", number=stored.number)


async def on_published_form(interaction: Interaction, filled: Filled, match: re.Match[str]) -> None:
    """Answers everybody where the draft's card stands: who approved it has to know as well. Elsewhere in private.

    Raises Problem for a text that cannot be used.
    """
    await _require_part(interaction, match["number"])
    is_private = not await _is_at_card(interaction, match["number"])

    async def telling(checked: Checked) -> None:
        desk = interaction.client.desk
        language = own_language(interaction) if is_private else await desk.language(guild_of(interaction))
        view = ui.LayoutView(timeout=None).add_item(published_card(checked, language))
        await interaction.edit_original_response(view=view)

    checking = _check(interaction, filled, match["number"])
    await acknowledge(interaction, checking, is_private=is_private, telling=telling)


async def _is_at_card(interaction: Interaction, number: str) -> bool:
    """Whether all who see the answer here see the card too: in its channel or thread, or a thread of its channel."""
    parent = interaction.channel.parent_id if isinstance(interaction.channel, discord.Thread) else 0
    here = {interaction.channel_id or 0, parent} - {0}
    return await stands_in(interaction.client.desk.store, guild_of(interaction), number, here)


async def _check(interaction: Interaction, filled: Filled, number: str) -> Checked:
    desk, guild_id = interaction.client.desk, guild_of(interaction)
    settings = desk.settings.review
    typed = filled.words.get("text", "")
    sent = await read_draft(interaction.client, typed, filled.files, settings, seconds=FORM_SECONDS)
    return await check_published(
        desk.store,
        guild_id,
        number,
        sent.text,
        spoken=sent.spoken,
        files=sum(file.is_image for file in sent.attachments),
        most_characters=settings.max_draft_characters,
        person_id=interaction.user.id,
        person_name=interaction.user.display_name,
        now=desk.clock(),
    )


def published_card(checked: Checked, language: str) -> ui.Container[Any]:
    """What came of it: the result in words first, then the label, the differences, and what to do."""
    stored, result = checked.stored, checked.published.result
    title = text(language, "live.title", number=stored.number)
    lost = text(language, "live.label_lost" if checked.was_labelled else "live.label_worse", which=_which(checked))
    said_first = lost if result is PublishedResult.LABEL_LOST else text(language, f"live.{_result(checked)}")
    head = [f"### {title}", for_whom(stored, language), said_first]
    if result is PublishedResult.NOT_APPROVED:
        if checked.label_is_lost:
            head.append(lost)
        head.append(f"-# {text(language, 'live.compared_newest', version=stored.revision.number)}")
    blocks = ["\n".join(head), "\n".join(_label(checked, language)), "\n".join(_differences(checked, language))]
    return container(COLOURS[result], [*blocks, "\n".join(_foot(checked, language))])


def _result(checked: Checked) -> str:
    """Which sentence says it."""
    result = checked.published.result
    if result is PublishedResult.SAME and "typography" in checked.comparison.ignored:
        return "same_words"
    if result is PublishedResult.NOT_APPROVED and not checked.was_approved:
        return "never_approved"
    return result


def _which(checked: Checked) -> Message:
    """What the live text is compared with."""
    is_approved = checked.published.result is not PublishedResult.NOT_APPROVED
    return Message("live.which_approved" if is_approved else "live.which_judged")


def _label(checked: Checked, language: str) -> Iterator[str]:
    for which, line in (("before", checked.label_approved), ("live", checked.label_live)):
        outcome = Message(f"label_outcome.{line.outcome}")
        yield text(language, f"live.label_{which}", outcome=outcome, which=_which(checked))
    if checked.label_live.fix:
        yield text(language, "card.disclosure_in_front" if checked.label_live.in_front else "live.fix")
        yield code_block(checked.label_live.fix, 150)


def _differences(checked: Checked, language: str) -> Iterator[str]:
    found = checked.comparison
    if found.is_same and checked.published.result is not PublishedResult.SAME:
        yield text(language, "live.no_differences")
    for title, changes in (("differences", found.text), ("spoken_differences", found.spoken)):
        if changes:
            yield text(language, f"live.{title}", which=_which(checked))
            yield from _changes(tuple(dict.fromkeys(changes)), language)


def _changes(changes: tuple[Change, ...], language: str) -> Iterator[str]:
    shown = within((change_line(one, language, LONGEST_PIECE) for one in changes), DIFFERENCES_ROOM // 2).splitlines()
    yield from shown
    if len(shown) < len(changes):
        yield f"-# {text(language, 'live.more_differences', count=len(changes) - len(shown))}"


def _foot(checked: Checked, language: str) -> Iterator[str]:
    result, live = checked.published.result, checked.published
    if result is not PublishedResult.SAME:
        yield text(language, f"live.next_{result}")
    if checked.comparison.ignored:
        what = listed(language, (text(language, f"live.ignored_{key}") for key in checked.comparison.ignored))
        yield f"-# {text(language, 'live.ignored', what=what)}"
    if checked.not_compared:
        what = listed(language, (render(language, message) for message in checked.not_compared))
        yield f"-# {text(language, 'live.not_compared', what=what)}"
    who = plain(live.person_name, 60)
    yield f"-# {text(language, 'live.checked_by', who=who, when=ago(live.created_at))}"
