"""One file of the posts of several influencers: split over those who are stored, by its column of handles."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.model.messages import Message
from bot.model.workspace import Influencer
from bot.past_content.reading import accounts_in
from bot.services.library import ImportReport, check_posts, store_posts
from bot.services.names import find_influencer
from bot.store.database import Store
from bot.store.forgotten import refuse_forgotten

MOST = 50  # accounts in one file: it is read anew for each


@dataclass(frozen=True, slots=True)
class Split:
    """What became of each account, and how many rows could not be used. A report counts its own rows alone."""

    imports: tuple[ImportReport, ...]
    left_out: tuple[tuple[str, Message], ...]  # accounts, and why
    unnamed: int  # rows that name no account
    unreadable: int  # rows


async def import_split(store: Store, guild_id: int, path: Path) -> Split:
    """Stores the posts of everybody in the file who is stored already; nobody is made by it.

    Raises Problem, and stores nothing: a file that cannot be used, that names no accounts or more than MOST, or none
    that is stored here.
    """
    found = await asyncio.to_thread(accounts_in, path)
    if not found.names:
        raise Problem("import_problem.whose", name=path.name)
    if len(found.names) > MOST:
        raise Problem("import_problem.too_many_accounts", name=path.name, count=len(found.names), most=MOST)
    left_out: list[tuple[str, Message]] = []
    checked = []
    for account in found.names:
        try:
            async with store.read() as conn:
                whose = await _known(conn, guild_id, account)
            checked.append((whose, await check_posts(path, account)))
        except Problem as problem:
            left_out.append((account, problem.message))
    if not checked:
        account, why = left_out[0]
        raise Problem("import_problem.nobody_known", name=path.name, count=len(left_out), account=account, why=why)
    imports = [await store_posts(store, whose, survey) for whose, survey in checked]
    own = [replace(one, bad_count=one.bad_count - found.unreadable) for one in imports]
    return Split(tuple(own), tuple(left_out), found.unnamed, found.unreadable)


async def _known(conn: AsyncConnection, guild_id: int, account: str) -> Influencer:
    whose = await find_influencer(conn, guild_id, account)
    await refuse_forgotten(conn, whose.id)
    return whose
