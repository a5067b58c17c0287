"""The HTTP server: records every call of the bot, applies planned faults and rate limits, runs the handlers."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox import admin, faults, rest, rest_interactions
from bot.sandbox.acts import Desk
from bot.sandbox.bell import Bell
from bot.sandbox.call import Call, Handler
from bot.sandbox.errors import DiscordError, Json, RefusedError, refuse
from bot.sandbox.faults import AFTER, Buckets, Fault, Faults
from bot.sandbox.gateway import Gateway
from bot.sandbox.messages import Upload
from bot.sandbox.state import World

WebHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LARGEST_REQUEST = 25 * 2**20
SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp"}  # files a browser shows; others it only saves
SAFE = {"X-Content-Type-Options": "nosniff"}
POLICY = "default-src 'none'; connect-src 'self'; img-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def answer(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer. The client reads a body as JSON only when the type comes without a charset."""
    if data is None:
        return web.Response(status=204, headers=headers)
    return web.Response(
        body=json.dumps(data).encode(), status=status, headers={"Content-Type": "application/json"} | (headers or {})
    )


async def read(request: web.Request) -> tuple[Any, dict[str, Upload]]:
    """The JSON body and the files by index."""
    if not request.content_type.startswith("multipart/"):
        return (await request.json() if request.can_read_body else {}), {}
    body: Any = {}
    uploads: dict[str, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise DiscordError(400, 50035, "Invalid Form Body")
        if part.name == "payload_json":
            body = json.loads(await part.text())
        else:
            index = (part.name or "").removeprefix("files[").rstrip("]")
            # Discord guesses the type itself when the client names none that says anything
            declared = part.headers.get("Content-Type")
            kind = None if declared == "application/octet-stream" else declared
            uploads[index] = Upload(part.filename or "file", bytes(await part.read()), kind)
    return body, uploads


@dataclass
class Server:
    """World, gateway, planned faults and rate limit buckets behind one port."""

    world: World
    bell: Bell = field(default_factory=Bell)
    faults: Faults = field(default_factory=Faults)
    buckets: Buckets = field(default_factory=Buckets)

    def __post_init__(self) -> None:
        self.gateway = Gateway(self.world, self.bell)

    def application(self) -> web.Application:
        application = web.Application(client_max_size=LARGEST_REQUEST)
        for method, pattern, handler in [*rest.ROUTES, *rest_interactions.ROUTES]:
            application.router.add_route(method, pattern, self._recorded(pattern, handler))
        application.router.add_get("/", self._page)
        application.router.add_get("/gateway", self.gateway.serve)
        application.router.add_get("/cdn/attachments/{key}/{name}", self._file)
        application.router.add_post("/admin/{verb}", self._admin)
        application.router.add_route("*", "/{rest:.*}", self._recorded("/{rest}", _unknown))
        return application

    def _recorded(self, pattern: str, handler: Handler) -> WebHandler:
        async def handle(request: web.Request) -> web.StreamResponse:
            began = time.time()
            body, uploads = await read(request)
            call = Call(self.world, self.gateway, dict(request.match_info), dict(request.query), body, uploads)
            record: Json = {
                "at": began,
                "method": request.method,
                "path": request.path,
                "route": pattern,
                "query": call.query,
                "body": body,
                "files": {upload.filename: len(upload.content) for upload in uploads.values()},
                "status": None,
                "answer": None,
                "fault": None,
            }
            number = self.world.record(record)
            self.bell.ring()
            record["status"] = 500  # stands when a handler fails
            try:
                response, record["answer"] = await self._respond(request, handler, call, record)
                record["status"] = 0 if response is None else response.status
            finally:
                self.world.record_answer(number, record)
                self.bell.ring()
            if response is None and request.transport is not None:
                request.transport.abort()
            return response or web.Response()

        return handle

    async def _respond(
        self, request: web.Request, handler: Handler, call: Call, record: Json
    ) -> tuple[web.Response | None, Any]:
        """The response (None: cut the connection instead) and its JSON."""
        fault = self.faults.take(request.method, request.path)
        if fault is not None:
            record["fault"] = fault.kind
            if fault.kind in {"delay", "delay_after"}:
                return await self._late(fault, request, handler, call)
            return await self._fail(fault, request, handler, call)
        limit = self.world.settings["rate_limit"]
        if limit is None or request.path.startswith(("/interactions/", "/webhooks/")):
            return await self._run(request, handler, call)
        within, headers = self.buckets.count(f"{record['route']}:{call.path.get('channel', '')}", limit)
        if not within:
            body, more = faults.too_many(float(headers["X-RateLimit-Reset-After"]))
            return answer(body, 429, headers | more), body
        response, result = await self._run(request, handler, call)
        response.headers.update(headers)
        return response, result

    async def _late(
        self, fault: Fault, request: web.Request, handler: Handler, call: Call
    ) -> tuple[web.Response | None, Any]:
        cleared = self.world.cleared
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if self.world.cleared != cleared:  # what was asked of the world before does nothing in this one
            return None, None
        done = await self._run(request, handler, call)
        if fault.kind == "delay_after":
            await asyncio.sleep(fault.seconds)
        return done

    async def _fail(
        self, fault: Fault, request: web.Request, handler: Handler, call: Call
    ) -> tuple[web.Response | None, Any]:
        if fault.kind in AFTER:
            await self._run(request, handler, call)
        if fault.kind.startswith("reset"):
            return None, None
        if fault.kind == "half_after":
            return web.Response(body=b'{"id": ', headers={"Content-Type": "application/json"}), None
        if fault.kind.startswith("429"):
            body, headers = faults.too_many(fault.seconds, "global" if fault.kind == "429_global" else "user")
            return answer(body, 429, headers), body
        body = {"message": "Planned fault", "code": 0}
        return answer(body, int(fault.kind.removesuffix("_after"))), body

    async def _run(self, request: web.Request, handler: Handler, call: Call) -> tuple[web.Response, Any]:
        try:
            self._authorise(request)
            result = await handler(call)
        except DiscordError as error:
            return answer(error.body, error.status), error.body
        created = request.method == "POST" and request.path.endswith("/threads")
        return answer(self._spoiled(result), 201 if created else 200), result

    def _spoiled(self, result: Any) -> Any:
        """A page of messages with those in it malformed that were said to be."""
        fields: dict[str, Json] = self.world.settings["spoiled"]
        return (
            [one | fields.get(one.get("id"), {}) for one in result] if fields and isinstance(result, list) else result
        )

    def _authorise(self, request: web.Request) -> None:
        """Bot routes need the bot's token; interaction and webhook routes carry theirs in the path."""
        wanted = self.world.settings["token"]
        if wanted is None or request.path.startswith(("/interactions/", "/webhooks/")):
            return
        if request.headers.get("Authorization") != f"Bot {wanted}":
            raise refuse(0)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        blob = self.world.file(request.match_info["key"])
        expires = int(request.query.get("ex", "0"), 16)
        if blob is None or self.world.now() > expires:
            return web.Response(status=404, text="This content is no longer available.")
        kind = mimetypes.guess_type(request.match_info["name"])[0]
        if kind in SHOWN:
            return web.Response(body=blob, content_type=kind, headers=SAFE)
        return web.Response(body=blob, headers=SAFE | {"Content-Disposition": "attachment"})

    async def _page(self, _: web.Request) -> web.StreamResponse:
        page = Path(__file__).with_name("page.html").read_bytes()
        return web.Response(
            body=page, content_type="text/html", charset="utf-8", headers=SAFE | {"Content-Security-Policy": POLICY}
        )

    async def _admin(self, request: web.Request) -> web.StreamResponse:
        # A page of some website may send requests to loopback addresses too, but not with this type and this host.
        if request.content_type != "application/json" or request.url.host not in {"127.0.0.1", "localhost"}:
            return answer({"error": "Admin verbs take JSON, from this machine."}, 403)
        verb = admin.VERBS.get(request.match_info["verb"])
        if verb is None:
            return answer({"error": f"There is no verb {request.match_info['verb']!r}."}, 404)
        desk = Desk(self.world, self.gateway, self.faults, self.bell)
        try:
            result = await verb(desk, await request.json())
        except (RefusedError, DiscordError) as error:
            return answer({"error": str(error)}, 400)
        if request.match_info["verb"] not in admin.READING:
            self.bell.ring()
        return answer({"result": result})


async def _unknown(call: Call) -> Any:
    raise DiscordError(404, 0, f"404: Not Found ({call.path['rest']} is not part of the sandbox)")


async def start(world: World, port: int) -> tuple[web.AppRunner, str]:
    """Listen on 127.0.0.1; port 0 picks a free one. Returns the runner and the address."""
    server = Server(world)
    runner = web.AppRunner(server.application(), shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    world.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    return runner, world.url
