"""A draft comes in: checked, then stored with its answer address, all before anything is acknowledged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

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
from bot.store.forgotten import refuse_forgotten
from bot.store.guilds import guild_language

Event = tuple[int, str, str]  # guild, audience, source_key
Answer = TypeVar("Answer")


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
    answer: AnswerAddress  # its language "": the guild's
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
    submission = replace(submission, text=text, spoken=spoken)
    return await store.write_together(_submit_all, _Sent(submission, now, limited, claim=claim))


@dataclass(frozen=True, slots=True)
class _Sent:
    """One that is to be stored now."""

    submission: Submission
    now: datetime
    limited: Limits | None
    claim: bool

    @property
    def who(self) -> tuple[int, int, Visibility]:
        return self.submission.guild_id, self.submission.author_id, self.submission.visibility

    @property
    def event(self) -> Event:
        sent = self.submission
        return sent.guild_id, drafts.audience_of(sent.visibility, sent.author_id), sent.source_key

    def draft(self, whose: Influencer, what: Campaign, language: str) -> drafts.NewDraft:
        """`language`: of the answer, where nothing else was chosen."""
        sent = self.submission
        return drafts.NewDraft(
            guild_id=sent.guild_id,
            influencer_id=whose.id,
            campaign_id=what.id,
            author_id=sent.author_id,
            author_name=sent.author_name,
            visibility=sent.visibility,
            source_key=sent.source_key,
            text=sent.text,
            not_read=sent.not_read,
            answer=sent.answer if sent.answer.language else replace(sent.answer, language=language),
            format=sent.format or "",
            created_at=self.now,
            spoken=sent.spoken,
            attachments=sent.attachments,
        )


async def _submit_all(conn: AsyncConnection, sent: Sequence[_Sent]) -> list[Submitted | Exception]:
    """Stores what may be stored; for the rest, why not."""
    desk = _Desk(conn, sent)
    await desk.look_back()
    taken = [await desk.take(one) for one in sent]
    await desk.store()
    ends: list[Submitted | Exception] = []
    for one, end in zip(sent, taken, strict=True):
        if isinstance(end, Problem):
            ends.append(end)
            continue
        received = desk.received[one.event]
        if one.claim:
            await drafts.claim(conn, received.revision_id)
        ends.append(Submitted(received.draft_id, received.revision_id, *end))
    return ends


class _Desk:
    """Takes the drafts of one transaction: nothing is asked twice, and what can be is stored by one statement."""

    def __init__(self, conn: AsyncConnection, sent: Sequence[_Sent]) -> None:
        self._conn, self._sent = conn, sent
        self.received: dict[Event, drafts.Received] = {}
        self._new: dict[Event, drafts.NewDraft] = {}  # taken, not yet stored
        self._answers: dict[Hashable, Any] = {}

    async def look_back(self) -> None:
        """Finds which events were received before."""
        keys: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
        for one in self._sent:
            keys[one.event[:2]].append(one.event[2])
        for audience, source_keys in keys.items():
            found = await drafts.received_before(self._conn, *audience, source_keys)
            self.received |= {(*audience, key): received for key, received in found.items()}

    async def take(self, one: _Sent) -> tuple[bool, Influencer, Campaign] | Problem:
        """Whether the draft is new, whose it is and for what; or why it may not be stored."""
        guild_id = one.submission.guild_id
        try:
            whose = await self._once(find_influencer, guild_id, one.submission.handle)
            what = await self._once(find_campaign, guild_id, one.submission.campaign)
            is_new = not (one.event in self.received or one.event in self._new)
            if is_new:
                await self._once(refuse_forgotten, whose.id)
                await self._check_limits(one)
                language = one.submission.answer.language or await self._once(guild_language, guild_id)
                self._new[one.event] = one.draft(whose, what, language)
        except Problem as problem:
            return problem
        return is_new, whose, what

    async def _check_limits(self, one: _Sent) -> None:
        if one.limited is None:
            return
        if await self._once(_have_room, *one.who, one.limited, self._sent[0].now, len(self._sent)):
            return
        await self.store()  # so that it counts
        await limits.check(self._conn, *one.who, one.limited, one.now, more=1)

    async def store(self) -> None:
        """Stores what was taken so far."""
        new, self._new = self._new, {}
        self.received |= zip(new, await drafts.receive_many(self._conn, list(new.values())), strict=True)

    async def _once(self, ask: Callable[..., Awaitable[Answer]], *about: Any) -> Answer:
        """What `ask` gives, or raises of a Problem, about these; it is asked the first time only."""
        if (key := (ask, *about)) not in self._answers:
            try:
                self._answers[key] = await ask(self._conn, *about)
            except Problem as problem:
                self._answers[key] = problem
        answer: Answer | Problem = self._answers[key]
        if isinstance(answer, Problem):
            raise answer
        return answer


async def _have_room(
    conn: AsyncConnection, guild_id: int, person_id: int, visibility: Visibility, limited: Limits, now: datetime, n: int
) -> bool:
    """Whether `n` more may come, whoever of one transaction they are from."""
    try:
        await limits.check(conn, guild_id, person_id, visibility, limited, now, more=n)
    except limits.TooMany:
        return False
    return True


def storable(text: str) -> str:
    """Half a surrogate pair cannot be stored or hashed."""
    return text.encode("utf-8", "replace").decode()


def read_text_file(name: str, data: bytes) -> str:
    """The text of an attached file, whatever its encoding. Raises Problem for what is no text; names the file."""
    text = decode_text(data)
    if text is None:
        raise Problem("submit_problem.not_text", file=name[:80])
    return text
