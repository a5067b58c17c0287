"""The LLM judge: any OpenAI-compatible endpoint, asked until the answer has the one shape that can be checked.

The only module that imports openai, and only when such a judge is made: the import takes longer than an offline start.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from bot.config import Llm
from bot.errors import JudgeUnavailable, Problem
from bot.judging import dossier, dossier_llm
from bot.judging.answer import Answer
from bot.judging.evidence import Evidence
from bot.judging.llm.asking import CAP_RAISES, Asking, LimitName
from bot.judging.llm.form import Answered, Form, WrongShape
from bot.judging.llm.ladder import Ladder, Rung
from bot.judging.llm.reply import TRANSIENT, CallFailed, Cause, Reply, cause_of, read_models, read_reply
from bot.judging.llm.retry import LONGEST_RETRY_AFTER, Slots, backoff, retry_after
from bot.judging.llm.schema import REVIEW, answer, declined
from bot.judging.marked import history_mark, new_mark
from bot.judging.prompts import ChatMessage, Prompts, Task, chunk_labels, post_labels
from bot.model.dossiers import ReadChunk
from bot.model.drafts import Attachment
from bot.model.messages import Message
from bot.model.posts import PastPost
from bot.model.verdicts import Reading
from bot.texts import render

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncAPIResponse, AsyncOpenAI

SHAPE_REPAIRS = 4  # one answer in twenty broken off by chance must not cost one draft in 200
MOST_BYTES = 16 * 2**20  # of a reply: the longest answer is far below, and an endless one must not fill the memory
DISOBEYED = 2  # answers of wrong shape after which a way of asking that has never worked is given up
_OPENAI = "api.openai.com"
_OF_IMAGES = re.compile("image|vision|multi-?modal", re.IGNORECASE)

log = structlog.get_logger(__name__)


class LlmUnavailable(JudgeUnavailable):
    """`message` is the reason in any language."""

    def __init__(
        self, key: str, *, retry_after: float | None = None, setting_wrong: bool = False, **values: object
    ) -> None:
        message, is_long = Message(key, values), key == f"llm.{Cause.TOO_LONG}"
        why = render("en", message)
        super().__init__(why, retry_after=retry_after, setting_wrong=setting_wrong, one_draft=is_long)
        self.message = message


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What `probe` found. `problem` is None when drafts can be judged; `rung` is how answers are shaped then."""

    problem: Message | None
    rung: Rung | None = None
    model: str = ""  # as the endpoint names it
    latency_ms: int = 0
    models: tuple[str, ...] = ()  # what the endpoint offers; asked for only when it does not know the model


