"""The gateway: the bot's sessions, events by intents, RESUME with a bounded buffer, and the ways it fails."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox import payloads, views
from bot.sandbox.permissions import Permission, in_channel

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.bell import Bell
    from bot.sandbox.errors import Json
    from bot.sandbox.state import World

GUILDS, MEMBERS, PRESENCES, CONTENT = 1 << 0, 1 << 1, 1 << 8, 1 << 15
PRIVILEGED = {"members": MEMBERS, "presences": PRESENCES, "message_content": CONTENT}
KNOWN_INTENTS = (1 << 26) - 1
IN_GUILD = {"MESSAGE": 1 << 9, "MESSAGE_REACTION": 1 << 10}
IN_DIRECT = {"MESSAGE": 1 << 12, "MESSAGE_REACTION": 1 << 13}
SESSIONS_KEPT = 8


@dataclass
class Session:
    """One identified session; it outlives its socket until newer sessions push it out."""

    id: str
    intents: int
    shard: tuple[int, int]
    frames: deque[tuple[int, str]]
    sequence: int = 0
    socket: web.WebSocketResponse | None = None

    def takes(self, guild_id: str | None, intent: int) -> bool:
        """Whether an event of this guild (None: a direct channel) that needs `intent` (0: none) comes here."""
        index, count = self.shard
        mine = index == (0 if guild_id is None else (int(guild_id) >> 22) % count)
        return mine and (not intent or bool(self.intents & intent))

    async def send(self, event: str, data: Json) -> None:
        self.sequence += 1
        frame = json.dumps({"op": 0, "t": event, "s": self.sequence, "d": data})
        self.frames.append((self.sequence, frame))
        if self.socket is not None and not self.socket.closed:
            await quietly(self.socket.send_str(frame))


async def quietly(sending: Any) -> None:
    """Await a send; a client that is gone is no error here, RESUME is for that."""
    try:
        await sending
    except ConnectionError:
        return


@dataclass
class Gateway:
    """Every session of the bot. `counts` tells frames received by name and events sent by type."""

    world: World
    bell: Bell
    sessions: dict[str, Session] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        hello = {"op": 10, "d": {"heartbeat_interval": self.world.settings["heartbeat_interval"]}}
        await quietly(socket.send_json(hello))
        session: Session | None = None
        try:
            async for frame in socket:
                packet = json.loads(frame.data)
                session = await self._receive(socket, session, packet["op"], packet.get("d"))
                self.bell.ring()
        finally:
            if session is not None and session.socket is socket:
                session.socket = None
            self.bell.ring()
        return socket

    async def _receive(
        self, socket: web.WebSocketResponse, session: Session | None, op: int, data: Any
    ) -> Session | None:
        if op == 1:
            self.counts["heartbeat"] += 1
            if self.world.settings["acknowledge_heartbeats"]:
                await asyncio.sleep(0.01)  # the client takes an answer faster than any network for one 41 s late
                await quietly(socket.send_json({"op": 11}))
        elif op == 2:
            self.counts["identify"] += 1
            session = await self._identify(socket, data)
        elif op == 6:
            self.counts["resume"] += 1
            session = await self._resume(socket, data)
        elif session is None:
            await socket.close(code=4003, message=b"Not authenticated.")
        elif op == 8:
            await self._members_chunk(session, data)
        elif op not in {3, 4}:
            await socket.close(code=4001, message=b"Unknown opcode.")
        return session

    def _fault_of(self, data: Json) -> int | None:
        """The close code Discord would answer this IDENTIFY with, or None."""
        settings = self.world.settings
        if planned := settings["refuse_identify"]:
            settings["refuse_identify"] = None
            return int(planned)
        if settings["token"] not in {None, data["token"]} or self.counts["identify"] > settings["identify_limit"]:
            return 4004
        index, count = data.get("shard") or (0, 1)
        if not 0 <= index < count:
            return 4010
        if data["intents"] & ~KNOWN_INTENTS:
            return 4013
        refused = [bit for name, bit in PRIVILEGED.items() if name not in settings["allowed_intents"]]
        return 4014 if any(data["intents"] & bit for bit in refused) else None

    async def _identify(self, socket: web.WebSocketResponse, data: Json) -> Session | None:
        fault = self._fault_of(data)
        if fault is not None:
            await socket.close(code=fault)
            return None
        index, count = data.get("shard") or (0, 1)
        frames: deque[tuple[int, str]] = deque(maxlen=self.world.settings["replay_limit"])
        session = Session(f"session-{self.world.snowflake()}", data["intents"], (index, count), frames, socket=socket)
        guilds = [key for key in self.world.guilds if session.takes(key, 0)]
        ready = {
            "v": 10,
            "user": payloads.me(self.world),
            "session_id": session.id,
            "shard": [index, count],
            "resume_gateway_url": self.world.url.replace("http", "ws", 1) + "/gateway",
            "application": {"id": self.world.bot_id, "flags": payloads.application(self.world)["flags"]},
            "guilds": [{"id": key, "unavailable": True} for key in guilds],
        }
        await session.send("READY", ready)
        if session.intents & GUILDS:
            for key in guilds:
                await session.send("GUILD_CREATE", payloads.guild_create(self.world, key))
        self.sessions[session.id] = session
        for old in list(self.sessions)[:-SESSIONS_KEPT]:
            del self.sessions[old]
        return session

    async def _resume(self, socket: web.WebSocketResponse, data: Json) -> Session | None:
        session = self.sessions.get(data["session_id"])
        sent = data.get("seq") or 0
        if session is None or sent < session.sequence - len(session.frames):
            await quietly(socket.send_json({"op": 9, "d": False}))
            return None
        session.socket = None  # what happens during the replay waits in the buffer and keeps its order
        while missed := [frame for frame in session.frames if frame[0] > sent]:
            sent, text = missed[0]
            await quietly(socket.send_str(text))
        session.socket = socket
        await session.send("RESUMED", {})
        return session

    async def _members_chunk(self, session: Session, data: Json) -> None:
        guild_id = str(data["guild_id"])
        wanted = data.get("user_ids")
        prefix = (data.get("query") or "").lower()
        found = [
            member
            for member in payloads.members(self.world, guild_id)
            if (member["user"]["id"] in {str(key) for key in wanted} if wanted else True)
            and member["user"]["username"].lower().startswith(prefix)
        ]
        chunk = {"guild_id": guild_id, "members": found, "chunk_index": 0, "chunk_count": 1, "not_found": []}
        await session.send("GUILD_MEMBERS_CHUNK", chunk | {"nonce": data.get("nonce")})

    async def dispatch(
        self, event: str, guild_id: str | None, make: Callable[[bool], Json], *, intent: int = 0
    ) -> None:
        """Send an event to every session it concerns; `make(has_content_intent)` builds its data."""
        self.counts[event] += 1
        for session in list(self.sessions.values()):
            if session.takes(guild_id, intent):
                await session.send(event, make(bool(session.intents & CONTENT)))
        self.bell.ring()

    async def announce(self, event: str, stored: Json) -> None:
        """MESSAGE_CREATE, MESSAGE_UPDATE or MESSAGE_DELETE, unless the message is private or out of the bot's sight."""
        channel = self.world.channels[stored["payload"]["channel_id"]]
        guild_id = channel.get("guild_id")
        if stored["visible_to"] or not in_channel(self.world, channel, self.world.bot_id) & Permission.VIEW_CHANNEL:
            self.bell.ring()
            return

        def make(content: bool) -> Json:
            link = {"id": stored["payload"]["id"], "channel_id": channel["id"]}
            link |= {"guild_id": guild_id} if guild_id else {}
            if event == "MESSAGE_DELETE":
                return link
            data = views.for_bot(self.world, stored, content_intent=content) | link
            author = data["author"]["id"]
            if guild_id and f"{guild_id}:{author}" in self.world.members:
                member = payloads.member(self.world, guild_id, author)
                data["member"] = {key: value for key, value in member.items() if key != "user"}
            return data

        intents = IN_GUILD if guild_id else IN_DIRECT
        await self.dispatch(event, guild_id, make, intent=intents["MESSAGE"])

    async def announce_reaction(self, event: str, stored: Json, user_id: str, emoji: str) -> None:
        channel = self.world.channels[stored["payload"]["channel_id"]]
        guild_id = channel.get("guild_id")
        data: Json = {
            "user_id": user_id,
            "channel_id": channel["id"],
            "message_id": stored["payload"]["id"],
            "message_author_id": stored["payload"]["author"]["id"],
            "emoji": {"id": None, "name": emoji},
            "burst": False,
            "type": 0,
        }
        if guild_id:
            data |= {"guild_id": guild_id, "member": payloads.member(self.world, guild_id, user_id)}
        intents = IN_GUILD if guild_id else IN_DIRECT
        await self.dispatch(event, guild_id, lambda _: data, intent=intents["MESSAGE_REACTION"])

    async def disconnect(self, code: int, *, forget: bool = False) -> None:
        """Close every connection with `code`; `forget` also ends the sessions, so that RESUME fails."""
        live = [session.socket for session in self.sessions.values() if session.socket is not None]
        if forget:
            self.sessions.clear()
        for session in self.sessions.values():
            session.socket = None
        for socket in live:
            await socket.close(code=code)

    async def tell(self, op: int, data: Any = None) -> None:
        """Send every connection a bare opcode: 7 to reconnect, 9 for an invalid session (`data`: resumable)."""
        live = [session.socket for session in self.sessions.values() if session.socket is not None]
        if op == 9 and not data:
            self.sessions.clear()
        for socket in live:
            await quietly(socket.send_json({"op": op, "d": data}))
