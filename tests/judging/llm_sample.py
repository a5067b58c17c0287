"""Invented evidence, and a judge at a loopback endpoint, for the tests of prompts and of the LLM judge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.config import Llm
from bot.judging.evidence import Evidence
from bot.judging.llm.judge import LlmJudge
from bot.judging.prompts import Prompts
from bot.model.messages import Message
from bot.model.posts import PastPost, snapshot_hash
from bot.model.verdicts import DisclosureLine, Signal
from bot.model.workspace import Brand, BrandValue, Campaign, Influencer
from tests.judging.endpoint import Endpoint, Reply, serving

PROMPTS = Prompts()
BRAND = Brand(
    1,
    1,
    "Brolly & Sons",
    aliases=("Brolly",),
    about="Makes umbrellas and repairs them for life.",
    category="umbrellas",
    competitors=("Drizzlecorp",),
    claims=("repaired for life",),
    values=(BrandValue("things that last"),),
)
CAMPAIGN = Campaign(
    1, 1, "Autumn rain", BRAND, brief="Show how it is repaired.", must_say=("Life is too short for wet socks!",)
)
INFLUENCER = Influencer(1, 1, "rain.diary", "Ines Torga", "en", "PT", "instagram", followers=81234)
DRAFT = "Ad. Rain again, and my old umbrella went to Brolly for its third repair.\n\nIt came back with a new rib."


def posts(number: int) -> tuple[PastPost, ...]:
    """`number` posts of ordinary length, oldest first; every fifth one sponsored."""
    start = datetime(2025, 1, 1, 9, tzinfo=UTC)
    return tuple(
        PastPost(
            id=f"post-{index}",
            text=f"Rain diary, day {index}. The umbrella from 2009 and I walked to the harbour and back again.\n"
            "Somebody asked when I would buy a new one. I mend what I own, and I would rather be wet than wasteful.",
            created_at=start + timedelta(days=3 * index),
            sponsored=index % 5 == 0,
            likes=7013 + index,
            comments=619,
        )
        for index in range(1, number + 1)
    )


def evidence(draft: str = DRAFT, number: int = 8, **changes: Any) -> Evidence:
    past = posts(number)
    base = Evidence(
        draft=draft,
        influencer=INFLUENCER,
        campaign=CAMPAIGN,
        posts=past,
        posts_stored=len(past),
        snapshot=snapshot_hash(past),
        signals=(
            Signal("sponsored_share", 0.2, "share", len(past)),
            Signal("brand_mentions", 2, "count", len(past), ("post-2", "post-4")),
            Signal("sponsored_answer", None, "ratio", 1),
        ),
        disclosure=DisclosureLine("ok", "pt-first-words", None, (Message("disclosure.found", {"tag": "Ad"}),)),
        language="en",
    )
    return replace(base, **changes)


@asynccontextmanager
async def judging(
    *script: Reply, settings: dict[str, Any] | None = None, **more: Any
) -> AsyncIterator[tuple[LlmJudge, Endpoint]]:
    """A judge and the endpoint it asks: it answers `script` first, then `always`."""
    async with serving(*script, **more) as endpoint:
        judge = LlmJudge(Llm(base_url=endpoint.url, model="reader-1", **(settings or {})), "sk-test", PROMPTS)
        try:
            yield judge, endpoint
        finally:
            await judge.close()
