"""Dossiers of histories too long to be read for each draft: made once, extended when posts are imported."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakValueDictionary

import structlog

from bot.config import Review as ReviewSettings
from bot.errors import JudgeUnavailable
from bot.judging.answer import Judge
from bot.judging.dossier import CHUNK_TOKENS, Chunk, ChunkReader, cut, expected_tokens, make_dossier
from bot.judging.evidence import history_tokens
from bot.model.dossiers import Dossier, ReadChunk
from bot.model.posts import PastPost, snapshot_hash
from bot.model.verdicts import Reading
from bot.model.workspace import Influencer
from bot.services.budget import Budget
from bot.store import dossiers, spend
from bot.store.database import Store
from bot.store.dossiers import Maker

AT_ONCE = 8  # chunks of one history; the judge has its own limit over all

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DossierProgress:
    """`done` of `chunks` are read, of `posts` in all. `tokens`: what that costs at most, told before the first."""

    influencer_id: int
    done: int
    chunks: int
    tokens: int
    posts: int


OnDossier = Callable[[DossierProgress], None]


class Dossiers:
    """Makes the dossiers with the judge that reads them; none for a judge that cannot, such as the offline one."""

    def __init__(
        self,
        store: Store,
        judge: Judge,
        settings: ReviewSettings,
        budget: Budget,
        clock: Callable[[], datetime],
        on_progress: OnDossier,
    ) -> None:
        self._store, self._settings, self._on_progress = store, settings, on_progress
        self._budget, self._clock = budget, clock
        self._reader = judge if isinstance(judge, ChunkReader) else None
        self._at_work: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def are_needed(self, posts: tuple[PastPost, ...]) -> bool:
        """Whether the judge reads such a history in parts rather than whole."""
        return self._reader is not None and history_tokens(posts) > self._settings.history_tokens

    async def dossier(self, influencer: Influencer, posts: tuple[PastPost, ...]) -> Dossier | None:
        """The dossier of a stored history, or None where it is short enough to be read whole.

        Only chunks that have changed are read, and each is booked as it is kept. Raises JudgeUnavailable; what was read
        until then stays kept.
        """
        if self._reader is None or not self.are_needed(posts):
            return None
        chunks = {snapshot_hash(chunk): chunk for chunk in cut(posts, min(CHUNK_TOKENS, self._settings.history_tokens))}
        maker = Maker(influencer.id, self._reader.chunk_prompt_hash, self._reader.model)
        lock = self._at_work.setdefault(influencer.id, asyncio.Lock())
        async with lock:  # of two drafts that come together, the second finds everything made
            async with self._store.read() as conn:
                kept = await dossiers.read_chunks(conn, maker)
            missing = {name: chunk for name, chunk in chunks.items() if name not in kept}
            made = await self._read(self._reader, maker, influencer.guild_id, missing) if missing else {}
            if kept.keys() - chunks.keys():
                async with self._store.write() as conn:
                    await dossiers.drop_other_chunks(conn, maker, chunks)
        read = kept | {name: chunk for name, (chunk, _) in made.items()}
        dossier = make_dossier(
            [(chunk, read[name]) for name, chunk in chunks.items()],
            budget_tokens=min(self._settings.dossier_tokens, self._settings.history_tokens // 2),
            readings=tuple(reading for _, reading in made.values()),
        )
        if made:
            log.info(
                "dossier.made",
                influencer_id=influencer.id,
                statements=len(dossier.statements),
                left_out=dossier.left_out,
                unproven=dossier.unproven,
                addressed=dossier.addressed,
                posts_declined=dossier.posts_declined,
            )
        return dossier

    async def _read(
        self, reader: ChunkReader, maker: Maker, guild_id: int, missing: Mapping[str, Chunk]
    ) -> dict[str, tuple[ReadChunk, Reading]]:
        """Has the chunks read, several at once, and keeps each as soon as it is. After a failure none is begun."""
        waiting = deque(missing.items())
        made: dict[str, tuple[ReadChunk, Reading]] = {}
        failures: list[JudgeUnavailable] = []
        tokens, posts = expected_tokens(missing.values()), sum(map(len, missing.values()))

        def tell() -> None:
            self._on_progress(DossierProgress(maker.influencer_id, len(made), len(missing), tokens, posts))

        async def work() -> None:
            while waiting and not failures:
                name, chunk = waiting.popleft()
                try:
                    read, reading = await reader.read_chunk(chunk)
                except JudgeUnavailable as error:
                    failures.append(error)
                    async with self._store.write() as conn:
                        await spend.book(conn, guild_id, self._clock(), self._budget.charges(error.spent))
                    return
                async with self._store.write() as conn:
                    await dossiers.keep_chunk(conn, maker, name, read)
                    await spend.book(conn, guild_id, self._clock(), self._budget.charges([reading]))
                made[name] = read, reading
                tell()

        log.info("dossier.begun", influencer_id=maker.influencer_id, chunks=len(missing), tokens=tokens)
        tell()
        await asyncio.gather(*(work() for _ in range(min(AT_ONCE, len(missing)))))
        if failures:
            raise failures[0]
        return made
