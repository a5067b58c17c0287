"""The one place that wires store, judge, queue and chat from the settings."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.config import Settings, secret
from bot.errors import BudgetSpent, JudgeUnavailable, Problem
from bot.judging.answer import Judge
from bot.judging.dossier import ChunkReader
from bot.judging.offline import OfflineJudge
from bot.log import start_log
from bot.model.drafts import AnswerAddress, AnswerKind
from bot.model.posts import Visibility
from bot.services.dossiers import OnDossier
from bot.services.progress import Board
from bot.services.reviewing import Reviewer
from bot.services.submit import Submission, read_text_file, submit
from bot.store import drafts
from bot.store.database import PATIENCE, Store, open_store
from bot.store.verdicts import HistoryQuery, Page, StoredVerdict
from bot.texts import text

if TYPE_CHECKING:
    from bot.evaluation.compare import Comparison
    from bot.evaluation.measures import Report
    from bot.judging.llm.judge import LlmJudge

YOUNG = 10_000  # objects, after which Python looks for garbage in circles: at its 700 a fifth of the work in a crowd
CHAT_PATIENCE = 1.0  # seconds: three after a click nobody can be told any more that the database is held


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def opened_store(
    settings: Settings, *, patience: float = PATIENCE, is_locked: bool = False
) -> AsyncIterator[Store]:
    """The database of the settings, closed at the end. Raises Problem where it cannot be opened."""
    store = await open_store(settings.database.path, patience=patience, is_locked=is_locked)
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
    from bot.judging.llm.judge import LlmJudge
    from bot.judging.prompts import Prompts, shipped_folder

    key = secret(settings.llm.key_env, settings.llm.key_file)
    local = settings.llm.base_url and "openai.com" not in settings.llm.base_url
    if key is None and not local:
        raise Problem("app_problem.no_key", env=settings.llm.key_env)
    return LlmJudge(settings.llm, key or "none", Prompts(settings.review.prompts or shipped_folder()))


async def run_bot(settings: Settings) -> None:
    """Runs the bot until SIGINT or SIGTERM. Raises Problem: no token, a database in use, a login refused."""
    token = secret(settings.discord.token_env, settings.discord.token_file)
    if token is None:
        raise Problem("app_problem.no_token", env=settings.discord.token_env)
    start_log(settings.log)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running_bot(settings, token, stop) as client:
        await client


@asynccontextmanager
async def running_bot(settings: Settings, token: str, stop: asyncio.Event) -> AsyncIterator[asyncio.Task[None]]:
    """Store, judge, queue and client, running together until `stop` is set. Gives the client's task, to wait for.

    Raises Problem where another process works on the same database, or it turns out to be damaged.
    """
    from bot.chat.client import ReviewBot, run_client
    from bot.jobs.embedded import EmbeddedQueue
    from bot.jobs.upkeep import run_upkeep
    from bot.store.lock import hold_lock

    if settings.discord.api_url:
        from bot.sandbox.connect import point_discord_at

        point_discord_at(settings.discord.api_url)
    answer_stored = asyncio.Event()
    with hold_lock(settings.database.path):
        async with (
            opened_store(settings, patience=CHAT_PATIENCE, is_locked=True) as store,
            made_judge(settings) as judge,
        ):
            queue = EmbeddedQueue(store, concurrency=settings.llm.concurrency, clock=utc_now)
            board = Board()
            reviewer = Reviewer(store, judge, settings.review, utc_now, llm=settings.llm, board=board)

            async def review(revision_id: int) -> bool:
                stored = await reviewer.handle(revision_id)
                answer_stored.set()
                return bool(stored.verdict.judge.readings)

            def build() -> ReviewBot:
                return ReviewBot(
                    store=store, queue=queue, settings=settings, clock=utc_now, answer_stored=answer_stored, board=board
                )

            gc.collect()
            gc.freeze()  # what is here now stays: to walk through all of it again takes a tenth of a second each time
            gc.set_threshold(YOUNG)
            working = asyncio.create_task(queue.run(review, stop), name="queue")
            prompt_hash = judge.chunk_prompt_hash if isinstance(judge, ChunkReader) else None
            upkeep = asyncio.create_task(run_upkeep(store, utc_now, stop, prompt_hash=prompt_hash), name="upkeep")
            client = asyncio.create_task(run_client(build, token, stop), name="client")
            for task in (working, upkeep):  # taking in drafts that nobody judges would be a false promise
                task.add_done_callback(lambda _: stop.set())
            try:
                yield client
            finally:
                stop.set()
                queue.wake()
                upkeep.cancel()
                await asyncio.wait({working, client, upkeep})
            for task in (working, upkeep):
                if not task.cancelled():
                    task.result()


def back_up(settings: Settings, target: Path, on_progress: Callable[[int, int], None], *, overwrite: bool) -> str:
    """Copies the database of the settings, a bot may be using it; what was done, in words. Raises Problem."""
    from bot.store import backup

    backup.back_up(settings.database.path, target, on_progress, overwrite=overwrite)
    return text("en", "backup.done", path=target, size=target.stat().st_size / 2**20)


async def restore(settings: Settings, source: Path, on_progress: Callable[[int, int], None]) -> str:
    """Puts a backup in the place of the database of the settings; what was done, in words. Raises Problem."""
    from bot.store import backup

    path = settings.database.path
    kept = await backup.restore(path, source, utc_now(), on_progress)
    sentences = [text("en", "restore.done", path=path, source=source)]
    if kept is not None:
        sentences.append(text("en", "restore.kept", kept=kept))
    return "\n".join(sentences)


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
    on_dossier: OnDossier | None = None,
) -> StoredVerdict:
    """Reviews one draft from a file (`-`: standard input) and logs the verdict. Raises Problem, JudgeUnavailable."""
    draft = _draft_text(path)
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
            text=draft,
            answer=address,
            format=format,
        )
        submitted = await submit(store, submission, settings.review, moment, claim=True)
        reviewer = Reviewer(store, judge, settings.review, lambda: moment, on_dossier, llm=settings.llm)
        try:
            return await reviewer.handle(submitted.revision_id)
        except JudgeUnavailable as away:  # nobody waits here for a later verdict
            async with store.write() as conn:
                await drafts.fail(conn, submitted.revision_id, away.why)
            if isinstance(away, BudgetSpent):
                raise Problem("app_problem.budget_spent", until=f"{away.until:%Y-%m-%d}") from None
            raise Problem("app_problem.judge_away", why=away.why) from None


def _draft_text(path: Path) -> str:
    if str(path) == "-":
        return read_text_file("standard input", sys.stdin.buffer.read())
    try:
        return read_text_file(path.name, path.read_bytes())
    except OSError:
        raise Problem("app_problem.no_draft_file", path=str(path)) from None


async def evaluate_directory(
    directory: Path,
    *,
    judge: str,
    limit: int | None,
    newest: int | None,
    prefix: str,
    unfitted: bool,
    settings: Settings,
    on_progress: Callable[[int, int], None],
    plot: Path | None = None,
    save: Path | None = None,
    against: Path | None = None,
) -> tuple[Report, Comparison | None]:
    """Measures a judge on labelled drafts; draws the reliability plot, saves the scores, compares with a saved run.

    Raises Problem for data or files that cannot be used and a model not configured, all before a draft is scored.
    """
    from bot.evaluation import compare
    from bot.evaluation.labelled import read_labelled, select
    from bot.evaluation.scored import Scored, key_of
    from bot.evaluation.scorers import JudgeScorer, OfflineScorer
    from bot.evaluation.scoring import evaluate

    if judge == "llm" and not settings.llm.model:
        raise Problem("app_problem.no_model")
    _check_targets(plot, save)
    try:
        labelled = read_labelled(directory, prefix)
        labelled = select(labelled, newest=newest, limit=limit, fold="unfitted" if unfitted else "all")
    except ValueError as error:
        raise Problem("app_problem.labelled_data", why=str(error)) from None
    earlier = compare.read_saved(against) if against else ()
    if against and {draft.key for draft in earlier}.isdisjoint(map(key_of, labelled.drafts)):
        raise Problem("eval.nothing_shared", path=str(against))
    async with made_judge(settings) as model:
        scorer = JudgeScorer(model, settings.review) if judge == "llm" else OfflineScorer()
        run = await evaluate(labelled, scorer, on_progress)
    if save:
        compare.save(run, save)
    if plot:
        from bot.evaluation.plot import draw

        draw(Scored.of_drafts(run.drafts), plot)
    return run.report, compare.compare(earlier, run.drafts) if earlier else None


def _check_targets(plot: Path | None, save: Path | None) -> None:
    """Raises Problem where a file could not come to stand, before hours of scoring go into it."""
    if plot and plot.suffix.lower() != ".png":
        raise Problem("eval.not_png", path=str(plot))
    for path in (plot, save):
        if path and (path.is_dir() or not path.parent.is_dir()):
            raise Problem("eval.no_target", path=str(path))


def check_disclosure(
    caption: str,
    countries: Sequence[str],
    platform: str,
    format: str,
    relation: str,
    language: str,
    *,
    brand: str = "",
    overlay: Sequence[str] = (),
    spoken: str | None = None,
    audience: Sequence[str] = (),
    tool: bool = False,
    as_json: bool = False,
) -> tuple[str, int]:
    """The disclosure check in words, and the exit status: 0 pass, 1 to be mended, 3 cannot be judged by what was given.

    Raises Problem for a country, format or relation there are no rules for.

    `overlay` is the text on the pictures, one a frame; `spoken` what is said. `audience` are codes of the languages it
    reads, where they are not those of the countries. `tool` says that the platform's own setting is on.
    """
    import json

    from bot.judging.disclosure.check import check
    from bot.judging.disclosure.messages import as_data, report
    from bot.judging.disclosure.ready import with_ready_line
    from bot.judging.disclosure.rulebook import FINE, Outcome

    try:
        asked = partial(
            check,
            countries=countries,
            platform=platform,
            format=format,
            relation=relation,
            brand=brand,
            overlay_text=overlay,
            spoken_text=spoken,
            audience_languages=audience or None,
            tool=tool,
        )
        found = with_ready_line(caption, asked)
    except ValueError as error:
        raise Problem("app_problem.disclosure", why=str(error)) from None
    status = 3 if found.outcome is Outcome.NOT_ASSESSABLE else 0 if found.outcome in FINE else 1
    if as_json:
        return json.dumps(as_data(found, language, format=format), ensure_ascii=False, indent=2), status
    return report(found, language, format=format), status


async def find_one(settings: Settings, guild_id: int, number: str) -> StoredVerdict:
    """One team verdict by its number. Raises Problem where there is none."""
    from bot.services import lookup

    async with opened_store(settings) as store:
        return await lookup.show(store, guild_id, number, viewer_id=None, missing="lookup_problem.not_listed")


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
    *,
    brand: str | None = None,
    decision: str | None = None,
    person: int | None = None,
) -> Page:
    """Team verdicts, newest first; `until` is the last day included. Raises Problem for an unknown name, outcome or
    decision."""
    from bot.services import lookup

    query = HistoryQuery(
        influencer=handle,
        campaign=campaign,
        outcome=lookup.outcome_named(outcome) if outcome else None,
        since=since,
        until=until and until + timedelta(days=1),
        text=text or "",
        brand=brand,
        decision=lookup.decision_named(decision) if decision else None,
        person=person,
    )
    async with opened_store(settings) as store:
        await lookup.check_names(store, guild_id, query)
        return await lookup.search(store, guild_id, query, size=limit)
