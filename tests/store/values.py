"""Invented people, brands and texts for the tests of everything that stores them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.drafts import AnswerAddress, AnswerKind
from bot.model.messages import Message
from bot.model.posts import PastPost, Visibility
from bot.model.verdicts import (
    Criterion,
    CriterionKey,
    DisclosureLine,
    Finding,
    Injection,
    JudgeInfo,
    Level,
    Outcome,
    Quote,
    Reading,
    Signal,
    Stance,
    Suggestion,
    Verdict,
)
from bot.model.workspace import Brand, BrandValue, Campaign, Influencer
from bot.store import drafts, library, verdicts

GUILD = 1_180_000_000_000_000_007
OWNER = 42
NOW = datetime(2026, 5, 4, 3, 2, 1, 987_654, tzinfo=UTC)

_events = count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """A guild with one influencer and one campaign."""

    guild_id: int
    influencer: Influencer
    campaign: Campaign

    def draft(
        self,
        text: str = "A kettle that I really use.",
        *,
        visibility: Visibility = Visibility.TEAM,
        author_id: int = OWNER,
        source_key: str | None = None,
        answer: AnswerKind = AnswerKind.REPLY,
        at: datetime = NOW,
        draft_id: int | None = None,
    ) -> drafts.NewDraft:
        return drafts.NewDraft(
            guild_id=self.guild_id,
            influencer_id=self.influencer.id,
            campaign_id=self.campaign.id,
            author_id=author_id,
            author_name="Rin",
            visibility=visibility,
            source_key=source_key or f"message:{next(_events)}",
            text=text,
            not_read=(Message("not_read.posts", {"count": 3}),),
            answer=AnswerAddress(answer, channel_id=11, message_id=12, language="ja"),
            created_at=at,
            draft_id=draft_id,
        )


def an_influencer(guild_id: int = GUILD, handle: str = "mika.bakes") -> Influencer:
    return Influencer(0, guild_id, handle, "Mika Example", "ja", "JP", "instagram", followers=12_000)


def a_campaign(guild_id: int = GUILD, name: str = "Spring kettles") -> Campaign:
    brand = Brand(
        0,
        guild_id,
        "Kettleworks",
        handle="kettleworks",
        aliases=("KW", "ケトル社"),
        about="Kettles that last.",
        category="kitchen",
        category_words=("kettle",),
        competitors=("Potware",),
        claims=("boils in 90 s",),
        values=(BrandValue("repair", ("repair", "修理")), BrandValue("calm")),
    )
    return Campaign(
        0,
        guild_id,
        name,
        brand,
        goal="Show repair",
        brief="Say how long you have had it.",
        must_say=("spare parts",),
        countries=("JP", "DE"),
        platform="tiktok",
        format="video",
        relation="gift",
    )


async def make_place(conn: AsyncConnection, guild_id: int = GUILD) -> Place:
    person = await library.upsert_influencer(conn, an_influencer(guild_id))
    return Place(guild_id, person, await library.upsert_campaign(conn, a_campaign(guild_id)))


async def judged(
    conn: AsyncConnection,
    new: drafts.NewDraft,
    outcome: Outcome = Outcome.FITS,
    *,
    at: datetime = NOW,
    answer_needed: bool = True,
) -> verdicts.StoredVerdict:
    """A draft received and judged."""
    revision_id = (await drafts.receive(conn, new)).revision_id
    return await verdicts.record_verdict(conn, revision_id, a_verdict(outcome), at, answer_needed=answer_needed)


def a_post(number: int, text: str = "Rye bread again.", *, dated: bool = True) -> PastPost:
    return PastPost(
        f"p{number}",
        text,
        NOW - timedelta(days=1000 - number, microseconds=number) if dated else None,
        url=f"http://127.0.0.1/p{number}",
        platform="instagram",
        kind="reel",
        language="en",
        sponsored=bool(number % 2),
        likes=number,
        comments=0,
    )


def a_verdict(outcome: Outcome = Outcome.REVISE) -> Verdict:
    """A verdict with something in every field."""
    quote = Quote("p1", "「直して」使う 🫖", 3, 12, Stance.SUPPORTS, NOW - timedelta(days=9), "http://127.0.0.1/p1")
    criteria = {
        key: Criterion(
            Level.L3,
            Message("literal", {"text": 'She repairs "everything".\n'}),
            quotes=(quote, replace(quote, stance=Stance.CONTRADICTS, created_at=None, url=None)),
            draft_quotes=("really use",),
            caps=(Message("cap.thin", {"posts": 4, "share": 0.25, "names": ["a", "b"], "none": None}),),
            claimed=Level.L4,
        )
        for key in CriterionKey
    }
    criteria[CriterionKey.DISCLOSURE] = Criterion(Level.ABSTAIN, Message("reason.none"))
    reading = Reading('{"level": "L3"}', "some-model", 1200, 340, 1000, 2_345, calls=2)
    return Verdict(
        outcome=outcome,
        because=Message("because.levels", {"level": "L2"}),
        reasons=(
            Finding(CriterionKey.VOICE_MATCH, Message("reason.voice"), Stance.SUPPORTS, 0.75, (quote,)),
            Finding(None, Message("reason.input"), Stance.CONTRADICTS, -1.5),
        ),
        criteria=criteria,
        disclosure=DisclosureLine("missing", "jp-1", "Add #PR", (Message("disclosure.x"),), "2026-01-01", "JP"),
        signals=(Signal("emoji", 0.125, "share", 40, ("p1", "p2")), Signal("gap", None, "days")),
        injection=Injection(True, ("pattern", "judge"), "ignore the rubric"),
        judge=JudgeInfo("llm", "some-model", "rubric-3", "ab12", (reading,), 2_400, quotes_dropped=1),
        evidence_ids=tuple(f"p{number}" for number in range(12)),
        posts_stored=40,
        snapshot="0f" * 32,
        next_step=Message("next.edit"),
        not_read=(Message("not_read.posts", {"count": 28}),),
        suggestions=(Suggestion("really use", "use each morning", "says when"),),
        questions=(Message("literal", {"text": "どのくらい使いましたか。"}),),
    )
