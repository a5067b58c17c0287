"""The forms: how they look, and how what was typed is read back from the raw event.

The library forgets its forms at a restart, so it is never given one to keep: every submit is told by its id alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import discord
from discord import ui

from bot.chat.desk import Interaction, own_language
from bot.chat.draft.attachments import Attached, beside, looks_like_text
from bot.model.posts import Visibility
from bot.model.workspace import Campaign, Influencer
from bot.texts import FALLBACK, catalogue, paired, text

LONGEST_TEXT = 4000  # Discord's limit of one field
LONGEST_TITLE = 45
SELECT = discord.ComponentType.select.value
MOST_FILES = 10  # Discord's limit of one field
REVIEW_FORM = re.compile(r"form:v1:(?P<kind>review|selfcheck):(?P<influencer>\d+):(?P<campaign>\d+)")
MENU_FORM = re.compile(r"form:v1:menu:(?P<channel>\d+):(?P<message>\d+):(?P<attachments>\d+)")
VERSION_FORM = re.compile(r"form:v1:version:(?P<number>[VS]-\d{1,18})")


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody put into a form: words by field, and files."""

    words: Mapping[str, str]
    files: tuple[Attached, ...]


def review_form(language: str, visibility: Visibility, influencer: Influencer, campaign: Campaign) -> ui.Modal:
    kind = "review" if visibility is Visibility.TEAM else "selfcheck"
    title = paired(language, text(language, f"form.{kind}_title"), f"@{influencer.handle}")
    form = new_form(title, f"form:v1:{kind}:{influencer.id}:{campaign.id}")
    add_draft(form, language, "")
    return form


def batch_form(language: str, campaign_id: int) -> ui.Modal:
    """For several drafts; `campaign_id` 0: each names its own."""
    form = new_form(text(language, "form.batch_title"), f"form:v1:batch:{campaign_id}")
    style = discord.TextStyle.paragraph
    form.add_item(words_field(language, "text", "", longest=LONGEST_TEXT, style=style, required=False, label="drafts"))
    form.add_item(upload_field(language, label="files"))
    return form


def menu_form(language: str, handle: str, campaign: str, draft: str, message: discord.Message) -> ui.Modal:
    """For the message menu: everything guessed, everything open to change. Its files are the message's."""
    attachments = message.attachments
    place = f"{message.channel.id}:{message.id}:{len(attachments)}"
    form = new_form(text(language, "form.review_title"), f"form:v1:menu:{place}")
    is_in_file = any(map(looks_like_text, beside(message)))
    draft = "" if is_in_file else draft  # what stands beside such a file is hardly the draft
    for name, value in (("influencer", handle), ("campaign", campaign)):
        form.add_item(words_field(language, name, value, longest=100))
    add_draft(form, language, draft)
    return form


def version_form(language: str, number: str, newest: str) -> ui.Modal:
    """`newest`: the text so far, to be changed; left out where it is longer than a field, so that nothing is cut."""
    form = new_form(paired(language, text(language, "form.version_title"), number), f"form:v1:version:{number}")
    add_draft(form, language, newest if len(newest) <= LONGEST_TEXT else "")
    return form


async def open_form(interaction: Interaction, form: ui.Modal) -> None:
    form.stop()  # the library stores only forms that still listen
    await interaction.response.send_modal(form)


def read_form(data: Any) -> Filled:
    """From the `data` of a submit event. Of a list the first choice is taken."""
    uploaded: Mapping[str, Any] = (data.get("resolved") or {}).get("attachments") or {}
    words: dict[str, str] = {}
    files: list[Attached] = []
    for field in _fields(data.get("components") or []):
        if isinstance(field.get("value"), str):
            words[field["custom_id"]] = field["value"]
        elif field.get("type") == SELECT and field["values"]:
            words[field["custom_id"]] = field["values"][0]
        files += [_attached(uploaded[key]) for key in field.get("values") or [] if key in uploaded]
    return Filled(words, tuple(files))


def typed_file(interaction: Interaction, custom_id: str) -> discord.File | None:
    """What was typed into the form that was sent, field by field; None where nothing was."""
    data: Any = interaction.data
    typed = {field["custom_id"]: field["value"] for field in _fields(data.get("components") or []) if _is_typed(field)}
    if not typed:
        return None
    section = "field" if custom_id.startswith("form:v1:edit:") else "form"
    blocks = [f"{_called(own_language(interaction), section, name)}\n{words}\n" for name, words in typed.items()]
    words = "\n".join(blocks) if len(blocks) > 1 else next(iter(typed.values()))
    return discord.File(BytesIO(words.encode("utf-8", "replace")), "typed.txt")


def _called(language: str, section: str, name: str) -> str:
    """What the field is called; its id for one of another version of the bot."""
    keys = (f"{section}.{name}", f"{section}.own_{name}")
    return next((text(language, key) for key in keys if key in catalogue(FALLBACK)), name)


def _is_typed(field: Mapping[str, Any]) -> bool:
    return isinstance(field.get("value"), str) and bool(field["value"].strip())


def new_form(title: str, custom_id: str) -> ui.Modal:
    return ui.Modal(title=title[:LONGEST_TITLE], custom_id=custom_id, timeout=None)


def add_draft(form: ui.Modal, language: str, draft: str) -> None:
    style = discord.TextStyle.paragraph
    form.add_item(words_field(language, "text", draft, longest=LONGEST_TEXT, style=style, required=False))
    form.add_item(upload_field(language))


def upload_field(language: str, label: str = "file") -> ui.Label[Any]:
    upload: ui.FileUpload[Any] = ui.FileUpload(custom_id="file", required=False, max_values=MOST_FILES)
    return labelled(language, label, upload)


def words_field(
    language: str,
    name: str,
    value: str,
    *,
    longest: int,
    style: discord.TextStyle = discord.TextStyle.short,
    required: bool = True,
    label: str = "",
) -> ui.Label[Any]:
    """`label`: the key of its words where they are not those of `name`."""
    filled = value[:longest] or None
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=name, default=filled, max_length=longest, style=style, required=required
    )
    return labelled(language, label or name, field)


def labelled(language: str, name: str, component: ui.Item[Any]) -> ui.Label[Any]:
    hint = text(language, f"form.{name}_hint")
    return ui.Label(text=text(language, f"form.{name}"), description=hint, component=component)


def _fields(components: list[Any]) -> Iterator[Mapping[str, Any]]:
    for component in components:
        yield component.get("component") or component


def _attached(data: Mapping[str, Any]) -> Attached:
    return Attached(data["filename"], data["size"], data.get("content_type") or "", data["url"])
