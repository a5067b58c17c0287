"""A person's own checks and posts: made outside any server, handed on to a team, shared or kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.config import Limits
from bot.config import Review as ReviewSettings
from bot.errors import Problem
from bot.model.drafts import AnswerAddress, text_sha256
from bot.model.posts import Visibility
from bot.model.workspace import Brand, Campaign, Influencer
from bot.services.lookup import show
from bot.services.submit import Submission, Submitted, submit
from bot.services.where import read_where
from bot.services.workspace import clean_handle
from bot.store import attachments, library, links, own
from bot.store.database import Store
from bot.store.search import handle_key, name_key
from bot.store.verdicts import Page, private_verdicts


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody says of a post outside any server."""

    brand: str
    about: str  # what it is, in a few words
    where: str  # country and platform, as typed


@dataclass(frozen=True, slots=True)
class Place:
    """A campaign, and the influencer a person is there: of a server's team, or of the person's own workspace."""

    guild_id: int
    influencer: Influencer
    campaign: Campaign


async def own_handle(store: Store, person_id: int, name: str, guild_id: int | None = None) -> str:
    """Whose posts a person's own check is about where nobody says it: `said_handle`, or else the person's name."""
    return await said_handle(store, person_id, guild_id) or clean_name(name)


async def said_handle(store: Store, person_id: int, guild_id: int | None = None) -> str:
    """The handle the team of the server confirmed, or the one with the most own posts, or any confirmed one, or any
    that waits for it; "" where the person has named none."""
    async with store.read() as conn:
        asked = await links.links_of(conn, person_id)
        kept = await own.own_handles(conn, person_id)
    confirmed = [link.influencer for link in asked if link.confirmed_at]
    here = [whose.handle for whose in confirmed if whose.guild_id == guild_id]
    with_posts = [one.handle for one, count in kept if count]
    waiting = [link.influencer for link in asked if link.waits]
    others = [whose.handle for whose in (*confirmed, *waiting)]
    return next(iter([*here, *with_posts, *others]), "")


def clean_name(name: str) -> str:
    """A handle made of a person's name."""
    return re.sub(r"[^\w.\-]+", "_", name).strip("_")[:64] or "me"


async def own_place(store: Store, person_id: int, handle: str, language: str, ask: Ask) -> Place:
    """Brand, campaign and influencer of a check outside any server, in the person's own workspace. Raises Problem."""
    brand = " ".join(ask.brand.split())
    if not brand:
        raise Problem("own_problem.no_brand")
    where = read_where(ask.where)
    here = own.workspace_of(person_id)
    async with store.write() as conn:
        like = Influencer(0, here, clean_handle(handle), handle, language, None, "unknown")
        whose = await own.own_influencer(conn, person_id, like)
        about = " ".join(ask.about.split())
        stored = await library.upsert_brand(conn, Brand(0, here, brand, about=about, category=about[:200]))
        campaign = Campaign(0, here, brand, stored, countries=where.countries, platform=where.platform or "instagram")
        return Place(here, whose, await library.upsert_campaign(conn, campaign))


async def history(store: Store, person_id: int, *, page: int, size: int) -> Page:
    """The person's own checks, newest first; pages count from 0."""
    async with store.read() as conn:
        return await private_verdicts(conn, person_id, limit=size, offset=page * size)


async def places_of(store: Store, person_id: int) -> tuple[Place, ...]:
    """The campaigns of the servers whose team confirmed who the person is."""
    async with store.read() as conn:
        confirmed = [link.influencer for link in await links.links_of(conn, person_id) if link.confirmed_at]
        found = [
            Place(whose.guild_id, whose, campaign)
            for whose in confirmed
            for campaign in await library.campaigns(conn, whose.guild_id)
        ]
    return tuple(found)


def named_places(places: Iterable[Place], handle: str, campaign: str) -> tuple[Place, ...]:
    """Those of what was typed; "" does not narrow."""
    return tuple(
        place
        for place in places
        if (not handle or handle_key(place.influencer.handle) == handle_key(handle))
        and (not campaign or name_key(place.campaign.name) == name_key(campaign))
    )


async def submit_to_team(
    store: Store,
    person_id: int,
    person_name: str,
    number: str,
    place: Place | None,
    answer: AnswerAddress,
    settings: ReviewSettings,
    limited: Limits,
    now: datetime,
) -> Submitted:
    """A new draft of the team with the text of a check; nothing in it tells of the check. `place` None: where that was
    made. The same text for the same campaign is handed in once, from wherever. Raises Problem: no such check of this
    person, or nobody to hand it to."""
    stored = await show(store, own.workspace_of(person_id), number, viewer_id=person_id)
    if stored.draft.visibility is not Visibility.PRIVATE:
        raise Problem("lookup_problem.no_verdict", number=number)
    async with store.read() as conn:
        files = await attachments.attachments_of(conn, stored.revision.id)
    if place is None:
        place = Place(stored.draft.guild_id, stored.influencer, stored.campaign)
    if place.guild_id < 0:
        raise Problem("own_problem.no_team")
    submission = Submission(
        guild_id=place.guild_id,
        handle=place.influencer.handle,
        campaign=place.campaign.name,
        author_id=person_id,
        author_name=person_name,
        visibility=Visibility.TEAM,
        source_key=_handing_in(stored.revision.id, place),
        text=stored.revision.text,
        answer=answer,
        not_read=stored.revision.not_read,
        format=stored.draft.format or None,
        spoken=stored.revision.spoken,
        attachments=files,
    )
    return await submit(store, submission, settings, now, limited=limited)


def _handing_in(revision_id: int, place: Place) -> str:
    """The event. Hashed, as it stands in the team's draft, where nothing may tell of the check."""
    return f"event:{text_sha256(f'{revision_id} {place.influencer.id} {place.campaign.id}')}"
