"""The world's things in the JSON shapes Discord gives them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.sandbox.errors import Json
from bot.sandbox.permissions import THREADS, in_channel, in_guild

if TYPE_CHECKING:
    from bot.sandbox.state import World

ATTACHMENT_LIMIT = 10 * 2**20
MESSAGE_CONTENT_FLAG = 1 << 18  # of an application: the message content intent is switched on
EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15

GUILD_DEFAULTS: Json = {
    **dict.fromkeys(("description", "home_header", "splash", "discovery_splash", "banner", "application_id")),
    **dict.fromkeys(("afk_channel_id", "system_channel_id", "widget_channel_id", "rules_channel_id")),
    **dict.fromkeys(("safety_alerts_channel_id", "public_updates_channel_id", "vanity_url_code", "incidents_data")),
    **dict.fromkeys(("system_channel_flags", "verification_level", "default_message_notifications", "mfa_level"), 0),
    **dict.fromkeys(("explicit_content_filter", "premium_tier", "premium_subscription_count", "nsfw_level"), 0),
    **dict.fromkeys(("widget_enabled", "premium_progress_bar_enabled", "nsfw"), False),
    "region": "deprecated",
    "afk_timeout": 300,
    "max_presences": None,
    "max_members": 500_000,
    "max_video_channel_users": 25,
    "max_stage_video_channel_users": 50,
}


def now_text() -> str:
    return datetime.now(UTC).isoformat()


def user(world: World, user_id: str) -> Json:
    known = world.users[user_id]
    return {
        "id": user_id,
        "username": known["username"],
        "discriminator": "0",
        "global_name": None if known["bot"] else known["username"].capitalize(),
        "avatar": None,
        "bot": known["bot"],
        "flags": 0,
        "public_flags": 0,
        "primary_guild": None,
    }


def me(world: World) -> Json:
    return user(world, world.bot_id) | {"mfa_enabled": False, "locale": "en-US"}


def application(world: World) -> Json:
    owner = next(iter(world.guilds.values()))["owner_id"]
    content = "message_content" in world.settings["allowed_intents"]
    return {
        "id": world.bot_id,
        "name": "Campaign review",
        "description": "",
        "icon": None,
        "type": None,
        "flags": MESSAGE_CONTENT_FLAG if content else 0,
        "flags_new": str(MESSAGE_CONTENT_FLAG if content else 0),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "rpc_origins": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "explicit_content_filter": 0,
        "max_participants": None,
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}, "1": {}},
        "owner": user(world, owner),
        "team": None,
    }


def member(world: World, guild_id: str, user_id: str, channel: Json | None = None) -> Json:
    """A guild member; in an interaction, with the permissions the member has in `channel`."""
    known = world.members[f"{guild_id}:{user_id}"]
    data: Json = {
        "user": user(world, user_id),
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": known["roles"],
        "joined_at": known["joined_at"],
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    if channel is not None:
        data["permissions"] = str(int(in_channel(world, channel, user_id)))
    return data


def role(world: World, role_id: str) -> Json:
    known = world.roles[role_id]
    return {
        "id": role_id,
        "name": known["name"],
        "description": None,
        "permissions": known["permissions"],
        "position": known["position"],
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel(world: World, channel_id: str) -> Json:
    known: Json = dict(world.channels[channel_id])
    known.pop("people", None)  # of a thread: asked for by themselves
    if known["type"] == 1:
        known["recipients"] = [user(world, known.pop("recipient_id"))]
        known["flags"] = 0
    return known


def roles(world: World, guild_id: str) -> list[Json]:
    return [role(world, key) for key, known in world.roles.items() if known["guild_id"] == guild_id]


def channels(world: World, guild_id: str, *, threads: bool) -> list[Json]:
    """The guild's channels, or its threads that are not archived, as far as the bot may see them."""
    found = [
        known
        for known in world.channels.values()
        if known.get("guild_id") == guild_id and (known["type"] in THREADS) == threads
    ]
    active = [known for known in found if not (threads and known["thread_metadata"]["archived"])]
    return [channel(world, known["id"]) for known in active if in_channel(world, known, world.bot_id)]


