"""A draft comes in: checked, then stored with its answer address, all before anything is acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config import Limits
from bot.config import Review as ReviewSettings
from bot.errors import Problem
from bot.judging.hygiene import readable
from bot.model.drafts import AnswerAddress, Attachment
from bot.model.messages import Message
from bot.model.posts import Visibility
from bot.model.workspace import Campaign, Influencer
from bot.past_content.encoding import decode_text
from bot.services import limits
from bot.services.names import find_campaign, find_influencer
from bot.store import drafts
from bot.store.database import Store


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person handed in. `source_key` names the event (e.g. `message:123`): a repeated event is one draft."""

    guild_id: int
    handle: str
    campaign: str
    author_id: int
    author_name: str
    visibility: Visibility
    source_key: str
    text: str
    answer: AnswerAddress
    not_read: tuple[Message, ...] = ()
    format: str | None = None  # caption, video, story; None: the campaign's
    spoken: str = ""  # what is said in the video
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Submitted:
    draft_id: int
    revision_id: int
    is_new: bool
    influencer: Influencer
    campaign: Campaign


async def submit(
    store: Store,
    submission: Submission,
    settings: ReviewSettings,
    now: datetime,
    *,
    limited: Limits | None = None,
    claim: bool = False,
) -> Submitted:
    """Stores the draft, or finds the one that the same event stored before.

    With `claim` it is the caller who reviews it, and no running bot will. Raises Problem: unknown handle or campaign,
    a forgotten influencer, a draft that is empty, too long, no text, or one too many for `limited`. Nothing is stored
    then.
    """
    text, spoken = storable(submission.text), storable(submission.spoken)
    readable(text, max_characters=settings.max_draft_characters, spoken=spoken)

    async def received_in(conn: AsyncConnection) -> Submitted:
        influencer = await find_influencer(conn, submission.guild_id, submission.handle)
        campaign = await find_campaign(conn, submission.guild_id, submission.campaign)
        received = await drafts.receive(
            conn,
            drafts.NewDraft(
                guild_id=submission.guild_id,
                influencer_id=influencer.id,
                campaign_id=campaign.id,
                author_id=submission.author_id,
                author_name=submission.author_name,
                visibility=submission.visibility,
                source_key=submission.source_key,
                text=text,
                not_read=submission.not_read,
                answer=submission.answer,
                format=submission.format or "",
                created_at=now,
                spoken=spoken,
                attachments=submission.attachments,
            ),
        )
        if limited and received.is_new:  # what is stored by now falls with the transaction
            who = submission.guild_id, submission.author_id, submission.visibility
            await limits.check(conn, *who, limited, now)
        if claim:
            await drafts.claim(conn, received.revision_id)
        return Submitted(received.draft_id, received.revision_id, received.is_new, influencer, campaign)

    return await store.write_together(received_in)


def storable(text: str) -> str:
    """Half a surrogate pair cannot be stored or hashed."""
    return text.encode("utf-8", "replace").decode()


def read_text_file(name: str, data: bytes) -> str:
    """The text of an attached file, whatever its encoding. Raises Problem for what is no text; names the file."""
    text = decode_text(data)
    if text is None:
        raise Problem("submit_problem.not_text", file=name[:80])
    return text
