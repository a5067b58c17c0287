"""`/history`: search, show and export what the team's verdicts were."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, TypeVar

import discord
from discord import app_commands
from discord.app_commands import Choice, Range

from bot.chat.completion import brands, campaigns, handles
from bot.chat.desk import Interaction, guild_of, own_language, place_of
from bot.chat.draft.versions import versions_view
from bot.chat.history import history_query, waiting
from bot.chat.localized import said
from bot.chat.personal import selfcheck
from bot.chat.personal.handing_in import target_of
from bot.chat.rights import require_keeper, sight_of
from bot.chat.verdict.views import history_view, verdict_view
from bot.model.verdicts import Outcome
from bot.services.export import export
from bot.services.lookup import own_number, show, verdict_number
from bot.services.names import find_brand, find_campaign, find_influencer
from bot.services.versions import history_of
from bot.store.verdicts import Decided
from bot.texts import text as words_of

MOST_BYTES = 8 * 2**20  # of a file, also where the server may have larger ones: it is made in memory
FORMATS = ("csv", "json")

Function = TypeVar("Function", bound=Callable[..., Any])
Words = Range[str, 1, history_query.LONGEST_WORDS]
Name = Range[str, 1, 200]

group = app_commands.Group(name="history", description=said("command.history"))
group.add_command(waiting.history_waiting)


def _with_filters(function: Function) -> Function:
    """What narrows a search, described and completed alike wherever it may."""
    described = app_commands.describe(
        influencer=said("command.influencer"),
        campaign=said("command.campaign"),
        brand=said("command.brand_only"),
        outcome=said("command.outcome"),
        decision=said("command.decision"),
        person=said("command.person"),
        text=said("command.text"),
        since=said("command.since"),
        until=said("command.until"),
    )
    completed = app_commands.autocomplete(influencer=handles, campaign=campaigns, brand=brands)
    chosen = app_commands.choices(
        outcome=[Choice(name=said(f"outcome.{one}"), value=one.value) for one in Outcome],
        decision=[Choice(name=said(f"history.decided_{one}"), value=one.value) for one in Decided],
    )
    return described(completed(chosen(function)))


async def _wanted(
    interaction: Interaction,
    *,
    influencer: str | None,
    campaign: str | None,
    brand: str | None,
    outcome: str | None,
    decision: str | None,
    person: discord.User | None,
    text: str | None,
    since: str | None,
    until: str | None,
) -> history_query.Search:
    """What was typed, as a search. Raises Problem for a name or a day that is none."""
    guild_id = guild_of(interaction)
    async with interaction.client.desk.store.read() as conn:
        whose = await find_influencer(conn, guild_id, influencer) if influencer else None
        what = await find_campaign(conn, guild_id, campaign) if campaign else None
        whom = await find_brand(conn, guild_id, brand) if brand else None
    return history_query.Search(
        interaction.user.id,
        influencer=whose.id if whose else 0,
        campaign=what.id if what else 0,
        brand=whom.id if whom else 0,
        outcome=Outcome(outcome) if outcome else None,
        decision=Decided(decision) if decision else None,
        person=person.id if person else 0,
        since=history_query.day_named(since) if since else None,
        until=history_query.day_named(until) if until else None,
        words=text or "",
    )


@group.command(name="search", description=said("command.history_search"))
@_with_filters
async def history_search(
    interaction: Interaction,
    influencer: Name | None = None,
    campaign: Name | None = None,
    brand: Name | None = None,
    outcome: str | None = None,
    decision: str | None = None,
    person: discord.User | None = None,
    text: Words | None = None,
    since: str | None = None,
    until: str | None = None,
) -> None:
    wanted = await _wanted(
        interaction,
        influencer=influencer,
        campaign=campaign,
        brand=brand,
        outcome=outcome,
        decision=decision,
        person=person,
        text=text,
        since=since,
        until=until,
    )
    await interaction.response.send_message(view=await history_view(interaction, wanted), ephemeral=True)


@group.command(name="show", description=said("command.history_show"))
@app_commands.describe(number=said("command.number"))
async def history_show(interaction: Interaction, number: Range[str, 1, 30]) -> None:
    sight, store = await sight_of(interaction), interaction.client.desk.store
    stored = await show(store, guild_of(interaction), number, viewer_id=interaction.user.id, sight=sight)
    target = await target_of(interaction.client, stored, interaction.channel_id or 0)
    view = verdict_view(stored, own_language(interaction), with_draft=True, target=target)
    await interaction.response.send_message(view=view, ephemeral=True)


@selfcheck.group.command(name="show", description=said("command.selfcheck_show"))
@app_commands.describe(number=said("command.own_number"))
async def own_show(interaction: Interaction, number: Range[str, 1, 30]) -> None:
    """A bare number is a check's."""
    store, own, viewer = interaction.client.desk.store, own_number(number), interaction.user.id
    stored = await show(store, place_of(interaction), own, viewer_id=viewer, missing="own_problem.no_check")
    target = await target_of(interaction.client, stored, interaction.channel_id or 0)
    view = verdict_view(stored, own_language(interaction), with_draft=True, target=target)
    await interaction.response.send_message(view=view, ephemeral=True)


@group.command(name="decisions", description=said("command.history_decisions"))
@app_commands.describe(number=said("command.number"))
async def history_decisions(interaction: Interaction, number: Range[str, 1, 30]) -> None:
    sight, store = await sight_of(interaction), interaction.client.desk.store
    found = await history_of(store, guild_of(interaction), number, viewer_id=interaction.user.id, sight=sight)
    view = versions_view(found, verdict_number(number), own_language(interaction), 0)
    await interaction.response.send_message(view=view, ephemeral=True)


@group.command(name="export", description=said("command.history_export"))
@_with_filters
@app_commands.describe(format=said("command.export_format"))
@app_commands.choices(format=[Choice(name=said(f"history.format_{one}"), value=one) for one in FORMATS])
async def history_export(
    interaction: Interaction,
    format: str = FORMATS[0],
    influencer: Name | None = None,
    campaign: Name | None = None,
    brand: Name | None = None,
    outcome: str | None = None,
    decision: str | None = None,
    person: discord.User | None = None,
    text: Words | None = None,
    since: str | None = None,
    until: str | None = None,
) -> None:
    """For the people who decide, and for their eyes only."""
    await require_keeper(interaction)
    wanted = await _wanted(
        interaction,
        influencer=influencer,
        campaign=campaign,
        brand=brand,
        outcome=outcome,
        decision=decision,
        person=person,
        text=text,
        since=since,
        until=until,
    )
    desk, guild_id, language = interaction.client.desk, guild_of(interaction), own_language(interaction)
    query = await history_query.query_of(desk.store, guild_id, wanted, await sight_of(interaction))
    await interaction.response.defer(thinking=True, ephemeral=True)
    now, most = desk.clock(), min(MOST_BYTES, interaction.filesize_limit)
    made = await export(desk.store, guild_id, query, format, now, most_bytes=most, language=language)
    if made.oldest is None:
        await interaction.edit_original_response(content=words_of(language, "history.export_none"))
        return
    is_whole = made.rows == made.total
    day = f"{made.oldest:%Y-%m-%d}"
    values = {"rows": made.rows, "total": made.total} | ({} if is_whole else {"day": day})
    sentence = words_of(language, "history.exported" if is_whole else "history.exported_part", **values)
    file = discord.File(io.BytesIO(made.data), f"history-{now:%Y-%m-%d}.{format}")
    await interaction.edit_original_response(content=sentence, attachments=[file])
