"""Brands, campaigns and influencers: what a team sets up before drafts arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, ColumnElement, RowMapping, Select, Table, bindparam, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.workspace import Brand, Campaign, Influencer
from bot.store.forgotten import IS_FORGOTTEN, refuse_forgotten
from bot.store.guilds import upsert_guild
from bot.store.search import fold, handle_key, name_key
from bot.store.tables import brand, campaign, influencer
from bot.store.types import build, stored

CAMPAIGN_AND_BRAND = campaign.join(
    brand, (campaign.c.brand_id == brand.c.id) & (campaign.c.guild_id == brand.c.guild_id)
)
_CAMPAIGNS = select(campaign, brand).select_from(CAMPAIGN_AND_BRAND).where(campaign.c.guild_id == bindparam("guild"))
_INFLUENCERS = select(influencer).where(influencer.c.guild_id == bindparam("guild"))
# What every draft asks is built once: building costs most.
_CAMPAIGN_BY_ID = _CAMPAIGNS.where(campaign.c.id == bindparam("wanted"))
_CAMPAIGN_BY_NAME = _CAMPAIGNS.where(campaign.c.name_key == bindparam("wanted"))
_CAMPAIGN_NAMES = select(campaign.c.name).where(campaign.c.guild_id == bindparam("guild")).order_by(campaign.c.name_key)
_INFLUENCER_BY_ID = _INFLUENCERS.where(influencer.c.id == bindparam("wanted"))
_INFLUENCER_BY_HANDLE = _INFLUENCERS.where(influencer.c.handle_key == bindparam("wanted"))


async def upsert_brand(conn: AsyncConnection, value: Brand) -> Brand:
    """Stores the brand under (guild, name), case and width of the name apart, and returns it with its id."""
    row = stored(value, brand) | {"name_key": name_key(value.name)}
    return replace(value, id=await _upsert(conn, brand, ("guild_id", "name_key"), row))


async def brands(conn: AsyncConnection, guild_id: int) -> tuple[Brand, ...]:
    found = await conn.execute(select(brand).where(brand.c.guild_id == guild_id).order_by(brand.c.name_key))
    return tuple(build(Brand, brand, row) for row in found.mappings())


async def find_brand(conn: AsyncConnection, guild_id: int, name: str) -> Brand | None:
    """The brand of that name in any case or width."""
    return next((one for one in await brands(conn, guild_id) if name_key(one.name) == name_key(name)), None)


async def get_brand(conn: AsyncConnection, guild_id: int, brand_id: int) -> Brand | None:
    return next((one for one in await brands(conn, guild_id) if one.id == brand_id), None)


async def suggest_brands(conn: AsyncConnection, guild_id: int, typed: str, limit: int = 25) -> tuple[Brand, ...]:
    """Brands whose name contains what was typed, those that begin with it first."""
    found = select(brand).where(brand.c.guild_id == guild_id)
    rows = await conn.execute(_suggest(found, fold(typed).strip(), brand.c.name_key).limit(limit))
    return tuple(build(Brand, brand, row) for row in rows.mappings())


async def update_brand(conn: AsyncConnection, value: Brand) -> Brand:
    """Stores the brand under its id, whatever its name was. Raises IntegrityError where the name is taken."""
    row = stored(value, brand) | {"name_key": name_key(value.name)}
    await conn.execute(update(brand).where(brand.c.guild_id == value.guild_id, brand.c.id == value.id).values(row))
    return value


async def upsert_campaign(conn: AsyncConnection, value: Campaign) -> Campaign:
    """Stores the campaign under (guild, name) and returns it with its id. A brand without id is stored first."""
    its_brand = value.brand if value.brand.id else await upsert_brand(conn, value.brand)
    row = stored(value, campaign) | {"name_key": name_key(value.name), "brand_id": its_brand.id}
    return replace(value, id=await _upsert(conn, campaign, ("guild_id", "name_key"), row), brand=its_brand)


async def update_campaign(conn: AsyncConnection, value: Campaign) -> Campaign:
    """Stores the campaign under its id, whatever its name was. Raises IntegrityError where the name is taken."""
    row = stored(value, campaign) | {"name_key": name_key(value.name), "brand_id": value.brand.id}
    here = (campaign.c.guild_id == value.guild_id) & (campaign.c.id == value.id)
    await conn.execute(update(campaign).where(here).values(row))
    return value


async def campaigns(conn: AsyncConnection, guild_id: int) -> tuple[Campaign, ...]:
    return await _campaigns(conn, _CAMPAIGNS.order_by(campaign.c.name_key), guild_id)


async def campaign_names(conn: AsyncConnection, guild_id: int) -> tuple[str, ...]:
    return tuple(await conn.scalars(_CAMPAIGN_NAMES, {"guild": guild_id}))


async def find_campaign(conn: AsyncConnection, guild_id: int, name: str) -> Campaign | None:
    """The campaign of that name in any case or width."""
    found = await _campaigns(conn, _CAMPAIGN_BY_NAME, guild_id, name_key(name))
    return found[0] if found else None


async def get_campaign(conn: AsyncConnection, guild_id: int, campaign_id: int) -> Campaign | None:
    found = await _campaigns(conn, _CAMPAIGN_BY_ID, guild_id, campaign_id)
    return found[0] if found else None


async def suggest_campaigns(conn: AsyncConnection, guild_id: int, typed: str, limit: int = 25) -> tuple[Campaign, ...]:
    """Campaigns whose name contains what was typed, those that begin with it first."""
    query = _suggest(_CAMPAIGNS, fold(typed).strip(), campaign.c.name_key)
    return await _campaigns(conn, query.limit(limit), guild_id)


async def upsert_influencer(conn: AsyncConnection, value: Influencer) -> Influencer:
    """Stores the influencer under (guild, handle), case, width and '@' apart, and returns it with its id.

    Raises Problem for a forgotten one: the name in its place takes nothing on.
    """
    value = replace(value, handle=value.handle.strip().lstrip("@＠"))
    if (known := await find_influencer(conn, value.guild_id, value.handle)) is not None:
        await refuse_forgotten(conn, known.id)
    keys = {"handle_key": handle_key(value.handle), "name_key": name_key(value.name)}
    row = stored(value, influencer) | keys
    return replace(value, id=await _upsert(conn, influencer, ("guild_id", "handle_key"), row))


async def influencers(conn: AsyncConnection, guild_id: int) -> tuple[Influencer, ...]:
    """All but forgotten ones."""
    return await _influencers(conn, _INFLUENCERS.where(~IS_FORGOTTEN).order_by(influencer.c.handle_key), guild_id)


async def find_influencer(conn: AsyncConnection, guild_id: int, handle: str) -> Influencer | None:
    """The influencer of that handle: '@' optional, any case or width."""
    found = await _influencers(conn, _INFLUENCER_BY_HANDLE, guild_id, handle_key(handle))
    return found[0] if found else None


async def get_influencer(conn: AsyncConnection, guild_id: int, influencer_id: int) -> Influencer | None:
    found = await _influencers(conn, _INFLUENCER_BY_ID, guild_id, influencer_id)
    return found[0] if found else None


async def suggest_influencers(
    conn: AsyncConnection, guild_id: int, typed: str, limit: int = 25
) -> tuple[Influencer, ...]:
    """Influencers whose handle or name contains what was typed, those that begin with it first."""
    known = _INFLUENCERS.where(~IS_FORGOTTEN)
    query = _suggest(known, handle_key(typed), influencer.c.handle_key, influencer.c.name_key)
    return await _influencers(conn, query.limit(limit), guild_id)


async def _upsert(conn: AsyncConnection, table: Table, key: tuple[str, ...], row: Mapping[str, Any]) -> int:
    await upsert_guild(conn, row["guild_id"])
    others = {name: value for name, value in row.items() if name not in key}
    statement = insert(table).values(**row).on_conflict_do_update(index_elements=key, set_=others)
    return int((await conn.execute(statement.returning(table.c.id))).scalar_one())


def _suggest(query: Select[Any], typed: str, *columns: Column[Any]) -> Select[Any]:
    def any_of(conditions: list[ColumnElement[bool]]) -> ColumnElement[bool]:
        return or_(*conditions)

    contained = any_of([column.contains(typed, autoescape=True) for column in columns])
    begins = any_of([column.startswith(typed, autoescape=True) for column in columns])
    return query.where(contained).order_by(begins.desc(), columns[0])


async def _campaigns(
    conn: AsyncConnection, query: Select[Any], guild_id: int, wanted: object = None
) -> tuple[Campaign, ...]:
    found = await conn.execute(query, {"guild": guild_id, "wanted": wanted})
    return tuple(campaign_of(row) for row in found.mappings())


def campaign_of(row: RowMapping) -> Campaign:
    """A campaign with its brand from a row that has the columns of both."""
    return build(Campaign, campaign, row, brand=build(Brand, brand, row))


async def _influencers(
    conn: AsyncConnection, query: Select[Any], guild_id: int, wanted: object = None
) -> tuple[Influencer, ...]:
    found = await conn.execute(query, {"guild": guild_id, "wanted": wanted})
    return tuple(build(Influencer, influencer, row) for row in found.mappings())
