"""The forms: how they look, and how what was typed is read back from the raw event.

The library forgets its forms at a restart, so it is never given one to keep: every submit is told by its id alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.chat.desk import Interaction
from bot.model import Campaign, Influencer, Visibility
from bot.texts import text

LONGEST_TEXT = 4000  # Discord's limit of one field
LONGEST_TITLE = 45
REVIEW_FORM = re.compile(r"form:v1:(?P<kind>review|selfcheck):(?P<influencer>\d+):(?P<campaign>\d+)")
MENU_FORM = re.compile(r"form:v1:menu:(?P<attachments>\d+)")
CHANGES_FORM = re.compile(r"form:v1:changes:(?P<number>V-\d{1,18}):(?P<sha>[0-9a-f]{12})")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came along; its address is good for a short time only."""

    name: str
    size: int
    kind: str  # content type, "" where Discord names none
    url: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody put into a form: words by field, and files."""

    words: Mapping[str, str]
    files: tuple[Attached, ...]


def review_form(language: str, visibility: Visibility, influencer: Influencer, campaign: Campaign) -> ui.Modal:
    kind = "review" if visibility is Visibility.TEAM else "selfcheck"
    title = f"{text(language, f'form.{kind}_title')}: @{influencer.handle}"
    form = _form(title, f"form:v1:{kind}:{influencer.id}:{campaign.id}")
    _add_draft(form, language, "")
    return form


def menu_form(language: str, handle: str, campaign: str, draft: str, attachments: int) -> ui.Modal:
    """For the message menu: everything guessed, everything open to change."""
    form = _form(text(language, "form.review_title"), f"form:v1:menu:{attachments}")
    for name, value in (("influencer", handle), ("campaign", campaign)):
        form.add_item(_field(language, name, value, longest=100))
    _add_draft(form, language, draft)
    return form


def changes_form(language: str, number: str, sha: str) -> ui.Modal:
    form = _form(f"{text(language, 'form.changes_title')}: {number}", f"form:v1:changes:{number}:{sha}")
    form.add_item(_field(language, "reason", "", longest=1000, style=discord.TextStyle.paragraph))
    return form


async def open_form(interaction: Interaction, form: ui.Modal) -> None:
    form.stop()  # the library stores only forms that still listen
    await interaction.response.send_modal(form)


def read_form(data: Any) -> Filled:
    """From the `data` of a submit event."""
    uploaded: Mapping[str, Any] = (data.get("resolved") or {}).get("attachments") or {}
    words: dict[str, str] = {}
    files: list[Attached] = []
    for field in _fields(data.get("components") or []):
        if isinstance(field.get("value"), str):
            words[field["custom_id"]] = field["value"]
        files += [_attached(uploaded[key]) for key in field.get("values") or [] if key in uploaded]
    return Filled(words, tuple(files))


def _form(title: str, custom_id: str) -> ui.Modal:
    return ui.Modal(title=title[:LONGEST_TITLE], custom_id=custom_id, timeout=None)


def _add_draft(form: ui.Modal, language: str, draft: str) -> None:
    style = discord.TextStyle.paragraph
    form.add_item(_field(language, "text", draft, longest=LONGEST_TEXT, style=style, required=False))
    upload: ui.FileUpload[Any] = ui.FileUpload(custom_id="file", required=False, max_values=1)
    form.add_item(_label(language, "file", upload))


def _field(
    language: str,
    name: str,
    value: str,
    *,
    longest: int,
    style: discord.TextStyle = discord.TextStyle.short,
    required: bool = True,
) -> ui.Label[Any]:
    filled = value[:longest] or None
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=name, default=filled, max_length=longest, style=style, required=required
    )
    return _label(language, name, field)


def _label(language: str, name: str, component: ui.Item[Any]) -> ui.Label[Any]:
    hint = text(language, f"form.{name}_hint")
    return ui.Label(text=text(language, f"form.{name}"), description=hint, component=component)


def _fields(components: list[Any]) -> Iterator[Mapping[str, Any]]:
    for component in components:
        yield component.get("component") or component


def _attached(data: Mapping[str, Any]) -> Attached:
    return Attached(data["filename"], data["size"], data.get("content_type") or "", data["url"])
