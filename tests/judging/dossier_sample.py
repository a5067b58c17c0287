"""An invented history too long to be read for each draft, and answers to the question what a chunk of it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.judging.answer import Claim
from bot.judging.dossier import Claimed
from bot.model.dossiers import Statement, StatementKind
from bot.model.posts import PastPost
from bot.model.verdicts import Quote, Stance
from tests.judging.endpoint import Body, Call, Reply, good, says

START = datetime(2022, 3, 1, 9, tzinfo=UTC)
REFUSED = "Parasol makers never get one word from me."


def long_history(number: int, *, refusing: int = 3) -> tuple[PastPost, ...]:
    """`number` posts of about 60 tokens, oldest first; that at `refusing` alone refuses, and no search finds it."""
    return tuple(
        PastPost(
            f"old-{index}",
            REFUSED + " Trees shade everybody, without sending invoices."
            if index == refusing
            else f"Day {index} on the quay: gust {index * 7 % 90}, two ribs mended with wire and patience.\n"
            f"A neighbour asked for boat number {index * 13 % 97} and got tea instead, with the good biscuits.",
            START + timedelta(days=index),
            sponsored=index % 7 == 0,
        )
        for index in range(number)
    )


def is_about_chunk(call: Call) -> bool:
    return "## The draft" not in call.text and "## Past posts" in call.text


def note(line: tuple[str, ...], *, kind: str = "habit", quote: str | None = None, **more: Any) -> Body:
    """A statement on a marked line, word for word."""
    _, label, _, text = line
    said = {"kind": kind, "topic": f"about {text[:12]}", "statement": f"They say: {text[:60]}", **more}
    return {**said, "quotes": [{"id": label, "quote": text if quote is None else quote}]}


def notes_on(call: Call) -> list[Body]:
    """The refusal, where the chunk holds it, and every tenth post."""
    heads = [line for line in call.lines if line[2]]
    refusals = [note(line, kind="refusal", topic="parasols", quote=REFUSED) for line in heads if REFUSED in line[3]]
    return refusals + [note(line) for line in heads[::10]]


def noting(make: Callable[[Call], list[Body]] = notes_on, otherwise: Reply = good) -> Reply:
    """Answers a chunk with these statements, and a draft with `otherwise`."""

    async def reply(call: Call) -> web.StreamResponse:
        if not is_about_chunk(call):
            return await otherwise(call)
        return await says(json.dumps({"task_id": call.task_id, "statements": make(call)}))(call)

    return reply


def claimed(post: PastPost, quote: str, text: str = "They mend things.", **more: Any) -> Claimed:
    base = {"kind": StatementKind.HABIT, "topic": "mending", "text": text, **more}
    return Claimed(**base, claims=(Claim("history", post.id, quote, Stance.SUPPORTS),))


def statement(
    text: str = "They mend things.",
    *,
    kind: StatementKind = StatementKind.BELIEF,
    topic: str = "mending",
    day: int | None = 0,
    quote: str = "two ribs mended with wire",
) -> Statement:
    date = None if day is None else START + timedelta(days=day)
    return Statement(kind, topic, text, (Quote(f"old-{day}", quote, 0, len(quote), Stance.SUPPORTS, date),))
