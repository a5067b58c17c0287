"""Voice profiles of a guild's influencers, each measured against the others; made once per state of the library."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot import sample
from bot.judging.voice import Corpus, Profile
from bot.judging.voice.comparison import Comparison, Speeches
from bot.model.workspace import Influencer
from bot.store import library, posts
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


@dataclass(frozen=True, slots=True)
class _Changes:
    histories: Mapping[str, Sequence[str]]  # by name in the corpus; empty ones are taken out
    versions: dict[int, int]  # of what is in it then


class Voices:
    """Keeps the corpora of the guilds in use in memory; measuring runs off the event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guilds: OrderedDict[int, _Guild] = OrderedDict()
        self._lock = asyncio.Lock()

    async def profile(self, influencer: Influencer) -> Profile | None:
        """The profile of an influencer as stored now; None where nothing is stored."""
        async with self._lock:
            guild = self._guild(influencer.guild_id)
            found = await self._changes(guild, influencer)
            if found.histories:
                guild.profiles.clear()
                await _measured(lambda: guild.corpus.update(found.histories))
                guild.versions = found.versions
            if influencer.id not in guild.profiles and str(influencer.id) in guild.corpus:
                guild.profiles[influencer.id] = await _measured(lambda: guild.corpus.profile(str(influencer.id)))
            while len(guild.profiles) > PROFILES_KEPT:
                guild.profiles.popitem(last=False)
            return guild.profiles.get(influencer.id)

    async def profile_apart(self, influencer: Influencer, texts: Sequence[str]) -> Profile:
        """The profile of these posts, in the place of what is stored of the influencer; nothing of it is kept.

        In a server it is set against the same others as the team's. Outside there are only the sample influencers,
        who are too few: a high likeness to be told would say little.
        """
        if influencer.guild_id < 0:
            return await _measured(lambda: _alone(tuple(texts)))
        async with self._lock:
            guild, name = self._guild(influencer.guild_id), str(influencer.id)
            found = await self._changes(guild, influencer)
            changes = {**found.histories, name: texts}  # for once: what the team is told must not depend on it
            return await _measured(lambda: guild.corpus.updated(changes).profile(name))

    def _guild(self, guild_id: int) -> _Guild:
        if guild_id not in self._guilds:
            self._guilds[guild_id] = _Guild(Corpus({}, samples=map(_sample_name, sample.posts())))
        self._guilds.move_to_end(guild_id)
        while len(self._guilds) > GUILDS_KEPT:
            self._guilds.popitem(last=False)
        return self._guilds[guild_id]

    async def _changes(self, guild: _Guild, influencer: Influencer) -> _Changes:
        """What of the corpus is not as it is stored now, of an influencer and the others they are set against."""
        async with self._store.read() as conn:
            current = await posts.history_versions(conn, influencer.guild_id)
            known = await library.influencers(conn, influencer.guild_id)
        wanted = _background(current, influencer, {one.id: one.language for one in known})
        gone = guild.versions.keys() - current.keys()
        stale = [one for one, version in wanted.items() if guild.versions.get(one) != version]
        if not (stale or gone):
            return _Changes({}, guild.versions)
        histories: dict[str, Sequence[str]] = {str(one): () for one in gone}
        for influencer_id in stale:
            async with self._store.read() as conn:
                histories[str(influencer_id)] = [post.text for post in await posts.posts_of(conn, influencer_id)]
        versions = {one: version for one, version in guild.versions.items() if one not in gone}
        versions |= {one: wanted[one] for one in stale}
        few = len(versions) <= MIN_OTHERS
        for handle, texts in sample.posts().items():
            if few != (_sample_name(handle) in guild.corpus):
                histories[_sample_name(handle)] = texts if few else ()
        return _Changes(histories, versions)


async def _measured(work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(_MEASURING, work)


def _alone(texts: Sequence[str]) -> Profile:
    samples = {_sample_name(handle): posts for handle, posts in sample.posts().items()}
    profile = Corpus({OWN: texts, **samples}, samples=samples).profile(OWN)
    own = profile.comparison.own
    return replace(profile, comparison=Comparison.of(own, Speeches.of([own])))


def _sample_name(handle: str) -> str:
    return f"sample:{handle}"


def _background(versions: Mapping[int, int], influencer: Influencer, language: Mapping[int, str]) -> dict[int, int]:
    """The influencer and the first others, those of the same language before all: the same ones every time, so that
    profiles stay good."""

    def rank(other: int) -> tuple[bool, int]:
        return language.get(other) != influencer.language, other

    others = sorted(versions.keys() - {influencer.id}, key=rank)[:MAX_OTHERS]
    return {one: versions[one] for one in (influencer.id, *others) if one in versions}
