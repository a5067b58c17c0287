"""How things went, as a picture with the same in words: below it, and as its description for screen readers."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import discord
from discord import ui

from bot.chat.desk import Interaction, guild_of, own_language
from bot.chat.markup import plain
from bot.chat.rights import sight_of
from bot.chat.verdict.cards import level_words, within
from bot.chat.verdict.pages import NEUTRAL
from bot.judging.rubric import CORE
from bot.model.messages import Message
from bot.model.verdicts import Outcome
from bot.services.trends import MONTHS, WEEKS, Overview, Trend, Weeks, overview, trend
from bot.store.trends import Judged
from bot.store.verdicts import Decided
from bot.texts import listed, paired, text

LONGEST_DESCRIPTION = 1024  # Discord's limit
LONGEST_WORDS = 3500
MOST_OPEN = 10  # numbers named
PICTURE = "chart.png"
# One at a time: matplotlib draws in no two threads at once.
_DRAWING = ThreadPoolExecutor(1, "charts")
_MARKS = re.compile(r"\*\*|^(?:### |-# |> )|\\(?=[\W_])", re.MULTILINE)


async def show_trend(interaction: Interaction, handle: str) -> None:
    """Raises Problem for a handle that is not stored."""
    desk, guild_id = interaction.client.desk, guild_of(interaction)
    language = own_language(interaction)
    now = desk.clock()
    found = await trend(desk.store, guild_id, handle, now, await sight_of(interaction))

    def draw() -> bytes:
        from bot.chat.history.charts import trend_chart

        return trend_chart(found, language, now.date())

    await _show(interaction, list(trend_words(found, language)), draw)


async def show_overview(interaction: Interaction, campaign: str) -> None:
    """Raises Problem for a campaign that is not stored."""
    desk, guild_id = interaction.client.desk, guild_of(interaction)
    language = own_language(interaction)
    now = desk.clock()
    found = await overview(desk.store, guild_id, campaign, now, await sight_of(interaction))

    def draw() -> bytes:
        from bot.chat.history.charts import overview_chart

        return overview_chart(found, language, now.date())

    await _show(interaction, list(overview_words(found, language)), draw)


async def _show(interaction: Interaction, lines: list[str], draw: Callable[[], bytes]) -> None:
    await interaction.response.defer(thinking=True, ephemeral=True)
    png = await asyncio.get_running_loop().run_in_executor(_DRAWING, draw)
    view, file = chart_view(lines), discord.File(io.BytesIO(png), PICTURE)
    await interaction.edit_original_response(view=view, attachments=[file])


def chart_view(lines: list[str]) -> ui.LayoutView:
    """The picture under its title, and under it what it says; `lines`: the title first."""
    title, *rest = lines
    full_stop = "。" if any(line.endswith("。") for line in lines) else "."  # as the language of the lines has it
    ended = (line if line.endswith(full_stop) else f"{line}{full_stop}" for line in lines)
    words = " ".join(_MARKS.sub("", "\n".join(ended)).split())  # a description is no markdown
    described = words.encode("utf-16-le")[: 2 * LONGEST_DESCRIPTION].decode("utf-16-le", "ignore")
    picture = discord.MediaGalleryItem(f"attachment://{PICTURE}", description=described)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=NEUTRAL)
    box.add_item(ui.TextDisplay(title)).add_item(ui.MediaGallery(picture))
    box.add_item(ui.TextDisplay(within(rest, LONGEST_WORDS)))
    return ui.LayoutView(timeout=None).add_item(box)


def trend_words(found: Trend, language: str) -> Iterator[str]:
    """What the picture shows, in sums, line by line; letters and numbers are those in the picture."""
    yield f"### {text(language, 'chart.trend_title', handle=plain(found.influencer.handle, 70))}"
    yield _line("A", "levels", _levels(found.newest, language), language)
    yield f"-# {text(language, 'chart.levels_hint')}"
    yield _line("B", "outcomes", _weeks(found.weeks, language), language)
    own, paid = sum(found.months.own), sum(found.months.sponsored)
    share = round(100 * paid / (own + paid)) if own + paid else 0
    counts = {"months": MONTHS, "own": own, "sponsored": paid, "share": share}
    yield _line("C", "posts", text(language, "chart.months", **counts), language)
    answered = text(language, "chart.answered_unknown", months=MONTHS)
    if found.own_answers is not None and found.sponsored_answers is not None:
        values = {"months": MONTHS, "own": found.own_answers, "sponsored": found.sponsored_answers}
        how = answered_how(found.own_answers, found.sponsored_answers)
        answered = text(language, "chart.answered", **values, how=how)
    yield _line("D", "answers", answered, language)
    yield f"-# {text(language, 'chart.answers_hint')}"
    yield f"-# {text(language, 'chart.foot')}"


def answered_how(own: float, sponsored: float) -> Message:
    """How much more or less sponsored posts are answered than own ones."""
    if not own:
        return Message("chart.more" if sponsored else "chart.as_much")
    percent = round(100 * (sponsored / own - 1))
    if not percent:
        return Message("chart.as_much")
    return Message("chart.more_by" if percent > 0 else "chart.less_by", {"percent": f"{abs(percent):,}"})


def _levels(newest: tuple[Judged, ...], language: str) -> str:
    """Each question's level in the newest verdict, and in the first one shown where that was another."""
    if not newest:
        return text(language, "chart.no_verdicts")
    first, last = newest[0], newest[-1]
    shown = []
    for at, key in enumerate(CORE, 1):
        if key not in last.levels:
            continue
        values = {"criterion": _named(at, text(language, f"criterion.{key}"))}
        values["level"] = level_words(last.levels[key], language)
        before = first.levels.get(key)
        if before in (None, last.levels[key]):
            shown.append(text(language, "chart.level_now", **values))
        else:
            shown.append(text(language, "chart.level_before", **values, before=level_words(before, language)))
    return text(language, "chart.levels_from_to", first=first.number, last=last.number, levels=shown)


