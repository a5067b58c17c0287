"""Waiting for something to happen without sleeping."""

from __future__ import annotations

import asyncio


class Bell:
    """Rung at every change; `version` counts the rings."""

    def __init__(self) -> None:
        self.version = 0
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self.version += 1
        self._rung.set()
        self._rung = asyncio.Event()

    async def wait(self, after: int, within: float) -> int:
        """The version once it is past `after`, or the unchanged one after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                while self.version <= after:
                    await self._rung.wait()
        except TimeoutError:
            pass
        return self.version
