"""A new text for a draft that is there: a revision of its own, judged anew; what was decided before is void by it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config import Limits
from bot.config import Review as ReviewSettings
from bot.errors import Problem
from bot.judging.hygiene import clean
from bot.model.drafts import AnswerAddress, Attachment, fingerprint
from bot.model.messages import Message
from bot.model.posts import Visibility
from bot.services import limits
from bot.services.lookup import show
from bot.services.submit import storable
from bot.store import drafts, outbox, verdicts, versions
from bot.store.attachments import attachments_of
from bot.store.database import Store
from bot.store.drafts import Received, Work
from bot.store.sight import EVERYTHING, Sight
from bot.store.verdicts import StoredVerdict
from bot.store.versions import SentText

FROM_FILES = "not_read_file."


@dataclass(frozen=True, slots=True)
class NewText:
    """What somebody handed in for a draft. `source_key` names the event: a repeated one changes nothing.

    With `keeps_files`, and none of its own, it comes with the files of the text before, but for text files.
    """

    person_id: int
    source_key: str
    text: str
    answer: AnswerAddress
    spoken: str = ""
    attachments: tuple[Attachment, ...] = ()
    not_read: tuple[Message, ...] = ()
    keeps_files: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """All texts of a draft, judged or not, and the verdicts on them; both oldest first."""

    texts: tuple[SentText, ...]
    verdicts: tuple[StoredVerdict, ...]


async def add_version(
    store: Store,
    guild_id: int,
    draft_id: int,
    new: NewText,
    settings: ReviewSettings,
    now: datetime,
    *,
    limited: Limits | None = None,
) -> Received:
    """Stores `new` as the next revision of the draft and has the cards of the earlier ones say so.

    Raises Problem: the same text as the newest one, one that cannot be used, one of a forgotten influencer, or one too
    many for `limited`. Raises LookupError for a draft that is not there.
    """
    new = replace(new, text=storable(new.text), spoken=storable(new.spoken))
    clean(new.text, max_characters=settings.max_draft_characters, spoken=new.spoken)

    async with store.write() as conn:
        work = await newest_work(conn, guild_id, draft_id)
        kept = await _with_files(conn, work, new)
        if not await versions.is_known_event(conn, guild_id, draft_id, new.source_key) and (
            fingerprint(kept.text, kept.spoken, kept.attachments) == work.revision.sha256
        ):
            raise Problem("version_problem.same_text", version=work.revision.number)
        received = await drafts.receive(conn, _next(work, kept, now))
        if limited and received.is_new:
            await limits.check(conn, guild_id, new.person_id, work.draft.visibility, limited, now)
        if received.is_new:
            await outbox.refresh_older(conn, received.revision_id, now)
        return received


async def newest_work(conn: AsyncConnection, guild_id: int, draft_id: int) -> Work:
    """The newest text of a draft with all about it. Raises LookupError for a draft that is not there."""
    revision_id = await versions.newest_revision(conn, guild_id, draft_id)
    if revision_id is None:
        raise LookupError(f"no draft {draft_id} here")
    return await drafts.get_work(conn, revision_id)


async def history_of(
    store: Store, guild_id: int, number: str, *, viewer_id: int | None, sight: Sight = EVERYTHING
) -> History:
    """All versions of the draft that the verdict is about, of a team's those within `sight`.

    Raises Problem where there is none for this viewer.
    """
    shown = await show(store, guild_id, number, viewer_id=viewer_id, sight=sight)
    if shown.draft.visibility is Visibility.PRIVATE:
        sight = EVERYTHING  # the viewer's own
    async with store.read() as conn:
        found = await verdicts.versions(conn, guild_id, shown.number, viewer_id=viewer_id, sight=sight)
        return History(await versions.texts_of(conn, shown.draft.guild_id, shown.draft.id, sight), found)


async def _with_files(conn: AsyncConnection, work: Work, new: NewText) -> NewText:
    if not new.keeps_files or new.attachments:
        return new
    files = await attachments_of(conn, work.revision.id)
    kept = tuple(file for file in files if file.content_type != "text/plain")
    unread = tuple(one for one in work.revision.not_read if one.key.startswith(FROM_FILES))
    return replace(new, attachments=kept, spoken=work.revision.spoken, not_read=(*new.not_read, *unread))


def _next(work: Work, new: NewText, now: datetime) -> drafts.NewDraft:
    draft = work.draft
    return drafts.NewDraft(
        guild_id=draft.guild_id,
        influencer_id=draft.influencer_id,
        campaign_id=draft.campaign_id,
        author_id=draft.author_id,
        author_name="",  # of the draft, which has its own
        visibility=draft.visibility,
        source_key=new.source_key,
        text=new.text,
        not_read=new.not_read,
        answer=new.answer,
        created_at=now,
        draft_id=draft.id,
        format=draft.format,
        spoken=new.spoken,
        attachments=new.attachments,
    )
