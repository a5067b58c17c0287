"""The command line. Each command imports what it needs when it runs, so that --help is there at once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.evaluation.compare import Comparison
    from bot.evaluation.measures import Report

T = TypeVar("T")
PROBLEM = 2  # exit status for input that cannot be used

app = typer.Typer(
    name="python -m bot",
    help="Judges drafted sponsored posts against the influencer's own past posts, with quotes checked word for word.",
    epilog="Start with: python -m bot demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Config = Annotated[
    Path | None, typer.Option("--config", help="Settings file.  [default: ./config.toml if there is one]")
]
Guild = Annotated[int | None, typer.Option(help="Discord server id.  [default: [discord] guild of the settings]")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


class JudgeChoice(StrEnum):
    OFFLINE = "offline"
    LLM = "llm"


class Language(StrEnum):
    EN = "en"
    JA = "ja"


class DraftFormat(StrEnum):
    CAPTION = "caption"
    VIDEO = "video"
    STORY = "story"


class PostFormat(StrEnum):
    AUTO = "auto"
    CSV = "csv"
    JSONL = "jsonl"


def main() -> None:
    """Runs one command. A Problem is one sentence on stderr and exit status 2; Ctrl-C is 130."""
    from bot.errors import JudgeUnavailable, Problem

    try:
        app()
    except (Problem, JudgeUnavailable) as problem:
        typer.echo(str(problem), err=True)
        sys.exit(PROBLEM)
    except BrokenPipeError:  # the reader of our output went away: `... | head`
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Post the sample drafts, print the cards, exit.")] = False,
    language: Annotated[Language, typer.Option(help="Language of the cards.")] = Language.EN,
) -> None:
    """See it work: a loopback Discord, the real bot, sample influencers and drafts. Needs no token and no model."""
    from bot.demo import run_demo

    _run(run_demo(once=once, language=language.value))


@app.command()
def run(config: Config = None) -> None:
    """Run the bot on Discord, with the settings from config.toml. Stop it with Ctrl-C."""
    from bot.app import run_bot

    _run(run_bot(_settings(config)))


@app.command()
def load(
    workspace: Annotated[Path, typer.Argument(help="A workspace.toml; bot/sample/workspace.toml is an example.")],
    config: Config = None,
    guild: Guild = None,
) -> None:
    """Load brands, campaigns and influencers from a file. Loading it again changes only what differs."""
    from bot.app import opened_store
    from bot.services.library import load_workspace
    from bot.terminal import print_load, progress_bar

    async def work() -> None:
        settings = _settings(config)
        async with opened_store(settings) as store:
            with progress_bar("Loading") as on_progress:
                report = await load_workspace(store, _guild(settings, guild), workspace, on_progress)
        print_load(report)

    _run(work())


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="CSV or JSON Lines with one post a row; columns are found by name.")],
    influencer: Annotated[str, typer.Option(help="Whose posts these are, e.g. @handle.")],
    format_: Annotated[PostFormat, typer.Option("--format", help="How to read the file.")] = PostFormat.AUTO,
    new: Annotated[bool, typer.Option("--new", help="Create the influencer where the handle is not known.")] = False,
    config: Config = None,
    guild: Guild = None,
) -> None:
    """Import an influencer's own past posts. Importing the same file again adds nothing."""
    from bot.app import opened_store
    from bot.services.library import import_posts
    from bot.terminal import print_import, progress_bar

    async def work() -> None:
        settings = _settings(config)
        async with opened_store(settings) as store:
            with progress_bar("Importing") as on_progress:
                report = await import_posts(
                    store,
                    _guild(settings, guild),
                    influencer,
                    path,
                    format=format_.value,
                    on_progress=on_progress,
                    may_create=new,
                )
        print_import(report)

    _run(work())