class LlmJudge:
    """Reads evidence with a model. One client and one set of slots for all readings; close it at the end.

    Raises Problem at once for a key or an address that cannot be sent.
    """

    def __init__(self, settings: Llm, api_key: str, prompts: Prompts) -> None:
        self._settings = settings
        self._prompts = prompts
        self._client = _client(settings, api_key)
        self._is_openai = urlsplit(str(self._client.base_url)).hostname == _OPENAI
        self._limit_name = LimitName.NEW if self._is_openai else LimitName.COMMON
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

    @property
    def chunk_prompt_hash(self) -> str:
        return self._prompts.chunk_hash

    async def close(self) -> None:
        await self._client.close()

    async def read(self, evidence: Evidence) -> Answer:
        """All six criteria as the model sees them; nothing but the shape is checked. Raises JudgeUnavailable."""
        task = Task(_task_id(), history_mark(self._mark_key, evidence.snapshot), new_mark())

        def prompt(schema: str) -> Sequence[ChatMessage]:
            return self._prompts.messages(replace(evidence, images=asking.images), task, schema)

        asking = self._asking(task, REVIEW, prompt)
        asking.images = self._shown(evidence.images)
        if self._is_openai:
            asking.cache_key = self._cache_key(evidence)
        review, raw = await self._ask(asking)
        reading = asking.reading(raw)
        if review is None:
            return declined(reading)
        return replace(answer(review, post_labels(evidence), reading), seen=asking.images)

    async def read_chunk(self, posts: Sequence[PastPost]) -> tuple[ReadChunk, Reading]:
        """What one chunk of a history says, each statement checked against its posts. Raises JudgeUnavailable."""
        task = Task(_task_id(), new_mark(), new_mark())
        limit = dossier.most_statements(posts)
        asking = self._asking(task, dossier_llm.NOTES, lambda schema: self._prompts.chunk(posts, limit, task, schema))
        notes, _ = await self._ask(asking)
        if notes is None:
            return ReadChunk(declined=True), asking.reading("")
        return dossier.check(dossier_llm.claimed(notes, chunk_labels(posts)), posts), asking.reading("")

    async def probe(self) -> Capabilities:
        """Asks once for a small answer of the real shape and says what is wrong; never raises JudgeUnavailable."""
        task = Task(_task_id(), new_mark(), new_mark())
        asking = self._asking(task, REVIEW, lambda schema: self._prompts.check(task, schema))
        asking.attempts = 1
        try:
            review, _ = await self._ask(asking)
        except LlmUnavailable as gone:
            names = await self._model_names() if gone.message.key == "llm.unknown_model" else ()
            return Capabilities(gone.message, models=names)
        problem = Message("llm.declined") if review is None else None
        return Capabilities(problem, asking.rung, asking.model, round(asking.seconds * 1000))

    def _asking(
        self, task: Task, form: Form[Answered], prompt: Callable[[str], Sequence[ChatMessage]]
    ) -> Asking[Answered]:
        return Asking(task, form, prompt, self._settings, self._ladder.rung, self._limit_name)

    def _shown(self, images: Sequence[Attachment]) -> tuple[Attachment, ...]:
        most = self._settings.max_image_mb * 2**20 if self._settings.images else 0
        return tuple(image for image in images if len(image.data) <= most)

    async def _ask(self, asking: Asking[Answered]) -> tuple[Answered | None, str]:
        """The answer and its raw text; None where the model declines. Raises LlmUnavailable with what was spent."""
        try:
            return await self._answer(asking)
        except LlmUnavailable as gone:
            if asking.prompt_tokens or asking.completion_tokens:
                gone.spent = (asking.reading(""),)
            raise

    async def _answer(self, asking: Asking[Answered]) -> tuple[Answered | None, str]:
        """Each way round the loop spends from a budget."""
        while True:
            try:
                async with self._slots.hold(asking.calls):
                    reply = await self._call(asking)
                answer = asking.form.parse(reply.text, asking.task)
            except WrongShape as wrong:
                self._after_wrong_shape(asking, wrong)
            except CallFailed as failed:
                if failed.cause is Cause.DECLINED and asking.declined:
                    return None, ""
                await self._after_failure(asking, failed)
            else:
                self._ladder.proven.add(asking.rung)
                return answer, reply.text

    async def _call(self, asking: Asking[Any]) -> Reply:
        """One request, one reply. Raises CallFailed; what the endpoint said goes no further than its cause."""
        import httpx2  # comes with openai, whose client it is
        import openai

        repair = self._prompts.repair(asking.task, asking.errors) if asking.errors else None
        request = asking.request(repair)
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                async with self._client.chat.completions.with_streaming_response.create(**request) as response:
                    body = await _body(response)
        except (TimeoutError, openai.APITimeoutError):
            raise CallFailed(Cause.TIMEOUT) from None
        except openai.APIStatusError as error:
            raise _failure(error, has_images=bool(asking.images)) from None
        except (openai.APIError, httpx2.HTTPError):  # the latter in the midst of the answer
            raise CallFailed(Cause.UNREACHABLE) from None
        finally:
            asking.seconds += time.monotonic() - started
        reply = read_reply(body)
        asking.count(reply)
        if reply.failure:
            raise CallFailed(reply.failure)
        return reply

    async def _after_failure(self, asking: Asking[Any], failed: CallFailed) -> None:
        """Waits or changes what is asked, so that another call makes sense. Raises LlmUnavailable where none does."""
        asking.failures += 1
        log.info("llm call failed", cause=failed.cause, status=failed.status, call=asking.calls)
        if failed.cause in TRANSIENT:
            await self._wait(asking, failed)
        elif asking.images and failed.cause in (Cause.REFUSED, Cause.TOO_LONG):
            asking.images = ()
        elif failed.cause is Cause.NO_CAPABILITY:
            self._step_down(asking, self._unavailable(failed, setting_wrong=True))
        elif failed.cause is Cause.DECLINED:
            asking.declined = True
            asking.go_to(asking.rung.other())
        elif failed.cause is Cause.LIMIT_NAME and not asking.renamed:
            self._limit_name = asking.rename_limit()
        elif failed.cause is Cause.CUT_SHORT and asking.raises < CAP_RAISES:
            asking.raises += 1
        else:
            raise self._unavailable(failed, setting_wrong=failed.cause is not Cause.CUT_SHORT)

    async def _wait(self, asking: Asking[Any], failed: CallFailed) -> None:
        asking.attempts -= 1
        if asking.attempts <= 0 or (failed.wait or 0) > LONGEST_RETRY_AFTER:
            raise self._unavailable(failed, retry_after=failed.wait)
        await asyncio.sleep((failed.wait or 0) + backoff(asking.failures))

    def _after_wrong_shape(self, asking: Asking[Any], wrong: WrongShape) -> None:
        asking.misshapen += 1
        asking.errors = wrong.errors
        log.info("llm answer unusable", rung=asking.rung, faults=len(wrong.errors), call=asking.calls)
        unproven = asking.rung not in self._ladder.proven
        gone = LlmUnavailable("llm.misshapen", model=self.model)
        if unproven and asking.misshapen >= DISOBEYED and not asking.declined:
            self._step_down(asking, gone)
        elif asking.misshapen > SHAPE_REPAIRS:
            raise gone

    def _step_down(self, asking: Asking[Any], gone: LlmUnavailable) -> None:
        """The endpoint does not take this rung, or takes it and does not obey. Raises `gone` below the last one."""
        self._ladder.step_below(asking.rung)
        lower = asking.rung.below()
        if lower is None:
            raise gone
        asking.go_to(lower)

    def _unavailable(self, failed: CallFailed, **more: Any) -> LlmUnavailable:
        return LlmUnavailable(
            f"llm.{failed.cause}",
            model=self.model,
            url=re.sub(r"//[^/@]*@", "//", str(self._client.base_url)),  # a password in it is nobody's business
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
                response = await self._client.models.with_raw_response.list()
        except (TimeoutError, openai.APIError):
            return ()
        return read_models(response.content)


def _client(settings: Llm, api_key: str) -> AsyncOpenAI:
    """Raises Problem for an address or key that no request could carry. The client wants a key where servers do not."""
    from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

    if settings.base_url and not _is_web_address(settings.base_url):
        raise Problem("llm_problem.base_url", url=settings.base_url)
    if not (api_key.isascii() and api_key.isprintable()):
        raise Problem("llm_problem.key", name=settings.key_env)
    local = _is_loopback(urlsplit(settings.base_url).hostname or "")  # no proxy leads to this machine
    return AsyncOpenAI(
        api_key=api_key or "none",
        base_url=settings.base_url or None,
        timeout=settings.timeout_seconds,
        max_retries=0,
        # Drafts and posts go to the address that was set, and to no other one that it may name.
        http_client=DefaultAsyncHttpx2Client(trust_env=not local, follow_redirects=False),
    )


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def _body(response: AsyncAPIResponse[Any]) -> bytes:
    """Raises CallFailed for more than any completion is long."""
    read = bytearray()
    async for part in response.iter_bytes():
        read += part
        if len(read) > MOST_BYTES:
            raise CallFailed(Cause.NO_API)
    return bytes(read)


def _failure(error: APIStatusError, *, has_images: bool) -> CallFailed:
    headers = error.response.headers
    wait = retry_after(headers.get("retry-after-ms"), headers.get("retry-after"), datetime.now(UTC))
    complaint = f"{error.code} {error.param} {error.message}"
    cause = cause_of(error.status_code, complaint)
    if has_images and cause not in (Cause.BUSY, Cause.QUOTA, Cause.KEY_REFUSED) and _OF_IMAGES.search(complaint):
        cause = Cause.REFUSED  # endpoints refuse images by 400, 404, 422 and even 500
    return CallFailed(cause, status=error.status_code, wait=wait)


def _task_id() -> str:
    return f"T-{secrets.token_hex(4)}"
