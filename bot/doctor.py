"""`doctor`: looks at everything a run needs and says in one sentence each what is wrong and what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

from bot.app import llm_judge, opened_store, utc_now
from bot.config import Settings, secret
from bot.errors import Problem
from bot.jobs.upkeep import check
from bot.model.messages import Message
from bot.services.budget import MICRO, Budget
from bot.store import drafts, guilds, library, pace, posts, spend
from bot.store.spend import Spend
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
    looks = {"database": _database, "templates": _templates, "model": _model, "spend": _spend, "discord": _discord}
    for what, look in looks.items():
        try:
            checks += [Check(what, state, sentence) async for state, sentence in look(settings, guild_id)]
        except Problem as problem:
            checks.append(Check(what, State.WRONG, str(problem)))
    return tuple(checks)


async def _database(settings: Settings, guild_id: int) -> AsyncIterator[tuple[State, str]]:
    async with opened_store(settings) as store, store.read() as conn:
        await check(store)
        influencers = await library.influencers(conn, guild_id)
        campaigns = await library.campaigns(conn, guild_id)
        stored = sum([await posts.count_posts(conn, influencer.id) for influencer in influencers])
        waiting = await drafts.unfinished(conn, None)
        waits_for = await pace.waits_for(conn)
        others = [str(other) for other in await guilds.guild_ids(conn) if other != guild_id]
    counts = {"influencers": len(influencers), "campaigns": len(campaigns), "posts": stored}
    yield State.OK, text("en", "doctor.database", path=settings.database.path, guild=guild_id, **counts)
    if not influencers:
        hint = "doctor.other_guilds" if others else "doctor.empty"
        yield State.NOTE, text("en", hint, guild=guild_id, others=others)
    if waiting.counts:
        states = [Message(f"doctor.state_{state}", {"count": count}) for state, count in waiting.counts.items()]
        since = f"{waiting.oldest:%Y-%m-%d %H:%M}"
        yield State.NOTE, text("en", "doctor.waiting", states=states, since=since)
    for why, count in waits_for.items():
        yield State.NOTE, text("en", "doctor.waits_for", count=count, why=why)


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


async def _spend(settings: Settings, guild_id: int) -> AsyncIterator[tuple[State, str]]:
    """Of every server: the account at the endpoint is one."""
    del guild_id
    now = utc_now()
    async with opened_store(settings) as store, store.read() as conn:
        spent = await spend.all_this_month(conn, now)
    if not spent:
        yield State.OK, text("en", "doctor.spend_none")
    for guild, one in spent.items():
        if guild < 0:
            continue
        yield State.OK, text("en", "doctor.spend", guild=guild, **_counts(one))
        if Budget(settings.llm).is_used_up(one):
            until = f"{spend.next_month(now):%Y-%m-%d}"
            yield State.NOTE, text("en", "doctor.spend_used_up", guild=guild, until=until)
    if people := [one for guild, one in spent.items() if guild < 0]:  # their sum names nobody
        yield State.OK, text("en", "doctor.spend_own", **_counts(sum(people, Spend())))


def _counts(one: Spend) -> dict[str, object]:
    cost = "" if one.cost is None else text("en", "doctor.spend_cost", cost=one.cost / MICRO)
    return {"calls": one.calls, "tokens": one.tokens, "cached": one.cached_tokens, "cost": cost}


async def _discord(settings: Settings, guild_id: int) -> AsyncIterator[tuple[State, str]]:
    from bot.chat.login import look_at_login

    del guild_id
    token = secret(settings.discord.token_env, settings.discord.token_file)
    if token is None:
        yield State.NOTE, text("en", "doctor.no_token", env=settings.discord.token_env)
        return
    if settings.discord.api_url:
        from bot.sandbox.connect import point_discord_at

        point_discord_at(settings.discord.api_url)
    login = await look_at_login(token)
    yield State.OK, text("en", "doctor.login", name=login.name, guilds=len(login.guilds), link=login.invite)
    if settings.discord.read_messages and not login.may_read_messages:
        yield State.WRONG, text("en", "doctor.intent")
