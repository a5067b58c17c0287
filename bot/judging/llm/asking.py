"""One reading under way: what it asks, what it may still try, what it has cost."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic

from bot.config import Llm
from bot.judging.llm.form import Answered, Form
from bot.judging.llm.ladder import Rung
from bot.judging.llm.reply import Reply
from bot.judging.prompts import ChatMessage, Task
from bot.model.drafts import Attachment
from bot.model.verdicts import Reading

CAP_RAISES = 2  # each doubles the longest answer asked for


class LimitName(StrEnum):
    COMMON = "max_tokens"  # known everywhere but at OpenAI's newer models
    NEW = "max_completion_tokens"


@dataclass(slots=True)
class Asking(Generic[Answered]):
    """`prompt` gives the messages, for a schema to stand in them or "" where the endpoint is handed one.

    `cache_key` goes only to hosts that keep prompts by key.
    """

    task: Task
    form: Form[Answered]
    prompt: Callable[[str], Sequence[ChatMessage]]
    settings: Llm
    rung: Rung
    limit_name: LimitName
    cache_key: str = ""
    images: tuple[Attachment, ...] = ()  # that `prompt` shows; an endpoint that refuses them is asked without
    attempts: int = field(init=False)
    failures: int = 0
    misshapen: int = 0  # answers of wrong shape on this rung
    raises: int = 0
    renamed: bool = False
    declined: bool = False
    errors: tuple[str, ...] = ()
    calls: int = 0
    seconds: float = 0.0
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0

    def __post_init__(self) -> None:
        self.attempts = self.settings.transport_attempts
        self.model = self.settings.model

    def go_to(self, rung: Rung) -> None:
        self.rung, self.misshapen, self.errors = rung, 0, ()

    def rename_limit(self) -> LimitName:
        self.renamed = True
        self.limit_name = LimitName.NEW if self.limit_name is LimitName.COMMON else LimitName.COMMON
        return self.limit_name

    def request(self, repair: ChatMessage | None = None) -> dict[str, Any]:
        """The arguments of the next call. Where prompts are kept by key, the schema belongs to what is kept."""
        self.calls += 1
        schema_in_prompt = self.form.schema_text if self.rung.schema_in_prompt else ""
        messages = [*self.prompt(schema_in_prompt), *([repair] if repair else [])]
        schema = self.form.schema if self.cache_key else self.form.pinned(self.task.id)
        request: dict[str, Any] = {
            "model": self.settings.model,
            "messages": [{"role": message.role, "content": _content(message)} for message in messages],
            self.limit_name: self.settings.max_output_tokens * 2**self.raises,
            # As it is: in a field of its own the client would walk through the schema each time.
            "extra_body": self.rung.arguments(self.form, schema),
        }
        if self.settings.temperature is not None:
            request["temperature"] = self.settings.temperature
        if self.cache_key:
            request["prompt_cache_key"] = self.cache_key
        return request

    def count(self, reply: Reply) -> None:
        self.model = reply.model or self.model
        self.prompt_tokens += reply.prompt_tokens
        self.completion_tokens += reply.completion_tokens
        self.cached_tokens += reply.cached_tokens

    def reading(self, raw: str) -> Reading:
        return Reading(
            raw=raw,
            model=self.model,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cached_tokens=self.cached_tokens,
            latency_ms=round(self.seconds * 1000),
            calls=self.calls,
        )


def _content(message: ChatMessage) -> str | list[dict[str, Any]]:
    """The text alone, or where there are images its parts."""
    if not message.images:
        return message.content
    urls = [f"data:{one.content_type};base64,{b64encode(one.data).decode()}" for one in message.images]
    return [
        {"type": "text", "text": message.content},
        *({"type": "image_url", "image_url": {"url": url}} for url in urls),
    ]
