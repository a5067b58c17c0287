"""Right of reply: the influencer a finding is about answers it, and the answer stands beside it from then on."""

from __future__ import annotations

from datetime import datetime

from bot.errors import Problem
from bot.model.decisions import Reply
from bot.model.verdicts import CriterionKey
from bot.services.lookup import show
from bot.services.submit import storable
from bot.store import links, outbox, replies
from bot.store.database import Store
from bot.store.sight import EVERYTHING, Sight
from bot.store.verdicts import StoredVerdict

SHORTEST, LONGEST = 3, 1000  # characters
MOST = 20  # answers of one person to one verdict


async def answerable(
    store: Store, guild_id: int, number: str, person_id: int, sight: Sight = EVERYTHING
) -> StoredVerdict:
    """The team's verdict that this person may answer: about them, or about a draft they sent in. Raises Problem."""
    stored = await show(store, guild_id, number, viewer_id=None, sight=sight)
    if not await is_theirs(store, stored, person_id):
        raise Problem("answer_problem.not_yours", handle=stored.influencer.handle)
    return stored


async def is_theirs(store: Store, stored: StoredVerdict, person_id: int) -> bool:
    """Whether the person sent the draft in, or was confirmed to be the influencer."""
    if stored.draft.author_id == person_id:
        return True
    async with store.read() as conn:
        return person_id in await links.linked_users(conn, stored.draft.guild_id, stored.influencer.id)


async def answer(
    store: Store,
    guild_id: int,
    number: str,
    criterion: CriterionKey | None,
    words: str,
    *,
    person_id: int,
    person_name: str,
    now: datetime,
) -> Reply:
    """Adds an answer to one finding, or (None) to the whole verdict, and has the card show it.

    Raises Problem: no such verdict or finding, not about this person, nothing said, too much said, or said too often.
    """
    stored = await answerable(store, guild_id, number, person_id)
    if stored.is_erased and stored.forgotten_at is None:  # of a forgotten influencer the store says it
        raise Problem("answer_problem.erased", number=stored.number)
    if criterion is not None and criterion not in stored.verdict.criteria:
        raise Problem("answer_problem.unknown")
    words = storable(words).replace("\x00", "").strip()
    if not SHORTEST <= len(words) <= LONGEST:
        raise Problem("answer_problem.length", shortest=SHORTEST, longest=LONGEST)
    if sum(reply.person_id == person_id for reply in stored.replies) >= MOST:
        raise Problem("answer_problem.too_many", most=MOST)
    async with store.write() as conn:
        await outbox.refresh(conn, stored.revision.id, now)
        return await replies.add_reply(
            conn,
            stored.revision.id,
            criterion,
            person_id=person_id,
            person_name=person_name,
            words=words,
            now=now,
        )
