"""Which drafts wait for a dossier just now, and how far it is. Lives in the process; nothing rests on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.services.dossiers import DossierProgress
from bot.store.drafts import Work


class Board:
    """Filled by who judges, read by who tells the authors."""

    def __init__(self) -> None:
        self._waiting: dict[int, Work] = {}  # by revision
        self._progress: dict[int, DossierProgress] = {}  # by influencer

    @contextmanager
    def waits(self, work: Work) -> Iterator[None]:
        """Around whatever may have to make a dossier for this draft."""
        self._waiting[work.revision.id] = work
        try:
            yield
        finally:
            del self._waiting[work.revision.id]
            if all(other.influencer.id != work.influencer.id for other in self._waiting.values()):
                self._progress.pop(work.influencer.id, None)

    def hear(self, progress: DossierProgress) -> None:
        self._progress[progress.influencer_id] = progress

    def under_way(self) -> tuple[tuple[Work, DossierProgress], ...]:
        """Each draft that waits for a dossier which is being made."""
        return tuple(
            (work, self._progress[work.influencer.id])
            for work in self._waiting.values()
            if work.influencer.id in self._progress
        )
