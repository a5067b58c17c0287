"""Voice profiles of a guild's influencers, each measured against the others; made once per state of the library."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from bot import sample
from bot.judging.voice import Corpus, Profile
from bot.model.workspace import Influencer
from bot.store import posts
from bot.store.database import Store

MAX_OTHERS = 24  # eight others are as good a background as seventy
MIN_OTHERS = 8  # below that, the sample influencers help out
GUILDS_KEPT = 8  # a few MB each, 25 where histories are long
PROFILES_KEPT = 64  # of a guild
OWN = "own"
Result = TypeVar("Result")

_MEASURING = ThreadPoolExecutor(1, "voices")  # each thread that measures keeps memory of its own for it


@dataclass(slots=True)
class _Guild:
    corpus: Corpus
    versions: dict[int, int] = field(default_factory=dict)  # of the histories in the corpus
    profiles: OrderedDict[int, Profile] = field(default_factory=OrderedDict)


class Voices:
    """Keeps the corpora of the guilds in use in memory; measuring runs off the event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guilds: OrderedDict[int, _Guild] = OrderedDict()
        self._lock = asyncio.Lock()

    async def profile(self, influencer: Influencer) -> Profile | None:
        """The profile of an influencer as stored now; None where nothing is stored."""
        async with self._lock:
            async with self._store.read() as conn:
                current = await posts.history_versions(conn, influencer.guild_id)
            wanted = _background(current, influencer.id)
            guild = self._guild(influencer.guild_id)
            await self._refresh(guild, wanted, gone=guild.versions.keys() - current.keys())
            if influencer.id not in guild.profiles and str(influencer.id) in guild.corpus:
                guild.profiles[influencer.id] = await _measured(lambda: guild.corpus.profile(str(influencer.id)))
            while len(guild.profiles) > PROFILES_KEPT:
                guild.profiles.popitem(last=False)
            return guild.profiles.get(influencer.id)

    async def profile_apart(self, texts: Sequence[str]) -> Profile:
        """The profile of these posts against the sample influencers alone; nothing of it is kept."""
        return await _measured(lambda: _apart(tuple(texts)))

    def _guild(self, guild_id: int) -> _Guild:
        if guild_id not in self._guilds:
            self._guilds[guild_id] = _Guild(Corpus({}, samples=map(_sample_name, sample.posts())))
        self._guilds.move_to_end(guild_id)
        while len(self._guilds) > GUILDS_KEPT:
            self._guilds.popitem(last=False)
        return self._guilds[guild_id]

    async def _refresh(self, guild: _Guild, wanted: Mapping[int, int], gone: Set[int]) -> None:
        """Brings the corpus to the histories `wanted`, without those `gone`; any change makes all profiles stale."""
        stale = [one for one, version in wanted.items() if guild.versions.get(one) != version]
        if not (stale or gone):
            return
        changes: dict[str, Sequence[str]] = {str(one): () for one in gone}
        for influencer_id in stale:
            async with self._store.read() as conn:
                changes[str(influencer_id)] = [post.text for post in await posts.posts_of(conn, influencer_id)]
        versions = {one: version for one, version in guild.versions.items() if one not in gone}
        versions |= {one: wanted[one] for one in stale}
        few = len(versions) <= MIN_OTHERS
        for handle, texts in sample.posts().items():
            if few != (_sample_name(handle) in guild.corpus):
                changes[_sample_name(handle)] = texts if few else ()
        guild.profiles.clear()
        await _measured(lambda: guild.corpus.update(changes))
        guild.versions = versions


async def _measured(work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(_MEASURING, work)


def _apart(texts: Sequence[str]) -> Profile:
    samples = {_sample_name(handle): posts for handle, posts in sample.posts().items()}
    return Corpus({OWN: texts, **samples}, samples=samples).profile(OWN)


def _sample_name(handle: str) -> str:
    return f"sample:{handle}"


def _background(versions: Mapping[int, int], influencer_id: int) -> dict[int, int]:
    """The influencer and the first others: the same ones every time, so that profiles stay good."""
    others = [other for other in sorted(versions) if other != influencer_id][:MAX_OTHERS]
    return {one: versions[one] for one in (influencer_id, *others) if one in versions}
