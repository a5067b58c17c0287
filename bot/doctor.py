"""`doctor`: looks at everything a run needs and says in one sentence each what is wrong and what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

from bot.app import llm_judge, opened_store
from bot.config import Settings, secret
from bot.errors import Problem
from bot.store import drafts, library, posts
from bot.texts import text


class State(StrEnum):
    OK = "ok"
    NOTE = "note"  # works, but worth knowing
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """`what` was looked at, and one sentence about it."""

    what: str
    state: State
    sentence: str


async def examine(settings: Settings, guild_id: int) -> tuple[Check, ...]:
    """All checks, in the order in which a newcomer would mend them. Never raises for something that is wrong."""
    checks = []
    for what, look in (("database", _database), ("templates", _templates), ("model", _model), ("discord", _discord)):
        try:
            checks += [Check(what, state, sentence) async for state, sentence in look(settings, guild_id)]
        except Problem as problem:
            checks.append(Check(what, State.WRONG, str(problem)))
    return tuple(checks)


async def _database(settings: Settings, guild_id: int) -> AsyncIterator[tuple[State, str]]:
    async with opened_store(settings) as store, store.read() as conn:
        influencers = await library.influencers(conn, guild_id)
        campaigns = await library.campaigns(conn, guild_id)
        stored = sum([await posts.count_posts(conn, influencer.id) for influencer in influencers])
        waiting = await drafts.unfinished(conn, None)
        others = [str(other) for other in await library.guild_ids(conn) if other != guild_id]
    counts = {"influencers": len(influencers), "campaigns": len(campaigns), "posts": stored}
    yield State.OK, text("en", "doctor.database", path=settings.database.path, guild=guild_id, **counts)
    if not influencers:
        hint = "doctor.other_guilds" if others else "doctor.empty"
        yield State.NOTE, text("en", hint, guild=guild_id, others=others)
    if waiting.counts:
        states = [f"{count} {state}" for state, count in waiting.counts.items()]
        yield State.NOTE, text("en", "doctor.waiting", states=states, since=waiting.oldest)


async def _templates(settings: Settings, guild_id: int) -> AsyncIterator[tuple[State, str]]:
    from bot.judging.prompts import Prompts, shipped_folder

    del guild_id
    folder = settings.review.prompts or shipped_folder()
    yield State.OK, text("en", "doctor.templates", folder=folder, hash=Prompts(folder).hash[:12])


async def _model(settings: Settings, guild_id: int) -> AsyncIterator[tuple[State, str]]:
    del guild_id
    if not settings.llm.model:
        yield State.NOTE, text("en", "doctor.offline")
        return
    judge = llm_judge(settings)
    try:
        found = await judge.probe()
    finally:
        await judge.close()
    if found.problem is not None:
        yield State.WRONG, text("en", "doctor.says", what=found.problem)
    else:
        values = {"model": found.model, "rung": found.rung, "milliseconds": found.latency_ms}
        yield State.OK, text("en", "doctor.model", **values)


async def _discord(settings: Settings, guild_id: int) -> AsyncIterator[tuple[State, str]]:
    from bot.chat.login import look_at_login

    del guild_id
    token = secret(settings.discord.token_env, settings.discord.token_file)
    if token is None:
        yield State.NOTE, text("en", "app_problem.no_token", env=settings.discord.token_env)
        return
    if settings.discord.api_url:
        from bot.sandbox.connect import point_discord_at

        point_discord_at(settings.discord.api_url)
    login = await look_at_login(token)
    yield State.OK, text("en", "doctor.login", name=login.name, guilds=len(login.guilds), link=login.invite)
    if settings.discord.read_messages and not login.may_read_messages:
        yield State.WRONG, text("en", "doctor.intent")
