"""Voice profiles of a guild's influencers, each measured against the others; made once per state of the library."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot import sample
from bot.judging.voice import Corpus, Profile
from bot.model import Influencer
from bot.store import posts
from bot.store.database import Store

MAX_OTHERS = 24  # eight others are as good a background as seventy
MIN_OTHERS = 8  # below that, the sample influencers help out
GUILDS_KEPT = 4  # some 17 MB each
PROFILES_KEPT = 256
OWN = "own"


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
            await self._refresh(guild, wanted)
            if influencer.id not in guild.profiles and str(influencer.id) in guild.corpus:
                guild.profiles[influencer.id] = await asyncio.to_thread(guild.corpus.profile, str(influencer.id))
            while len(guild.profiles) > PROFILES_KEPT:
                guild.profiles.popitem(last=False)
            return guild.profiles.get(influencer.id)

    async def profile_apart(self, texts: Sequence[str]) -> Profile:
        """The profile of these posts against the sample influencers alone; nothing of it is kept."""
        return await asyncio.to_thread(_apart, tuple(texts))

    def _guild(self, guild_id: int) -> _Guild:
        if guild_id not in self._guilds:
            self._guilds[guild_id] = _Guild(Corpus({}, samples=map(_sample_name, sample.posts())))
        self._guilds.move_to_end(guild_id)
        while len(self._guilds) > GUILDS_KEPT:
            self._guilds.popitem(last=False)
        return self._guilds[guild_id]

    async def _refresh(self, guild: _Guild, wanted: Mapping[int, int]) -> None:
        """Brings the corpus to the histories `wanted`; any change makes all profiles stale."""
        stale = [
            influencer_id for influencer_id, version in wanted.items() if guild.versions.get(influencer_id) != version
        ]
        if not stale:
            return
        guild.profiles.clear()
        for influencer_id in stale:
            async with self._store.read() as conn:
                texts = [post.text for post in await posts.posts_of(conn, influencer_id)]
            await asyncio.to_thread(guild.corpus.put, str(influencer_id), texts)
            guild.versions[influencer_id] = wanted[influencer_id]
        few = len(guild.versions) <= MIN_OTHERS
        for handle, texts_of_sample in sample.posts().items():
            if few != (_sample_name(handle) in guild.corpus):
                await asyncio.to_thread(guild.corpus.put, _sample_name(handle), texts_of_sample if few else ())


def _apart(texts: Sequence[str]) -> Profile:
    samples = {_sample_name(handle): posts for handle, posts in sample.posts().items()}
    return Corpus({OWN: texts, **samples}, samples=samples).profile(OWN)


def _sample_name(handle: str) -> str:
    return f"sample:{handle}"


def _background(versions: Mapping[int, int], influencer_id: int) -> dict[int, int]:
    """The influencer and the first others: the same ones every time, so that profiles stay good."""
    others = [other for other in sorted(versions) if other != influencer_id][:MAX_OTHERS]
    return {one: versions[one] for one in (influencer_id, *others) if one in versions}
