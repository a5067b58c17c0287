"""Direct messages that were written to the bot while it heard nothing: answered once a person, the newest one.

Discord does not list a bot's direct channels: they are opened anew for the people it met last. It watches how many an
application opens, so these are few, and one after the other.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import discord

from bot.chat.desk import DeskClient, may_pass
from bot.chat.watch.missed import AGAIN, LONGEST, Take
from bot.chat.watch.pages import SIZE, messages_since
from bot.chat.watch.watching import TEXT_KINDS, TROUBLE
from bot.store import watching
from bot.store.database import StoreUnavailable

MOST = 25  # people
MET = timedelta(days=30)  # so long ago at most
PACE = 1.0  # seconds between two of them
LONGEST_WAIT = 600.0  # seconds until those that could not be read are read again, doubling


class MissedDirect:
    """`hear` takes a direct message as if it came now."""

    def __init__(self, client: DeskClient, hear: Take) -> None:
        self._client, self._desk, self._hear = client, client.desk, hear
        self._is_new_session = asyncio.Event()

    def new_session(self) -> None:
        """Discord tells nothing of what was said between two sessions."""
        self._is_new_session.set()

    async def run(self) -> None:
        """Until it is cancelled: what was not read then is at the next start."""
        while True:
            await self._is_new_session.wait()
            try:
                async with self._desk.store.read() as conn:
                    people = await watching.people_met(conn, self._desk.clock() - MET, MOST)
            except StoreUnavailable:  # is in the log
                await asyncio.sleep(AGAIN)
                continue
            self._is_new_session.clear()
            wait = AGAIN
            while people and not self._is_new_session.is_set():
                people = tuple([person for person in people if not await self._is_settled(person)])
                if people:
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, LONGEST_WAIT)

    async def _is_settled(self, person: int) -> bool:
        """False where it is to be tried again."""
        try:
            await self._catch_up(person)
        except TROUBLE as error:
            return isinstance(error, discord.HTTPException) and not may_pass(error)  # such as somebody who is gone
        finally:
            await asyncio.sleep(PACE)
        return True

    async def _catch_up(self, person: int) -> None:
        """Raises what Discord's trouble raises."""
        since = discord.utils.time_snowflake(self._client.at_discord(self._desk.clock()) - LONGEST)
        channel = await self._client.create_dm(discord.Object(person))
        found = await messages_since(self._client, channel, since, SIZE)
        theirs = [one for one in found if one.author.id == person and one.type in TEXT_KINDS]
        answered = {one.reference.message_id for one in found if one.reference and one.author == self._client.user}
        if theirs and theirs[-1].id not in answered:
            await self._hear(theirs[-1])
