"""What the command line prints: verdicts, tables, progress. Everything from outside is shown as plain text."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bot.judging.disclosure.messages import flag_line
from bot.judging.quotes import shown
from bot.judging.reasons import confidence
from bot.model.decisions import Reply
from bot.model.messages import Message
from bot.model.posts import short_id
from bot.model.verdicts import Outcome, Quote
from bot.services.as_json import answers_to
from bot.services.dossiers import DossierProgress
from bot.services.export import COLUMNS, csv_row, csv_text, json_row
from bot.store.verdicts import Page, StoredVerdict
from bot.texts import quoted, render, text

if TYPE_CHECKING:
    from bot.doctor import Check
    from bot.evaluation.compare import Comparison
    from bot.evaluation.measures import Report
    from bot.services.library import ImportReport, LoadReport

OnProgress = Callable[[int, int], None]
REASONS = 3
LONGEST_DRAFT = 2000  # characters
COLOURS = {Outcome.FITS: "green", Outcome.REVISE: "yellow", Outcome.DOES_NOT_FIT: "red", Outcome.CANNOT_TELL: "blue"}

console = Console(highlight=False)


@contextmanager
def progress_bar(what: str, *, transient: bool = False) -> Iterator[OnProgress]:
    """A bar on stderr, so that stdout stays clean for other programs; silent where nobody watches."""
    watched = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=watched, disable=not watched.is_terminal, transient=transient) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def print_dossier_progress(progress: DossierProgress, language: str) -> None:
    """What reading a long history once will cost, then how far it is; on stderr."""
    key = "terminal.dossier_read" if progress.done else "terminal.dossier_begun"
    values = {"done": progress.done, "chunks": progress.chunks, "tokens": progress.tokens}
    Console(stderr=True).print(text(language, key, **values), style="dim", highlight=False)


def print_verdict(stored: StoredVerdict, language: str, *, with_draft: bool = False) -> None:
    """One verdict as a box: outcome, reasons with quotes, disclosure, what was not read, next step.

    `with_draft`: when it was judged and the text too, for somebody who looks it up later.
    """
    verdict = stored.verdict
    title = Text.assemble(
        (text(language, f"outcome.{verdict.outcome}"), f"bold {COLOURS[verdict.outcome]}"),
        f"  {stored.number}  @{stored.influencer.handle} × {stored.campaign.name}",
    )
    body = Text(render(language, verdict.because) + "\n")
    body.append(text(language, f"card.confidence_{confidence(verdict)}", read=verdict.posts_read) + "\n", "dim")
    if with_draft:
        when = f"{stored.created_at:%Y-%m-%d %H:%M}"
        body.append(text(language, "terminal.judged", when=when) + "\n", "dim")
    levels = [
        f"{text(language, f'criterion.{key}')} – {text(language, f'level.{one.level}')}"
        for key, one in verdict.criteria.items()
    ]
    body.append(text(language, "terminal.levels", levels=levels) + "\n", "dim")
    if with_draft:
        body.append("\n" + text(language, "terminal.draft") + "\n", "bold")
        body.append(f"{shown(stored.revision.text, LONGEST_DRAFT)}\n")
    reasons = [one for one in verdict.reasons if one.criterion][:REASONS]
    for finding in reasons:
        body.append(f"\n{text(language, f'criterion.{finding.criterion}')}: ", "bold")
        body.append(render(language, finding.message) + "\n")
        for quote in finding.quotes[:2]:
            body.append_text(_quote(quote, language))
        for reply in answers_to(stored, finding.criterion):
            body.append_text(_answer(reply, language))
    label = verdict.disclosure
    body.append(f"\n{text(language, 'criterion.disclosure')}: ", "bold")
    body.append(" ".join(render(language, message) for message in label.messages) + "\n")
    if label.fix:
        body.append(text(language, "card.disclosure_in_front" if label.in_front else "card.disclosure_fix") + "\n")
        body.append(f"  {label.fix}\n", "cyan")
    for flag in label.flags:
        body.append(flag_line(flag, language) + "\n", "yellow")
    legal = "card.disclosure_as_of" if label.as_of else "card.disclosure_undated"
    body.append(text(language, legal, date=label.as_of or "") + "\n", "dim")
    for note in verdict.notes:
        body.append(render(language, note) + "\n", "yellow")
    for message in verdict.not_read:
        body.append(text(language, "terminal.not_read", what=message) + "\n", "dim")
    for question in verdict.questions:
        body.append(f"? {render(language, question)}\n")
    beside = {finding.criterion for finding in reasons}
    for reply in stored.replies:
        if reply.criterion not in beside:
            body.append_text(_answer(reply, language))
    body.append(f"\n→ {render(language, verdict.next_step)}\n")
    body.append(judge_line(stored, language), "dim")
    console.print(Panel(body, title=title, title_align="left", border_style=COLOURS[verdict.outcome], width=100))


def judge_line(stored: StoredVerdict, language: str) -> str:
    """Who judged, on how many posts; says plainly where no model has read anything."""
    verdict = stored.verdict
    values = {"read": verdict.posts_read, "stored": verdict.posts_stored, "model": verdict.judge.model}
    return text(language, f"terminal.judge_{verdict.judge.kind}", **values)


def _answer(reply: Reply, language: str) -> Text:
    about = Message(f"criterion.{reply.criterion}" if reply.criterion else "answer.whole")
    line = text(language, "answer.plain", who=reply.person_name, about=about, words=shown(" ".join(reply.text.split())))
    return Text(f"  {line}\n")


def _quote(quote: Quote, language: str) -> Text:
    parts = [f"{quote.created_at:%Y-%m-%d}" if quote.created_at else "", quote.url or ""]
    words = quoted(language, shown(" ".join(quote.text.split())))
    line = Text(f"  {words}", "italic")
    return line.append(f"  ({', '.join(filter(None, parts)) or short_id(quote.post_id)})\n", "dim")


def print_message(message: str) -> None:
    """A Discord message as plain text (see `bot.sandbox.text`), its markdown shown as bold, dim and plain links."""
    lines = [line.strip().removeprefix("│").strip(" ─") for line in message.splitlines()[1:]]
    body = Text()
    for line in lines:
        if line in ("┌", "└"):
            continue
        style = "bold" if line.startswith(("## ", "### ")) else "dim" if line.startswith(("-# ", "> -# ")) else ""
        shown_line = re.sub(r"\[([^\]]+)\]\((https?://[^)]+)\)", r"\2", re.sub(r"^(?:> )?(?:-# |#{1,3} )", "", line))
        part = Text(style=style)
        for number, piece in enumerate(shown_line.split("**")):
            part.append(re.sub(r"\\(?=\W|_)", "", piece), "bold" if number % 2 else "")
        body.append_text(part).append("\n")
    body.rstrip()
    console.print(
        Panel(body, title=message.splitlines()[0].rstrip(":"), title_align="left", width=min(100, console.width))
    )


def print_history(page: Page) -> None:
    """Rows newest first, and how many more there are."""
    if not page.rows:
        console.print(text("en", "terminal.none"))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Number", "Outcome", "Influencer", "Campaign", "When (UTC)", "Draft"):
        table.add_column(heading, no_wrap=heading != "Draft", overflow="ellipsis")
    for row in page.rows:
        outcome = Text(text("en", f"outcome.{row.verdict.outcome}"), COLOURS[row.verdict.outcome])
        draft = Text(shown(" ".join(row.revision.text.split()), 60))
        who = (Text(f"@{row.influencer.handle}"), Text(row.campaign.name))
        table.add_row(row.number, outcome, *who, f"{row.created_at:%Y-%m-%d %H:%M}", draft)
    console.print(table)
    if page.total > len(page.rows):
        console.print(text("en", "terminal.more", shown=len(page.rows), total=page.total), style="dim")


def print_history_json(page: Page) -> None:
    print(json.dumps([json_row(row) for row in page.rows], ensure_ascii=False, indent=2))


def print_history_csv(page: Page) -> None:
    """One row a verdict, with the level of each criterion."""
    sys.stdout.write(csv_text([COLUMNS, *(csv_row(row, "en") for row in page.rows)]))


def print_load(report: LoadReport) -> None:
    """What a workspace file holds, and each influencer's posts in a line."""
    counts = {"brands": report.brands, "campaigns": report.campaigns, "influencers": report.influencers}
    console.print(text("en", "terminal.loaded", **counts, rules=report.rules))
    for one in report.imports:
        print_import(one)


