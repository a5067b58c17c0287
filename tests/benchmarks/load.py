"""How soon a burst of drafts is acknowledged, and whether one loud guild holds up a quiet one.

Run: python -m tests.benchmarks.load [--drafts 1000] [--guilds 20] [--judge offline|away] [--way mention|form]
     [--channels 1] [--rate-limit N] [--backlog N] [--brief]

Half of the drafts come from one guild, one from the last, the rest from those between. `away`: a model is configured
and cannot be reached, so that nothing is judged. An acknowledgement is the reaction to a mention or the first answer
to a form, counted from the time in the event's own id until the call arrives at the loopback Discord, which shares the
machine; one that comes after the three seconds of an interaction is none. `taken in` is the time that the draft's row
bears. `--rate-limit`: calls a second for each route and channel. `--backlog`: as many mentions of the loudest guild
come two seconds before, so that the judge is at work.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.errors import Json
from bot.sandbox.people import Interaction
from tests.benchmarks.town import CAMPAIGN, DRAFT, HANDLE, MENTION, Guild, Town, built, made_at, share

AWAY = '[llm]\nbase_url = "http://127.0.0.1:9/v1/"\nmodel = "none"\ntransport_attempts = 1\n'
UNLIMITED = "[limits]\nperson_per_hour = 100000\nguild_per_hour = 100000\nguild_waiting = 100000\nwaiting = 100000\n"
LONGEST = 900.0  # seconds until everything is answered


@dataclass(frozen=True, slots=True)
class Event:
    """A draft sent in: the guild it came from, and the id that its acknowledgement names."""

    guild: Guild
    id: str


async def acts_of(town: Town, way: str, orders: list[Guild]) -> list[Json]:
    """What sends one draft for each of `orders`."""
    texts = [DRAFT.format(number=number) for number in range(len(orders))]
    if way == "form":
        return [
            {"verb": "submit", "person": guild.person, "token": token, "values": {"text": words}}
            for guild, token, words in zip(orders, await _opened(town, orders), texts, strict=True)
        ]
    return [
        {"verb": "say", "person": guild.person, "channel": _channel(guild, number), "text": MENTION + words}
        for number, (guild, words) in enumerate(zip(orders, texts, strict=True))
    ]


def _channel(guild: Guild, number: int) -> str:
    return guild.channels[number % len(guild.channels)]


async def _opened(town: Town, orders: list[Guild]) -> list[str]:
    """The tokens of as many forms, each opened by its person."""
    options = {"influencer": HANDLE, "campaign": CAMPAIGN}
    tokens: list[str] = []
    for start in range(0, len(orders), 50):
        acts = [
            {
                "verb": "slash",
                "person": guild.person,
                "command": "review",
                "channel": guild.channels[0],
                "options": options,
            }
            for guild in orders[start : start + 50]
        ]
        tokens += [one["token"] for one in await town.sandbox.ask("at_once", acts=acts)]
        await Interaction(town.sandbox, tokens[-1]).modal()
    return tokens


def orders_of(guilds: tuple[Guild, ...], drafts: int) -> list[Guild]:
    """Who sends, in this order: the loudest half of all, those between the rest, the quiet one its single draft."""
    loud, *between, quiet = guilds
    rest = [between[number % len(between)] for number in range(drafts - drafts // 2 - 1)]
    return [loud] * (drafts // 2) + rest + [quiet]


def acknowledged(record: list[Json], events: list[Event]) -> dict[str, float]:
    """When each event was acknowledged, of those that were."""
    first: dict[str, float] = {}
    for call in record:
        if call["status"] is None or call["status"] >= 300:
            continue
        parts = call["path"].split("/")
        if "reactions" in parts:
            first.setdefault(parts[parts.index("messages") + 1], call["at"])
        elif "callback" in parts:
            first.setdefault(parts[2], call["at"])
    return {event.id: first[event.id] for event in events if event.id in first}


def taken_in(town: Town, events: list[Event]) -> list[float]:
    """Seconds from event to the time that the draft's row bears."""
    with closing(sqlite3.connect(town.database)) as conn:
        rows = dict(conn.execute("SELECT source_key, created_at FROM revision").fetchall())
    keys = [(event.id, rows.get(f"message:{event.id}") or rows.get(f"interaction:{event.id}")) for event in events]
    return [microseconds / 1e6 - made_at(key) for key, microseconds in keys if microseconds]


