"""Finding by name: exactly, by a slip, not at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.model.workspace import Brand, Campaign, Influencer
from bot.services.names import find_brand, find_campaign, find_influencer
from bot.store import library
from bot.store.database import Store
from tests.services.conftest import GUILD

Find = Callable[[AsyncConnection, int, str], Awaitable[Brand | Campaign | Influencer]]
EMPTY = GUILD + 1
FINDS: tuple[tuple[str, Find], ...] = (("handle", find_influencer), ("campaign", find_campaign), ("brand", find_brand))


def name_of(found: Brand | Campaign | Influencer) -> str:
    return found.handle if isinstance(found, Influencer) else found.name


async def a_name(conn: AsyncConnection, thing: str) -> str:
    match thing:
        case "handle":
            return name_of((await library.influencers(conn, GUILD))[0])
        case "campaign":
            return name_of((await library.campaigns(conn, GUILD))[0])
        case _:
            return name_of((await library.brands(conn, GUILD))[0])


@pytest.mark.parametrize(("thing", "find"), FINDS)
async def test_what_is_stored_is_found_by_its_name_in_this_server_alone(store: Store, thing: str, find: Find) -> None:
    async with store.read() as conn:
        name = await a_name(conn, thing)
        assert name_of(await find(conn, GUILD, name)) == name
        with pytest.raises(Problem) as nothing:
            await find(conn, EMPTY, name)
    assert nothing.value.message.key == f"name_problem.no_{'influencers' if thing == 'handle' else thing + 's'}"


@pytest.mark.parametrize(("thing", "find"), FINDS)
async def test_a_slip_is_told_the_nearest_and_nonsense_where_to_look(store: Store, thing: str, find: Find) -> None:
    async with store.read() as conn:
        name = await a_name(conn, thing)
        with pytest.raises(Problem) as slip:
            await find(conn, GUILD, name[:-1] + "q")
        with pytest.raises(Problem) as nonsense:
            await find(conn, GUILD, "zzzzzzzzzzzz")
    assert slip.value.message.key == f"name_problem.unknown_{thing}"
    assert name in str(slip.value)
    assert nonsense.value.message.key == f"name_problem.far_{thing}"
