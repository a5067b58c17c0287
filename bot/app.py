"""The one place that wires store, judge, queue and chat from the settings."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.config import Settings, secret
from bot.errors import Problem
from bot.judging.answer import Judge
from bot.judging.offline import OfflineJudge
from bot.model import AnswerAddress, AnswerKind, Outcome, Visibility
from bot.services.reviewing import Reviewer
from bot.services.submit import Submission, read_text_file, submit
from bot.store import drafts
from bot.store.database import Store, open_store
from bot.store.verdicts import HistoryQuery, Page, StoredVerdict

if TYPE_CHECKING:
    from bot.judging.llm import LlmJudge

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[Store]:
    """The database of the settings, closed at the end. Raises Problem where it cannot be opened."""
    store = await open_store(settings.database.path)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def made_judge(settings: Settings) -> AsyncIterator[Judge]:
    """The LLM judge where the settings name a model, else the offline one. Raises Problem for a missing key."""
    if not settings.llm.model:
        yield OfflineJudge()
        return
    judge = llm_judge(settings)
    try:
        yield judge
    finally:
        await judge.close()


def llm_judge(settings: Settings) -> LlmJudge:
    """Raises Problem: no endpoint, no key, or templates that cannot be used."""
    from bot.judging.llm import LlmJudge
    from bot.judging.prompts import Prompts, shipped_folder

    key = secret(settings.llm.key_env, settings.llm.key_file)
    local = settings.llm.base_url and "openai.com" not in settings.llm.base_url
    if key is None and not local:
        raise Problem("app_problem.no_key", env=settings.llm.key_env)
    return LlmJudge(settings.llm, key or "none", Prompts(settings.review.prompts or shipped_folder()))


async def review_file(
    settings: Settings,
    guild_id: int,
    path: Path,
    handle: str,
    campaign: str,
    *,
    format: str | None,
    now: datetime | None,
    language: str,
) -> StoredVerdict:
    """Reviews one draft from a file (`-`: standard input) and logs the verdict. Raises Problem, JudgeUnavailable."""
    text = _draft_text(path)
    moment = now or utc_now()
    address = AnswerAddress(AnswerKind.NONE, language=language)
    async with opened_store(settings) as store, made_judge(settings) as judge:
        submission = Submission(
            guild_id=guild_id,
            handle=handle,
            campaign=campaign,
            author_id=0,
            author_name="command line",
            visibility=Visibility.TEAM,
            source_key=f"cli:{uuid4()}",
            text=text,
            answer=address,
            format=format,
        )
        submitted = await submit(store, submission, settings.review, moment)
        async with store.write() as conn:
            await drafts.claim(conn, submitted.revision_id)
        return await Reviewer(store, judge, settings.review, lambda: moment).handle(submitted.revision_id)


def _draft_text(path: Path) -> str:
    if str(path) == "-":
        return read_text_file("standard input", sys.stdin.buffer.read())
    try:
        return read_text_file(path.name, path.read_bytes())
    except OSError:
        raise Problem("app_problem.no_draft_file", path=str(path)) from None


def evaluate_directory(
    directory: Path,
    *,
    judge: str,
    limit: int | None,
    newest: int | None,
    prefix: str,
    unfitted: bool,
    settings: Settings,
    on_progress: Callable[[int, int], None],
) -> Report:
    """Measures a judge on labelled drafts. Raises Problem for data that cannot be used or a model not configured."""
    from bot.evaluation import OfflineScorer, evaluate

    make_scorer: Callable[[Sequence[Creator]], Scorer] = OfflineScorer
    if judge == "llm":
        if not settings.llm.model:
            raise Problem("app_problem.no_model")
        make_scorer = partial(LlmScorer, llm_judge(settings), settings.review)
    fold: Fold = "unfitted" if unfitted else "all"
    options = {"prefix": prefix, "newest": newest, "limit": limit}
    return evaluate(directory, fold=fold, make_scorer=make_scorer, on_progress=on_progress, **options)


async def find_history(
    settings: Settings,
    guild_id: int,
    handle: str | None,
    campaign: str | None,
    outcome: str | None,
    since: datetime | None,
    until: datetime | None,
    text: str | None,
    limit: int,
) -> Page:
    """Team verdicts, newest first; `until` is the last day included. Raises Problem for an unknown name or outcome."""
    from bot.services import lookup

    query = HistoryQuery(
        influencer=handle,
        campaign=campaign,
        outcome=lookup.outcome_named(outcome) if outcome else None,
        since=since,
        until=until and until + timedelta(days=1),
        text=text or "",
    )
    async with opened_store(settings) as store:
        await lookup.check_names(store, guild_id, query)
        return await lookup.search(store, guild_id, query, size=limit)
