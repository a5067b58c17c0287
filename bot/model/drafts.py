"""A draft on its way: where it was said, its versions, what came with it, and where the answer goes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model.messages import Message
from bot.model.posts import Visibility


class RevisionState(StrEnum):
    """Where a revision is on its way; each step is one transaction."""

    RECEIVED = "received"  # stored and acknowledged, nobody works on it
    JUDGING = "judging"  # claimed by a worker; falls back to received when that worker dies
    JUDGED = "judged"  # verdict and outbox row stored
    ANSWERED = "answered"  # the answer stands where people see it
    FAILED = "failed"  # given up on; a person must look


class AnswerKind(StrEnum):
    """Where an answer goes: edit of an interaction's original, reply to a message, or nowhere (command line)."""

    INTERACTION = "interaction"
    REPLY = "reply"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class AnswerAddress:
    """Where the answer to a revision goes. Stored with it, so that any process can answer after a restart."""

    kind: AnswerKind
    application_id: int = 0
    token: str = ""  # interaction token, good for 15 minutes
    channel_id: int = 0
    message_id: int = 0  # the message to reply to
    user_id: int = 0  # who gets it by direct message when nothing else is left
    ephemeral: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Draft:
    """One sponsored post on its way; its texts are its revisions."""

    id: int
    guild_id: int
    influencer_id: int
    campaign_id: int
    author_id: int  # who submitted it (Discord user id; 0 on the command line)
    visibility: Visibility
    created_at: datetime
    format: str = ""  # caption, video, story; empty: the campaign's


@dataclass(frozen=True, slots=True)
class Revision:
    """One exact text of a draft. Decisions bind to its sha256, so an edit voids them."""

    id: int
    draft_id: int
    number: int  # 1, 2, ...
    text: str
    not_read: tuple[Message, ...]  # what came with it and was not read (images, cut text ...)
    created_at: datetime
    spoken: str = ""  # what is said in the video, from its subtitles
    sha256: str = ""  # its `fingerprint`, as it was stored


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a draft, as it was at intake. `name` is the sender's: data, never a path."""

    name: str  # one line
    content_type: str  # by its bytes, e.g. "image/png"
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def is_image(self) -> bool:
        """Whether it is of a kind that models are shown."""
        return self.content_type in ("image/png", "image/jpeg", "image/webp", "image/gif")


def text_sha256(text: str) -> str:
    """Line ends and outer blanks do not count, anything else does."""
    return hashlib.sha256(text.replace("\r\n", "\n").strip().encode()).hexdigest()


def fingerprint(text: str, spoken: str = "", files: Sequence[Attachment] = ()) -> str:
    """What a decision binds to: the words, what is said, and every file that came with them, in their order.

    Of a text file only its words count, which are in `text` or `spoken`. Of words alone it is their `text_sha256`.
    """
    others = [file.sha256 for file in files if file.content_type != "text/plain"]
    if not spoken.strip() and not others:
        return text_sha256(text)
    return hashlib.sha256("\n".join((text_sha256(text), text_sha256(spoken), *others)).encode()).hexdigest()
