"""The batch that a button or list is about, for whoever pressed it."""

from __future__ import annotations

from bot.chat.desk import Interaction, guild_of
from bot.chat.rights import sight_of
from bot.errors import Problem
from bot.store import batches
from bot.store.batches import Batch, Row


async def find_batch(interaction: Interaction, batch_id: int) -> tuple[Batch, tuple[Row, ...]]:
    """Raises Problem for a batch of another server, or one that this person may not look up."""
    sight = await sight_of(interaction)
    async with interaction.client.desk.store.read() as conn:
        found = await batches.find_batch(conn, guild_of(interaction), batch_id, sight)
        rows = await batches.batch_rows(conn, batch_id) if found else ()
    if found is None:
        raise Problem("batch_problem.gone")
    return found, rows
