"""`/status`: what drafts wait for, told to those who manage the server."""

from __future__ import annotations

from collections.abc import Iterator

from discord import app_commands

from bot.chat.desk import Desk, Interaction, guild_of, own_language
from bot.chat.localized import said
from bot.chat.markup import ago, plain
from bot.chat.rights import require_manager
from bot.model.drafts import RevisionState
from bot.services.status import Status
from bot.services.status import status as look
from bot.texts import render, text

LONGEST_NAME, LONGEST_WHY = 80, 400


@app_commands.command(name="status", description=said("command.status"))
@app_commands.default_permissions(manage_guild=True)
async def status(interaction: Interaction) -> None:
    require_manager(interaction)
    desk = interaction.client.desk
    found = await look(desk.store, guild_of(interaction), interaction.user.id, desk.clock())
    lines = _lines(desk, found, own_language(interaction))
    await interaction.response.send_message("\n".join(lines), ephemeral=True)


def _lines(desk: Desk, found: Status, language: str) -> Iterator[str]:
    settings, away = desk.settings.llm, desk.queue.away
    model = plain(settings.model, LONGEST_NAME)
    yield text(language, "status.model", model=model) if model else text(language, "status.offline")
    if away is not None:
        why = plain(render(language, away.why), LONGEST_WHY)
        yield text(language, "status.away", since=ago(away.since), until=ago(away.until), why=why)
    elif model:
        yield text(language, "status.reachable")
    yield _counts(found, language)
    if found.waiting_since is not None:
        yield text(language, "status.oldest", since=ago(found.waiting_since))
    if waiting := sum(found.own.counts.values()):
        yield text(language, "status.own", count=waiting)
    if model:
        key = "status.spent_of" if settings.monthly_tokens else "status.spent"
        yield text(language, key, tokens=found.spent.tokens, most=settings.monthly_tokens)


def _counts(found: Status, language: str) -> str:
    counts = {state.value: found.team.counts.get(state, 0) for state in RevisionState}
    return text(language, "status.counts", **counts)
