"""A message as readable plain text, for a terminal: content, embeds, Components V2, buttons, menus, files."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.sandbox.payloads import COMPONENTS_V2, EPHEMERAL, LOADING

if TYPE_CHECKING:
    from bot.sandbox.errors import Json

RULE = "─" * 40
MENUS = {5: "people", 6: "roles", 7: "people and roles", 8: "channels"}


def as_text(message: Json) -> str:
    """The message payload with its author in the first line; the rest as its readers see it."""
    name = message["author"].get("global_name") or message["author"]["username"]
    marks = ["only you can see this"] if message["flags"] & EPHEMERAL else []
    marks += ["edited"] if message.get("edited_timestamp") else []
    head = f"{name} ({', '.join(marks)}):" if marks else f"{name}:"
    reply = message.get("referenced_message")
    lines = [head] + ([f"  in reply to: {_first_line(reply)}"] if reply else [])
    return _readable("\n".join(lines + [f"  {line}".rstrip() for line in _body(message)]), message["mentions"])


def _readable(text: str, mentioned: list[Json]) -> str:
    """Mentions by name and Discord's timestamps as UTC times."""
    for user in mentioned:
        text = text.replace(f"<@{user['id']}>", f"@{user['username']}")
    return re.sub(
        r"<t:(\d+)(?::\w)?>", lambda stamp: f"{datetime.fromtimestamp(int(stamp[1]), UTC):%Y-%m-%d %H:%M} UTC", text
    )


def _first_line(message: Json) -> str:
    text = (message["content"] or "(no text)").splitlines()[0]
    return text if len(text) <= 60 else f"{text[:59]}…"


def _body(message: Json) -> list[str]:
    if message["flags"] & LOADING:
        return ["… is thinking"]
    lines = (message["content"] or "").splitlines()
    for embed in message["embeds"]:
        lines += _embed(embed)
    for component in message["components"]:
        lines += component_lines(component)
    if not message["flags"] & COMPONENTS_V2:  # there files show only where a component names them
        lines += [f"[file: {file['filename']}, {file['size']} bytes]" for file in message["attachments"]]
    if reactions := message.get("reactions"):
        lines.append(" ".join(f"{one['emoji']['name']} {one['count']}" for one in reactions))
    return lines


def _boxed(lines: list[str]) -> list[str]:
    return ["┌" + RULE, *(f"│ {line}".rstrip() for line in lines), "└" + RULE]


def _embed(embed: Json) -> list[str]:
    lines = [embed["author"]["name"]] if embed.get("author") else []
    lines += [embed[key] for key in ("title", "description") if embed.get(key)]
    for field in embed.get("fields") or []:
        lines += [f"{field['name']}:", field["value"]]
    lines += [f"[image: {embed['image']['url']}]"] if embed.get("image") else []
    lines += [embed["footer"]["text"]] if embed.get("footer") else []
    return _boxed("\n".join(lines).splitlines())


def component_lines(component: Json) -> list[str]:
    """One component and what it holds."""
    return LINES.get(component["type"], _menu)(component)


def _all(components: list[Json]) -> list[str]:
    return [line for component in components for line in component_lines(component)]


def _section(section: Json) -> list[str]:
    return _all(section["components"]) + component_lines(section["accessory"])


def _file(component: Json) -> list[str]:
    return [f"[file: {_file_name(component['file'])}]"]


def _file_name(media: Json) -> str:
    return str(media["url"]).split("?")[0].rsplit("/", 1)[-1]


def _button(button: Json) -> list[str]:
    emoji = (button.get("emoji") or {}).get("name") or ""
    label = f"{emoji} {button.get('label') or ''}".strip()
    link = f" → {button['url']}" if button.get("url") else ""
    return [f"[ {label}{link} ]" + (" (off)" if button.get("disabled") else "")]


def _image(entry: Json) -> str:
    return f"[image: {entry.get('description') or _file_name(entry['media'])}]"


def _menu(select: Json) -> list[str]:
    hint = select.get("placeholder") or "choose"
    options = [option["label"] for option in select.get("options") or []] or [MENUS.get(select["type"], "?")]
    return [f"[ {hint} ▾ {' | '.join(options)} ]"]


LINES: dict[int, Callable[[Json], list[str]]] = {
    1: lambda row: ["  ".join(_all(row["components"]))],
    2: _button,
    9: _section,
    10: lambda display: str(display["content"]).splitlines(),
    11: lambda thumbnail: [_image(thumbnail)],
    12: lambda gallery: [_image(entry) for entry in gallery["items"]],
    13: _file,
    14: lambda separator: [RULE if separator.get("divider", True) else ""],
    17: lambda container: _boxed(_all(container["components"])),
}
