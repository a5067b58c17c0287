"""Messages: writing, changing and removing them, who sees them, and what the bot sees of them."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.sandbox import payloads
from bot.sandbox.errors import Json, invalid, refuse
from bot.sandbox.payloads import COMPONENTS_V2, EPHEMERAL, LOADING
from bot.sandbox.permissions import Permission, in_channel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.sandbox.state import World

FILE_LIFE = 86_400  # seconds an attachment's address works
NORMAL, THREAD_CREATED, REPLY, CHAT_COMMAND, MENU_COMMAND = 0, 18, 19, 20, 23
BLANKED = {"content": "", "embeds": [], "attachments": [], "components": []}


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
    kind = upload.content_type or mimetypes.guess_type(upload.filename)[0] or "application/octet-stream"
    attachment = {"id": key, "filename": upload.filename, "size": len(upload.content), "content_type": kind} | more
    return signed(world, attachment | ({"ephemeral": True} if ephemeral else {}))


def signed(world: World, attachment: Json) -> Json:
    """The attachment with an address that works for a day from now."""
    expires = f"{int(world.now()) + FILE_LIFE:x}"
    url = f"{world.url}/cdn/attachments/{attachment['id']}/{attachment['filename']}?ex={expires}"
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


def dressed(components: list[Json], attachments: list[Json]) -> list[Json]:
    """Components as Discord returns them: each with a number, `attachment://` replaced by the file's address."""
    taken = {component["id"] for component in walk(components) if component.get("id")}
    fresh = (number for number in range(1, 1000) if number not in taken)
    by_name = {f"attachment://{attachment['filename']}": attachment for attachment in attachments}

    def dress(node: Any) -> Any:
        if isinstance(node, list):
            return [dress(entry) for entry in node]
        if not isinstance(node, dict):
            return node
        changed = {key: dress(value) for key, value in node.items()}
        if isinstance(node.get("type"), int) and node.get("id") in {None, 0}:
            changed["id"] = next(fresh)
        if node.get("url") in by_name:
            file = by_name[node["url"]]
            changed |= {key: file[key] for key in ("url", "proxy_url", "content_type")}
            changed |= {"attachment_id": file["id"], "width": None, "height": None}
        return changed

    return [dress(component) for component in components]


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
        "components": dressed(body.get("components") or [], attachments),
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
    payload["components"] = dressed(payload["components"], attachments)
    if not old["flags"] & LOADING:
        payload["edited_timestamp"] = payloads.now_text()
    found = mentions(world, text_of(payload), body.get("allowed_mentions"), interaction=bool(stored["interaction"]))
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


def visible(world: World, stored: Json, user_id: str) -> bool:
    """Whether a person sees the message in their app: not deleted, not somebody else's private answer."""
    if stored["deleted"] or stored["visible_to"] not in {None, user_id}:
        return False
    channel = world.channels[stored["payload"]["channel_id"]]
    return bool(in_channel(world, channel, user_id) & Permission.VIEW_CHANNEL)


def in_place(world: World, channel_id: str) -> list[Json]:
    """The stored messages of a channel, oldest first, deleted and private ones included."""
    return [stored for stored in world.messages.values() if stored["payload"]["channel_id"] == channel_id]


def page(found: list[Json], query: dict[str, str]) -> list[Json]:
    """Discord's paging: `before`, `after` or `around` an id (exclusive), at most `limit`, newest first."""
    try:
        limit = int(query.get("limit", "50"))
        marks = {key: int(query[key]) for key in ("before", "after", "around") if key in query}
    except ValueError:
        raise invalid([("limit", "NUMBER_TYPE_COERCE", "Not a number")]) from None
    if not 1 <= limit <= 100:
        raise invalid([("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")])
    newest_first = sorted(found, key=lambda stored: -int(stored["payload"]["id"]))

    def number(stored: Json) -> int:
        return int(stored["payload"]["id"])

    if "around" in marks:
        middle = marks["around"]
        newer = [stored for stored in newest_first if number(stored) > middle][-(limit // 2) :] if limit > 1 else []
        return (newer + [stored for stored in newest_first if number(stored) <= middle])[:limit]
    if "after" in marks:
        return [stored for stored in newest_first if number(stored) > marks["after"]][-limit:]
    if "before" in marks:
        newest_first = [stored for stored in newest_first if number(stored) < marks["before"]]
    return newest_first[:limit]


def payload(world: World, stored: Json) -> Json:
    """The message as Discord words it now: fresh file addresses, the message it replies to, its reactions."""
    data: Json = dict(stored["payload"])
    data["attachments"] = [signed(world, attachment) for attachment in data["attachments"]]
    if link := data.get("message_reference"):
        target = world.messages[link["message_id"]]
        data["referenced_message"] = None if target["deleted"] else target["payload"]
    if data["id"] in world.channels:
        data["thread"] = payloads.channel(world, data["id"])
        data["flags"] |= 1 << 5
    counts: dict[str, list[str]] = {}
    for emoji, user_id in stored["reactions"]:
        counts.setdefault(emoji, []).append(user_id)
    if counts:
        data["reactions"] = [_reaction(emoji, users, world.bot_id) for emoji, users in counts.items()]
    return data


def _reaction(emoji: str, users: list[str], bot_id: str) -> Json:
    return {
        "emoji": {"id": None, "name": emoji},
        "count": len(users),
        "count_details": {"burst": 0, "normal": len(users)},
        "me": bot_id in users,
        "me_burst": False,
        "burst_colors": [],
    }


def readable_without_intent(world: World, stored: Json) -> bool:
    """Whether the bot may read this message's content without the message content intent."""
    data = stored["payload"]
    if data["author"]["id"] == world.bot_id or world.channels[data["channel_id"]]["type"] == 1:
        return True
    if world.bot_id not in {one["id"] for one in data["mentions"]}:
        return False
    if f"<@{world.bot_id}>" in data["content"] or f"<@!{world.bot_id}>" in data["content"]:
        return True
    link = data.get("message_reference")
    return link is not None and world.messages[link["message_id"]]["interaction"] is None


def for_bot(world: World, stored: Json, *, content_intent: bool) -> Json:
    """The message as the bot gets it, blanked where it may not read the content."""
    data = payload(world, stored)
    if not content_intent and not readable_without_intent(world, stored):
        data |= BLANKED
    if data.get("referenced_message") and not content_intent:
        target = world.messages[data["message_reference"]["message_id"]]
        if not readable_without_intent(world, target):
            data["referenced_message"] = data["referenced_message"] | BLANKED
    return data


def over_rest(world: World, stored: Json) -> Json:
    """The message as a REST answer: what the application may read counts, not a session's intents."""
    allowed = "message_content" in world.settings["allowed_intents"]
    return for_bot(world, stored, content_intent=allowed)
