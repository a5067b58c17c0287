"""Messages: writing, changing and removing them, their files, mentions and components."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bot.sandbox import payloads
from bot.sandbox.errors import Json, invalid, refuse
from bot.sandbox.payloads import COMPONENTS_V2, EPHEMERAL, LOADING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.sandbox.state import World

FILE_LIFE = 86_400  # seconds an attachment's address works
NORMAL, REPLY, CHAT_COMMAND, MENU_COMMAND = 0, 19, 20, 23
COMPONENT_DEFAULTS: dict[int, Json] = {
    11: {"description": None, "spoiler": False},
    13: {"name": None, "size": None, "spoiler": False},
    14: {"divider": True, "spacing": 1},
    17: {"accent_color": None, "spoiler": False},
}


@dataclass(frozen=True)
class Upload:
    """A file on its way in."""

    filename: str
    content: bytes
    content_type: str | None = None


def keep(world: World, upload: Upload, *, ephemeral: bool = False, **more: Any) -> Json:
    """Store a file; returns the attachment Discord makes of it."""
    key = world.snowflake()
    world.keep_file(key, upload.content)
    name = upload.filename.replace("/", "_")
    kind = upload.content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    attachment = {"id": key, "filename": name, "size": len(upload.content), "content_type": kind} | more
    return signed(world, attachment | ({"ephemeral": True} if ephemeral else {}))


def signed(world: World, attachment: Json) -> Json:
    """The attachment with an address that works for a day from now."""
    expires = f"{int(world.now()) + FILE_LIFE:x}"
    url = f"{world.url}/cdn/attachments/{attachment['id']}/{quote(attachment['filename'])}?ex={expires}"
    return attachment | {"url": url, "proxy_url": url}


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """Every component of a tree, outermost first."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        for key in ("accessory", "component"):
            if component.get(key):
                yield from walk([component[key]])


def text_of(body: Json) -> str:
    """The text in which mentions count: content and text displays."""
    shown = [component.get("content", "") for component in walk(body.get("components") or [])]
    return "\n".join([body.get("content") or "", *shown])


def mentions(world: World, text: str, allowed: Json | None, *, interaction: bool = False) -> Json:
    """The message fields that say who is pinged, under `allowed_mentions` or Discord's default for it."""
    parse = {"users"} if interaction else {"users", "roles", "everyone"}
    users: list[str] = []
    roles: list[str] = []
    if allowed is not None:
        parse = set(allowed.get("parse") or [])
        users, roles = ([str(key) for key in allowed.get(kind) or []] for kind in ("users", "roles"))
    found_users = [key for key in re.findall(r"<@!?(\d+)>", text) if key in world.users]
    found_roles = [key for key in re.findall(r"<@&(\d+)>", text) if key in world.roles]
    pinged = [key for key in dict.fromkeys(found_users) if "users" in parse or key in users]
    return {
        "mentions": [payloads.user(world, key) for key in pinged],
        "mention_roles": [key for key in dict.fromkeys(found_roles) if "roles" in parse or key in roles],
        "mention_everyone": "everyone" in parse and bool(re.search(r"@(everyone|here)\b", text)),
    }


def attachments_after(world: World, kept: list[Json], body: Json, uploads: dict[str, Upload]) -> list[Json]:
    """A message's attachments once `body` and its files are applied to the ones it has."""
    named = body.get("attachments")
    if named is None:
        return kept + [keep(world, upload) for upload in uploads.values()]
    by_id = {attachment["id"]: attachment for attachment in kept}
    result = []
    for entry in named:
        key = str(entry["id"])
        more = {"description": entry["description"]} if entry.get("description") else {}
        if key in uploads:
            result.append(keep(world, uploads[key], **more))
        elif key in by_id:
            result.append(by_id[key] | more)
        else:
            raise invalid([("attachments", "ATTACHMENT_NOT_FOUND", f"No file and no attachment with id {key}")])
    return result


def numbered(components: list[Json]) -> list[Json]:
    """Components as Discord keeps them: each with a number of its own and with its defaults."""
    taken = {component["id"] for component in walk(components) if component.get("id")}
    fresh = (number for number in range(1, 1000) if number not in taken)

    def number(component: Json) -> Json:
        changed = COMPONENT_DEFAULTS.get(component["type"], {}) | component
        changed["id"] = component.get("id") or next(fresh)
        for key in ("components", "accessory", "component"):
            below = changed.get(key)
            if isinstance(below, list):
                changed[key] = [number(one) for one in below]
            elif below:
                changed[key] = number(below)
        if "options" in changed:
            changed["options"] = [_without_empty_id(option) for option in changed["options"]]
        if "items" in changed:
            changed["items"] = [{"description": None, "spoiler": False} | item for item in changed["items"]]
        return changed

    return [number(component) for component in components]


