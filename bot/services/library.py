"""The library a team works from: influencers with their past posts, brands and campaigns, brought in from files.

Files are read twice: first to check them whole, so that nothing is stored from one that cannot be used, then to store.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Problem
from bot.model.messages import Message
from bot.model.posts import PastPost, snapshot_hash
from bot.model.workspace import Influencer
from bot.past_content.language import guess_language
from bot.past_content.reading import PostFile, Progress, read_posts
from bot.past_content.rows import DATE_AHEAD, BadRow, Note
from bot.services.disclosure_rules import add_rule_in
from bot.services.names import near_names
from bot.services.workspace import clean_handle, posts_path, read_workspace
from bot.store import guilds, library
from bot.store.database import Store
from bot.store.forgotten import refuse_forgotten
from bot.store.posts import Added, add_posts, posts_of
from bot.store.search import name_key

BATCH = 500  # rows a transaction: others wait no longer than that
ROWS_SHOWN = 20
_LANGUAGE_SAMPLE = 300  # posts


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. Of rows with the same id the last one stands; the others count as `repeated`."""

    influencer: Influencer
    is_new: bool  # the influencer was unknown before, and no file declared them
    new: int
    changed: int
    unchanged: int
    repeated: int
    bad_count: int
    ahead: int  # of the bad ones: posts dated more than a day ahead
    bad_rows: tuple[BadRow, ...]  # the first 20
    notes: tuple[Note, ...]  # the first 20
    undated: int
    first: datetime | None
    last: datetime | None
    snapshot: str  # of the whole history as it is now
    layout: Message
    account: str | None  # whose rows were taken; None: the file names no accounts


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a workspace held; loading it again gives the same numbers and changes nothing."""

    brands: int
    campaigns: int
    influencers: int
    rules: int  # disclosure rules of the server's own
    imports: tuple[ImportReport, ...]


async def import_posts(
    store: Store,
    guild_id: int,
    handle: str,
    path: Path,
    *,
    format: str = "auto",
    name: str | None = None,
    language: str | None = None,
    on_progress: Progress | None = None,
    owner_id: int | None = None,
    may_create: bool = True,
    influencer_id: int | None = None,
) -> ImportReport:
    """Stores the posts in the file at `path` as those of `handle`, who is created where unknown.

    Without `may_create` that is done for the first influencer of a server alone: a slip of typing makes no other one.

    `owner_id`: the person whose own workspace `guild_id` is. `influencer_id`: the one who was found by that handle; one
    who was forgotten or renamed since is not made anew.

    `language` (ISO 639-1) is guessed from the posts where not given. `on_progress(bytes done, bytes in all)` counts
    both readings. Raises Problem, before anything is stored, for a handle or a file that cannot be used.
    """
    handle = clean_handle(handle)
    file = await asyncio.to_thread(read_posts, path, format=format, handle=handle, latest=_latest())
    if not may_create:
        await _require_known(store, guild_id, handle)
    meter = _Meter(on_progress, [file])
    checked = await _check(file, meter)
    async with store.write() as conn:
        known = await _known(conn, guild_id, handle, influencer_id)
        before = known or Influencer(
            id=0,
            guild_id=guild_id,
            handle=handle,
            name=handle,
            language=checked.language,
            country=None,
            platform=checked.platform,
        )
        after = replace(before, name=name or before.name, language=language or before.language)
        influencer = before if after == known else await library.upsert_influencer(conn, after)
    return await _store_posts(store, influencer, checked, meter, is_new=known is None, owner_id=owner_id)


async def _known(conn: AsyncConnection, guild_id: int, handle: str, influencer_id: int | None) -> Influencer | None:
    if influencer_id is None:
        return await library.find_influencer(conn, guild_id, handle)
    await refuse_forgotten(conn, influencer_id)
    if (found := await library.get_influencer(conn, guild_id, influencer_id)) is None:
        raise Problem("entry_problem.gone")
    return found


async def _require_known(store: Store, guild_id: int, handle: str) -> None:
    """Raises Problem for a handle that is not stored where others are."""
    async with store.read() as conn:
        if await library.find_influencer(conn, guild_id, handle):
            return
        known = [influencer.handle for influencer in await library.influencers(conn, guild_id)]
    if known:
        near = ["@" + name for name in near_names(handle, known)]
        raise Problem(f"import_problem.{'unknown' if near else 'far'}_handle", handle=handle, known=near)


def _latest() -> datetime:
    """No post is from later: a day is left for clocks and time zones."""
    return datetime.now(UTC) + timedelta(days=1)


async def load_workspace(store: Store, guild_id: int, path: Path, on_progress: Progress | None = None) -> LoadReport:
    """Stores the brands, campaigns, influencers and rules of a workspace file, with the posts files it names.

    Raises Problem, before anything is stored, when anything in it or in its posts files cannot be used.
    """
    async with store.read() as conn:
        brands = {name_key(brand.name): brand for brand in await library.brands(conn, guild_id)}
    workspace = await asyncio.to_thread(read_workspace, path, [brand.name for brand in brands.values()])
    files = {
        table.handle: await asyncio.to_thread(
            read_posts, posts_path(path, table.posts), handle=clean_handle(table.handle), latest=_latest()
        )
        for table in workspace.influencer
        if table.posts
    }
    meter = _Meter(on_progress, files.values())
    checked = {handle: await _check(file, meter) for handle, file in files.items()}
    async with store.write() as conn:
        if given := workspace.guild.model_dump(exclude_none=True):
            settings = await guilds.guild_settings(conn, guild_id)
            await guilds.store_settings(conn, guild_id, replace(settings, **given))
        for brand_table in workspace.brand:
            brands[name_key(brand_table.name)] = await library.upsert_brand(conn, brand_table.brand(guild_id))
        for campaign_table in workspace.campaign:
            brand = brands[name_key(campaign_table.brand)]
            await library.upsert_campaign(conn, campaign_table.campaign(guild_id, brand))
        for rule_table in workspace.disclosure_rule:
            await add_rule_in(conn, rule_table.rule(guild_id))
        influencers = {
            table.handle: await library.upsert_influencer(conn, table.influencer(guild_id))
            for table in workspace.influencer
        }
    imports = [
        await _store_posts(store, influencers[handle], survey, meter, is_new=False)
        for handle, survey in checked.items()
    ]
    return LoadReport(
        brands=len(workspace.brand),
        campaigns=len(workspace.campaign),
        influencers=len(workspace.influencer),
        rules=len(workspace.disclosure_rule),
        imports=tuple(imports),
    )


async def check_posts(path: Path, account: str) -> Survey:
    """Reads the rows of one account. Raises Problem where none gives a post."""
    file = await asyncio.to_thread(read_posts, path, handle=account, latest=_latest())
    file = replace(file, account=account)  # also where the first rows name none
    return await _check(file, _Meter(None, [file]))


async def store_posts(store: Store, influencer: Influencer, survey: Survey) -> ImportReport:
    """Stores what was checked as posts of somebody who is stored."""
    return await _store_posts(store, influencer, survey, _Meter(None, [survey.file]), is_new=False)


class _Meter:
    """Adds up the bytes of all readings, two of each file, and reports them in the event loop."""

    def __init__(self, on_progress: Progress | None, files: Collection[PostFile]) -> None:
        self._on_progress = on_progress
        self._loop = asyncio.get_running_loop()
        self._total = 2 * sum(file.size for file in files)
        self._before = 0

    def read(self, done: int, _size: int) -> None:
        """Called in the thread that reads a file."""
        if self._on_progress:
            self._loop.call_soon_threadsafe(self._on_progress, self._before + done, self._total)

    def finished(self, file: PostFile) -> None:
        self._before += file.size


@dataclass(slots=True)
class Survey:
    """What the first reading of a file found."""

    file: PostFile
    posts: int = 0
    final: dict[tuple[str, str], int] = field(default_factory=dict)  # (platform, id) -> number of the post that stands
    bad_count: int = 0
    ahead: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    sample: list[str] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    platforms: Counter[str] = field(default_factory=Counter)

    def add(self, item: PastPost | BadRow | Note) -> None:
        if isinstance(item, BadRow):
            self.bad_count += 1
            self.ahead += item.reason.key == DATE_AHEAD
            if len(self.bad_rows) < ROWS_SHOWN:
                self.bad_rows.append(item)
        elif isinstance(item, Note):
            if len(self.notes) < ROWS_SHOWN:
                self.notes.append(item)
        else:
            self.posts += 1
            self.final[item.platform, item.id] = self.posts
            self.platforms[item.platform] += 1
            if item.language:
                self.languages[item.language] += 1
            if len(self.sample) < _LANGUAGE_SAMPLE:
                self.sample.append(item.text)

    @property
    def language(self) -> str:
        """What most posts say they are in; a guess from their texts where none says."""
        return self.languages.most_common(1)[0][0] if self.languages else guess_language(self.sample)

    @property
    def platform(self) -> str:
        return self.platforms.most_common(1)[0][0]


async def _batches(file: PostFile, meter: _Meter) -> AsyncIterator[list[PastPost | BadRow | Note]]:
    """The file in pieces, read in a thread so that the event loop goes on."""
    items = iter(replace(file, on_progress=meter.read))
    while batch := await asyncio.to_thread(lambda: list(islice(items, BATCH))):
        yield batch
    meter.finished(file)


async def _check(file: PostFile, meter: _Meter) -> Survey:
    """Raises Problem when no row gives a post."""
    survey = Survey(file)
    async for batch in _batches(file, meter):
        for item in batch:
            survey.add(item)
    if survey.posts:
        return survey
    if not survey.bad_rows:
        raise Problem("import_problem.only_a_header", name=file.path.name)
    first = survey.bad_rows[0]
    raise Problem(
        "import_problem.no_posts", name=file.path.name, count=survey.bad_count, line=first.line, reason=first.reason
    )


async def _store_posts(
    store: Store,
    influencer: Influencer,
    survey: Survey,
    meter: _Meter,
    *,
    is_new: bool,
    owner_id: int | None = None,
) -> ImportReport:
    """Stores batch by batch: what is stored stays, should a later one fail."""
    added, number, undated = Added(), 0, 0
    dates: list[datetime] = []  # first and last
    async for batch in _batches(survey.file, meter):
        posts = []
        for item in batch:
            if isinstance(item, PastPost):
                number += 1
                if survey.final.get((item.platform, item.id)) == number:
                    posts.append(item)
        if posts:
            async with store.write() as conn:
                added += await add_posts(conn, influencer.id, posts, owner_id=owner_id)
        undated += sum(post.created_at is None for post in posts)
        moments = [*dates, *(post.created_at for post in posts if post.created_at)]
        dates = [min(moments), max(moments)] if moments else []
    async with store.read() as conn:
        snapshot = snapshot_hash(await posts_of(conn, influencer.id, owner_id=owner_id))
    return ImportReport(
        influencer=influencer,
        is_new=is_new,
        new=added.new,
        changed=added.changed,
        unchanged=added.unchanged,
        repeated=survey.posts - len(survey.final),
        bad_count=survey.bad_count,
        ahead=survey.ahead,
        bad_rows=tuple(survey.bad_rows),
        notes=tuple(survey.notes),
        undated=undated,
        first=dates[0] if dates else None,
        last=dates[1] if dates else None,
        snapshot=snapshot,
        layout=survey.file.layout,
        account=survey.file.account,
    )
