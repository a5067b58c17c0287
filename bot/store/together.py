"""Small transactions that come at the same time are made one: what costs most of each is its end, on the disk."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

AT_ONCE = 32  # in one transaction; the event loop does nothing else meanwhile

Work = Callable[[AsyncConnection], Awaitable[Any]]
Result = TypeVar("Result")


class Together:
    """Runs each work within a savepoint of its own: one that raises takes back what it did, and nothing of others."""

    def __init__(self, begin: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> None:
        self._begin = begin
        self._waiting: deque[tuple[Work, asyncio.Future[Any]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, work: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        """What `work` gives, once that is committed. Raises what `work` raises, and what a transaction may."""
        end: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, end))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="write together")
        return await end

    async def _write(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            try:
                async with self._begin() as conn:
                    ends = [(end, *await _try(conn, work)) for work, end in group]
            except Exception as error:  # noqa: BLE001 # whatever it is, each of those who wait must hear of it
                ends = [(end, None, error) for _, end in group]
            for end, result, failure in ends:
                if end.done():  # nobody waits any more
                    continue
                if failure is None:
                    end.set_result(result)
                else:
                    end.set_exception(failure)


async def _try(conn: AsyncConnection, work: Work) -> tuple[Any, Exception | None]:
    """What one work gives, or what it raises: that is its own caller's alone."""
    try:
        async with conn.begin_nested():
            return await work(conn), None
    except Exception as error:  # noqa: BLE001 # it goes to whoever asked for this work
        return None, error
