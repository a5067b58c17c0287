"""`/me`: which influencer a person is, and the past posts that they keep for themselves or give to the team."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import discord
import structlog
from discord import app_commands, ui
from discord.app_commands import Choice, Range

from bot.chat.completion import handles
from bot.chat.desk import NOT_SENT, SKEW, Interaction, guarded, guild_of, own_language, place_of
from bot.chat.localized import own_group, said
from bot.chat.markup import plain
from bot.chat.outgoing.link_news import tell_asker
from bot.chat.rights import require_decider
from bot.chat.verdict.cards import container
from bot.chat.verdict.pages import NEUTRAL, label_of
from bot.chat.workspace.importing import LARGEST_MB, fetched, report_lines, safe_name, within
from bot.errors import Problem
from bot.services.files import clean_name
from bot.services.library import import_posts
from bot.services.names import find_influencer
from bot.services.selfcheck import said_handle
from bot.store import links, own
from bot.store.guilds import guild_settings
from bot.store.links import Link
from bot.texts import FALLBACK, listed, text

USES = [Choice(name=said(f"own.use_{use}"), value=use) for use in ("own", "team")]
LONGEST_NAME = 100
MOST_NAMES = 5
HISTORY = 200  # messages looked through for a request

group = own_group("me")
log = structlog.get_logger(__name__)


@group.command(name="show", description=said("command.me_show"))
async def show(interaction: Interaction) -> None:
    lines = [line async for line in _lines(interaction, own_language(interaction))]
    await interaction.response.send_message(within(lines), ephemeral=True)


@group.command(name="posts", description=said("command.me_posts"))
async def posts(interaction: Interaction) -> None:
    lines = [line async for line in _posts_lines(interaction, own_language(interaction))]
    await interaction.response.send_message(within(lines), ephemeral=True)


async def _lines(interaction: Interaction, language: str) -> AsyncIterator[str]:
    found = await _links(interaction)
    if not found:
        yield text(language, "own.me_none")
    for link in found:
        key = "own.me_linked" if link.confirmed_at else "own.me_waits" if link.waits else "own.me_refused"
        names = {"handle": _name(link.influencer.handle), "server": _server(interaction, link.influencer.guild_id)}
        yield text(language, key, **names)
    async for line in _posts_lines(interaction, language):
        yield line


async def _posts_lines(interaction: Interaction, language: str) -> AsyncIterator[str]:
    person = interaction.user.id
    async with interaction.client.desk.store.read() as conn:
        kept = [(whose, count) for whose, count in await own.own_handles(conn, person) if count]
        guilds = dict.fromkeys(link.influencer.guild_id for link in await links.links_of(conn, person))
        given = {guild_id: await own.given(conn, person, guild_id) for guild_id in guilds}
    if not kept:
        yield text(language, "own.me_no_posts")
    for whose, count in kept:
        yield text(language, "own.me_posts", handle=_name(whose.handle), count=count)
    for guild_id, count in given.items():
        if count:
            yield text(language, "own.me_given", server=_server(interaction, guild_id), count=count)


async def _links(interaction: Interaction) -> tuple[Link, ...]:
    """Those of this server; in direct messages those of all."""
    here = place_of(interaction)
    async with interaction.client.desk.store.read() as conn:
        return await links.links_of(conn, interaction.user.id, here if here > 0 else None)


def _server(interaction: Interaction, guild_id: int) -> str:
    guild = interaction.client.get_guild(guild_id)
    return _name(guild.name if guild else str(guild_id))


def _name(words: str) -> str:
    return plain(words, LONGEST_NAME)


@group.command(name="link", description=said("command.me_link"))
@app_commands.describe(handle=said("command.me_handle"))
@app_commands.autocomplete(handle=handles)
async def link(interaction: Interaction, handle: Range[str, 1, 80]) -> None:
    desk, guild_id, person = interaction.client.desk, guild_of(interaction), interaction.user
    async with desk.store.read() as conn:
        whose = await find_influencer(conn, guild_id, handle)
    async with desk.store.write() as conn:
        before = await links.find_link(conn, guild_id, whose.id, person.id)
        asked = await links.ask_link(conn, whose, person.id, person.display_name, desk.clock())
    if asked.confirmed_at:
        raise Problem("own.already", handle=whose.handle)
    if before is not None and before.waits:
        raise Problem("own.asked_before", handle=whose.handle)
    await _post_request(interaction, await _request_view(interaction, asked))


async def _request_view(interaction: Interaction, asked: Link) -> ui.LayoutView:
    """What the person says, and to be confirmed or not; where somebody is that influencer already, it says who."""
    desk, whose = interaction.client.desk, asked.influencer
    language, handle = await desk.language(whose.guild_id), _name(whose.handle)
    async with desk.store.read() as conn:
        linked = await links.links_to(conn, whose.guild_id, whose.id)
    lines = [text(language, "own.asked", who=_name(asked.user_name), handle=handle)]
    if linked:
        known = listed(language, (_name(one.user_name) for one in linked[:MOST_NAMES]))
        lines.append(text(language, "own.asked_second", handle=handle, known=known))
    row: ui.ActionRow[Any] = ui.ActionRow()
    for answer, label in (("second" if linked else "yes", "yes"), ("no", "no")):
        row.add_item(LinkButton(answer, whose.id, asked.user_id, text(language, f"button.link_{label}")))
    return ui.LayoutView(timeout=None).add_item(container(NEUTRAL, ["\n".join(lines)]).add_item(row))


async def _post_request(interaction: Interaction, view: ui.LayoutView) -> None:
    """Where the team posts drafts; here where it has said nowhere, or the bot may not. The person is told where."""
    desk, language = interaction.client.desk, own_language(interaction)
    async with desk.store.read() as conn:
        channel_id = (await guild_settings(conn, guild_of(interaction))).drafts_channel_id
    if channel_id is not None and channel_id != interaction.channel_id:
        await interaction.response.defer(thinking=True, ephemeral=True)
        try:
            await interaction.client.get_partial_messageable(channel_id).send(view=view, nonce=f"l{interaction.id}")
        except NOT_SENT as error:
            log.warning("me.not_posted", error=type(error).__name__)
        else:
            told = text(language, "own.asked_there", channel=f"<#{channel_id}>")
            await interaction.edit_original_response(content=told)
            return
        await interaction.edit_original_response(content=text(language, "own.asked_here"))
        await interaction.followup.send(view=view)
        return
    await interaction.response.send_message(view=view)
    await interaction.followup.send(text(language, "own.asked_here"), ephemeral=True)


class LinkButton(
    ui.DynamicItem[ui.Button[Any]],
    template=r"v1:link:(?P<answer>yes|second|no):(?P<influencer>\d{1,18}):(?P<person>\d{1,20})",
):
    """Whether a person is that influencer: told by somebody who may decide, never confirmed by the person."""

    def __init__(self, answer: str, influencer: int, person: int, label: str | None) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:link:{answer}:{influencer}:{person}"))
        self.answer, self.influencer, self.person = answer, influencer, person

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(match["answer"], int(match["influencer"]), int(match["person"]), label_of(item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        async with guarded(interaction, "link"):
            await require_decider(interaction)
            desk, guild_id, by = interaction.client.desk, guild_of(interaction), interaction.user
            if self.answer != "no" and by.id == self.person:
                raise Problem("own_problem.not_oneself")
            whose = guild_id, self.influencer, self.person
            async with desk.store.write() as conn:
                is_first = not await links.links_to(conn, guild_id, self.influencer)
                if self.answer == "second" or (self.answer == "yes" and is_first):
                    await links.confirm_link(conn, *whose, by.id, desk.clock())
                elif self.answer == "no":
                    await links.refuse_link(conn, *whose, by.id)
                asked = await links.find_link(conn, *whose)
            if asked is None:
                await interaction.response.edit_message(view=_notice(text(own_language(interaction), "own.no_request")))
                return
            if asked.waits:  # somebody else was confirmed since: asked again, with the name
                await interaction.response.edit_message(view=await _request_view(interaction, asked))
                return
            # Answered now, or before and the process died: the card and the person learn it all the same.
            answered_by = _name(by.display_name) if asked.confirmed_by == by.id else f"<@{asked.confirmed_by}>"
            names = {"who": _name(asked.user_name), "handle": _name(asked.influencer.handle), "by": answered_by}
            key = "own.confirmed" if asked.confirmed_at else "own.refused"
            done = text(await desk.language(guild_id), key, **names)
            try:
                await interaction.response.edit_message(view=_notice(done))
            finally:
                await tell_asker(interaction.client, asked)


def _notice(sentence: str) -> ui.LayoutView:
    return ui.LayoutView(timeout=None).add_item(container(NEUTRAL, [sentence]))


@group.command(name="unlink", description=said("command.me_unlink"))
@app_commands.describe(handle=said("command.me_handle"))
@app_commands.autocomplete(handle=handles)
async def unlink(interaction: Interaction, handle: Range[str, 1, 80]) -> None:
    desk, guild_id, person = interaction.client.desk, guild_of(interaction), interaction.user
    await interaction.response.defer(thinking=True, ephemeral=True)
    async with desk.store.write() as conn:
        whose = await find_influencer(conn, guild_id, handle)
        asked = await links.find_link(conn, guild_id, whose.id, person.id)
        if asked is None:
            raise Problem("own_problem.no_link", handle=whose.handle)
        await links.remove_link(conn, guild_id, whose.id, person.id)
        await own.take_back(conn, person.id, guild_id)
    await desk.store.scrub()
    key = "own.unlinked" if asked.confirmed_at else "own.request_taken_back"
    done = text(own_language(interaction), key, handle=_name(whose.handle))
    await interaction.edit_original_response(content=done)
    if asked.waits:
        await _close_request(interaction, asked)


async def _close_request(interaction: Interaction, asked: Link) -> None:
    """Takes the buttons off the request, where the bot finds it; elsewhere the next press on them does."""
    client, whose = interaction.client, asked.influencer
    async with client.desk.store.read() as conn:
        settings = await guild_settings(conn, whose.guild_id)
    names = {"who": _name(asked.user_name), "handle": _name(whose.handle)}
    view = _notice(text(settings.language or FALLBACK, "own.asked_no_more", **names))
    for channel_id in dict.fromkeys([settings.drafts_channel_id, interaction.channel_id]):
        if channel_id is None:
            continue
        channel = client.get_partial_messageable(channel_id)
        try:
            async for message in channel.history(limit=HISTORY, after=client.at_discord(asked.asked_at) - SKEW):
                if message.author == client.user and _is_request(message, asked):
                    await message.edit(view=view)
        except NOT_SENT as error:
            log.warning("me.request_not_closed", error=type(error).__name__)


def _is_request(message: discord.Message, asked: Link) -> bool:
    ids = [getattr(item, "custom_id", None) for item in ui.LayoutView.from_message(message).walk_children()]
    return f"v1:link:no:{asked.influencer.id}:{asked.user_id}" in ids


@group.command(name="import", description=said("command.me_import"))
@app_commands.describe(file=said("command.import_file"), use=said("command.me_use"), handle=said("command.me_handle"))
@app_commands.choices(use=USES)
async def import_own(
    interaction: Interaction, file: discord.Attachment, use: str = "own", handle: Range[str, 1, 80] | None = None
) -> None:
    """The posts are the person's own; the team gets copies where the person says so and the team knows who it is."""
    desk, person, language = interaction.client.desk, interaction.user, own_language(interaction)
    if file.size > LARGEST_MB * 2**20:
        raise Problem("import_problem.too_big", name=clean_name(file.filename), limit=LARGEST_MB)
    whose = handle or await said_handle(desk.store, person.id, place_of(interaction))
    if not whose:
        raise Problem("own_problem.say_handle")
    to = [link for link in await _links(interaction) if link.confirmed_at] if use == "team" else []
    if use == "team" and not to:
        raise Problem("own_problem.not_linked")
    await interaction.response.defer(thinking=True, ephemeral=True)
    async with guarded(interaction, "own import"):
        data = await fetched(file)
        with TemporaryDirectory() as folder:
            path = Path(folder) / safe_name(file.filename)
            await asyncio.to_thread(path.write_bytes, data)
            here = own.workspace_of(person.id)
            report = await import_posts(desk.store, here, whose, path, owner_id=person.id)
        lines = [*report_lines(report, language)]
        for link in to:
            async with desk.store.write() as conn:
                count = await own.give(conn, person.id, link.influencer)
            lines.append(text(language, "own.gave", server=_server(interaction, link.influencer.guild_id), count=count))
        if not to:
            lines.append(text(language, "own.kept"))
        await interaction.edit_original_response(content=within(lines))


@group.command(name="sharing", description=said("command.me_sharing"))
@app_commands.describe(use=said("command.me_use"))
@app_commands.choices(use=USES)
async def sharing(interaction: Interaction, use: str) -> None:
    """In a server for its team; in direct messages for all teams."""
    desk, person, here = interaction.client.desk, interaction.user, place_of(interaction)
    found = [link for link in await _links(interaction) if link.confirmed_at]
    if use == "team" and not found:
        raise Problem("own_problem.not_linked")
    await interaction.response.defer(thinking=True, ephemeral=True)
    async with desk.store.write() as conn:
        if use == "team":
            count = sum([await own.give(conn, person.id, link.influencer) for link in found])
        else:
            count = await own.take_back(conn, person.id, here if here > 0 else None)
    if use == "own":
        await desk.store.scrub()
    key = "own.shared" if use == "team" else "own.taken_back"
    await interaction.edit_original_response(content=text(own_language(interaction), key, count=count))
