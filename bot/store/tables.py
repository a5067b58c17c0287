"""The tables as SQLAlchemy Core sees them. The SQL files in `migrations/` make them; a test holds the two together."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Table, Text

from bot.model.dossiers import ReadChunk
from bot.model.drafts import AnswerAddress
from bot.model.messages import Message
from bot.model.verdicts import Verdict
from bot.model.workspace import BrandValue
from bot.store.types import Json, UtcTime

metadata = MetaData()
Words = tuple[str, ...]


def _required(name: str, kind: type[Text | BigInteger | Integer | LargeBinary | UtcTime] | Json) -> Column[object]:
    return Column(name, kind, nullable=False)


guild = Table(
    "guild",
    metadata,
    Column("id", BigInteger, primary_key=True),
    _required("language", Text),
    Column("countries", Json(Words), nullable=False, server_default="[]"),
    Column("decider_roles", Json(tuple[int, ...]), nullable=False, server_default="[]"),
    Column("drafts_channel_id", BigInteger),
    Column("retention_days", Integer, nullable=False, server_default="0"),
    Column("heard_until", UtcTime),
)

brand = Table(
    "brand",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("guild_id", BigInteger),
    _required("name", Text),
    _required("name_key", Text),
    Column("handle", Text),
    _required("about", Text),
    _required("category", Text),
    _required("aliases", Json(Words)),
    _required("category_words", Json(Words)),
    _required("competitors", Json(Words)),
    _required("claims", Json(Words)),
    _required("values", Json(tuple[BrandValue, ...])),
)

campaign = Table(
    "campaign",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("guild_id", BigInteger),
    _required("brand_id", Integer),
    _required("name", Text),
    _required("name_key", Text),
    _required("goal", Text),
    _required("brief", Text),
    _required("must_say", Json(Words)),
    _required("countries", Json(Words)),
    _required("platform", Text),
    _required("format", Text),
    _required("relation", Text),
    Column("decide_within_hours", Integer, nullable=False, server_default="0"),
)

influencer = Table(
    "influencer",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("guild_id", BigInteger),
    _required("handle", Text),
    _required("handle_key", Text),
    _required("name", Text),
    _required("name_key", Text),
    _required("language", Text),
    Column("country", Text),
    _required("platform", Text),
    Column("followers", BigInteger),
    Column("history_version", Integer, nullable=False, server_default="0"),
    Column("forgotten_at", UtcTime),
)

post = Table(
    "post",
    metadata,
    Column("key", Integer, primary_key=True),
    _required("influencer_id", Integer),
    _required("id", Text),
    _required("platform", Text),
    _required("text", Text),
    _required("folded", Text),
    Column("created_at", UtcTime),
    Column("url", Text),
    _required("kind", Text),
    Column("language", Text),
    Column("sponsored", Boolean),
    Column("likes", BigInteger),
    Column("comments", BigInteger),
    Column("owner_id", BigInteger),
    Column("given_by", BigInteger),
)

dossier_chunk = Table(
    "dossier_chunk",
    metadata,
    Column("influencer_id", Integer, primary_key=True),
    Column("chunk_sha256", Text, primary_key=True),
    Column("prompt_hash", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    _required("body", Json(ReadChunk)),
)

draft = Table(
    "draft",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("guild_id", BigInteger),
    _required("influencer_id", Integer),
    _required("campaign_id", Integer),
    _required("author_id", BigInteger),
    _required("author_name", Text),
    _required("audience", Text),
    _required("format", Text),
    _required("created_at", UtcTime),
)

revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("guild_id", BigInteger),
    _required("audience", Text),
    _required("draft_id", Integer),
    _required("number", Integer),
    _required("source_key", Text),
    _required("text", Text),
    _required("folded", Text),
    _required("sha256", Text),
    _required("not_read", Json(tuple[Message, ...])),
    _required("answer", Json(AnswerAddress)),
    _required("state", Text),
    _required("attempts", Integer),
    _required("failures", Integer),
    _required("due", UtcTime),
    _required("why", Text),
    Column("told", Text, nullable=False, server_default=""),
    _required("created_at", UtcTime),
    Column("spoken", Text, nullable=False, server_default=""),
    Column("claimed_at", UtcTime),
)

attachment = Table(
    "attachment",
    metadata,
    Column("revision_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    _required("name", Text),
    _required("content_type", Text),
    _required("sha256", Text),
    _required("data", LargeBinary),
)

spend = Table(
    "spend",
    metadata,
    Column("guild_id", BigInteger, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    _required("calls", BigInteger),
    _required("prompt_tokens", BigInteger),
    _required("cached_tokens", BigInteger),
    _required("completion_tokens", BigInteger),
    Column("cost", BigInteger),
)

verdict = Table(
    "verdict",
    metadata,
    Column("revision_id", Integer, primary_key=True),
    _required("guild_id", BigInteger),
    _required("audience", Text),
    _required("number", Integer),
    _required("outcome", Text),
    _required("body", Json(Verdict)),
    _required("created_at", UtcTime),
)

verdict_counter = Table(
    "verdict_counter",
    metadata,
    Column("guild_id", BigInteger, primary_key=True),
    Column("audience", Text, primary_key=True),
    _required("last", Integer),
)

outbox = Table(
    "outbox",
    metadata,
    Column("revision_id", Integer, primary_key=True),
    _required("nonce", Text),
    _required("attempts", Integer),
    Column("due", UtcTime),
    _required("why", Text),
    Column("delivered_at", UtcTime),
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    _required("created_at", UtcTime),
    _required("told_decision", Integer),
    _required("told_reply", Integer),
    _required("told_published", Integer),
)

guild_rule = Table(
    "guild_rule",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("guild_id", BigInteger),
    _required("country", Text),
    _required("label", Text),
    _required("label_key", Text),
    _required("status", Text),
    _required("language", Text),
    _required("source", Text),
    _required("as_of", Json(date)),
    _required("added_by", BigInteger),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("revision_id", Integer),
    _required("kind", Text),
    _required("person_id", BigInteger),
    _required("person_name", Text),
    _required("reason", Text),
    _required("sha256", Text),
    _required("created_at", UtcTime),
)

account_link = Table(
    "account_link",
    metadata,
    Column("guild_id", BigInteger, primary_key=True),
    Column("influencer_id", Integer, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    _required("user_name", Text),
    _required("asked_at", UtcTime),
    Column("confirmed_by", BigInteger),
    Column("confirmed_at", UtcTime),
)

watched_channel = Table(
    "watched_channel",
    metadata,
    Column("channel_id", BigInteger, primary_key=True),
    _required("guild_id", BigInteger),
    Column("campaign_id", Integer),
    _required("last_seen_id", BigInteger),
)

batch = Table(
    "batch",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("guild_id", BigInteger),
    _required("source_key", Text),
    _required("author_id", BigInteger),
    _required("author_name", Text),
    _required("answer", Json(AnswerAddress)),
    Column("message_id", BigInteger),
    Column("finished_at", UtcTime),
    _required("created_at", UtcTime),
)

batch_item = Table(
    "batch_item",
    metadata,
    Column("batch_id", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    _required("label", Text),
    Column("revision_id", Integer),
    Column("problem", Json(Message | None), nullable=False, server_default="null"),
)

reply = Table(
    "reply",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("revision_id", Integer),
    _required("criterion", Text),
    _required("person_id", BigInteger),
    _required("person_name", Text),
    _required("text", Text),
    _required("created_at", UtcTime),
)

published = Table(
    "published",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("revision_id", Integer),
    _required("person_id", BigInteger),
    _required("person_name", Text),
    _required("text", Text),
    _required("sha256", Text),
    _required("result", Text),
    _required("created_at", UtcTime),
)

reminder = Table(
    "reminder",
    metadata,
    Column("revision_id", Integer, primary_key=True),
    _required("sent_at", UtcTime),
)
