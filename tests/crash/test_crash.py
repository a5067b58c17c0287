"""The real process: killed, told to end, restarted under open forms. `python -m tests.crash` does it at length."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.crash.account import balance, look
from tests.crash.authors import Authors, Way
from tests.crash.kills import Moment, begin, die_at, in_a_crowd, kill_at_random
from tests.crash.stage import Stage, staged

LONG = 60.0  # seconds: only a hang takes that
END = 10.0  # seconds an end on request may take


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path, "llm", concurrency=2) as stage:
        await stage.sandbox.ask("hold_clock")  # however busy this machine is, no interaction grows too old
        await stage.bot.start()
        yield stage


@pytest.fixture
def authors(stage: Stage) -> Authors:
    return Authors(stage.sandbox, random.Random(1))


async def test_whatever_was_acknowledged_is_answered_once_though_the_process_is_killed(
    stage: Stage, authors: Authors
) -> None:
    assert stage.model is not None
    stage.model.seconds = 0.3
    chance = random.Random(2)
    await asyncio.gather(
        authors.write(12, at_once=4, pause=0.1),
        kill_at_random(stage, authors, kills=3, drafts=12, chance=chance),
    )
    assert await stage.ledger.settled(LONG)
    account = await balance(stage.sandbox, stage.ledger, authors)
    assert account.breaches == []
    assert account.answered == account.acknowledged >= 12
    assert stage.bot.starts == 4


async def test_forms_that_a_dead_process_opened_are_taken_by_the_next(stage: Stage, authors: Authors) -> None:
    begun = [await begin(authors, way) for way in (Way.FORM, Way.SELFCHECK, Way.MENU)]
    await stage.bot.kill()
    await stage.bot.start()
    sent = [await one.post() for one in begun]
    assert [await authors.sees_acknowledged(one, LONG) for one in sent] == [True] * 3
    assert await stage.ledger.settled(LONG)
    account = await balance(stage.sandbox, stage.ledger, authors)
    assert (account.answered, account.breaches) == (3, [])


@pytest.mark.parametrize("way", [Way.FORM, Way.SELFCHECK, Way.MENU])
async def test_what_a_crowd_was_acknowledged_before_it_was_stored_is_done_by_the_next(
    stage: Stage, authors: Authors, way: Way
) -> None:
    death = await die_at(Moment("in a crowd", in_a_crowd(way)), stage, authors)
    assert death.seconds is not None
    account = await balance(stage.sandbox, stage.ledger, authors)
    assert (account.answered, account.breaches) == (1, [])


async def test_on_request_it_ends_soon_and_a_later_process_answers_what_it_left(stage: Stage, authors: Authors) -> None:
    assert stage.model is not None
    stage.model.seconds = 60.0
    sent = [await (await begin(authors, way)).post() for way in (Way.MENTION, Way.FORM, Way.MENTION)]
    assert [await authors.sees_acknowledged(one, LONG) for one in sent] == [True] * 3
    await stage.ledger.until(sent[0].key, lambda row: row.state == "judging")
    status, seconds = await stage.bot.terminate(within=LONG)
    assert status == 0
    assert seconds < END
    assert {(row.state, row.failures) for row in stage.ledger.rows().values()} == {("received", 0)}
    stage.model.seconds = 0.0
    await stage.bot.start()
    assert await stage.ledger.settled(LONG)
    account = await balance(stage.sandbox, stage.ledger, authors)
    assert (account.answered, account.breaches) == (3, [])


async def test_while_the_judge_is_away_the_author_is_told_once(stage: Stage, authors: Authors) -> None:
    assert stage.model is not None
    stage.model.away = True
    sent = await (await begin(authors, Way.MENTION)).post()
    assert await authors.sees_acknowledged(sent, LONG)
    await stage.ledger.until(sent.key, lambda row: row.told == "waiting", within=LONG)
    assert sum((await look(stage.sandbox)).notices.values()) == 1
