"""Discord's limits on what a bot sends: each check lists problems as (path, code, sentence); none means accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.messages import text_of, walk
from bot.sandbox.payloads import COMPONENTS_V2, EPHEMERAL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from bot.sandbox.errors import Json, Problem

ROW, BUTTON, TEXT_INPUT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE = 1, 2, 4, 9, 10, 11, 12, 13
SEPARATOR, CONTAINER, LABEL, UPLOAD, RADIOS, CHECKBOXES, CHECKBOX = 14, 17, 18, 19, 21, 22, 23
SELECTS = {3, 5, 6, 7, 8}
V2_ONLY = {SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER}
TOP_V2 = {ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER}
IN_CONTAINER = TOP_V2 - {CONTAINER}
IN_LABEL = {TEXT_INPUT, *SELECTS, UPLOAD, RADIOS, CHECKBOXES, CHECKBOX}
LINK, PREMIUM = 5, 6


def length(path: str, value: Any, high: int, low: int = 0) -> Iterator[Problem]:
    """A problem when a text or list is outside low..high; None counts as absent."""
    if value is None or low <= len(value) <= high:
        return
    if len(value) > high and not low:
        yield path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length."
    else:
        yield path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length."


def message(body: Json, uploads: Collection[str] = (), standing: Json | None = None) -> Iterator[Problem]:
    """Problems of a message to post, or of an edit when `standing` is the message as it is."""
    old = standing or {}
    flags = (body.get("flags") or 0) | (old.get("flags") or 0)
    parts = ("content", "embeds", "components", "attachments")
    after = {key: body[key] if key in body else old.get(key) for key in parts}
    if not (any(after.values()) or uploads):
        yield "", "EMPTY_MESSAGE", "Cannot send an empty message"
    yield from length("content", body.get("content"), 2000)
    yield from length("nonce", str(body["nonce"]) if body.get("nonce") else None, 25)
    yield from _embeds(body.get("embeds") or [])
    if flags & COMPONENTS_V2:
        for key in ("content", "embeds", "poll", "sticker_ids"):
            if body.get(key) or after.get(key):
                sentence = "The field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                yield key, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", sentence
    if "components" in body:
        yield from components(body["components"] or [], v2=bool(flags & COMPONENTS_V2))
    yield from _files_shown(body, uploads, old)


def _files_shown(body: Json, uploads: Collection[str], old: Json) -> Iterator[Problem]:
    names = {*uploads, *(attachment["filename"] for attachment in old.get("attachments") or [])}
    for component in walk(body.get("components") or []):
        media = [component.get("file"), component.get("media")]
        media += [entry.get("media") for entry in component.get("items") or []]
        for url in [item["url"] for item in media if item]:
            if url.startswith("attachment://") and url.removeprefix("attachment://") not in names:
                yield "components", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", f"No file for {url}"


def _embeds(embeds: list[Json]) -> Iterator[Problem]:
    yield from length("embeds", embeds, 10)
    total = 0
    for index, embed in enumerate(embeds):
        path = f"embeds.{index}"
        footer, author = embed.get("footer") or {}, embed.get("author") or {}
        fields = embed.get("fields") or []
        texts = [("title", embed.get("title"), 256), ("description", embed.get("description"), 4096)]
        texts += [("footer.text", footer.get("text"), 2048), ("author.name", author.get("name"), 256)]
        for number, entry in enumerate(fields):
            texts += [(f"fields.{number}.name", entry["name"], 256), (f"fields.{number}.value", entry["value"], 1024)]
        for key, value, high in texts:
            total += len(value or "")
            yield from length(f"{path}.{key}", value, high)
        yield from length(f"{path}.fields", fields, 25)
    if total > 6000:
        yield "embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000"


def components(tree: list[Json], *, v2: bool) -> Iterator[Problem]:
    """Problems of a message's components."""
    everything = list(walk(tree))
    if v2:
        if len(everything) > 40:
            sentence = "Must be 40 or fewer components in all"
            yield "components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", sentence
        if len(text_of({"components": tree})) - len(everything) > 4000:  # text_of joins with one line break each
            yield "components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "Text exceeds 4000 characters in all"
    else:
        yield from length("components", tree, 5)
        for component in everything:
            if component["type"] in V2_ONLY:
                yield "components", "UNION_TYPE_CHOICES", "This component needs MessageFlags.IS_COMPONENTS_V2"
    for index, component in enumerate(tree):
        if component["type"] not in (TOP_V2 if v2 else {ROW}):
            yield f"components.{index}", "UNION_TYPE_CHOICES", "Not allowed at the top level of a message"
    yield from _unique([component.get("custom_id") for component in everything])
    yield from _unique([component.get("id") or None for component in everything], "id", "COMPONENT_DUPLICATE_ID")
    for path, component in _located(tree, "components"):
        yield from _component(path, component)


