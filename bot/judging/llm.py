"""The LLM judge: any OpenAI-compatible endpoint, asked until the answer has the one shape that can be checked.

The only module that imports openai, and only when such a judge is made: the import takes longer than an offline start.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from bot.config import Llm
from bot.errors import JudgeUnavailable, Problem
from bot.judging import llm_schema
from bot.judging.answer import Answer
from bot.judging.evidence import Evidence
from bot.judging.llm_ladder import Ladder, Rung
from bot.judging.llm_reply import TRANSIENT, CallFailed, Cause, Reply, cause_of, read_reply
from bot.judging.llm_retry import LONGEST_RETRY_AFTER, Slots, backoff, retry_after
from bot.judging.llm_schema import Review, WrongShape
from bot.judging.marked import history_mark, new_mark
from bot.judging.prompts import ChatMessage, Prompts, Task, post_labels
from bot.model import Message, Reading
from bot.texts import render

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

SHAPE_REPAIRS = 2
CAP_RAISES = 2  # each doubles the longest answer asked for
_OPENAI = "api.openai.com"
_LIMIT_NAMES = ("max_tokens", "max_completion_tokens")  # the first is known everywhere but at OpenAI's newer models

log = structlog.get_logger(__name__)


class LlmUnavailable(JudgeUnavailable):
    """`message` is the reason in any language."""

    def __init__(
        self, key: str, *, retry_after: float | None = None, setting_wrong: bool = False, **values: object
    ) -> None:
        self.message = Message(key, values)
        super().__init__(render("en", self.message), retry_after=retry_after, setting_wrong=setting_wrong)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What `probe` found. `problem` is None when drafts can be judged; `rung` is how answers are shaped then."""

    problem: Message | None
    rung: Rung | None = None
    model: str = ""  # as the endpoint names it
    latency_ms: int = 0
    models: tuple[str, ...] = ()  # what the endpoint offers; asked for only when it does not know the model


@dataclass(slots=True)
class Asking:
    """One reading under way: what it asks, what it may still try, what it has cost."""

    task: Task
    prompt: Callable[[Rung], Sequence[ChatMessage]]
    rung: Rung
    max_tokens: int
    limit_name: str
    attempts: int
    cache_key: str = ""
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

    def go_to(self, rung: Rung) -> None:
        self.rung, self.misshapen, self.errors = rung, 0, ()

    def count(self, reply: Reply) -> None:
        self.model = reply.model or self.model
        self.prompt_tokens += reply.prompt_tokens
        self.completion_tokens += reply.completion_tokens
        self.cached_tokens += reply.cached_tokens

    def reading(self, raw: str) -> Reading:
        milliseconds = round(self.seconds * 1000)
        tokens = (self.prompt_tokens, self.completion_tokens, self.cached_tokens)
        return Reading(raw, self.model, *tokens, latency_ms=milliseconds, calls=self.calls)


