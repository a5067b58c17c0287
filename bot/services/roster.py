"""A team's influencers as a table: one CSV file adds the new ones and changes what differs, all in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.model.messages import Message
from bot.model.workspace import Influencer
from bot.past_content.columns import folded, shown
from bot.services.batch_file import Cells, read_rows
from bot.services.editing import PLATFORMS, influencer_with
from bot.services.where import read_where
from bot.services.workspace import clean_handle
from bot.store import library
from bot.store.database import Store
from bot.store.forgotten import refuse_forgotten
from bot.store.search import handle_key

MOST = 500  # influencers in one file
_NAMES: Mapping[str, str] = {
    "handle": """
        handle, influencer, influencer handle, account, account name, username, user name, creator, profile,
        ハンドル, ハンドル名, インフルエンサー, アカウント, アカウント名, ユーザー名, ユーザーネーム, クリエイター""",
    "name": "name, full name, display name, real name, 名前, 氏名, 表示名",
    "lang": "lang, language, 言語",
    "country": "country, country code, 国, 国名",
    "platform": "platform, network, sns, プラットフォーム, 媒体",
    "followers": "followers, follower count, フォロワー, フォロワー数",
}
_FIELDS = {folded(name): field for field, names in _NAMES.items() for name in names.split(",")}


@dataclass(frozen=True, slots=True)
class Roster:
    """What became of the rows: handles, and of each refused row its number in the file and why."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    left: int
    refused: tuple[tuple[int, Message], ...]


async def load_roster(store: Store, guild_id: int, name: str, data: bytes) -> Roster:
    """Stores the influencers of a CSV file called `name`. An empty cell changes nothing of one who is stored.

    Raises Problem, and stores nothing: no text, no column of handles, no rows, or more than MOST.
    """
    header, fields, rows = read_rows(name, data, _FIELDS)
    if "handle" not in fields:
        raise Problem("roster_problem.no_handle_column", file=name, found=shown(header))
    if not rows:
        raise Problem("roster_problem.empty", file=name)
    if len(rows) > MOST:
        raise Problem("roster_problem.too_many", count=len(rows), most=MOST)
    added, changed, left = [], [], 0
    refused: list[tuple[int, Message]] = []
    seen: set[str] = set()
    async with store.write() as conn:
        for number, cells in rows:
            try:
                before, after = await _read(conn, guild_id, _values(cells, fields, len(header)), seen)
            except Problem as problem:
                refused.append((number, problem.message))
                continue
            if before is None:
                added.append(after.handle)
            elif before == after:
                left += 1
                continue
            else:
                changed.append(after.handle)
            await library.upsert_influencer(conn, after)
    return Roster(tuple(added), tuple(changed), left, tuple(refused))


def _values(cells: Cells, fields: Mapping[str, int], width: int) -> dict[str, str]:
    """What a row says, by field; empty cells are left out. Raises Problem for a row that cannot be read."""
    if isinstance(cells, Message):
        raise Problem(cells.key, **cells.values)
    if any(cells[width:]):
        raise Problem("import_row.too_many_cells", cells=len(cells), columns=width)
    found = {field: cells[at].strip() for field, at in fields.items() if at < len(cells)}
    return {field: words for field, words in found.items() if words}


async def _read(
    conn: AsyncConnection, guild_id: int, values: Mapping[str, str], seen: set[str]
) -> tuple[Influencer | None, Influencer]:
    """The influencer of one row as stored, and as the row would have it. Raises Problem where it cannot be used."""
    handle = clean_handle(values.get("handle", ""))
    if handle_key(handle) in seen:
        raise Problem("roster_problem.twice", handle=handle)
    seen.add(handle_key(handle))
    before = await library.find_influencer(conn, guild_id, handle)
    if before is not None:
        await refuse_forgotten(conn, before.id)
    typed = {field: words for field, words in values.items() if field != "handle"} | _where(values)
    after = influencer_with(guild_id, before, handle, typed)
    return before, replace(after, id=before.id) if before else after


def _where(values: Mapping[str, str]) -> dict[str, str]:
    """Country and platform, by code or by name, as they are stored. Raises Problem for what is neither."""
    found = {}
    for field in ("country", "platform"):
        if typed := values.get(field):
            where = read_where(typed)
            found[field] = "".join(where.countries[:1]) if field == "country" else where.platform
            if not found[field]:
                raise Problem("own_problem.where", typed=typed[:40], platforms=list(PLATFORMS))
    return found
