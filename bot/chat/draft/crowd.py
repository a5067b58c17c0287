"""Where many hand in at once, each is acknowledged before anything else is done for any of them.

An interaction is void after three seconds: the last of a thousand cannot wait for what is done for all before it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import aiohttp
import discord
import structlog
import yarl

CROWD = 8  # under way, beyond which each is acknowledged before it is stored
LONGEST_HOLD = 1.0  # seconds that storing waits for the acknowledgements of others
TOO_LATE = 3.0  # seconds after which an interaction is void
ANSWERED = 40060  # Discord's code: the interaction was
_THINKING, _THINKING_FOR_ONE = b'{"type":5}', b'{"type":5,"data":{"flags":64}}'
_HEADERS = {"Content-Type": "application/json"}

log = structlog.get_logger(__name__)


class Crowd:
    """The forms that one client takes in now. `connector`: that of the client."""

    def __init__(self, connector: aiohttp.BaseConnector) -> None:
        self._connector = connector
        self._session: aiohttp.ClientSession | None = None
        self._under_way = self._waiting = 0
        self._none_waits = asyncio.Event()

    @contextmanager
    def under_way(self) -> Iterator[bool]:
        """Around what is acknowledged and stored. Gives whether it is one of a crowd."""
        self._under_way += 1
        try:
            yield self._under_way > CROWD
        finally:
            self._under_way -= 1

    @contextmanager
    def acknowledging(self) -> Iterator[None]:
        """Around the acknowledgement of one of a crowd."""
        self._waiting += 1
        self._none_waits.clear()
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._none_waits.set()

    async def all_acknowledged(self) -> None:
        """Returns once nobody waits for that, or after a while: what was acknowledged has to be stored, too."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_HOLD):
                await self._none_waits.wait()

    async def acknowledge(self, interaction: discord.Interaction[Any], *, is_private: bool) -> None:
        """Says that the bot is thinking. Where that fails, the interaction counts as not yet answered.

        The library's own way takes twice the processor time: it asks for the message, and reads it.
        """
        path = "/interactions/{id}/{token}/callback"
        url = discord.http.Route("POST", path, id=interaction.id, token=interaction.token).url
        body = _THINKING_FOR_ONE if is_private else _THINKING
        for _ in range(2):  # where only Discord's answer got lost, the second time tells
            try:
                session = self._opened(interaction.client.http)
                async with session.post(yarl.URL(url, encoded=True), data=body) as response:
                    said = await response.read()
            except (aiohttp.ClientError, OSError) as error:
                log.warning("crowd.not_acknowledged", error=type(error).__name__)
                continue
            if response.status < 300 or _code(said) == ANSWERED:
                note_thinking(interaction)
                return
            log.warning("crowd.not_acknowledged", status=response.status)

    def _opened(self, http: Any) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=self._connector,
                connector_owner=False,
                headers=_HEADERS | {"User-Agent": http.user_agent},
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=TOO_LATE),
                proxy=http.proxy,
                proxy_auth=http.proxy_auth,
            )
        return self._session


def note_thinking(interaction: discord.Interaction[Any]) -> None:
    """For the library, where it was not the library that acknowledged: what is said now is an edit."""
    interaction.response._response_type = discord.InteractionResponseType.deferred_channel_message


def _code(said: bytes) -> int:
    """Of Discord's refusal; 0 for anything else."""
    try:
        return int(json.loads(said)["code"])
    except (ValueError, TypeError, KeyError):
        return 0