@app.command()
def review(
    draft: Annotated[Path, typer.Argument(help="A text file with the draft; - reads standard input.", allow_dash=True)],
    influencer: Annotated[str, typer.Option(help="Whose post it is to be, e.g. @handle.")],
    campaign: Annotated[str, typer.Option(help="Name of the campaign.")],
    format_: Annotated[
        DraftFormat | None, typer.Option("--format", help="What it is.  [default: the campaign's]")
    ] = None,
    now: Annotated[datetime | None, typer.Option(help="Judge as if it were this time (ISO 8601, UTC).")] = None,
    language: Annotated[Language, typer.Option(help="Language of the answer.")] = Language.EN,
    as_json: Json = False,
    config: Config = None,
    guild: Guild = None,
) -> None:
    """Review one draft and log the verdict. Without a model in the settings it is measured, not read."""
    import json

    from bot.app import review_file
    from bot.services.as_json import verdict_json
    from bot.terminal import print_dossier_progress, print_verdict

    async def work() -> None:
        settings = _settings(config)
        stored = await review_file(
            settings,
            _guild(settings, guild),
            draft,
            influencer,
            campaign,
            format=format_.value if format_ else None,
            now=_utc(now),
            language=language.value,
            on_dossier=lambda progress: print_dossier_progress(progress, language),
        )
        if as_json:
            typer.echo(json.dumps(verdict_json(stored, language.value), ensure_ascii=False, indent=2))
        else:
            print_verdict(stored, language.value)

    _run(work())


@app.command()
def history(
    number: Annotated[
        str | None, typer.Argument(help="One verdict by its number, e.g. V-12.", show_default=False)
    ] = None,
    influencer: Annotated[str | None, typer.Option(help="Only this influencer, e.g. @handle.")] = None,
    campaign: Annotated[str | None, typer.Option(help="Only this campaign.")] = None,
    brand: Annotated[str | None, typer.Option(help="Only this brand.")] = None,
    outcome: Annotated[str | None, typer.Option(help="fits, revise, does_not_fit or cannot_tell.")] = None,
    decision: Annotated[
        str | None, typer.Option(help="Last decision: approve, ask_for_changes, disagree; or open.")
    ] = None,
    person: Annotated[int | None, typer.Option(help="Discord user id of its author, or of who decided.")] = None,
    since: Annotated[datetime | None, typer.Option(help="From this day on.", formats=["%Y-%m-%d"])] = None,
    until: Annotated[datetime | None, typer.Option(help="Up to this day.", formats=["%Y-%m-%d"])] = None,
    text: Annotated[str | None, typer.Option(help="Words that the draft holds.")] = None,
    limit: Annotated[int, typer.Option(help="How many rows.", min=1, max=10_000)] = 20,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV for a spreadsheet.")] = False,
    config: Config = None,
    guild: Guild = None,
) -> None:
    """Look up past verdicts, newest first. Private self-checks are never listed."""
    import json

    from bot.app import find_history, find_one
    from bot.services.as_json import verdict_json
    from bot.terminal import print_history, print_history_csv, print_history_json, print_verdict

    async def work() -> None:
        settings = _settings(config)
        if number is not None:
            stored = await find_one(settings, _guild(settings, guild), number)
            if as_json:
                typer.echo(json.dumps(verdict_json(stored), ensure_ascii=False, indent=2))
            else:
                print_verdict(stored, Language.EN.value, with_draft=True)
            return
        page = await find_history(
            settings,
            _guild(settings, guild),
            influencer,
            campaign,
            outcome,
            _utc(since),
            _utc(until),
            text,
            limit,
            brand=brand,
            decision=decision,
            person=person,
        )
        show = print_history_json if as_json else print_history_csv if as_csv else print_history
        show(page)

    _run(work())