def members(world: World, guild_id: str) -> list[Json]:
    keys = [key for key in world.members if key.startswith(f"{guild_id}:")]
    return [member(world, guild_id, key.split(":")[1]) for key in keys]


def guild(world: World, guild_id: str) -> Json:
    known = world.guilds[guild_id]
    return GUILD_DEFAULTS | {
        "id": guild_id,
        "name": known["name"],
        "owner_id": known["owner_id"],
        "icon": None,
        "features": [],
        "emojis": [],
        "stickers": [],
        "preferred_locale": known["locale"],
        "roles": roles(world, guild_id),
    }


def guild_create(world: World, guild_id: str) -> Json:
    """GUILD_CREATE without the members intent: of the members, the bot alone."""
    everybody = members(world, guild_id)
    return guild(world, guild_id) | {
        "joined_at": world.members[f"{guild_id}:{world.bot_id}"]["joined_at"],
        "large": False,
        "unavailable": False,
        "member_count": len(everybody),
        "members": [one for one in everybody if one["user"]["id"] == world.bot_id],
        "channels": channels(world, guild_id, threads=False),
        "threads": channels(world, guild_id, threads=True),
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def interaction(world: World, state: Json, data: Json) -> Json:
    """INTERACTION_CREATE for the stored interaction `state` with its `data`."""
    place = world.channels[state["channel_id"]]
    payload: Json = {
        "id": state["id"],
        "application_id": world.bot_id,
        "type": state["type"],
        "token": state["token"],
        "version": 1,
        "data": data,
        "channel_id": place["id"],
        "channel": channel(world, place["id"]) | {"permissions": str(int(in_channel(world, place, state["user_id"])))},
        "locale": world.users[state["user_id"]]["locale"],
        "app_permissions": str(int(in_channel(world, place, world.bot_id))),
        "attachment_size_limit": ATTACHMENT_LIMIT,
        "entitlements": [],
        "entitlement_sku_ids": [],
    }
    guild_id = place.get("guild_id")
    if guild_id is None:
        return payload | {
            "user": user(world, state["user_id"]),
            "context": 1,
            "authorizing_integration_owners": _owners(state, "0"),
        }
    locale = world.guilds[guild_id]["locale"]
    return payload | {
        "guild_id": guild_id,
        "guild": {"id": guild_id, "locale": locale, "features": []},
        "guild_locale": locale,
        "member": member(world, guild_id, state["user_id"], place),
        "context": 0,
        "authorizing_integration_owners": _owners(state, guild_id),
    }


def _owners(state: Json, guild_id: str) -> Json:
    """Who brought the app there: the server (0), or the person who installed it for themselves (1)."""
    return {"1": state["user_id"]} if state.get("installed") == "user" else {"0": guild_id}


def interaction_metadata(world: World, state: Json) -> Json:
    """What a message says about the interaction it answers."""
    place = world.channels[state["channel_id"]]
    data: Json = {
        "id": state["id"],
        "type": state["type"],
        "user": user(world, state["user_id"]),
        "authorizing_integration_owners": _owners(state, place.get("guild_id", "0")),
    }
    if state["type"] == 3:
        data["interacted_message_id"] = state["message_id"]
    if state["type"] == 2 and state.get("target_message_id"):
        data["target_message_id"] = state["target_message_id"]
    if state["type"] == 5:
        data["triggering_interaction_metadata"] = interaction_metadata(world, world.interactions[state["opened_by"]])
    return data


def gateway_bot(world: World, identifies: int) -> Json:
    total = world.settings["identify_limit"]
    left = max(0, total - identifies)
    limit = {"total": total, "remaining": left, "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": world.url.replace("http", "ws", 1) + "/gateway", "shards": 1, "session_start_limit": limit}


def may(world: World, guild_id: str, user_id: str) -> int:
    """The permissions of a member in the guild as a number."""
    return int(in_guild(world, guild_id, user_id))
