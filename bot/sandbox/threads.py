"""The bot's REST calls about threads."""

from __future__ import annotations

from bot.sandbox import limits, payloads
from bot.sandbox.call import Call
from bot.sandbox.errors import DiscordError, Json, refuse, reject
from bot.sandbox.permissions import PRIVATE_THREAD, THREADS, Permission

P = Permission


def unarchive(call: Call, place: Json) -> None:
    """Writing into a thread opens it again. Raises 50013 when it is locked."""
    if place["type"] not in THREADS:
        return
    metadata = place["thread_metadata"]
    if metadata["locked"] and not call.may(place, P.MANAGE_THREADS):
        raise refuse(50013)
    count = place["message_count"] + 1
    call.world.channels.change(place["id"], thread_metadata=metadata | {"archived": False}, message_count=count)


async def start_thread(call: Call) -> Json:
    """A thread from a message (it takes the message's id) or a free one."""
    parent = call.channel(P.CREATE_PUBLIC_THREADS)
    if parent["type"] in THREADS or parent["type"] == 1:
        raise DiscordError(400, 50024, "Cannot execute action on this channel type")
    reject(limits.length("name", call.body.get("name") or "", 100, 1))
    from_message = call.path.get("message")
    if from_message is not None:
        call.message()
        if from_message in call.world.channels:
            raise refuse(160004)
    key = from_message or call.world.snowflake()
    call.world.channels[key] = {
        "id": key,
        "type": 11 if from_message else call.body.get("type", PRIVATE_THREAD),
        "people": [call.world.bot_id],
        "guild_id": parent["guild_id"],
        "parent_id": parent["id"],
        "owner_id": call.world.bot_id,
        "name": call.body["name"],
        "last_message_id": None,
        "message_count": 0,
        "total_message_sent": 0,
        "member_count": 1,
        "rate_limit_per_user": 0,
        "flags": 0,
        "thread_metadata": {
            "archived": False,
            "locked": False,
            "auto_archive_duration": call.body.get("auto_archive_duration") or 1440,
            "archive_timestamp": payloads.now_text(),
            "create_timestamp": payloads.now_text(),
        },
    }
    made = payloads.channel(call.world, key)
    created = made | {"newly_created": True}
    await call.gateway.dispatch("THREAD_CREATE", parent["guild_id"], lambda _: created, intent=1)
    return made


async def edit_thread(call: Call) -> Json:
    """Rename, archive or lock a thread."""
    thread = call.channel()
    if thread["type"] not in THREADS or (
        thread["owner_id"] != call.world.bot_id and not call.may(thread, P.MANAGE_THREADS)
    ):
        raise refuse(50013)
    reject(limits.length("name", call.body.get("name"), 100, 1))
    fields = {key: call.body[key] for key in ("archived", "locked", "auto_archive_duration") if key in call.body}
    metadata = thread["thread_metadata"] | fields
    name = call.body.get("name", thread["name"])
    call.world.channels.change(thread["id"], thread_metadata=metadata, name=name)
    made = payloads.channel(call.world, thread["id"])
    await call.gateway.dispatch("THREAD_UPDATE", thread["guild_id"], lambda _: made, intent=1)
    return made


async def join_thread(call: Call) -> None:
    call.channel()


async def add_member(call: Call) -> None:
    """Somebody is brought into a thread. Without the members intent the bot hears nothing of who is in one."""
    thread = call.channel()
    people = [*thread["people"], call.path["user"]]
    call.world.channels.change(thread["id"], people=people, member_count=len(people))