def print_import(report: ImportReport) -> None:
    """What an import did: counts, dates, and each bad row with its line and reason."""
    if report.is_new:
        console.print(Text(text("en", "terminal.new_influencer", handle=report.influencer.handle), "yellow"))
    counts = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged}
    console.print(Text(text("en", "terminal.imported", handle=report.influencer.handle, **counts)))
    if report.first and report.last:
        first, last = report.first.date(), report.last.date()
        key = "terminal.one_date" if first == last else "terminal.dates"
        console.print(text("en", key, first=first, last=last), style="dim")
    for name, count in (("undated", report.undated), ("repeated", report.repeated), ("ahead", report.ahead)):
        if count:
            console.print(text("en", f"terminal.{name}", count=count), style="dim")
    for row in report.bad_rows:
        console.print(Text(text("en", "terminal.row", line=row.line, reason=row.reason), "yellow"))
    for note in report.notes:
        console.print(Text(text("en", "terminal.row", line=note.line, reason=note.reason), "dim"))
    if report.bad_count > len(report.bad_rows):
        console.print(text("en", "terminal.more_rows", count=report.bad_count - len(report.bad_rows)), style="yellow")


def print_evaluation(report: Report, comparison: Comparison | None) -> None:
    """The measures with 95 % intervals where there are any, and how they differ from an earlier run's."""
    rows = [
        (_measure(f"auc_{name}"), _number(value), _interval(report.auc_interval.get(name)))
        for name, value in report.auc.items()
    ]
    names = ("ece", "ece_sponsored", "brier", "coverage", "accuracy_decided", "ms_per_draft", "ms_per_profile")
    rows += [(name, _number(getattr(report, name)), "") for name in names]
    rows.append(("LLM calls / tokens", f"{report.calls} / {report.tokens}", ""))
    _print_measures(text("en", "eval.measured", n=report.n), ("value",), rows)
    if comparison:
        title = text("en", "eval.compared", n=comparison.n, answered=comparison.answered)
        differences = [
            (_measure(name), _number(one.old), _number(one.new), _number(one.difference, "+"), _interval(one.interval))
            for name, one in comparison.measures.items()
        ]
        _print_measures(f"\n{title}", ("old", "new", "difference"), differences)


