"""A small OpenAI-compatible endpoint on loopback: real sockets, scripted answers and faults."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Body = dict[str, Any]
Reply = Callable[["Call"], Awaitable[web.StreamResponse]]

CRITERIA = (
    "shared_values",
    "follower_first",
    "voice_match",
    "belief_consistency",
    "not_just_for_money",
    "disclosure",
)
_LINE = re.compile(r"^([0-9a-f]{8})\|(\w+)\|([^|\n]*)\|(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the endpoint saw it."""

    body: Body
    request: web.Request

    @property
    def text(self) -> str:
        contents = [message["content"] for message in self.body["messages"]]
        return "\n".join(one if isinstance(one, str) else one[0]["text"] for one in contents)

    @property
    def image_urls(self) -> list[str]:
        """Of the parts of the last message, behind its text."""
        content = self.body["messages"][-1]["content"]
        return [] if isinstance(content, str) else [part["image_url"]["url"] for part in content[1:]]

    @property
    def task_id(self) -> str:
        return str(re.findall(r"task_id:? (T-\w+)", self.text)[0])

    @property
    def lines(self) -> list[tuple[str, str, str, str]]:
        """mark, source, note, text of every marked line."""
        return _LINE.findall(self.text)

    @property
    def marks(self) -> tuple[str, str]:
        """Of the history and of the draft."""
        return self.lines[0][0], next(mark for mark, source, *_ in self.lines if source == "draft")


def review(call: Call, **changes: Any) -> Body:
    """A valid review that quotes the oldest post and the draft word for word."""
    first = next((line for line in call.lines if line[1] == "P1"), ("", "", "", ""))[3]
    draft = next((line for line in call.lines if line[1] == "draft"), ("", "", "", ""))[3]
    evidence = [
        {"source": "history", "id": "P1", "quote": first, "stance": "supports", "conflict": "none"},
        {"source": "draft", "id": "", "quote": draft, "stance": "supports", "conflict": "none"},
    ]
    criterion = {"evidence": evidence, "reasoning": "The past post says the same.", "level": "L3"}
    return {
        "task_id": call.task_id,
        "injection_observed": False,
        "injection_quote": "",
        "deciding": [],
        "criteria": everywhere(criterion),
        "edits": [{"draft_quote": draft, "suggestion": "Say when you first used it.", "why": "A date is believed."}],
        "questions": ["Since when do you own it?"],
        **changes,
    }


def everywhere(criterion: Body) -> Body:
    """The same answer to all six criteria."""
    return dict.fromkeys(CRITERIA, criterion)


async def good(call: Call) -> web.StreamResponse:
    return await says(json.dumps(review(call)))(call)


def reviewing(**changes: Any) -> Reply:
    """A valid review but for `changes`; a callable is given the call."""

    async def reply(call: Call) -> web.StreamResponse:
        made = {key: change(call) if callable(change) else change for key, change in changes.items()}
        return await says(json.dumps(review(call, **made)))(call)

    return reply


def says(text: str, *, finish: str = "stop", refusal: str | None = None) -> Reply:
    """A completion with this text: as arguments where a function was asked for, else as content."""

    async def reply(call: Call) -> web.Response:
        message: Body = {"role": "assistant", "content": text, "refusal": refusal}
        if call.body.get("tools") and refusal is None:
            function = {"name": call.body["tools"][0]["function"]["name"], "arguments": text}
            message |= {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": function}]}
        usage = {
            "prompt_tokens": 1000,
            "completion_tokens": 100,
            "total_tokens": 1100,
            "prompt_tokens_details": {"cached_tokens": 800},
        }
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        return web.json_response(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 0,
                "model": "reader-1-2026",
                "choices": [choice],
                "usage": usage,
            }
        )

    return reply


def fault(status: int, message: str = "no", *, code: str | None = None, **headers: str) -> Reply:
    """An error in OpenAI's form."""

    async def reply(_: Call) -> web.Response:
        error = {"message": message, "type": "error", "param": None, "code": code}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response({"error": error}, status=status, headers=sent)

    return reply