class LlmJudge:
    """Reads evidence with a model. One client and one set of slots for all readings; close it at the end.

    Raises Problem at once for a key or an address that cannot be sent.
    """

    def __init__(self, settings: Llm, api_key: str, prompts: Prompts) -> None:
        self._settings = settings
        self._prompts = prompts
        self._client = _client(settings, api_key)
        self._is_openai = urlsplit(str(self._client.base_url)).hostname == _OPENAI
        self._limit_name = _LIMIT_NAMES[self._is_openai]
        self._slots = Slots(settings.concurrency)
        self._ladder = Ladder()
        self._mark_key = secrets.token_bytes(32)

    @property
    def kind(self) -> str:
        return "llm"

    @property
    def model(self) -> str:
        return self._settings.model

    @property
    def prompt_hash(self) -> str:
        return self._prompts.hash

    async def close(self) -> None:
        await self._client.close()

    async def read(self, evidence: Evidence) -> Answer:
        """All six criteria as the model sees them; nothing but the shape is checked. Raises JudgeUnavailable."""
        task = Task(_task_id(), history_mark(self._mark_key, evidence.snapshot), new_mark())
        asking = self._asking(task, lambda rung: self._prompts.messages(evidence, task, _schema_in_prompt(rung)))
        asking.cache_key = self._cache_key(evidence)
        review, raw = await self._ask(asking)
        reading = asking.reading(raw)
        if review is None:
            return llm_schema.declined(reading)
        return llm_schema.answer(review, post_labels(evidence.posts), reading)

    async def probe(self) -> Capabilities:
        """Asks once for a small answer of the real shape and says what is wrong; never raises JudgeUnavailable."""
        task = Task(_task_id(), new_mark(), new_mark())
        asking = self._asking(task, lambda rung: self._prompts.check(task, _schema_in_prompt(rung)))
        asking.attempts = 1
        try:
            review, _ = await self._ask(asking)
        except LlmUnavailable as gone:
            names = await self._model_names() if gone.message.key == "llm.unknown_model" else ()
            return Capabilities(gone.message, models=names)
        problem = Message("llm.declined") if review is None else None
        return Capabilities(problem, asking.rung, asking.model, round(asking.seconds * 1000))

    def _asking(self, task: Task, prompt: Callable[[Rung], Sequence[ChatMessage]]) -> Asking:
        settings = self._settings
        return Asking(
            task,
            prompt,
            self._ladder.rung,
            settings.max_output_tokens,
            self._limit_name,
            settings.transport_attempts,
            model=settings.model,
        )

    async def _ask(self, asking: Asking) -> tuple[Review | None, str]:
        """The review and its raw text; None where the model declines. Each way round the loop spends from a budget."""
        while True:
            try:
                async with self._slots.hold(asking.calls):
                    reply = await self._call(asking)
                review = llm_schema.parse(reply.text, asking.task)
            except WrongShape as wrong:
                self._after_wrong_shape(asking, wrong)
            except CallFailed as failed:
                if failed.cause is Cause.DECLINED and asking.declined:
                    return None, ""
                await self._after_failure(asking, failed)
            else:
                self._ladder.proven.add(asking.rung)
                return review, reply.text

    async def _call(self, asking: Asking) -> Reply:
        """One request, one reply. Raises CallFailed; what the endpoint said goes no further than its cause."""
        import openai

        asking.calls += 1
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                response = await self._client.chat.completions.with_raw_response.create(**self._request(asking))
        except (TimeoutError, openai.APITimeoutError):
            raise CallFailed(Cause.TIMEOUT) from None
        except openai.APIStatusError as error:
            raise _failure(error) from None
        except openai.APIError:
            raise CallFailed(Cause.UNREACHABLE) from None
        finally:
            asking.seconds += time.monotonic() - started
        reply = read_reply(response.content)
        asking.count(reply)
        if reply.failure:
            raise CallFailed(reply.failure)
        return reply

    def _request(self, asking: Asking) -> dict[str, Any]:
        messages = [*asking.prompt(asking.rung)]
        if asking.errors:
            messages.append(self._prompts.repair(asking.task, asking.errors))
        schema = llm_schema.json_schema() if self._is_openai else llm_schema.pinned(asking.task.id)
        request: dict[str, Any] = {
            "model": self._settings.model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            asking.limit_name: asking.max_tokens,
            **asking.rung.arguments(schema),
        }
        if self._settings.temperature is not None:
            request["temperature"] = self._settings.temperature
        if self._is_openai and asking.cache_key:
            request["prompt_cache_key"] = asking.cache_key
        return request

    async def _after_failure(self, asking: Asking, failed: CallFailed) -> None:
        """Waits or changes what is asked, so that another call makes sense. Raises LlmUnavailable where none does."""
        asking.failures += 1
        log.info("llm call failed", cause=failed.cause, status=failed.status, call=asking.calls)
        if failed.cause in TRANSIENT:
            await self._wait(asking, failed)
        elif failed.cause is Cause.NO_CAPABILITY:
            self._step_down(asking, self._unavailable(failed, setting_wrong=True))
        elif failed.cause is Cause.DECLINED:
            asking.declined = True
            asking.go_to(asking.rung.other())
        elif failed.cause is Cause.LIMIT_NAME and not asking.renamed:
            asking.renamed = True
            asking.limit_name = _LIMIT_NAMES[asking.limit_name == _LIMIT_NAMES[0]]
            self._limit_name = asking.limit_name
        elif failed.cause is Cause.CUT_SHORT and asking.raises < CAP_RAISES:
            asking.raises += 1
            asking.max_tokens *= 2
        else:
            raise self._unavailable(failed, setting_wrong=failed.cause is not Cause.CUT_SHORT)

    async def _wait(self, asking: Asking, failed: CallFailed) -> None:
        asking.attempts -= 1
        if asking.attempts <= 0 or (failed.wait or 0) > LONGEST_RETRY_AFTER:
            raise self._unavailable(failed, retry_after=failed.wait)
        await asyncio.sleep((failed.wait or 0) + backoff(asking.failures))

    def _after_wrong_shape(self, asking: Asking, wrong: WrongShape) -> None:
        asking.misshapen += 1
        asking.errors = wrong.errors
        log.info("llm answer unusable", rung=asking.rung.name, faults=len(wrong.errors), call=asking.calls)
        unproven = asking.rung not in self._ladder.proven
        gone = LlmUnavailable("llm.misshapen", model=self.model)
        if unproven and asking.misshapen >= SHAPE_REPAIRS and not asking.declined:
            self._step_down(asking, gone)
        elif asking.misshapen > SHAPE_REPAIRS:
            raise gone

    def _step_down(self, asking: Asking, gone: LlmUnavailable) -> None:
        """The endpoint does not take this rung, or takes it and does not obey. Raises `gone` below the last one."""
        self._ladder.step_below(asking.rung)
        lower = asking.rung.lower()
        if lower is None:
            raise gone
        asking.go_to(lower)

    def _unavailable(self, failed: CallFailed, **more: Any) -> LlmUnavailable:
        return LlmUnavailable(
            f"llm.{failed.cause}",
            model=self.model,
            url=str(self._client.base_url),
            status=failed.status,
            seconds=self._settings.timeout_seconds,
            **more,
        )

    def _cache_key(self, evidence: Evidence) -> str:
        parts = (self.prompt_hash, self.model, evidence.campaign.brand.name, evidence.campaign.name, evidence.snapshot)
        return sha256("|".join(parts).encode()).hexdigest()[:32]

    async def _model_names(self) -> tuple[str, ...]:
        import openai

        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                page = await self._client.models.list()
        except (TimeoutError, openai.APIError):
            return ()
        return tuple(sorted(model.id for model in page.data))


def _client(settings: Llm, api_key: str) -> AsyncOpenAI:
    """Raises Problem for an address or key that no request could carry. The client wants a key where servers do not."""
    from openai import AsyncOpenAI

    if settings.base_url and not _is_web_address(settings.base_url):
        raise Problem("llm_problem.base_url", url=settings.base_url)
    if not (api_key.isascii() and api_key.isprintable()):
        raise Problem("llm_problem.key", name=settings.key_env)
    return AsyncOpenAI(
        api_key=api_key or "none",
        base_url=settings.base_url or None,
        timeout=settings.timeout_seconds,
        max_retries=0,
    )


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _failure(error: APIStatusError) -> CallFailed:
    headers = error.response.headers
    wait = retry_after(headers.get("retry-after-ms"), headers.get("retry-after"), datetime.now(UTC))
    complaint = f"{error.code} {error.param} {error.message}"
    return CallFailed(cause_of(error.status_code, complaint), status=error.status_code, wait=wait)


def _schema_in_prompt(rung: Rung) -> str:
    return llm_schema.schema_text() if rung.schema_in_prompt else ""


def _task_id() -> str:
    return f"T-{secrets.token_hex(4)}"
