"""Messages as people see them and as the bot gets them, and Discord's paging through a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox import payloads
from bot.sandbox.errors import Json, invalid
from bot.sandbox.messages import signed
from bot.sandbox.permissions import Permission, in_channel

if TYPE_CHECKING:
    from bot.sandbox.state import World

BLANKED = {"content": "", "embeds": [], "attachments": [], "components": []}


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


def addressed(node: Any, files: dict[str, Json]) -> Any:
    """A tree of components with `attachment://` replaced by the file's address; `files` by such an address."""
    if isinstance(node, list):
        return [addressed(entry, files) for entry in node]
    if not isinstance(node, dict):
        return node
    changed = {key: addressed(value, files) for key, value in node.items()}
    if file := files.get(str(node.get("url"))):
        changed |= {key: file[key] for key in ("id", "url", "proxy_url", "content_type")}
        changed |= {"attachment_id": file["id"], "width": None, "height": None}
    if isinstance(node.get("file"), dict) and (file := files.get(node["file"]["url"])):
        changed |= {"name": file["filename"], "size": file["size"]}
    return changed


def payload(world: World, stored: Json) -> Json:
    """The message as Discord words it now: fresh file addresses, the message it replies to, its reactions."""
    data = _with_addresses(world, stored["payload"])
    if link := data.get("message_reference"):
        target = world.messages[link["message_id"]]
        data["referenced_message"] = None if target["deleted"] else _with_addresses(world, target["payload"])
    if data["id"] in world.channels:
        data["thread"] = payloads.channel(world, data["id"])
        data["flags"] |= 1 << 5
    counts: dict[str, list[str]] = {}
    for emoji, user_id in stored["reactions"]:
        counts.setdefault(emoji, []).append(user_id)
    if counts:
        data["reactions"] = [_reaction(emoji, users, world.bot_id) for emoji, users in counts.items()]
    return data


def _with_addresses(world: World, data: Json) -> Json:
    attachments = [signed(world, attachment) for attachment in data["attachments"]]
    files = {f"attachment://{attachment['filename']}": attachment for attachment in attachments}
    return data | {"attachments": attachments, "components": addressed(data["components"], files)}


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
