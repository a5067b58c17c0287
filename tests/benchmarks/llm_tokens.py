"""Prompt tokens of a verdict on the golden cases, beside a bare prompt: one paragraph, the whole history, the draft.

    python -m tests.benchmarks.llm_tokens

Tokens are estimated (four characters, or one of an unspaced script). Of a second draft for the same influencer and
campaign the beginning that both prompts share is cached, where an endpoint keeps prompts: from 1,024 tokens on, in
steps of 128, as the large ones do. Answers, and the schema handed over beside a prompt, are not counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import mean, median

from bot.config import Review as ReviewSettings
from bot.judging.answer import Answer
from bot.judging.evidence import Evidence, estimated_tokens
from bot.judging.llm.schema import declined
from bot.judging.marked import history_mark, new_mark
from bot.judging.prompts import Prompts, Task
from bot.judging.review import review
from bot.model.verdicts import Reading
from tests.golden.cases import GoldenCase, golden_cases, review_case
from tests.judging.llm_sample import DRAFT
from tests.judging.llm_sample import evidence as sample_evidence
from tests.sample_cases import NOW

CACHED_FROM, CACHED_STEP = 1024, 128
FIRST = "Ad | The first one this month. I said I would tell you how it went, so here is how it went, all of it."
BARE = (
    "Does this sponsored post fit this influencer? Below are the brand and campaign, all of the influencer's past "
    'posts, and the draft. Answer with one JSON object: {"outcome": "fits" | "revise" | "does_not_fit" | '
    '"cannot_tell", "reasons": [{"text": "...", "quotes": [{"post_id": "...", "quote": "..."}]}]}. Quote the past '
    "posts that decide it, word for word."
)


@dataclass(slots=True)
class Listener:
    """Keeps what a judge would have been given."""

    kind = "llm"
    model = "none"
    prompt_hash = ""
    heard: list[Evidence] = field(default_factory=list)

    async def read(self, evidence: Evidence) -> Answer:
        self.heard.append(evidence)
        return declined(Reading("", "none"))


def ours(prompts: Prompts, evidence: Evidence) -> str:
    task = Task(f"T-{new_mark()}", history_mark(b"key", evidence.snapshot), new_mark())
    return "\n".join(message.content for message in prompts.messages(evidence, task))


def bare(golden: GoldenCase, draft: str) -> str:
    campaign, brand, person = golden.campaign, golden.campaign.brand, golden.influencer
    posts = [f"[{post.id}] {post.created_at:%Y-%m-%d} {post.text}" for post in golden.posts]
    return "\n".join(
        [
            f"{BARE}\n",
            f"Brand: {brand.name}. {brand.about} Category: {brand.category}. "
            f"Values: {', '.join(value.name for value in brand.values)}. Claims: {', '.join(brand.claims)}. "
            f"Competitors: {', '.join(brand.competitors)}.",
            f"Campaign: {campaign.name}. Goal: {campaign.goal}. Brief: {campaign.brief} "
            f"Must say: {'; '.join(campaign.must_say) or '-'}. Countries: {', '.join(campaign.countries)}. "
            f"Platform: {campaign.platform} {campaign.format}. Relation: {campaign.relation}.",
            f"Influencer: {person.name} ({person.handle}), {person.language}, {person.country}.\n",
            "Past posts, oldest first:",
            *posts,
            f"\nDraft:\n{draft}",
        ]
    )


def second_costs(first: str, second: str) -> tuple[int, int, int]:
    """Of the second prompt: tokens in all, tokens after what it shares with the first, tokens that are not cached."""
    differs = next((at for at, (one, other) in enumerate(zip(first, second, strict=False)) if one != other), len(first))
    total, shared = estimated_tokens(second), estimated_tokens(second[:differs])
    cached = shared // CACHED_STEP * CACHED_STEP if shared >= CACHED_FROM else 0
    return total, total - shared, total - cached


def row(name: str, costs: Sequence[tuple[int, int, int]]) -> str:
    total, beyond, uncached = (list(column) for column in zip(*costs, strict=True))
    share = mean(1 - after / whole for after, whole in zip(beyond, total, strict=True))
    return (
        f"{name:12} tokens {median(total):5.0f}   shared beginning {share:4.0%}   beyond it {median(beyond):4.0f}"
        f"   not cached {median(uncached):4.0f}"
    )


async def main() -> None:
    prompts, pairs = Prompts(), []
    for golden in golden_cases():
        listeners = Listener(), Listener()
        for draft, listener in zip((FIRST, golden.draft), listeners, strict=True):
            await review(replace(review_case(golden), draft=draft), listener, ReviewSettings(), NOW)
        if all(listener.heard for listener in listeners):
            pairs.append((golden, listeners[0].heard[0], listeners[1].heard[0]))
    judged = [second_costs(ours(prompts, one), ours(prompts, other)) for _, one, other in pairs]
    bared = [second_costs(bare(golden, one.draft), bare(golden, other.draft)) for golden, one, other in pairs]
    print(f"A second draft, {len(pairs)} golden cases, medians:")
    print(row("the judge", judged))
    print(row("bare", bared))
    print(f"bare prompts too short to be cached: {sum(total - beyond < CACHED_FROM for total, beyond, _ in bared)}")
    print(f"fewer tokens not cached than bare: {sum(a[2] < b[2] for a, b in zip(judged, bared, strict=True))}")
    forty = [ours(prompts, sample_evidence(draft, number=40)) for draft in (FIRST, DRAFT)]
    print(row("40 posts", [second_costs(forty[0], forty[1])]))


if __name__ == "__main__":
    asyncio.run(main())
