"""kill -9 at the worst moments: nothing that was accepted is lost, nothing is judged or answered twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.model.drafts import RevisionState
from bot.store.database import Store, open_store
from bot.store.drafts import claim_next, get_work, receive, release_claims
from bot.store.outbox import due_answers, mark_delivered
from bot.store.verdicts import record_verdict
from tests.store.values import NOW, Place, a_verdict

ROOT = Path(__file__).parents[2]
CHILD = """
import asyncio, sys
from pathlib import Path
from bot.store.database import open_store
from bot.store.drafts import claim_next
from bot.store.verdicts import record_verdict
from tests.store.values import NOW, a_verdict

async def main(path, stop_at):
    store = await open_store(Path(path))
    async with store.write() as conn:
        revision_id = await claim_next(conn, NOW)
    if stop_at == "claimed":
        await die_here()
    async with store.write() as conn:
        await record_verdict(conn, revision_id, a_verdict(), NOW, answer_needed=True)
        if stop_at == "verdict not committed":
            await die_here()
    await die_here()

async def die_here():
    print("there", flush=True)
    await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""


def killed_at(moment: str, path: Path) -> None:
    """Lets another process work on the database and kills it once it has come to `moment`."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), moment], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "there\n"
        child.kill()


async def received(store: Store, place: Place) -> int:
    async with store.write() as conn:
        revision_id = (await receive(conn, place.draft())).revision_id
    await store.close()
    return revision_id


@pytest.mark.parametrize("moment", ["claimed", "verdict not committed"])
async def test_killed_before_the_verdict_it_is_judged_again(store: Store, place: Place, moment: str) -> None:
    revision_id = await received(store, place)
    killed_at(moment, store.path)
    again = await open_store(store.path)
    async with again.write() as conn:
        assert await release_claims(conn, lambda _: NOW) == 1
        assert await claim_next(conn, NOW) == revision_id
        assert await due_answers(conn, NOW, 10) == ()
        assert (await record_verdict(conn, revision_id, a_verdict(), NOW, answer_needed=True)).number == "V-1"
    await again.close()


async def test_killed_between_verdict_and_delivery_the_answer_stays_due(store: Store, place: Place) -> None:
    revision_id = await received(store, place)
    killed_at("verdict stored", store.path)
    again = await open_store(store.path)
    async with again.write() as conn:
        assert await release_claims(conn, lambda _: NOW) == 0
        assert await claim_next(conn, NOW) is None
        (due,) = await due_answers(conn, NOW, 10)
        assert due.revision_id == revision_id
        assert due.nonce.startswith(f"r{revision_id:x}-")
        await mark_delivered(conn, revision_id, 1, 2, NOW)
        assert (await get_work(conn, revision_id)).state is RevisionState.ANSWERED
    await again.close()