def overview_words(found: Overview, language: str) -> Iterator[str]:
    """What the picture shows, in sums, line by line; letters and numbers are those in the picture."""
    yield f"### {text(language, 'chart.overview_title', campaign=plain(found.campaign.name, 90))}"
    yield _line("A", "outcomes", _weeks(found.weeks, language), language)
    yield _line("B", "by_influencer", "" if found.by_influencer else text(language, "chart.no_verdicts"), language)
    for at, (handle, counts) in enumerate(found.by_influencer, 1):
        yield f"> {paired(language, _named(at, '@' + plain(handle, 70)), _counts(counts, language))}"
    if any(found.others.values()):
        others = _named(len(found.by_influencer) + 1, text(language, "chart.others"))
        yield f"> {paired(language, others, _counts(found.others, language))}"
    named = [(text(language, f"history.decided_{one}"), found.decisions.get(one, 0)) for one in Decided]
    decided = [f"{_named(at, name)} {count}" for at, (name, count) in enumerate(named, 1)]
    yield _line("C", "decisions", listed(language, decided), language)
    if found.open:
        more = " …" if len(found.open) > MOST_OPEN else ""
        yield f"> {text(language, 'chart.open_ones', numbers=listed(language, found.open[:MOST_OPEN]) + more)}"
    yield f"-# {text(language, 'chart.foot')}"


def _named(at: int, words: str) -> str:
    """A name as the picture has it: its number goes along where the picture's fonts may lack the letters."""
    return words if words.isascii() else f"{chr(0x245F + at)} {words}"  # circled: no count


def _line(letter: str, title: str, words: str, language: str) -> str:
    if not words:
        return f"**{letter} {text(language, f'chart.{title}')}**"
    return text(language, "chart.line", letter=letter, title=text(language, f"chart.{title}"), words=words)


def _weeks(weeks: Weeks, language: str) -> str:
    counts = {outcome: sum(found) for outcome, found in weeks.counts.items()}
    return text(language, "chart.weeks", weeks=WEEKS, counts=_counts(counts, language))


def _counts(counts: Mapping[Outcome, int], language: str) -> str:
    """`Fits 3, Revise 1`: those there are."""
    shown = [
        f"{_named(at, text(language, f'outcome.{outcome}'))} {counts[outcome]}"
        for at, outcome in enumerate(Outcome, 1)
        if counts.get(outcome)
    ]
    return listed(language, shown) or text(language, "chart.none")
