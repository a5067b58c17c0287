"""Brands, campaigns and influencers as people read them. Pure: from values and a language to text within budgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from discord import ui

from bot.chat.markup import ago, plain
from bot.chat.verdict.cards import container
from bot.chat.verdict.pages import NEUTRAL, Shown
from bot.model.workspace import Brand, Campaign, Influencer
from bot.services.editing import Kind, Thing
from bot.store.removal import Hanging
from bot.texts import FALLBACK, catalogue, listed, paired, text

ROWS = 10  # of one page of a list
RED = 0xC0392B
LINKED = 10  # people named
LONG, SHORT = 700, 300  # characters of one field
BRIEFING = ("goal", "brief", "must_say", "relation", "decide_within_hours")  # fields of a campaign
Posts = Mapping[int, tuple[int, datetime | None]]  # by influencer: how many, and when the newest is from


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that is stored of one kind in a server, and the posts of its influencers."""

    kind: Kind
    things: Sequence[Thing]
    posts: Posts
    min_posts: int  # with fewer a draft cannot be judged


def title_of(thing: Thing) -> str:
    """How people call it."""
    return f"@{thing.handle}" if isinstance(thing, Influencer) else thing.name


def thing_card(
    thing: Thing, posts: Posts, min_posts: int, language: str, linked: Sequence[str] = (), *, whole: bool = True
) -> ui.Container[Any]:
    """Everything that is stored of it; a field without a value is named as open.

    `whole` False: without what a campaign asks for, which is for those who keep it.
    `linked`: the names of the people who were confirmed to be that influencer.
    """
    match thing:
        case Brand():
            rows = list(_brand(thing, language))
        case Campaign():
            rows = [row for row in _campaign(thing, language) if whole or row[0] not in BRIEFING]
        case Influencer():
            rows = list(_influencer(thing, language))
    lines = [
        paired(language, f"**{text(language, f'field.{name}')}**", value or text(language, "library.open"))
        for name, value in rows
    ]
    if isinstance(thing, Influencer):
        lines.append(_posts_line(thing, posts, min_posts, language))
        if linked:
            lines.append(text(language, "library.linked", who=[plain(name, 60) for name in linked[:LINKED]]))
    if isinstance(thing, Campaign) and not whole:
        lines.append(f"-# {text(language, 'library.briefing_kept')}")
    return container(NEUTRAL, [f"### {plain(title_of(thing), 210)}", "\n".join(lines)])


def _brand(brand: Brand, language: str) -> Iterator[tuple[str, str]]:
    values = [
        paired(language, one.name, listed(language, one.words)) if one.words else one.name for one in brand.values
    ]
    apart = text(language, "list.apart")
    yield "category", plain(brand.category, SHORT)
    yield "about", plain(brand.about, LONG)
    yield "value", plain(apart.join(values), LONG)
    yield "claims", plain(apart.join(brand.claims), SHORT)
    yield "handle", plain(brand.handle or "", 100)
    for name, words in (
        ("aliases", brand.aliases),
        ("category_words", brand.category_words),
        ("competitors", brand.competitors),
    ):
        yield name, plain(listed(language, words), SHORT)


def _campaign(campaign: Campaign, language: str) -> Iterator[tuple[str, str]]:
    hours = campaign.decide_within_hours
    yield "brand", plain(campaign.brand.name, 210)
    yield "goal", plain(campaign.goal, SHORT)
    yield "brief", plain(campaign.brief, LONG)
    yield "must_say", plain(text(language, "list.apart").join(campaign.must_say), LONG)
    yield "countries", plain(listed(language, campaign.countries), SHORT)
    yield "platform", _platform(campaign.platform, language)
    yield "format", text(language, f"label_format.{campaign.format}")
    yield "relation", text(language, f"label_relation.{campaign.relation}")
    yield "decide_within_hours", text(language, "library.hours", hours=hours) if hours else ""


def _platform(name: str, language: str) -> str:
    key = f"label_platform.{name}"
    return text(language, key) if key in catalogue(FALLBACK) else plain(name, 100)


def _influencer(influencer: Influencer, language: str) -> Iterator[tuple[str, str]]:
    yield "name", plain(influencer.name, 210)
    yield "lang", plain(influencer.language, 10)
    yield "country", plain(influencer.country or "", 10)
    yield "platform", _platform(influencer.platform, language)
    yield "followers", "" if influencer.followers is None else f"{influencer.followers:,}"


def _posts_line(influencer: Influencer, posts: Posts, min_posts: int, language: str) -> str:
    count, newest = posts.get(influencer.id, (0, None))
    when = text(language, "library.newest", when=ago(newest)) if newest else ""
    key = "library.posts" if count >= min_posts else "library.posts_few"
    return text(language, key, count=count, needed=min_posts) + when


def library_page(shelf: Shelf, language: str, page: int) -> Shown:
    """Page `page` of a list; the nearest one where there is no such page."""
    pages = max(1, -(-len(shelf.things) // ROWS))
    page = min(max(page, 0), pages - 1)
    rows = [_row(shelf, thing, language) for thing in shelf.things[page * ROWS : (page + 1) * ROWS]]
    count = text(language, "library.page", total=len(shelf.things), page=page + 1, pages=pages)
    head = f"### {text(language, f'library.{shelf.kind}s')}\n-# {count}"
    body = "\n".join(rows) or text(language, f"library.no_{shelf.kind}s")
    return Shown(container(NEUTRAL, [head, body]), page, pages)


def _row(shelf: Shelf, thing: Thing, language: str) -> str:
    match thing:
        case Brand():
            more = [plain(thing.category, 60)]
        case Campaign():
            countries = plain(listed(language, thing.countries), 40)
            more = [plain(thing.brand.name, 60), _platform(thing.platform, language), countries]
        case Influencer():
            name = plain(thing.name, 60) if thing.name != thing.handle else ""
            more = [name, _posts_line(thing, shelf.posts, shelf.min_posts, language)]
    return " · ".join([f"**{plain(title_of(thing), 80)}**", *filter(None, more)])


def removal_card(thing: Thing, going: Hanging, language: str) -> ui.Container[Any]:
    """What goes with it, before anything does."""
    counts = {"campaigns": going.campaigns, "drafts": going.drafts, "posts": going.posts}
    goes = [f"- {text(language, f'library.remove_{name}', count=count)}" for name, count in counts.items() if count]
    lines = [
        text(language, "library.remove_sure", name=plain(title_of(thing), 210)),
        *([text(language, "library.remove_goes"), *goes] if goes else []),
        text(language, "library.remove_final"),
    ]
    return container(RED, ["\n".join(lines)])
