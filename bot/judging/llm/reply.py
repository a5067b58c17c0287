"""What came back from one call: the text and its cost, or the cause why there is none. One cause, one way to go on."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from bot.judging.marked import visible


class Cause(StrEnum):
    """Each has its sentence for people in the texts, section `llm`."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    BUSY = "busy"  # 429
    BROKEN = "broken"  # 5xx
    NO_API = "no_api"  # a reply, but not one of a chat completion
    NO_CAPABILITY = "no_capability"  # this way of asking for structured output is unknown there
    LIMIT_NAME = "limit_name"  # the answer's limit goes by another name, or is too high
    CUT_SHORT = "cut_short"
    DECLINED = "declined"  # the model, or a content filter before it
    TOO_LONG = "too_long"
    KEY_REFUSED = "key_refused"
    QUOTA = "quota"
    UNKNOWN_MODEL = "unknown_model"
    NOT_FOUND = "not_found"
    REFUSED = "refused"


TRANSIENT = frozenset({Cause.UNREACHABLE, Cause.TIMEOUT, Cause.BUSY, Cause.BROKEN, Cause.NO_API})

_QUOTA = re.compile(r"insufficient_quota|billing")
_COMPLAINTS = (  # the first that is found counts
    (Cause.DECLINED, re.compile(r"content_filter|content_policy|responsibleai")),
    (Cause.UNKNOWN_MODEL, re.compile(r"model_not_found|(no such|unknown) model|model\b.{0,80}\bnot (found|exist)")),
    (Cause.TOO_LONG, re.compile(r"context_length|context (length|window|size)|maximum context")),
    (Cause.LIMIT_NAME, re.compile(r"max_tokens|max_completion_tokens")),
    (
        Cause.NO_CAPABILITY,
        re.compile(
            r"response.?format|json.?(schema|object|mode)|structured|\btools?\b|tool_choice|function|grammar|strict"
        ),
    ),
)


class CallFailed(Exception):
    """One call gave no answer. `wait` is what the endpoint asked for, in seconds.

    The endpoint's own words are left behind on purpose: they may repeat the prompt.
    """

    def __init__(self, cause: Cause, *, status: int | None = None, wait: float | None = None) -> None:
        self.cause, self.status, self.wait = cause, status, wait
        super().__init__(cause)


class Reply(BaseModel):
    """`failure` says why `text` cannot be used, if so."""

    text: str = ""
    failure: Cause | None = None
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


class _Function(BaseModel):
    arguments: Any = ""  # a string of JSON; some endpoints send the object itself


class _ToolCall(BaseModel):
    function: _Function = _Function()


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _PromptDetails(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _PromptDetails | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    model: str | None = None
    usage: _Usage | None = None


class _Model(BaseModel):
    id: str


class _Models(BaseModel):
    data: list[_Model]


def cause_of(status: int, complaint: str) -> Cause:
    """What a status of 400 and above means. `complaint`: the error's code, parameter and message."""
    complaint = complaint[:600].lower()
    if status == 402 or (status in (403, 429) and _QUOTA.search(complaint)):
        return Cause.QUOTA
    if status in (401, 403):
        return Cause.KEY_REFUSED
    if status in (408, 409, 425, 429):
        return Cause.BUSY
    if status >= 500:
        return Cause.BROKEN
    for cause, pattern in _COMPLAINTS:
        if pattern.search(complaint):
            return cause
    return Cause.NOT_FOUND if status == 404 else Cause.REFUSED


def read_reply(body: bytes) -> Reply:
    """Endpoints differ in all but these few fields, so nothing else is looked at."""
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError:
        return Reply(failure=Cause.NO_API)
    choice, usage = completion.choices[0], completion.usage or _Usage()
    details = usage.prompt_tokens_details or _PromptDetails()
    return Reply(
        text=_text(choice.message),
        failure=_failure(choice),
        model=visible(completion.model or "")[:100],
        prompt_tokens=usage.prompt_tokens or 0,
        completion_tokens=usage.completion_tokens or 0,
        cached_tokens=details.cached_tokens or 0,
    )


def read_models(body: bytes) -> tuple[str, ...]:
    """Names of the models an endpoint offers, sorted; none where the list cannot be read."""
    try:
        return tuple(sorted(visible(model.id) for model in _Models.model_validate_json(body).data))
    except ValidationError:
        return ()


def _text(message: _Message) -> str:
    if not message.tool_calls:
        return message.content or ""
    arguments = message.tool_calls[0].function.arguments
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def _failure(choice: _Choice) -> Cause | None:
    if choice.message.refusal or choice.finish_reason == "content_filter":
        return Cause.DECLINED
    return Cause.CUT_SHORT if choice.finish_reason == "length" else None
