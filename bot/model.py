"""The plain frozen values that every part of the bot speaks in. No behaviour beyond what a value knows about itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What a verdict comes to; computed by code, never named by a model."""

    FITS = "fits"
    REVISE = "revise"
    DOES_NOT_FIT = "does_not_fit"
    CANNOT_TELL = "cannot_tell"


class Level(StrEnum):
    """How far one criterion is met. High is good for all six criteria."""

    L0 = "L0"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    ABSTAIN = "abstain"

    @property
    def points(self) -> int | None:
        """0..4, or None where the criterion abstains."""
        return None if self is Level.ABSTAIN else int(self.value[1])


class CriterionKey(StrEnum):
    """The six questions of the rubric, in the order in which they are asked."""

    SHARED_VALUES = "shared_values"
    FOLLOWER_FIRST = "follower_first"
    VOICE_MATCH = "voice_match"
    BELIEF_CONSISTENCY = "belief_consistency"
    NOT_JUST_FOR_MONEY = "not_just_for_money"
    DISCLOSURE = "disclosure"


class Stance(StrEnum):
    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"


class Visibility(StrEnum):
    """Who may ever see a draft: the team of the guild, or its author alone (self-check)."""

    TEAM = "team"
    PRIVATE = "private"


class DecisionKind(StrEnum):
    APPROVE = "approve"
    ASK_FOR_CHANGES = "ask_for_changes"
    DISAGREE = "disagree"


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
class Message:
    """A sentence for people: a key of `bot/texts` with its values, so that it can be shown in any language."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Influencer:
    id: int
    guild_id: int
    handle: str  # without @, case kept
    name: str
    language: str  # ISO 639-1, e.g. "ja"
    country: str | None  # ISO 3166-1 alpha-2
    platform: str
    followers: int | None = None  # stored and shown, never read by a judge


@dataclass(frozen=True, slots=True)
class PastPost:
    """One public post of the influencer. `id` is the platform's, or `x:` and a hash where the export has none."""

    id: str
    text: str
    created_at: datetime | None = None  # UTC
    url: str | None = None
    platform: str = "unknown"
    kind: str = "post"  # post, reel, story, video, reply
    language: str | None = None
    sponsored: bool | None = None  # None: the export does not say
    likes: int | None = None
    comments: int | None = None

    @property
    def sha256(self) -> str:
        """Changes when anything a judge may read of the post changes."""
        parts = (self.id, self.text, self.created_at.isoformat() if self.created_at else "", str(self.sponsored))
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def snapshot_hash(posts: tuple[PastPost, ...]) -> str:
    """sha256 over the posts in stored order: names the exact history a verdict was earned from."""
    digest = hashlib.sha256()
    for post in posts:
        digest.update(bytes.fromhex(post.sha256))
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """How a server is set up."""

    language: str = ""  # ISO 639-1; empty: not chosen yet
    countries: tuple[str, ...] = ()  # disclosure law checked for every draft, beside the campaign's countries
    decider_roles: tuple[int, ...] = ()  # who may decide; none: who may manage messages
    drafts_channel_id: int | None = None  # where drafts are posted
    retention_days: int = 0  # of texts; 0: kept


