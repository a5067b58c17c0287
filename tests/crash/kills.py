"""Killing the bot: at random moments while people write, and once at each moment of a draft's way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

from bot import sample
from bot.chat.draft.crowd import CROWD
from bot.sandbox.people import Interaction
from tests.crash.authors import Authors, Sent, Way
from tests.crash.ledger import Row
from tests.crash.stage import Stage
from tests.store.outages import held_by_another

LONG = 30.0  # seconds: a request held until the bot is dead
TRIES = 10  # to open a form
ANSWER = 90.0  # seconds a draft may take after a restart
SLOW = 3.0  # seconds of a model that holds a draft under judgement

Reach = Callable[[Stage, Authors], Awaitable[Sent]]


async def kill_at_random(stage: Stage, authors: Authors, *, kills: int, drafts: int, chance: random.Random) -> None:
    """Kills and restarts the bot, evenly over the acknowledgement of `drafts` more drafts."""
    start = len(authors.acknowledged)
    for kill in range(kills):
        await authors.heard(start + drafts * kill // kills)
        await asyncio.sleep(chance.uniform(0, 0.6))
        await stage.bot.kill()
        await stage.bot.start()


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment to die at: `reach` sends a draft and returns once it is there."""

    name: str
    reach: Reach
    needs_model: bool = False


@dataclass(frozen=True, slots=True)
class Death:
    """How it went: seconds from the start of the next process until the answer stood."""

    moment: str
    seconds: float | None

    def __str__(self) -> str:
        return f"{self.moment:<58}{'never' if self.seconds is None else f'{self.seconds:.1f} s':>9}"


