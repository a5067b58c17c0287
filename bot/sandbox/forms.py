"""Filling in a modal as a person does: values by custom id or label, checked against what each field asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.errors import Json, RefusedError
from bot.sandbox.limits import CHECKBOX, CHECKBOXES, LABEL, RADIOS, SELECTS, TEXT, TEXT_INPUT, UPLOAD

if TYPE_CHECKING:
    from bot.sandbox.commands import Filling


def filled_in(form: Json, values: Json, filling: Filling) -> list[Json]:
    """The submitted components. Raises RefusedError for unknown, missing, too long or too many values."""
    unread = dict(values)
    number = 0
    result: list[Json] = []
    for top in form["components"]:
        number += 1
        if top["type"] == TEXT:
            result.append({"type": TEXT, "id": number})
            continue
        field = top["component"] if top["type"] == LABEL else top["components"][0]
        names = [field["custom_id"], top.get("label"), field.get("label")]
        given = next((unread.pop(name) for name in names if name in unread), None)
        number += 1
        inner: Json = {"type": field["type"], "id": number, "custom_id": field["custom_id"]} | _value(
            field, given, filling
        )
        outer: Json = {"type": top["type"], "id": number - 1}
        result.append(outer | ({"component": inner} if top["type"] == LABEL else {"components": [inner]}))
    if unread:
        raise RefusedError(f"The form has no field {sorted(unread)}.")
    return result


def _value(field: Json, given: Any, filling: Filling) -> Json:
    kind = field["type"]
    if kind == TEXT_INPUT:
        return {"value": _text(field, given)}
    if kind == CHECKBOX:
        return {"value": bool(field.get("default") if given is None else given)}
    chosen = given if isinstance(given, list) else [] if given is None else [given]
    if given is None and kind != UPLOAD:
        chosen = [option["value"] for option in field.get("options") or [] if option.get("default")]
    required = field.get("required", True)
    if required and not chosen:
        raise RefusedError(f"The field {field['custom_id']!r} must be filled in.")
    if kind == RADIOS:
        picked = filling.choose(field | {"max_values": 1, "min_values": 0}, chosen)
        return {"value": picked[0] if picked else None}
    if kind in {*SELECTS, CHECKBOXES}:
        most = len(field["options"]) if kind == CHECKBOXES else 1
        field = field | {"max_values": field.get("max_values") or most}
        return {"values": filling.choose(field, chosen) if chosen else []}
    if kind == UPLOAD:
        most = field.get("max_values") or 1
        least = (field.get("min_values") or 0) if chosen else 0
        if not least <= len(chosen) <= most:
            raise RefusedError(f"The field {field['custom_id']!r} takes {least} to {most} files.")
        return {"values": [filling.attach(file) for file in chosen]}
    raise RefusedError(f"A form cannot hold a component of type {kind}.")


def _text(field: Json, given: Any) -> str:
    text = str(field.get("value") or "") if given is None else str(given)
    if field.get("required", True) and not text:
        raise RefusedError(f"The field {field['custom_id']!r} must be filled in.")
    least, most = field.get("min_length") or 0, field.get("max_length") or 4000
    if text and not least <= len(text) <= most:
        raise RefusedError(f"The field {field['custom_id']!r} takes {least} to {most} characters, not {len(text)}.")
    return text
