"""The forms in which brands, campaigns and influencers are written down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from bot.chat.forms import LONGEST_TITLE
from bot.services.editing import PARTS, Field, Kind
from bot.texts import catalogue, text

EDIT_FORM = re.compile(
    r"form:v1:edit:(?P<kind>brand|campaign|influencer):(?P<id>\d{1,18}):(?P<part>main|more):(?P<extra>.{0,64})"
)
CHOICE_TEXTS = {"format": "label_format", "relation": "label_relation"}  # platforms are called the same everywhere


def edit_form(
    language: str, kind: Kind, thing_id: int, part: str, values: Mapping[str, str], *, title: str, extra: str = ""
) -> ui.Modal:
    """`thing_id` 0 makes a new one; `extra` is what a new one needs beside its fields: its brand's id, its handle."""
    form_id = f"form:v1:edit:{kind}:{thing_id}:{part}:{extra}"
    form = ui.Modal(title=title[:LONGEST_TITLE], custom_id=form_id, timeout=None)
    for field in PARTS[kind][part]:
        value = values.get(field.name, "")
        component = _list(language, field, value) if field.choices else _words(field, value)
        name = text(language, f"field.{field.name}")
        form.add_item(ui.Label(text=name, description=_hint(language, kind, field), component=component))
    return form


def _hint(language: str, kind: Kind, field: Field) -> str:
    """What to write: the sentence for this kind of thing, where a field means something else there."""
    own = f"field.{kind}_{field.name}_hint"
    return text(language, own if own in catalogue("en") else f"field.{field.name}_hint")


def _words(field: Field, value: str) -> ui.TextInput[Any]:
    return ui.TextInput(
        custom_id=field.name,
        default=value or None,
        max_length=field.longest,
        style=discord.TextStyle.paragraph if field.lines else discord.TextStyle.short,
        required=field.required,
    )


def _list(language: str, field: Field, value: str) -> ui.Select[Any]:
    """What is stored is always among the choices, so that nothing changes unless somebody chooses."""
    names = {one: _choice(language, field.name, one) for one in field.choices}
    chosen = value or field.choices[0]
    names.setdefault(chosen, chosen)
    options = [
        discord.SelectOption(label=name[:100], value=one[:100], default=one == chosen) for one, name in names.items()
    ]
    return ui.Select(custom_id=field.name, options=options)


def _choice(language: str, name: str, value: str) -> str:
    section = CHOICE_TEXTS.get(name, "label_platform")
    key = f"{section}.{value}"
    return text(language, key) if key in catalogue("en") else value