@app.command("eval")
def eval_(
    directory: Annotated[Path, typer.Argument(help="Holds creators.jsonl and drafts.jsonl.", metavar="DIR")],
    judge: Annotated[JudgeChoice, typer.Option(help="Who scores.")] = JudgeChoice.OFFLINE,
    limit: Annotated[int | None, typer.Option(help="At most so many drafts.", min=1)] = None,
    newest: Annotated[int | None, typer.Option(help="Cut each history to its newest N posts.", min=1)] = None,
    prefix: Annotated[str, typer.Option("--set", help="Prefix of the two files, e.g. ig_.")] = "",
    unfitted: Annotated[bool, typer.Option("--unfitted", help="Only creators the measure was not fitted on.")] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw how far the probabilities can be relied on.", metavar="FILE.png")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Save report and scores, without texts and names.", metavar="FILE.json")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Compare with an earlier run that was saved.", metavar="FILE.json")
    ] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Measure how well drafts are told apart, on labelled data: AUC, calibration, abstention, speed, cost."""
    from bot.app import evaluate_directory
    from bot.terminal import print_evaluation, print_evaluation_json, progress_bar

    async def work() -> tuple[Report, Comparison | None]:
        with progress_bar("Scoring", transient=True) as on_progress:
            return await evaluate_directory(
                directory,
                judge=judge.value,
                limit=limit,
                newest=newest,
                prefix=prefix,
                unfitted=unfitted,
                settings=_settings(config),
                on_progress=on_progress,
                plot=plot,
                save=save,
                against=against,
            )

    (print_evaluation_json if as_json else print_evaluation)(*_run(work()))


@app.command()
def disclosure(
    text: Annotated[str, typer.Argument(help="The caption; - reads standard input.")],
    country: Annotated[str, typer.Option(help="Whose law: country codes or names, e.g. DE,Japan.")],
    platform: Annotated[
        str, typer.Option(help="instagram, tiktok, youtube, x, facebook, threads, linkedin or other.")
    ] = "instagram",
    format_: Annotated[
        str, typer.Option("--format", help="caption, photo, carousel, post, video, story, live or podcast.")
    ] = "caption",
    relation: Annotated[str, typer.Option(help="paid, gift, affiliate, own_brand or employee.")] = "paid",
    overlay: Annotated[
        list[str] | None, typer.Option(help="Text on the picture or video; once for each frame of a story.")
    ] = None,
    spoken: Annotated[str | None, typer.Option(help="What is said in the video or podcast.")] = None,
    brand: Annotated[str, typer.Option(help="The brand: some labels count only with its name beside them.")] = "",
    audience: Annotated[
        str, typer.Option(help="Languages that the audience reads, e.g. en,fr; left out: the countries' own.")
    ] = "",
    tool: Annotated[bool, typer.Option("--tool", help="The platform's own disclosure setting is on.")] = False,
    language: Annotated[Language, typer.Option(help="Language of the answer.")] = Language.EN,
    as_json: Json = False,
) -> None:
    """Check whether a text says clearly that it is advertising, country by country. Stores nothing; no legal advice.

    Exit status: 0 where every country passes, 1 where a label has to be mended, 2 for input that cannot be used, 3
    where something has to be known first, as what a video shows and says; the answer asks for it.
    """
    from bot.app import check_disclosure

    countries, languages = ([one.strip() for one in listed.split(",") if one.strip()] for listed in (country, audience))
    caption = sys.stdin.read() if text == "-" else text
    said, status = check_disclosure(
        caption,
        countries,
        platform,
        format_,
        relation,
        language.value,
        brand=brand,
        overlay=overlay or (),
        spoken=spoken,
        audience=languages,
        tool=tool,
        as_json=as_json,
    )
    typer.echo(said)
    raise typer.Exit(status)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write.", metavar="DEST")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there already.")] = False,
    config: Config = None,
) -> None:
    """Copy the whole database into one file, checked, while the bot goes on. It holds private drafts."""
    from bot.app import back_up
    from bot.terminal import progress_bar

    settings = _settings(config)
    with progress_bar("Copying") as on_progress:
        done = back_up(settings, target, on_progress, overwrite=overwrite)
    typer.echo(done)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A file that backup has written.", metavar="SRC")],
    config: Config = None,
) -> None:
    """Put a backup in the place of the database, which is kept beside it. Stop the bot first."""
    from bot import app as program
    from bot.terminal import progress_bar

    settings = _settings(config)
    with progress_bar("Copying") as on_progress:
        done = _run(program.restore(settings, source, on_progress))
    typer.echo(done)


@app.command()
def doctor(config: Config = None, guild: Guild = None) -> None:
    """Check settings, database, Discord, model and templates; say what is wrong and what to do."""
    import logging

    from bot.doctor import examine
    from bot.terminal import print_checks

    async def work() -> bool:
        settings = _settings(config)
        logging.disable()  # what libraries log: the checks say it in words
        return print_checks(await examine(settings, _guild(settings, guild)))

    if not _run(work()):
        raise typer.Exit(1)


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def _settings(config: Path | None) -> Settings:
    """The settings; from here on the log goes to stderr, so that stdout holds the answer alone."""
    import logging

    from bot.config import load_settings
    from bot.log import start_log

    settings = load_settings(config)
    start_log(settings.log, at_least=logging.WARNING)
    return settings


def _guild(settings: Settings, guild: int | None) -> int:
    return settings.discord.guild if guild is None else guild


def _utc(moment: datetime | None) -> datetime | None:
    """A time without zone, as typed on the command line, is UTC."""
    return moment and (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
