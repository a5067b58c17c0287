"""The golden cases: one TOML file each, a feed, a brand, a draft, and what a careful reader makes of it.

Written by hand; no real person, brand or post. Each was written as a life first and an advert second, and its outcome
set by reading, before any judge saw it. `levels` are what may be left of each criterion after all caps.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot import sample
from bot.judging.review import Case
from bot.judging.voice import Corpus
from bot.model.posts import PastPost
from bot.model.verdicts import CriterionKey, Level, Outcome
from bot.model.workspace import Campaign, Influencer
from bot.services.workspace import BrandTable, CampaignTable, InfluencerTable

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """`outcome` is the one right answer, `acceptable` what a careful reader would also accept (may be empty)."""

    name: str  # of the file, without .toml
    title: str
    influencer: Influencer
    campaign: Campaign
    posts: tuple[PastPost, ...]  # oldest first
    draft: str
    outcome: Outcome
    acceptable: frozenset[Outcome]
    levels: Mapping[CriterionKey, frozenset[Level]]
    deciding: tuple[str, ...]  # post ids
    disclosure: str  # what the disclosure check is meant to find
    why: str
    tags: tuple[str, ...]

    @property
    def accepted(self) -> frozenset[Outcome]:
        return self.acceptable | {self.outcome}


@cache
def golden_cases() -> tuple[GoldenCase, ...]:
    """All cases, by file name. Raises KeyError or ValidationError for a malformed file."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.toml")))


def review_case(golden: GoldenCase) -> Case:
    """The case as a review is given it, measured against the other feeds of its language and the sample's."""
    profile = _corpus(golden.influencer.language).profile(golden.influencer.handle)
    return Case(
        golden.draft, golden.influencer, golden.campaign, golden.posts, profile, language=golden.influencer.language
    )


@cache
def _corpus(language: str) -> Corpus:
    own: dict[str, Sequence[str]] = {
        case.influencer.handle: [post.text for post in case.posts]
        for case in golden_cases()
        if case.influencer.language == language
    }
    samples = {f"sample:{handle}": posts for handle, posts in sample.posts().items()}
    return Corpus({**own, **samples}, samples=samples)


def _read(path: Path) -> GoldenCase:
    row = tomllib.loads(path.read_text("utf-8"))
    brand = BrandTable.model_validate(row["brand"]).brand(1)
    campaign = CampaignTable.model_validate(row["campaign"] | {"brand": brand.name}).campaign(1, brand)
    influencer = InfluencerTable.model_validate(row["influencer"]).influencer(1)
    return GoldenCase(
        name=path.stem,
        title=row["title"],
        influencer=influencer,
        campaign=campaign,
        posts=tuple(_post(post, influencer) for post in row["history"]["posts"]),
        draft=row["draft"].strip(),
        outcome=Outcome(row["outcome"]),
        acceptable=frozenset(map(Outcome, row["acceptable"])),
        levels={CriterionKey(key): frozenset(map(Level, levels)) for key, levels in row["levels"].items()},
        deciding=tuple(row["deciding"]),
        disclosure=row["disclosure"],
        why=row["why"],
        tags=tuple(row["tags"]),
    )


def _post(row: Mapping[str, Any], influencer: Influencer) -> PastPost:
    return PastPost(platform=influencer.platform, **row)
