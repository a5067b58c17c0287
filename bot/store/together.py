"""What many ask for at the same moment is done in one transaction: what costs most of each is all around it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem

AT_ONCE = 250  # in one transaction: others wait no longer than that

Item = TypeVar("Item", bound=Hashable)
Result = TypeVar("Result")

# Gives for each item, in their order, what came of it, or the exception that its caller alone is to hear.
WorkForAll = Callable[[AsyncConnection, Sequence[Item]], Awaitable[Sequence[Result | Exception]]]


def asked_once(ask: Callable[[AsyncConnection, Item], Awaitable[Result]]) -> WorkForAll[Item, Result]:
    """Asks about each item, and about equal ones once; a Problem that is raised is for whoever asked that."""

    async def work(conn: AsyncConnection, items: Sequence[Item]) -> Sequence[Result | Exception]:
        ends: dict[Item, Result | Exception] = {}
        for item in items:
            if item not in ends:
                try:
                    ends[item] = await ask(conn, item)
                except Problem as problem:
                    ends[item] = problem
        return [ends[item] for item in items]

    return work


class Together(Generic[Item, Result]):
    """Gives `work` all items that wait. Who comes during a transaction is in the next one: no one waits for company."""

    def __init__(
        self, begin: Callable[[], AbstractAsyncContextManager[AsyncConnection]], work: WorkForAll[Item, Result]
    ) -> None:
        self._begin, self._work = begin, work
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def do(self, item: Item) -> Result:
        """What came of `item`, once that is committed. Raises what the work says of it, and what a transaction may."""
        end: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, end))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work_off(), name="together")
        return await end

    async def _work_off(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            results = await self._results([item for item, _ in group])
            for (_, end), result in zip(group, results, strict=True):
                if end.done():  # nobody waits any more
                    continue
                if isinstance(result, Exception):
                    end.set_exception(result)
                else:
                    end.set_result(result)

    async def _results(self, items: Sequence[Item]) -> Sequence[Result | Exception]:
        try:
            async with self._begin() as conn:
                return await self._work(conn, items)
        except Exception as error:  # noqa: BLE001 # whatever it is, each of those who wait must hear of it
            if len(items) == 1 or isinstance(error, Problem):  # such as a database that is held
                return [error] * len(items)
        alone: list[Any] = [await self._results([item]) for item in items]  # so that a defect is its own item's alone
        return [result for [result] in alone]
