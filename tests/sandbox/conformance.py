"""Holding the bot's recorded calls, and the sandbox's answers, against Discord's own description of its HTTP API.

The description is Discord's openapi.json, found by the environment variable CAMPAIGN_BOT_DISCORD_OPENAPI, or beside the
checkout in ../shared/discord/. It says nothing of several limits, so those are checked by `bot.sandbox.limits` as well.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from referencing import Registry
from referencing.jsonschema import DRAFT202012

from bot.sandbox import limits
from bot.sandbox.errors import Problem

jsonschema: Any = import_module("jsonschema")  # it comes without types

Json = dict[str, Any]
URN = "urn:discord"
# Keys the client sends and Discord takes although the description lacks them.
ATTACHMENT_KEYS = ("content_type", "proxy_url", "size", "spoiler", "url")
ALLOWED_KEYS = {
    ("", "tts"),
    ("data", "tts"),
    ("", "nsfw"),
    ("embeds", "flags"),
    *(("attachments", key) for key in ATTACHMENT_KEYS),
}

# Refusals that say something about the place or the moment, not about the request.
CIRCUMSTANCES = {40060, 160002, 160004}
# What stood in a message before it was edited, where the record does not tell: something that may be edited in any way.
UNKNOWN: Json = {"flags": 0, "components": [{"type": 10, "content": "?"}]}


def description() -> Path | None:
    """Where Discord's openapi.json is, or None when it is not at hand."""
    named = os.environ.get("CAMPAIGN_BOT_DISCORD_OPENAPI")
    path = Path(named) if named else Path(__file__).parents[3] / "shared" / "discord" / "openapi.json"
    return path if path.is_file() else None


@dataclass(frozen=True)
class Operation:
    """One method of one path, `pointer` being its place in the description."""

    method: str
    pattern: re.Pattern[str]
    pointer: str
    content: Json


class Api:
    """Discord's description, ready to check with."""

    def __init__(self, path: Path) -> None:
        self.document: Json = json.loads(path.read_text(encoding="utf-8"))
        self._registry: Any = Registry().with_resource(URN, DRAFT202012.create_resource(self.document))
        self._operations = sorted(self._read(), key=lambda operation: operation.pattern.pattern.count("[^/]"))

    def _read(self) -> Iterator[Operation]:
        for path, methods in self.document["paths"].items():
            pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
            for method, content in methods.items():
                if method in {"get", "post", "put", "patch", "delete"}:
                    pointer = f"/paths/{path.replace('/', '~1')}/{method}"
                    yield Operation(method.upper(), pattern, pointer, content)

    def operation(self, method: str, path: str) -> Operation | None:
        for operation in self._operations:  # those with fewer open segments first
            if operation.method == method and operation.pattern.fullmatch(path):
                return operation
        return None

    def errors(self, pointer: str, value: Any) -> Iterator[str]:
        schema = {"$ref": f"{URN}#{pointer}"}
        validator = jsonschema.Draft202012Validator(schema, registry=self._registry)
        for error in validator.iter_errors(value):
            deepest = jsonschema.exceptions.best_match([error])
            assert deepest is not None  # there is one error to choose from
            yield f"{'.'.join(str(step) for step in deepest.absolute_path)}: {deepest.message[:200]}"

    def at(self, pointer: str) -> Json:
        node: Any = self.document
        for step in pointer.strip("/").split("/"):
            node = node[step.replace("~1", "/")]
        return dict(node)

    def alternatives(self, schema: Json) -> list[Json]:
        """The object and array schemas a schema stands for, references and unions resolved."""
        if "$ref" in schema:
            return self.alternatives(self.at(schema["$ref"].removeprefix("#")))
        unions = [one for key in ("oneOf", "anyOf", "allOf") for one in schema.get(key, [])]
        return [schema] + [found for one in unions for found in self.alternatives(one)]

    def unknown_keys(self, value: Any, schemas: list[Json], path: tuple[str, ...] = ()) -> Iterator[str]:
        """Keys that no alternative of the schema knows."""
        if isinstance(value, list):
            items = [found for one in schemas if "items" in one for found in self.alternatives(one["items"])]
            for entry in value:
                yield from self.unknown_keys(entry, items, path)
        elif isinstance(value, dict):
            fitting = [one for one in schemas if _kind_fits(one, value)]
            known: dict[str, list[Json]] = {}
            for one in fitting:
                for key, schema in one.get("properties", {}).items():
                    known.setdefault(key, []).extend(self.alternatives(schema))
            for key in value if known else []:
                if key in known:
                    yield from self.unknown_keys(value[key], known[key], (*path, key))
                elif (path[-1] if path else "", key) not in ALLOWED_KEYS:
                    yield f"{'.'.join((*path, key))}: unknown key"


