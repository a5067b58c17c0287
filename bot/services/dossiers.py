"""Dossiers of histories too long to be read for each draft: made once, extended when posts are imported."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from weakref import WeakValueDictionary

import structlog

from bot.config import Review as ReviewSettings
from bot.errors import JudgeUnavailable
from bot.judging.answer import Judge
from bot.judging.dossier import CHUNK_TOKENS, Chunk, ChunkReader, cut, expected_tokens, make_dossier
from bot.judging.evidence import history_tokens
from bot.model import Dossier, PastPost, ReadChunk, Reading, snapshot_hash
from bot.store import dossiers
from bot.store.database import Store
from bot.store.dossiers import Maker

AT_ONCE = 8  # chunks of one history; the judge has its own limit over all

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DossierProgress:
    """`done` of `chunks` are read. `tokens`: what reading all of them costs at most, told before the first."""

    influencer_id: int
    done: int
    chunks: int
    tokens: int


OnDossier = Callable[[DossierProgress], None]


class Dossiers:
    """Makes the dossiers with the judge that reads them; none for a judge that cannot, such as the offline one."""

    def __init__(
        self, store: Store, judge: Judge, settings: ReviewSettings, on_progress: OnDossier | None = None
    ) -> None:
        self._store, self._settings, self._on_progress = store, settings, on_progress
        self._reader = judge if isinstance(judge, ChunkReader) else None
        self._at_work: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def dossier(self, influencer_id: int, posts: tuple[PastPost, ...]) -> Dossier | None:
        """The dossier of a stored history, or None where it is short enough to be read whole.

        Only chunks that have changed are read. Raises JudgeUnavailable; what was read until then stays kept.
        """
        if self._reader is None or history_tokens(posts) <= self._settings.history_tokens:
            return None
        chunks = {snapshot_hash(chunk): chunk for chunk in cut(posts, min(CHUNK_TOKENS, self._settings.history_tokens))}
        maker = Maker(influencer_id, self._reader.chunk_prompt_hash, self._reader.model)
        lock = self._at_work.setdefault(influencer_id, asyncio.Lock())
        async with lock:  # of two drafts that come together, the second finds everything made
            async with self._store.read() as conn:
                kept = await dossiers.read_chunks(conn, maker)
            missing = {name: chunk for name, chunk in chunks.items() if name not in kept}
            made = await self._read(self._reader, maker, missing) if missing else {}
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
                influencer_id=influencer_id,
                statements=len(dossier.statements),
                left_out=dossier.left_out,
                unproven=dossier.unproven,
                addressed=dossier.addressed,
                posts_declined=dossier.posts_declined,
            )
        return dossier

    async def _read(
        self, reader: ChunkReader, maker: Maker, missing: Mapping[str, Chunk]
    ) -> dict[str, tuple[ReadChunk, Reading]]:
        """Has the chunks read, several at once, and keeps each as soon as it is. After a failure none is begun."""
        waiting = deque(missing.items())
        made: dict[str, tuple[ReadChunk, Reading]] = {}
        failures: list[JudgeUnavailable] = []
        tokens = expected_tokens(missing.values())

        def tell() -> None:
            if self._on_progress:
                self._on_progress(DossierProgress(maker.influencer_id, len(made), len(missing), tokens))

        async def work() -> None:
            while waiting and not failures:
                name, chunk = waiting.popleft()
                try:
                    read, reading = await reader.read_chunk(chunk)
                except JudgeUnavailable as error:
                    failures.append(error)
                    return
                async with self._store.write() as conn:
                    await dossiers.keep_chunk(conn, maker, name, read)
                made[name] = read, reading
                tell()

        log.info("dossier.begun", influencer_id=maker.influencer_id, chunks=len(missing), tokens=tokens)
        tell()
        await asyncio.gather(*(work() for _ in range(min(AT_ONCE, len(missing)))))
        if failures:
            raise failures[0]
        return made
