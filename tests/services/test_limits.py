"""Limits on what may be sent in: exact to the draft, told with the time to come back, and blind to private checks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from bot.config import Limits
from bot.model.posts import Visibility
from bot.services import limits
from bot.services.limits import HOUR, TooMany
from bot.services.submit import Submission, submit
from bot.store import drafts
from bot.store.database import Store
from tests.services.conftest import GUILD
from tests.services.test_flow import LENA, NOW, OTTO, SETTINGS, submission

MINUTE = timedelta(minutes=1)
_keys = count()


def sent(author: int = LENA, visibility: Visibility = Visibility.TEAM, **changes: object) -> Submission:
    return replace(
        submission(),
        author_id=author,
        visibility=visibility,
        source_key=f"message:limits-{next(_keys)}",
        **changes,  # type: ignore[arg-type] # test convenience
    )


async def send(store: Store, limited: Limits, minute: float = 0, what: Submission | None = None) -> None:
    await submit(store, what or sent(), SETTINGS, NOW + minute * MINUTE, limited=limited)


async def refused(store: Store, limited: Limits, minute: float = 0, what: Submission | None = None) -> TooMany:
    before = await stored(store)
    with pytest.raises(TooMany) as caught:
        await send(store, limited, minute, what)
    assert await stored(store) == before
    assert caught.value.in_language("ja") != str(caught.value)
    return caught.value


async def stored(store: Store) -> int:
    async with store.read() as conn:
        return sum((await drafts.unfinished(conn, None)).counts.values())


async def test_a_person_may_send_so_many_an_hour_and_hears_when_the_next_may_come(store: Store) -> None:
    limited = Limits(person_per_hour=3)
    for minute in (0, 10, 20):
        await send(store, limited, minute)
    error = await refused(store, limited, 30)
    assert error.until == NOW + HOUR
    assert "3 drafts" in str(error)
    await refused(store, limited, 59.9)
    await send(store, limited, 60)
    assert (await refused(store, limited, 61)).until == NOW + 10 * MINUTE + HOUR
    await send(store, limited, 61, sent(OTTO))


async def test_an_event_that_came_before_is_not_refused(store: Store) -> None:
    limited, first = Limits(person_per_hour=1), sent()
    await send(store, limited, 0, first)
    await send(store, limited, 1, first)
    assert await stored(store) == 1


async def test_a_server_may_send_so_many_an_hour_together(store: Store) -> None:
    limited = Limits(guild_per_hour=2)
    await send(store, limited, 0)
    await send(store, limited, 1, sent(OTTO))
    error = await refused(store, limited, 2, sent(99))
    assert (error.message.key, error.until) == ("limit_problem.guild", NOW + HOUR)


async def test_so_many_may_wait(store: Store) -> None:
    here = await limit_of(store, Limits(guild_waiting=2), 2)
    assert here.message.key == "limit_problem.waiting"
    everywhere = await limit_of(store, Limits(waiting=2), 0)
    assert everywhere.message.key == "limit_problem.queue"
    assert "2" not in str(everywhere)  # what other servers send is nobody's business here


async def limit_of(store: Store, limited: Limits, room: int) -> TooMany:
    for _ in range(room):
        await send(store, limited)
    return await refused(store, limited)


async def test_private_checks_count_for_their_author_alone(store: Store) -> None:
    limited = Limits(person_per_hour=2, guild_per_hour=2, guild_waiting=2)
    for _ in range(2):
        await send(store, limited, 0, sent(LENA, Visibility.PRIVATE))
    await refused(store, limited, 1, sent(LENA, Visibility.PRIVATE))
    for author in (LENA, OTTO):  # nobody learns from a team draft that there are private ones
        await send(store, limited, 1, sent(author))
    error = await refused(store, limited, 2, sent(OTTO))
    assert error.message.key == "limit_problem.guild"
    await send(store, limited, 2, sent(OTTO, Visibility.PRIVATE))


async def test_a_batch_is_counted_as_a_whole(store: Store) -> None:
    limited = Limits(person_per_hour=3)
    await send(store, limited)
    who = GUILD, LENA, Visibility.TEAM
    async with store.read() as conn:
        await limits.check(conn, *who, limited, NOW + MINUTE, more=2)
        for more in (3, 4):
            with pytest.raises(TooMany):
                await limits.check(conn, *who, limited, NOW + MINUTE, more=more)


async def test_without_limits_as_on_the_command_line_nothing_is_refused(store: Store) -> None:
    for _ in range(5):
        await submit(store, sent(), SETTINGS, NOW)
    assert await stored(store) == 5
