"""Batches and watched channels while the real process is killed: one card, each draft once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import sample
from bot.sandbox.errors import Json
from bot.sandbox.people import File, Message
from tests.crash.stage import Stage, staged

LONG = 60.0  # seconds: only a hang takes that
ROWS = 12


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A model of two tenths of a second, and a channel that is watched."""
    async with staged(tmp_path, "llm", concurrency=2) as stage:
        await stage.sandbox.configure(allowed_intents=["message_content"])
        config = stage.bot.config.read_text("utf-8").replace("[discord]\n", "[discord]\nread_messages = true\n")
        stage.bot.config.write_text(config, "utf-8")
        assert stage.model is not None
        stage.model.seconds = 0.2
        await stage.sandbox.ask("hold_clock")  # however busy this machine is, no interaction grows too old
        await stage.bot.start()
        yield stage


def names() -> tuple[str, str]:
    """A handle and a campaign of the sample."""
    draft = sample.drafts()[0]
    return draft.influencer, draft.campaign


async def seen(stage: Stage) -> list[Message]:
    return [one for one in await stage.sandbox.seen_by("otto") if one.author == "campaign-bot"]


async def test_one_card_tells_of_a_batch_though_the_process_is_killed_again_and_again(stage: Stage) -> None:
    handle, campaign = names()
    rows = "".join(f'{handle},"{campaign}",I mend what I own. No. {number}\n' for number in range(ROWS))
    file = File("week.csv", f"handle,campaign,text\n{rows}".encode(), "text/csv")
    told = await (await stage.sandbox.person("mira").slash("batch", {"file": file})).finished(LONG)
    assert f"Taken in: {ROWS}" in told.text
    for pause in (0.0, 0.4, 0.8):
        await asyncio.sleep(pause)
        await stage.bot.kill()
        await stage.bot.start()

    async def ended() -> list[Message]:
        return [one for one in await seen(stage) if "Open one of these" in one.text]

    await stage.sandbox.until(ended, LONG)
    [card] = await seen(stage)
    offered = [one["options"] for one in _walk(card.data["components"]) if one["type"] == 3]
    assert [len(options) for options in offered] == [ROWS]
    posted = [one for one in await stage.sandbox.every_message() if one["payload"]["author"]["id"] == "1000"]
    assert sum(not one["visible_to"] for one in posted) == 1


async def test_what_was_not_yet_told_of_a_batch_and_a_live_text_is_told_by_the_next_process(stage: Stage) -> None:
    handle, campaign = names()
    mira = stage.sandbox.person("mira")
    file = File("week.csv", f'handle,campaign,text\n{handle},"{campaign}",I mend it.\n'.encode(), "text/csv")
    asked = await mira.slash("batch", {"file": file})
    assert "Taken in: 1" in (await asked.finished(LONG)).text

    async def judged() -> bool:
        return any("V-1" in one.text for one in await seen(stage))

    await stage.sandbox.until(judged, LONG)
    opened = await mira.slash("published", {"number": "V-1"})
    await opened.modal()
    await stage.sandbox.fault("delay", "/@original", method="PATCH", seconds=LONG, count=2)
    waiting = [await mira.slash("batch", {"file": file}), await mira.submit(opened, {"text": "I mend it."})]
    assert [(await one.answer(LONG))["type"] for one in waiting] == [5, 5]
    await stage.sandbox.until(lambda: _calls(stage, 2), LONG)
    await stage.bot.kill()
    await stage.sandbox.ask("clear_faults")
    await stage.bot.start()
    told, live = [await one.finished(LONG) for one in waiting]
    assert "Taken in: 1" in told.text
    assert "V-1" in live.text
    journal = stage.folder / "bot.sqlite3.acknowledged"
    await stage.sandbox.until(lambda: journal.read_bytes() == b"", LONG)


async def _calls(stage: Stage, count: int) -> bool:
    """Whether so many originals are being edited right now."""
    calls = await stage.sandbox.record(path="/@original", method="PATCH")
    return [call["status"] for call in calls].count(None) == count


async def test_what_was_said_in_a_watched_channel_while_it_was_dead_is_answered_once(stage: Stage) -> None:
    handle, campaign = names()
    mira = stage.sandbox.person("mira")
    await (await stage.sandbox.person("lena").slash("watch on", {})).finished(LONG)
    said = []
    for number in range(3):
        said.append(await mira.say("drafts", f"@{handle} {campaign}: I mend what I own. No. {number}"))
        await stage.bot.kill()
        said.append(await mira.say("drafts", f"@{handle} {campaign}: I mend what I own. No. {number}, unheard"))
        await stage.bot.start()

    async def answered() -> list[str]:
        replies = [one.data["message_reference"]["message_id"] for one in await seen(stage) if "V-" in one.text]
        return replies if len(replies) >= len(said) else []

    found = await stage.sandbox.until(answered, LONG)
    assert sorted(found) == sorted(one.id for one in said)


def _walk(components: list[Json]) -> list[Json]:
    below = [one for part in components for one in _walk(part.get("components") or [])]
    return [*components, *below]