async def die_at(moment: Moment, stage: Stage, authors: Authors) -> Death:
    """Reaches the moment, kills, restarts and waits for the answer."""
    sent = await moment.reach(stage, authors)
    await stage.bot.kill()
    await stage.sandbox.ask("clear_faults")
    if stage.model is not None:
        stage.model.seconds, stage.model.away = 0.0, False
    await stage.bot.start()
    began = monotonic()
    try:
        await stage.ledger.until(sent.key, lambda row: row.state == "answered", ANSWER)
    except TimeoutError:
        return Death(moment.name, None)
    return Death(moment.name, monotonic() - began)


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft about to be sent: its form, where the way has one, was opened before any fault was planned."""

    authors: Authors
    way: Way
    draft: int
    opened: Interaction | None

    async def post(self) -> Sent:
        sent = await self.authors.post(self.way, self.draft, self.opened)
        assert sent is not None, "the bot was up and opened no form"
        return sent


async def begin(authors: Authors, way: Way) -> Begun:
    draft = authors.chance.randrange(len(sample.drafts()))
    if way is Way.MENTION:
        return Begun(authors, way, draft, None)
    for _ in range(TRIES):
        if opened := await authors.open(way, authors.sandbox.person("mira"), sample.drafts()[draft]):
            return Begun(authors, way, draft, opened)
    raise TimeoutError("the bot is up and opens no form")


def before_acknowledging(way: Way) -> Reach:
    """Stored, and the acknowledgement on its way."""

    async def reach(stage: Stage, authors: Authors) -> Sent:
        begun = await begin(authors, way)
        await stage.sandbox.fault("delay", "/callback" if begun.opened else "/reactions/", seconds=LONG)
        sent = await begun.post()
        await stage.ledger.until(sent.key, lambda _: True)
        return sent

    return reach


def in_state(way: Way, state: str, *, seconds: float = 0.0, hold: str = "", kind: str = "delay") -> Reach:
    """In a state of the database, held there by a slow model or by a fault on the path `hold`."""

    async def reach(stage: Stage, authors: Authors) -> Sent:
        begun = await begin(authors, way)
        if stage.model is not None:
            stage.model.seconds = seconds
        if hold:
            method = "POST" if way is Way.MENTION else "PATCH"
            await stage.sandbox.fault(kind, hold, method=method, seconds=LONG, count=3)
        sent = await begun.post()
        await stage.ledger.until(sent.key, lambda row: row.state == state)
        if kind == "delay_after":
            await _standing(stage, sent)
        if state in {"judging", "received"}:
            await authors.sees_acknowledged(sent)
        return sent

    return reach


async def waiting_in_line(stage: Stage, authors: Authors) -> Sent:
    """Acknowledged, while every place at the judge is taken by others."""
    assert stage.model is not None
    stage.model.seconds = SLOW
    for _ in range(int(str(stage.settings["llm"]["concurrency"]))):
        await (await begin(authors, Way.MENTION)).post()
    sent = await (await begin(authors, Way.MENTION)).post()
    assert await authors.sees_acknowledged(sent)
    await stage.ledger.until(sent.key, lambda row: row.state == "received")
    return sent


def being_told(way: Way) -> Reach:
    """The judge is away, and the sentence that says so stands but is not noted."""

    async def reach(stage: Stage, authors: Authors) -> Sent:
        assert stage.model is not None
        stage.model.away = True
        sent = await (await begin(authors, way)).post()
        await authors.sees_acknowledged(sent)
        path, method = ("/messages", "POST") if way is Way.MENTION else ("/@original", "PATCH")
        await stage.sandbox.fault("delay_after", path, method=method, seconds=LONG, count=3)
        await stage.ledger.until(sent.key, waits)
        await _standing(stage, sent)
        return sent

    return reach


def waits(row: Row) -> bool:
    return row.state == "received" and bool(row.why)


async def _standing(stage: Stage, sent: Sent) -> None:
    """Waits until Discord has written what the bot does not know to be written."""

    async def written() -> bool:
        if sent.token:
            state = await stage.sandbox.ask("interaction", token=sent.token)
            return not state["waiting"]
        found = await stage.sandbox.every_message()
        links = [(stored["payload"].get("message_reference") or {}).get("message_id") for stored in found]
        return sent.event_id in links

    await stage.sandbox.until(written)


def in_a_crowd(way: Way) -> Reach:
    """The last of more forms than are stored first: its acknowledgement stands, and nothing of it is stored."""

    async def reach(stage: Stage, authors: Authors) -> Sent:
        begun = [await begin(authors, way) for _ in range(CROWD + 1)]
        async with held_by_another(stage.folder / "bot.sqlite3"):
            with stage.bot.paused():
                sent = [await one.post() for one in begun]
            seen = [asyncio.create_task(authors.sees_acknowledged(one)) for one in sent]
            await asyncio.wait(seen, return_when=asyncio.FIRST_COMPLETED)
            await stage.bot.kill()
        [acknowledged] = [one for one, is_seen in zip(sent, await asyncio.gather(*seen), strict=True) if is_seen]
        assert stage.ledger.row(acknowledged.key) is None
        return acknowledged

    return reach


def from_before(way: Way) -> Reach:
    """A form that was opened by the process before is sent, and the bot dies again."""

    async def reach(stage: Stage, authors: Authors) -> Sent:
        begun = await begin(authors, way)
        await stage.bot.kill()
        await stage.bot.start()
        sent = await begun.post()
        assert await authors.sees_acknowledged(sent)
        return sent

    return reach


MOMENTS = (
    Moment("mention stored, reaction under way", before_acknowledging(Way.MENTION)),
    Moment("form stored, acknowledgement under way", before_acknowledging(Way.FORM)),
    Moment("self-check stored, acknowledgement under way", before_acknowledging(Way.SELFCHECK)),
    Moment("form of a crowd acknowledged, not stored", in_a_crowd(Way.FORM)),
    Moment("self-check of a crowd acknowledged, not stored", in_a_crowd(Way.SELFCHECK)),
    Moment("menu form of a crowd acknowledged, not stored", in_a_crowd(Way.MENU)),
    Moment("received, others before it", waiting_in_line, needs_model=True),
    Moment("mention under judgement", in_state(Way.MENTION, "judging", seconds=SLOW)),
    Moment("form under judgement", in_state(Way.FORM, "judging", seconds=SLOW)),
    Moment("judged, reply not yet posted", in_state(Way.MENTION, "judged", hold="/messages")),
    Moment("judged, form's answer not yet written", in_state(Way.FORM, "judged", hold="/@original")),
    Moment("reply posted, not noted", in_state(Way.MENTION, "judged", hold="/messages", kind="delay_after")),
    Moment("form's answer written, not noted", in_state(Way.FORM, "judged", hold="/@original", kind="delay_after")),
    Moment(
        "self-check's answer written, not noted",
        in_state(Way.SELFCHECK, "judged", hold="/@original", kind="delay_after"),
    ),
    Moment("mention answered", in_state(Way.MENTION, "answered")),
    Moment("form answered", in_state(Way.FORM, "answered")),
    Moment("told that the judge is away, by reply, not noted", being_told(Way.MENTION), needs_model=True),
    Moment("told that the judge is away, in the form, not noted", being_told(Way.FORM), needs_model=True),
    Moment("form sent that a process before had opened", from_before(Way.FORM)),
    Moment("menu form sent that a process before had opened", from_before(Way.MENU)),
    Moment("self-check sent that a process before had opened", from_before(Way.SELFCHECK)),
)
