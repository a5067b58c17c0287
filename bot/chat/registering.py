"""Tells Discord about the commands. It counts such calls, so only where they are not what it was told last."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path

import structlog
from discord import app_commands

from bot.chat.desk import NOT_SENT, DeskClient

AGAIN = 3600.0  # seconds after a refusal; Discord may have counted too many for today

log = structlog.get_logger(__name__)


async def keep_commands_told(client: DeskClient, tree: app_commands.CommandTree[DeskClient]) -> None:
    """Ends when Discord knows the commands; what goes wrong is tried again later, everything else works meanwhile."""
    while True:
        try:
            return await _tell_commands(client, tree)
        except (ValueError, app_commands.AppCommandError, *NOT_SENT) as error:
            code = getattr(error, "code", None)
            log.error("chat.commands_refused", error=type(error).__name__, code=code, seconds=AGAIN)
        await asyncio.sleep(AGAIN)


async def _tell_commands(client: DeskClient, tree: app_commands.CommandTree[DeskClient]) -> None:
    translator = tree.translator
    assert translator is not None  # set before
    commands = [
        await command.get_translated_payload(tree, translator)
        for command in sorted(tree.get_commands(), key=lambda one: one.name)
    ]
    known = hashlib.sha256(json.dumps([client.application_id, commands], sort_keys=True).encode()).hexdigest()
    file = sync_file(client.desk.store.path)
    try:
        is_known = file.read_text() == known
    except (OSError, ValueError):  # none yet, or nothing that can be read
        is_known = False
    if is_known:
        return
    await tree.sync()
    log.info("chat.commands_synced", count=len(commands))
    try:
        file.write_text(known)
    except OSError as error:
        log.warning("chat.commands_not_noted", why=error.strerror)  # told again at the next start


def sync_file(database: Path) -> Path:
    """Where the hash of the commands is kept that Discord was told last."""
    return database.with_name(f"{database.name}.commands")