def _located(tree: list[Json], path: str) -> Iterator[tuple[str, Json]]:
    for index, component in enumerate(tree):
        here = f"{path}.{index}"
        yield here, component
        yield from _located(component.get("components") or [], f"{here}.components")
        for key in ("accessory", "component"):
            if component.get(key):
                yield f"{here}.{key}", component[key]


def _unique(
    keys: list[Any], name: str = "custom_id", code: str = "COMPONENT_CUSTOM_ID_DUPLICATED"
) -> Iterator[Problem]:
    given = [key for key in keys if key is not None]
    if len(given) != len(set(given)):
        yield "components", code, f"Component {name} cannot be duplicated"


def _component(path: str, component: Json) -> Iterator[Problem]:
    kind = component["type"]
    children = component.get("components") or []
    yield from length(f"{path}.custom_id", component.get("custom_id"), 100, 1)
    if kind == ROW:
        wide = any(child["type"] in {*SELECTS, TEXT_INPUT} for child in children)
        yield from length(f"{path}.components", children, 1 if wide else 5, 1)
    elif kind == BUTTON:
        yield from _button(path, component)
    elif kind in SELECTS:
        yield from _select(path, component)
    elif kind == SECTION:
        yield from length(f"{path}.components", children, 3, 1)
        if not component.get("accessory"):
            yield f"{path}.accessory", "BASE_TYPE_REQUIRED", "This field is required"
    elif kind == TEXT:
        yield from length(f"{path}.content", component.get("content"), 4000, 1)
    elif kind == GALLERY:
        yield from length(f"{path}.items", component.get("items"), 10, 1)
    elif kind == CONTAINER:
        yield from length(f"{path}.components", children, 40, 1)
        for index, child in enumerate(children):
            if child["type"] not in IN_CONTAINER:
                yield f"{path}.components.{index}", "UNION_TYPE_CHOICES", "Not allowed in a container"


def _button(path: str, button: Json) -> Iterator[Problem]:
    style = button.get("style")
    yield from length(f"{path}.label", button.get("label"), 80)
    yield from length(f"{path}.url", button.get("url"), 512)
    if not (button.get("label") or button.get("emoji")) and style != PREMIUM:
        yield f"{path}.label", "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or an emoji is required"
    if style == LINK and (not button.get("url") or button.get("custom_id")):
        yield path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A link button has a url and no custom id"
    if style not in {LINK, PREMIUM} and (button.get("url") or not button.get("custom_id")):
        yield path, "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required"


def _select(path: str, select: Json) -> Iterator[Problem]:
    yield from length(f"{path}.placeholder", select.get("placeholder"), 150)
    if not select.get("custom_id"):
        yield f"{path}.custom_id", "BASE_TYPE_REQUIRED", "This field is required"
    if select["type"] == 3:
        yield from _options(path, select.get("options") or [], 25)


def _options(path: str, options: list[Json], high: int, low: int = 1) -> Iterator[Problem]:
    yield from length(f"{path}.options", options, high, low)
    for index, option in enumerate(options):
        for key in ("label", "value"):
            yield from length(f"{path}.options.{index}.{key}", option.get(key) or "", 100, 1)
        yield from length(f"{path}.options.{index}.description", option.get("description"), 100)
    values = [option.get("value") for option in options]
    if len(values) != len(set(values)):
        yield (
            f"{path}.options",
            "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
            "The specified option value is already used",
        )


def modal(data: Json) -> Iterator[Problem]:
    """Problems of a modal."""
    tree = data.get("components") or []
    yield from length("data.title", data.get("title") or "", 45, 1)
    yield from length("data.custom_id", data.get("custom_id") or "", 100, 1)
    yield from length("data.components", tree, 5, 1)
    yield from _unique([component.get("custom_id") for component in walk(tree)])
    for path, component in _located(tree, "data.components"):
        kind = component["type"]
        if kind == LABEL:
            yield from length(f"{path}.label", component.get("label") or "", 45, 1)
            yield from length(f"{path}.description", component.get("description"), 100)
            if (component.get("component") or {}).get("type") not in IN_LABEL:
                yield f"{path}.component", "UNION_TYPE_CHOICES", "Not allowed in a label"
        elif kind == TEXT_INPUT:
            yield from _text_input(path, component)
        elif kind in {RADIOS, CHECKBOXES}:
            yield from _options(path, component.get("options") or [], 10, 2 if kind == RADIOS else 1)
        elif kind == UPLOAD and not 0 <= (component.get("max_values") or 1) <= 10:
            yield f"{path}.max_values", "NUMBER_TYPE_MAX", "int value should be less than or equal to 10."
        else:
            yield from _component(path, component)