def _kind_fits(schema: Json, value: Json) -> bool:
    """Whether a schema may describe a value, by its `type`: unions of components are told apart by it."""
    kinds = (schema.get("properties", {}).get("type") or {}).get("enum")
    return kinds is None or value.get("type") in kinds


@cache
def loaded(path: Path) -> Api:
    return Api(path)


def problems(record: list[Json], path: Path) -> list[str]:
    """What Discord would object to in the bot's calls, and where the sandbox's answers are not Discord's.

    A call that a planned fault spoilt is checked as a request alone; one that the sandbox refused is a problem.
    """
    api = loaded(path)
    found = []
    standing: dict[str, Json] = {}  # messages as last answered, by id: an edit is judged on top of what stood there
    for call in record:
        name = f"{call['method']} {call['path']}"
        operation = api.operation(call["method"], call["path"])
        if operation is None:
            found.append(f"{name}: no such call")
            continue
        found += [f"{name}: {problem}" for problem in _request(api, operation, call, standing)]
        if call["fault"] is None:
            found += [f"{name}: {problem}" for problem in _answer(api, operation, call)]
        if isinstance(call["answer"], dict) and "author" in call["answer"]:
            standing[call["answer"]["id"]] = call["answer"]
    return found


def _request(api: Api, operation: Operation, call: Json, standing: dict[str, Json]) -> Iterator[str]:
    described = operation.content.get("requestBody")
    if described is None or (not call["body"] and not described.get("required")):
        return
    body = as_strings(call["body"])
    pointer = f"{operation.pointer}/requestBody/content/application~1json/schema"
    yield from api.errors(pointer, body)
    yield from api.unknown_keys(body, api.alternatives(api.at(pointer)))
    for place, code, sentence in _own_checks(call, standing):
        yield f"{place}: {sentence} ({code})"


def _own_checks(call: Json, standing: dict[str, Json]) -> Iterator[Problem]:
    method, path, body = call["method"], call["path"], call["body"]
    names = list(call["files"])
    if method == "PUT" and path.endswith("/commands"):
        yield from limits.commands(body)
    elif path.endswith("/callback"):
        for kind, answers in limits.ANSWERS.items():
            if body["type"] in answers:  # the record does not tell the interaction's type: take the first it fits
                yield from limits.callback(body, kind, uploads=names, standing=UNKNOWN)
                return
    elif method == "POST" and (path.endswith("/messages") or path.startswith("/webhooks/")):
        yield from limits.message(body, names)
    elif method == "PATCH" and "/messages/" in path and isinstance(call["answer"], dict):
        yield from limits.message(body, names, standing.get(call["answer"].get("id", "")) or UNKNOWN)


def _answer(api: Api, operation: Operation, call: Json) -> Iterator[str]:
    status = call["status"]
    if status is None or status in {401, 403, 404, 429} or status >= 500 or status == 0:
        return
    if status >= 400:
        if call["answer"].get("code") in CIRCUMSTANCES:
            return
        yield f"refused with {status}: {json.dumps(call['answer'])[:300]}"
        return
    responses = operation.content["responses"]
    if str(status) not in responses:
        yield f"answered with {status}, described are {sorted(responses)}"
    elif "content" in responses[str(status)]:
        pointer = f"{operation.pointer}/responses/{status}/content/application~1json/schema"
        for problem in api.errors(pointer, call["answer"]):
            yield f"answer {problem}"


def as_strings(body: Any) -> Any:
    """The request with the ids that the client sends as numbers, and Discord takes, as the strings described."""
    if not isinstance(body, dict):
        return body
    changed = dict(body)
    if "recipient_id" in body:
        changed["recipient_id"] = str(body["recipient_id"])
    if body.get("attachments"):
        changed["attachments"] = [entry | {"id": str(entry["id"])} for entry in body["attachments"]]
    if body.get("message_reference"):
        link = body["message_reference"]
        changed["message_reference"] = {key: str(one) if key.endswith("_id") else one for key, one in link.items()}
    if body.get("allowed_mentions"):
        allowed = body["allowed_mentions"]
        listed = {key: [str(one) for one in allowed[key]] for key in ("users", "roles") if key in allowed}
        changed["allowed_mentions"] = allowed | listed
    if isinstance(body.get("data"), dict):
        changed["data"] = as_strings(body["data"])
    return changed