def _print_measures(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    console.print(title, style="italic")
    table = Table("measure", box=None, pad_edge=False)
    for heading in (*columns, "95 % interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, *values in rows:
        table.add_row(Text(name), *values)
    console.print(table)


def print_evaluation_json(report: Report, comparison: Comparison | None) -> None:
    against = {"against": comparison.to_json()} if comparison else {}
    print(json.dumps(report.to_json() | against, indent=2))


def _measure(name: str) -> str:
    """A measure's name for people; a kind of drafts comes from the data and stays as it is."""
    pair = name.removeprefix("auc_")
    if pair == name:
        return name
    return "AUC own v. others' sponsored" if pair == "sponsored" else f"AUC genuine v. {pair}"


def _number(value: float | None, sign: str = "") -> str:
    return "-" if value is None else f"{value:{sign}.3f}"


def _interval(ends: tuple[float, float] | None) -> str:
    return f"{ends[0]:.3f} to {ends[1]:.3f}" if ends else ""


def print_checks(checks: Sequence[Check]) -> bool:
    """One line a check; whether nothing is wrong."""
    marks = {"ok": ("ok   ", "green"), "note": ("note ", "yellow"), "wrong": ("WRONG", "bold red")}
    for check in checks:
        mark, style = marks[check.state]
        console.print(Text.assemble((mark, style), f"  {check.what:<10}", check.sentence))
    return all(check.state != "wrong" for check in checks)