def answered_before(town: Town, guild: Guild) -> dict[int, int]:
    """How many answers of each guild came before the first one of `guild`."""
    sql = (
        "SELECT revision.guild_id FROM outbox JOIN revision ON revision.id = outbox.revision_id"
        " WHERE delivered_at IS NOT NULL ORDER BY delivered_at"
    )
    with closing(sqlite3.connect(town.database)) as conn:
        order = [guild_id for (guild_id,) in conn.execute(sql)]
    return Counter(order[: order.index(guild.id)])


def line(name: str, seconds: list[float]) -> str:
    shares = "  ".join(f"{label} {share(seconds, part):6.3f} s" for label, part in (("p50", 0.5), ("p99", 0.99)))
    return f"{name:<14}{len(seconds):>5}  {shares}  max {max(seconds):6.3f} s"


async def run(arguments: argparse.Namespace, folder: Path) -> None:
    settings = {} if arguments.rate_limit is None else {"rate_limit": arguments.rate_limit}
    async with built(folder, arguments.guilds, arguments.channels, **settings) as town:
        await town.start_bot(UNLIMITED + (AWAY if arguments.judge == "away" else ""))
        idle = town.rss()
        orders = orders_of(town.guilds, arguments.drafts)
        acts = await acts_of(town, arguments.way, orders)
        backlog = await acts_of(town, "mention", [town.guilds[0]] * arguments.backlog)
        await town.sandbox.ask("at_once", acts=backlog)
        await asyncio.sleep(2)  # what came with the forms is over, and the backlog is being judged
        began = time.time()
        async with town.metered() as used:
            sent = await town.sandbox.ask("at_once", acts=acts)
            events = [Event(guild, one["id"]) for guild, one in zip(orders, sent, strict=True)]
            print(f"sent {len(events)} drafts in {made_at(events[-1].id) - made_at(events[0].id):.2f} s")
            await answers(town, len(events) + arguments.backlog, arguments, began)
        report(town, events, acknowledged(await town.sandbox.record(), events), lambda at: used(at) - used(began))
        print(f"RSS {idle:.0f} MB idle, {town.rss():.0f} MB afterwards")
        warnings = (folder / "bot.log").read_text().splitlines()
        print(f"{len(warnings)} lines in the log", *warnings[:3], sep="\n  ")


def report(town: Town, events: list[Event], moments: dict[str, float], used: Callable[[float], float]) -> None:
    """`moments` of acknowledgement by event; `used`: processor time of the bot's own process until then."""
    print(line("taken in", taken_in(town, events)))
    print(line("acknowledged", [at - made_at(key) for key, at in moments.items()]))
    print(f"{1000 * used(max(moments.values())) / len(events):.2f} ms of the bot's process for each until the last")


async def answers(town: Town, drafts: int, arguments: argparse.Namespace, began: float) -> None:
    """Waits until all is stored, and answered where there is a judge."""
    everything = "SELECT count(*) FROM revision"
    if not await town.until(everything, drafts, 120):
        print(f"only {town.count(everything)} drafts were stored")
    if arguments.judge == "away":
        for share_told in (1, drafts):
            await town.until("SELECT count(*) FROM revision WHERE told != ''", share_told, LONGEST)
            print(f"{share_told} told after {time.time() - began:.1f} s that there is no verdict yet")
        return
    done = "SELECT count(*) FROM revision WHERE state IN ('answered', 'failed')"
    await town.until(f"{done} AND guild_id = {town.guilds[-1].id}", 1, LONGEST)
    print(f"the quiet guild was answered after {time.time() - began:.1f} s")
    before = answered_before(town, town.guilds[-1])
    print(f"before it: {before[town.guilds[0].id]} of the loudest, {sum(before.values())} of all guilds")
    if not arguments.brief:
        await town.until(done, drafts, LONGEST)
        print(f"{town.count(done)} answered after {time.time() - began:.1f} s, {town.cpu():.1f} s of processor time")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drafts", type=int, default=1000)
    parser.add_argument("--guilds", type=int, default=20)
    parser.add_argument("--channels", type=int, default=1, help="of each guild")
    parser.add_argument("--judge", choices=("offline", "away"), default="offline")
    parser.add_argument("--way", choices=("mention", "form"), default="mention")
    parser.add_argument("--rate-limit", type=int)
    parser.add_argument("--backlog", type=int, default=0, help="drafts that are being judged already")
    parser.add_argument("--brief", action="store_true", help="end once the quiet guild is answered")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(run(arguments, Path(name)))


if __name__ == "__main__":
    main()