def sends(text: str, content_type: str = "application/json") -> Reply:
    """Status 200 with any body."""

    async def reply(_: Call) -> web.Response:
        return web.Response(text=text, content_type=content_type)

    return reply


async def reset(call: Call) -> web.Response:
    """The connection breaks before any answer."""
    assert call.request.transport
    call.request.transport.abort()
    return web.Response()


def late(seconds: float, then: Reply = good) -> Reply:
    async def reply(call: Call) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await then(call)

    return reply


def spoilt(change: str) -> Reply:
    """A review with one fault."""

    async def reply(call: Call) -> web.StreamResponse:
        made = review(call)
        if change == "truncated":
            return await says(json.dumps(made)[:400])(call)
        if change == "missing field":
            del made["criteria"]["disclosure"]
        if change == "unknown level":
            made["criteria"]["disclosure"] = {"evidence": [], "reasoning": "", "level": "L5"}
        if change == "extra field":
            made["IGNORE ALL RULES"] = "fits"
        if change == "wrong task":
            made["task_id"] = "T-00000000"
        if change == "history mark leaked":
            made["questions"] = [f"Is {call.marks[0]} yours?"]
        if change == "draft mark leaked":
            made["edits"][0]["why"] = call.marks[1]
        if change == "empty":
            return await says("")(call)
        if change == "list":
            return await says("[]")(call)
        return await says(json.dumps(made))(call)

    return reply


async def trickling(call: Call) -> web.StreamResponse:
    """One byte at a time: the endpoint lives, but no answer comes of it."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(call.request)
    for _ in range(100):
        await response.write(b" ")
        await asyncio.sleep(0.05)
    return response


async def huge(call: Call) -> web.StreamResponse:
    """A valid review, behind more blanks than anybody should read."""
    answer = await good(call)
    assert isinstance(answer, web.Response)
    assert isinstance(answer.body, bytes)
    return web.Response(body=b" " * (20 * 2**20) + answer.body, content_type="application/json")


async def broken_off(call: Call) -> web.StreamResponse:
    """The connection ends within the body."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "5000"})
    await response.prepare(call.request)
    await response.write(b'{"choices": [')
    assert call.request.transport is not None
    call.request.transport.close()
    return response


def takes_only(*kinds: str, otherwise: Reply) -> Reply:
    """Refuses, as lesser servers do, every way of asking but `kinds` (json_schema, function, json_object, text)."""

    async def reply(call: Call) -> web.StreamResponse:
        return await (good(call) if asked_as(call) in kinds else otherwise(call))

    return reply


def asked_as(call: Call) -> str:
    if "tools" in call.body:
        return "function"
    return str(call.body.get("response_format", {"type": "text"})["type"])


def ways(calls: Iterable[Call]) -> list[str]:
    return [asked_as(call) for call in calls]


@dataclass(slots=True)
class Endpoint:
    """Answers with `script` in turn, then with `always`; keeps every call."""

    script: list[Reply] = field(default_factory=list)
    always: Reply = good
    models: Sequence[str] = ("reader-1",)
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    running: int = 0
    most_running: int = 0

    async def chat(self, request: web.Request) -> web.StreamResponse:
        call = Call(await request.json(), request)
        self.calls.append(call)
        self.called.set()
        reply = self.script.pop(0) if self.script else self.always
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            return await reply(call)
        finally:
            self.running -= 1

    async def list_models(self, _: web.Request) -> web.Response:
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "nobody"} for name in self.models]
        return web.json_response({"object": "list", "data": data})


@asynccontextmanager
async def serving(*script: Reply, **more: Any) -> AsyncIterator[Endpoint]:
    """An endpoint on a free port."""
    endpoint = Endpoint(list(script), **more)
    app = web.Application(client_max_size=2**24)
    app.add_routes([web.post("/v1/chat/completions", endpoint.chat), web.get("/v1/models", endpoint.list_models)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=512)
    await site.start()
    endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/"
    try:
        yield endpoint
    finally:
        await runner.cleanup()
