"""Application commands: registering them, who may use them, and filling their options in as Discord's app does."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from bot.sandbox import messages, payloads
from bot.sandbox import world as places
from bot.sandbox.errors import Json, RefusedError, refuse
from bot.sandbox.permissions import ALL, Permission, in_channel

if TYPE_CHECKING:
    from bot.sandbox.state import World

CHAT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
DAILY_CREATES = 200
GLOBAL = "global"
KINDS: dict[int, Any] = {STRING: str, INTEGER: int, BOOLEAN: bool, NUMBER: (int, float)}


def register(world: World, scope: str, body: list[Json]) -> list[Json]:
    """Bulk overwrite of the commands of a scope (`global` or a guild id): an unchanged command keeps id and version."""
    known = {(command["type"], command["name"]): command for command in world.commands.get(scope, [])}
    created = sum((command.get("type") or CHAT, command["name"]) not in known for command in body)
    if scope != GLOBAL:
        creates = world.settings["guild_command_creates"] + created
        if creates > DAILY_CREATES:
            raise refuse(30034)
        world.settings["guild_command_creates"] = creates
    result = []
    for given in body:
        old = known.get((given.get("type") or CHAT, given["name"]))
        command = _completed(world, scope, given)
        if old is None:
            command |= {"id": world.snowflake(), "version": world.snowflake()}
        else:
            same = command | {"id": old["id"], "version": old["version"]} == old
            command |= {"id": old["id"], "version": old["version"] if same else world.snowflake()}
        result.append(command)
    world.commands[scope] = result
    return result


def _completed(world: World, scope: str, given: Json) -> Json:
    defaults: Json = {
        "type": CHAT,
        "description": "",
        "application_id": world.bot_id,
        "default_member_permissions": None,
        "nsfw": False,
        "integration_types": [0],
        "contexts": None,
    }
    filled = defaults | {key: value for key, value in given.items() if value is not None}
    if filled["default_member_permissions"] is not None:
        filled["default_member_permissions"] = str(filled["default_member_permissions"])
    return filled | ({} if scope == GLOBAL else {"guild_id": scope})


def find(world: World, channel: Json, kind: int, name: str, user_id: str) -> Json:
    """The command as this person sees it in this channel. Raises RefusedError when it is hidden or missing."""
    guild_id = channel.get("guild_id")
    scopes = [GLOBAL, guild_id] if guild_id else [GLOBAL]
    offered = [command for scope in scopes for command in world.commands.get(scope, [])]
    for command in reversed(offered):  # a guild's own command hides the global one of the same name
        if command["type"] == kind and command["name"] == name:
            _require_use(world, command, channel, user_id)
            return dict(command)
    raise RefusedError(f"There is no command {name!r} here; there are {sorted(c['name'] for c in offered)}.")


def _require_use(world: World, command: Json, channel: Json, user_id: str) -> None:
    contexts = command["contexts"]
    context = 0 if channel.get("guild_id") else 1
    if contexts is not None and context not in contexts:
        raise RefusedError(f"{command['name']!r} is not offered in {'servers' if context == 0 else 'direct messages'}.")
    allowed = in_channel(world, channel, user_id)
    if not allowed & Permission.VIEW_CHANNEL or not allowed & Permission.USE_APPLICATION_COMMANDS:
        raise RefusedError("This person may not use commands in this channel.")
    needed = command["default_member_permissions"]
    if needed is None or context == 1 or allowed == ALL or world.settings["commands_opened"]:
        return
    if int(needed) == 0 or int(allowed) & int(needed) != int(needed):
        raise RefusedError(f"{command['name']!r} is hidden from this person: default permissions {needed}.")


def leaf(command: Json, path: list[str]) -> Json:
    """The (sub)command at the end of `path`, whose options hold the values. Raises RefusedError."""
    node = command
    for name in path:
        below = [option for option in node.get("options") or [] if option["type"] in {SUBCOMMAND, GROUP}]
        found = next((option for option in below if option["name"] == name), None)
        if found is None:
            raise RefusedError(f"{node['name']!r} has no subcommand {name!r}; it has {[o['name'] for o in below]}.")
        node = found
    if any(option["type"] in {SUBCOMMAND, GROUP} for option in node.get("options") or []):
        raise RefusedError(f"{node['name']!r} is a group: name one of {[o['name'] for o in node['options']]}.")
    return node


def nested(command: Json, path: list[str], values: list[Json]) -> list[Json]:
    """Option values wrapped in the groups and subcommands of `path`."""
    options = values
    for depth in range(len(path), 0, -1):
        node_type = _type_at(command, path[:depth])
        options = [{"type": node_type, "name": path[depth - 1], "options": options}]
    return options


def _type_at(command: Json, path: list[str]) -> int:
    node = command
    for name in path:
        node = next(option for option in node["options"] if option["name"] == name)
    return int(node["type"])


class Filling:
    """Values for a command's options, checked as Discord's app checks them, with what they refer to in `resolved`."""

    def __init__(self, world: World, channel: Json) -> None:
        self._world, self._guild = world, channel.get("guild_id")
        self.resolved: Json = {}

    def fill(self, options: list[Json], values: Json, *, typing: str | None = None) -> list[Json]:
        """Option data in the order of the command; `typing` names the focused option, which needs no validation."""
        unknown = set(values) - {option["name"] for option in options}
        if unknown:
            raise RefusedError(f"No such option: {sorted(unknown)}; there are {[o['name'] for o in options]}.")
        missing = [o["name"] for o in options if o.get("required") and values.get(o["name"]) is None]
        if missing and typing is None:
            raise RefusedError(f"Required and not given: {missing}.")
        data = []
        for option in options:
            name = option["name"]
            if values.get(name) is None:
                continue
            entry = {"type": option["type"], "name": name}
            if name == typing:
                data.append(entry | {"value": values[name], "focused": True})
            else:
                data.append(entry | {"value": self._value(option, values[name])})
        return data

    def _value(self, option: Json, value: Any) -> Any:
        kind, name = option["type"], option["name"]
        if kind in KINDS:
            if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != BOOLEAN):
                raise RefusedError(f"{name!r} takes a {KINDS[kind]}, not {value!r}.")
            return _within(option, _chosen(option, value))
        if kind == ATTACHMENT:
            return self.attach(value)
        if kind in {USER, MENTIONABLE}:
            return self.refer_person(value)
        if kind == ROLE:
            return self.refer_role(value)
        return self.refer_channel(value)

    def choose(self, component: Json, wanted: list[Any]) -> list[str]:
        """The values of a select, radio or checkbox group: options by value or label, people and the like by name."""
        least, most = (1 if component.get(key) is None else component[key] for key in ("min_values", "max_values"))
        if not least <= len(wanted) <= most:
            raise RefusedError(f"{component['custom_id']!r} takes {least} to {most} values, not {len(wanted)}.")
        return [self._picked(component, name) for name in wanted]

    def _picked(self, component: Json, name: str) -> str:
        kind = component["type"]
        if kind == USER_SELECT:
            return self.refer_person(name)
        if kind == ROLE_SELECT:
            return self.refer_role(name)
        if kind == CHANNEL_SELECT:
            return self.refer_channel(name)
        if kind == MENTIONABLE_SELECT:
            try:
                return self.refer_role(name)
            except RefusedError:
                return self.refer_person(name)
        options = component.get("options") or []
        for option in options:
            if name in {option["value"], option["label"]}:
                return str(option["value"])
        raise RefusedError(f"{component['custom_id']!r} offers {[one['label'] for one in options]}, not {name!r}.")

    def attach(self, file: Json) -> str:
        """Upload a file given as {"name", "data" (base64), "content_type"}; returns its id."""
        attachment = messages.keep(self._world, upload(file), ephemeral=True)
        self.resolved.setdefault("attachments", {})[attachment["id"]] = attachment
        return str(attachment["id"])

    def refer_person(self, name: str) -> str:
        key = str(places.person_named(self._world, name)["id"])
        self.resolved.setdefault("users", {})[key] = payloads.user(self._world, key)
        if self._guild and f"{self._guild}:{key}" in self._world.members:
            member = payloads.member(self._world, self._guild, key)
            member["permissions"] = str(payloads.may(self._world, self._guild, key))
            self.resolved.setdefault("members", {})[key] = {k: v for k, v in member.items() if k != "user"}
        return key

    def refer_role(self, name: str) -> str:
        if self._guild is None:
            raise RefusedError("There are no roles in direct messages.")
        key = places.role_named(self._world, self._guild, name)
        self.resolved.setdefault("roles", {})[key] = payloads.role(self._world, key)
        return key

    def refer_channel(self, name: str) -> str:
        found = places.channel_named(self._world, name, {}, self._guild)
        bits = str(int(in_channel(self._world, found, self._world.bot_id)))
        shown = payloads.channel(self._world, found["id"]) | {"permissions": bits, "app_permissions": bits}
        self.resolved.setdefault("channels", {})[found["id"]] = shown
        return str(found["id"])


def _chosen(option: Json, value: Any) -> Any:
    """A choice by its name or value; anything goes where the command lists none."""
    choices = option.get("choices") or []
    if not choices:
        return value
    for choice in choices:
        if value in (choice["value"], choice["name"]):
            return choice["value"]
    raise RefusedError(f"{option['name']!r} takes one of {[choice['name'] for choice in choices]}, not {value!r}.")


def _within(option: Json, value: Any) -> Any:
    size = len(value) if isinstance(value, str) else value
    low, high = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    least, most = option.get(low), option.get(high, 6000 if isinstance(value, str) else None)
    if (least is not None and size < least) or (most is not None and size > most):
        raise RefusedError(f"{option['name']!r} must be between {least} and {most}, not {size}.")
    return value


def upload(file: Json) -> messages.Upload:
    """A file as scripts send it, {"name", "data" (base64), "content_type"}. Raises RefusedError when too large."""
    content = base64.b64decode(file["data"])
    if len(content) > payloads.ATTACHMENT_LIMIT:
        raise RefusedError(f"{file['name']!r} is larger than {payloads.ATTACHMENT_LIMIT // 2**20} MiB.")
    return messages.Upload(file["name"], content, file.get("content_type"))