@dataclass(frozen=True, slots=True)
class BrandValue:
    """A value the brand claims, and the words by which a search finds it in posts."""

    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Brand:
    id: int
    guild_id: int
    name: str
    handle: str | None = None
    aliases: tuple[str, ...] = ()
    about: str = ""
    category: str = ""
    category_words: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    values: tuple[BrandValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Campaign:
    id: int
    guild_id: int
    name: str
    brand: Brand
    goal: str = ""
    brief: str = ""
    must_say: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2; disclosure law is checked for each
    platform: str = "instagram"
    format: str = "caption"  # caption, video, story
    relation: str = "paid"  # paid, gift, affiliate, own_brand, employee, none
    decide_within_hours: int = 0  # after the verdict; 0: no deadline


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
    if not spoken and not others:
        return text_sha256(text)
    return hashlib.sha256("\n".join((text_sha256(text), text_sha256(spoken), *others)).encode()).hexdigest()


def short_id(post_id: str) -> str:
    """A post's id for people: eight characters tell the posts of one history apart."""
    return post_id.removeprefix("x:")[:8]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that stand verbatim in the stored post `post_id` at [start, end)."""

    post_id: str
    text: str
    start: int
    end: int
    stance: Stance
    created_at: datetime | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion as judged: the level after all caps, and what carries it."""

    level: Level
    reasoning: Message
    quotes: tuple[Quote, ...] = ()
    draft_quotes: tuple[str, ...] = ()  # verbatim pieces of the draft (or of the brief)
    caps: tuple[Message, ...] = ()  # why code lowered the level
    claimed: Level | None = None  # what the judge said before the caps
    conflict: str = "none"  # where a contradiction lies: none, wording, product
    brief_at_fault: bool = False  # a line forced by the brief carries the fault


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason shown to people. `weight` orders them; `criterion` is None for findings about the input itself."""

    criterion: CriterionKey | None
    message: Message
    stance: Stance
    weight: float
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """A number measured by code. `value` None: not measurable here. `n`: how many posts it rests on."""

    key: str
    value: float | None
    unit: str  # share, count, days, ratio, percentile, characters, probability
    n: int = 0
    post_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GuildRule:
    """A server's own disclosure rule: what one label is worth in one country."""

    id: int
    guild_id: int
    country: str  # code of a jurisdiction that there are rules for, e.g. "DE"
    label: str
    status: str  # accepted, ambiguous, refused
    language: str  # of the label, ISO 639-1
    source: str  # an address, or why
    as_of: date  # the day it was set down
    added_by: int = 0  # Discord user id; 0: the command line

    @property
    def name(self) -> str:
        """What people see and remove it by."""
        return f"own-{self.id}"


@dataclass(frozen=True, slots=True)
class DisclosureFlag:
    """A kind of product with rules of its own on a platform or in a country. It asks for a closer look, no more."""

    category: str  # alcohol, health, ...
    where: str  # platform or country code
    effect: str  # banned, restricted
    note: Mapping[str, str]  # language -> sentence
    source: str  # address
    as_of: str


@dataclass(frozen=True, slots=True)
class DisclosureLine:
    """The disclosure check as shown: outcome and rule from code alone."""

    outcome: str  # see judging/disclosure.py
    rule: str | None
    fix: str | None
    messages: tuple[Message, ...] = ()
    as_of: str | None = None
    country: str | None = None
    flags: tuple[DisclosureFlag, ...] = ()
    in_front: bool = False  # put in front of the text, the fix makes every country pass


@dataclass(frozen=True, slots=True)
class Injection:
    """Whether something that was read talks to its reviewer, and what says so."""

    observed: bool = False
    by: tuple[str, ...] = ()  # families of patterns, hidden_characters; judge, judge_elsewhere (in a post or the brief)
    quote: str = ""

    @property
    def in_draft(self) -> bool:
        """Whether the draft itself speaks to its reviewer, rather than something that was read beside it."""
        return any(finder not in ("judge_elsewhere", "setting") for finder in self.by)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An edit bound to a piece of the draft. Never a whole post."""

    draft_quote: str
    suggestion: str
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer of a judge as it was received, kept for audit and replay."""

    raw: str
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    latency_ms: int = 0
    calls: int = 1


class StatementKind(StrEnum):
    """What a statement of a dossier is about, those first that most often decide a case."""

    REFUSAL = "refusal"
    PROMISE = "promise"
    BELIEF = "belief"
    CHANGED_MIND = "changed_mind"
    VALUE = "value"
    PARTNER = "partner"
    FOLLOWERS = "followers"
    HABIT = "habit"
    THEME = "theme"


@dataclass(frozen=True, slots=True)
class Statement:
    """What past posts say, in a model's words, and the verified quotes that it rests on; never without one."""

    kind: StatementKind
    topic: str  # a word or two; of two statements of a kind and topic the newer one outranks the older
    text: str  # one line
    quotes: tuple[Quote, ...]

    @property
    def dates(self) -> tuple[datetime, ...]:
        """Of the quoted posts, earliest first; undated ones left out."""
        return tuple(sorted(quote.created_at for quote in self.quotes if quote.created_at is not None))


@dataclass(frozen=True, slots=True)
class ReadChunk:
    """What one chunk of a history says. Statements that failed a check are counted, not kept."""

    statements: tuple[Statement, ...] = ()
    unproven: int = 0  # no quote of theirs stands in a post
    addressed: int = 0  # they or their quotes speak to a reviewer
    declined: bool = False  # the model would not read these posts


@dataclass(frozen=True, slots=True)
class Dossier:
    """What a whole history says, made without sight of any draft. Kind by kind, the newest statement first."""

    statements: tuple[Statement, ...]
    without_room: tuple[Statement, ...] = ()  # not read themselves, but they tell which posts are worth it
    unproven: int = 0
    addressed: int = 0
    posts_declined: int = 0
    readings: tuple[Reading, ...] = ()  # what was asked for now; empty where all of it had been made before

    @property
    def cited(self) -> frozenset[str]:
        """Ids of the posts that are quoted."""
        return frozenset(quote.post_id for statement in self.statements for quote in statement.quotes)

    @property
    def left_out(self) -> int:
        return len(self.without_room)


@dataclass(frozen=True, slots=True)
class JudgeInfo:
    """Who judged, by which rules, at what cost."""

    kind: str  # offline, llm
    model: str
    rubric: str
    prompt_hash: str
    readings: tuple[Reading, ...] = ()
    latency_ms: int = 0
    quotes_dropped: int = 0
    dossier_readings: tuple[Reading, ...] = ()  # what of the dossier was made for this verdict

    @property
    def tokens(self) -> int:
        return sum(
            reading.prompt_tokens + reading.completion_tokens for reading in (*self.readings, *self.dossier_readings)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything one review found. Stored whole; shown in parts."""

    outcome: Outcome
    because: Message  # the rule that led to the outcome
    reasons: tuple[Finding, ...]
    criteria: Mapping[CriterionKey, Criterion]
    disclosure: DisclosureLine
    signals: tuple[Signal, ...]
    injection: Injection
    judge: JudgeInfo
    posts_stored: int
    evidence_ids: tuple[str, ...]  # of the posts read whole, in the order read: with snapshot and prompt, to replay it
    snapshot: str
    next_step: Message
    deciding: tuple[Quote, ...] = ()  # the past posts that decide the case, as a judge that reads named them
    not_read: tuple[Message, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    questions: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()  # what the team should know and no criterion asks about

    @property
    def posts_read(self) -> int:
        return len(self.evidence_ids)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one exact text."""

    id: int
    revision_id: int
    kind: DecisionKind
    person_id: int
    person_name: str
    reason: str
    sha256: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What the influencer a finding is about, or the draft's author, answered to it."""

    id: int
    revision_id: int
    criterion: CriterionKey | None  # None: to the whole verdict
    person_id: int
    person_name: str
    text: str
    created_at: datetime


class PublishedResult(StrEnum):
    """How a live text compares with what was approved; the worst that holds."""

    SAME = "same"
    CHANGED = "changed"
    LABEL_LOST = "label_lost"
    NOT_APPROVED = "not_approved"  # no approval stands for any text of the draft


@dataclass(frozen=True, slots=True)
class Published:
    """A live text as somebody brought it in, compared with the text of `revision_id`."""

    id: int
    revision_id: int
    person_id: int
    person_name: str
    text: str
    sha256: str
    result: PublishedResult
    created_at: datetime