def _without_empty_id(option: Json) -> Json:
    """An option whose emoji is no server's own has none."""
    if (emoji := option.get("emoji")) and emoji.get("id") is None:
        return option | {"emoji": {"name": emoji["name"]}}
    return option


def post(
    world: World,
    channel_id: str,
    author_id: str,
    body: Json,
    uploads: dict[str, Upload] | None = None,
    *,
    kind: int = NORMAL,
    interaction: Json | None = None,
) -> Json:
    """Store a new message; returns its stored form, in which `payload` is the message as Discord words it."""
    attachments = attachments_after(world, [], body, uploads or {})
    flags = body.get("flags") or 0
    payload: Json = {
        "id": world.snowflake(),
        "channel_id": channel_id,
        "author": payloads.user(world, author_id),
        "content": body.get("content") or "",
        "timestamp": payloads.now_text(),
        "edited_timestamp": None,
        "tts": False,
        "pinned": False,
        "attachments": attachments,
        "embeds": body.get("embeds") or [],
        "components": numbered(body.get("components") or []),
        "type": kind,
        "flags": flags,
    } | mentions(world, text_of(body), body.get("allowed_mentions"), interaction=interaction is not None)
    if body.get("nonce"):
        payload["nonce"] = body["nonce"]
    if interaction is not None:
        payload |= {"application_id": world.bot_id, "webhook_id": world.bot_id}
        payload["interaction_metadata"] = payloads.interaction_metadata(world, interaction)
    if body.get("message_reference"):
        payload |= _reply(world, channel_id, body, payload["mentions"])
    stored: Json = {
        "payload": payload,
        "visible_to": interaction["user_id"] if interaction and flags & EPHEMERAL else None,
        "interaction": interaction["token"] if interaction else None,
        "deleted": False,
        "reactions": [],
    }
    world.messages[payload["id"]] = stored
    world.channels.change(channel_id, last_message_id=payload["id"])
    return stored


def _reply(world: World, channel_id: str, body: Json, pinged: list[Json]) -> Json:
    reference = body["message_reference"]
    target = world.messages.get(str(reference["message_id"]))
    if target is None or target["deleted"]:
        if reference.get("fail_if_not_exists", True):
            raise invalid([("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")])
        return {}
    allowed = body.get("allowed_mentions")
    if allowed is None or allowed.get("replied_user"):
        author = target["payload"]["author"]
        pinged = [author, *(one for one in pinged if one["id"] != author["id"])]
    link = {"type": 0, "channel_id": channel_id, "message_id": target["payload"]["id"]}
    if guild_id := world.channels[channel_id].get("guild_id"):
        link["guild_id"] = guild_id
    return {"type": REPLY, "message_reference": link, "mentions": pinged}


def revise(world: World, stored: Json, body: Json, uploads: dict[str, Upload] | None = None) -> Json:
    """Apply an edit; fields absent from `body` stay."""
    old = stored["payload"]
    changed: Json = {key: body[key] or [] for key in ("embeds", "components") if key in body}
    if "content" in body:
        changed["content"] = body["content"] or ""
    attachments = attachments_after(world, old["attachments"], body, uploads or {})
    flags = (old["flags"] | ((body.get("flags") or 0) & COMPONENTS_V2)) & ~LOADING
    payload = old | changed | {"attachments": attachments, "flags": flags}
    payload["components"] = numbered(payload["components"])
    if not old["flags"] & LOADING:
        payload["edited_timestamp"] = payloads.now_text()
    found = mentions(world, text_of(payload), body.get("allowed_mentions"), interaction=bool(stored["interaction"]))
    if link := old.get("message_reference"):  # an edit does not take back the ping of a reply
        author = world.messages[link["message_id"]]["payload"]["author"]
        if author in old["mentions"] and author not in found["mentions"]:
            found["mentions"] = [author, *found["mentions"]]
    stored = stored | {"payload": payload | found}
    world.messages[payload["id"]] = stored
    return stored


def remove(world: World, stored: Json) -> None:
    world.messages[stored["payload"]["id"]] = stored | {"deleted": True}


def existing(world: World, message_id: str, channel_id: str | None = None) -> Json:
    """The stored message, unless it was deleted. Raises error 10008."""
    stored = world.messages.get(message_id)
    if stored is None or stored["deleted"] or channel_id not in {None, stored["payload"]["channel_id"]}:
        raise refuse(10008)
    return dict(stored)