def _text_input(path: str, field: Json) -> Iterator[Problem]:
    yield from length(f"{path}.custom_id", field.get("custom_id") or "", 100, 1)
    yield from length(f"{path}.value", field.get("value"), 4000)
    yield from length(f"{path}.placeholder", field.get("placeholder"), 100)
    for key, low in (("min_length", 0), ("max_length", 1)):
        if field.get(key) is not None and not low <= field[key] <= 4000:
            yield f"{path}.{key}", "NUMBER_TYPE_MAX", "int value should be less than or equal to 4000."


ANSWERS = {2: {4, 5, 9}, 3: {4, 5, 6, 7, 9}, 4: {8}, 5: {4, 5, 6, 7}}  # callback types by interaction type


def callback(body: Json, kind: int, *, uploads: Collection[str], standing: Json | None) -> Iterator[Problem]:
    """Problems of the first answer to an interaction of type `kind`; `standing` is the message a button sits on."""
    data = body.get("data") or {}
    answer = body.get("type")
    if answer not in ANSWERS[kind] or (answer in {6, 7} and standing is None):
        yield "type", "BASE_TYPE_CHOICES", f"Callback type {answer} is not allowed for this interaction"
    elif answer == 4:
        yield from _below("data", message(data, uploads))
    elif answer == 7:
        yield from _below("data", message(data, uploads, standing))
    elif answer == 5 and (data.get("flags") or 0) & ~EPHEMERAL:
        yield "data.flags", "INVALID_FLAGS", "Only EPHEMERAL is valid on a deferred answer"
    elif answer == 8:
        yield from length("data.choices", data.get("choices") or [], 25)
        for index, choice in enumerate(data.get("choices") or []):
            yield from _choice(f"data.choices.{index}", choice)
    elif answer == 9:
        yield from modal(data)


def _below(prefix: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    for path, code, sentence in problems:
        yield f"{prefix}.{path}" if path else path, code, sentence


def _choice(path: str, choice: Json) -> Iterator[Problem]:
    yield from length(f"{path}.name", choice.get("name") or "", 100, 1)
    if isinstance(choice.get("value"), str):
        yield from length(f"{path}.value", choice["value"], 100)


def commands(body: list[Json]) -> Iterator[Problem]:
    """Problems of a bulk overwrite of application commands."""
    for kind, high in ((1, 100), (2, 15), (3, 15)):
        if sum((command.get("type") or 1) == kind for command in body) > high:
            yield "", "APPLICATION_COMMANDS_MAX", f"At most {high} commands of type {kind}"
    names = [(command.get("type") or 1, command["name"]) for command in body]
    if len(names) != len(set(names)):
        yield "", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique"
    for index, command in enumerate(body):
        kind = command.get("type") or 1
        yield from length(f"{index}.name", command["name"], 32, 1)
        if kind == 1:
            yield from _slash(str(index), command)
        elif command.get("description"):
            yield f"{index}.description", "APPLICATION_COMMAND_INVALID_DESCRIPTION", "A menu has no description"
        if _size(command) > 8000:
            yield str(index), "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)"


def _slash(path: str, command: Json) -> Iterator[Problem]:
    name = command["name"]
    if name != name.lower() or not all(sign.isalnum() or sign in "-_'" for sign in name):
        yield f"{path}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid"
    yield from length(f"{path}.description", command.get("description") or "", 100, 1)
    options = command.get("options") or []
    yield from length(f"{path}.options", options, 25)
    required = [bool(option.get("required")) for option in options if option["type"] > 2]
    if required != sorted(required, reverse=True):
        sentence = "Required options must be placed before non-required options"
        yield f"{path}.options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", sentence
    for index, option in enumerate(options):
        below = f"{path}.options.{index}"
        yield from length(f"{below}.name", option["name"], 32, 1)
        yield from _slash(below, option)
        yield from length(f"{below}.choices", option.get("choices"), 25)
        for number, choice in enumerate(option.get("choices") or []):
            yield from _choice(f"{below}.choices.{number}", choice)


def _size(command: Json) -> int:
    """Characters of names, descriptions and choice values; of localisations the longest counts."""
    total = 0
    for key in ("name", "description"):
        texts = [command.get(key) or "", *(command.get(f"{key}_localizations") or {}).values()]
        total += max(map(len, texts))
    for choice in command.get("choices") or []:
        total += len(choice["name"]) + len(str(choice["value"]))
    return total + sum(_size(option) for option in command.get("options") or [])
