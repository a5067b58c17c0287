"""Stored verdicts with invented words in every field that a card shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.judging.rubric import CORE
from bot.model.decisions import Decision, DecisionKind, Published, PublishedResult, Reply
from bot.model.drafts import Draft, Revision
from bot.model.messages import Message
from bot.model.posts import Visibility
from bot.model.verdicts import (
    Criterion,
    CriterionKey,
    DisclosureFlag,
    DisclosureLine,
    Finding,
    Injection,
    JudgeInfo,
    Level,
    Outcome,
    Quote,
    Stance,
    Suggestion,
    Verdict,
)
from bot.store.verdicts import StoredVerdict
from tests.builders import NOW, make_campaign, make_influencer

WORDS = "I mend what I own."
LABEL_LOST = PublishedResult.LABEL_LOST


def words(text: str) -> Message:
    return Message("literal", {"text": text})


def a_quote(text: str = WORDS, *, post_id: str = "p1", url: str | None = "https://photos.example/p1") -> Quote:
    return Quote(post_id, text, 0, len(text), Stance.SUPPORTS, NOW - timedelta(days=30), url)


def a_verdict(text: str = WORDS, *, url: str | None = "https://photos.example/p1", many: int = 1) -> Verdict:
    """`text` stands wherever words from outside may stand; `many` of everything there may be several of."""
    quotes = tuple(a_quote(text, post_id=f"{text}{n}", url=url) for n in range(many))
    criterion = Criterion(Level.L3, words(text), quotes, (text,) * many, (words(text),) * many)
    label = Criterion(Level.L4, words(text))
    flag = DisclosureFlag("alcohol", "US", "restricted", {"en": text}, url or "none", text)
    return Verdict(
        outcome=Outcome.FITS,
        because=words(text),
        reasons=tuple(Finding(key, words(text), Stance.SUPPORTS, 1.0, quotes) for key in CORE),
        criteria=dict.fromkeys(CORE, criterion) | {CriterionKey.DISCLOSURE: label},
        disclosure=DisclosureLine("MISSING", text, text, (words(text),) * many, text, "US", (flag,) * many),
        signals=(),
        injection=Injection(True, ("pattern",), text),
        judge=JudgeInfo("llm", text, "1", "ab"),
        evidence_ids=tuple(f"p{number}" for number in range(40)),
        posts_stored=60,
        posts_given=10,
        snapshot="0f" * 32,
        next_step=words(text),
        not_read=(words(text),) * many,
        suggestions=(Suggestion(text, text, text),) * many,
        questions=(words(text),) * many,
    )


def a_stored(
    text: str = WORDS,
    *,
    url: str | None = "https://photos.example/p1",
    many: int = 1,
    visibility: Visibility = Visibility.TEAM,
) -> StoredVerdict:
    decision = Decision(1, 1, DecisionKind.ASK_FOR_CHANGES, 5, text, text, "ab" * 32, NOW)
    is_private = visibility is Visibility.PRIVATE
    return StoredVerdict(
        number="S-3" if is_private else "V-12",
        verdict=a_verdict(text, url=url, many=many),
        draft=Draft(1, 7, 1, 1, 5, visibility, NOW),
        revision=Revision(1, 1, 1, text, (), NOW, sha256="ab" * 32),
        influencer=replace(make_influencer(), handle=text),
        campaign=replace(make_campaign(), name=text),
        author_name=text,
        created_at=NOW,
        decisions=() if is_private else (decision,) * many,
        replies=tuple(
            Reply(n, 1, about, 5, text, text, NOW) for n in range(0 if is_private else many) for about in (None, *CORE)
        ),
        published=() if is_private else (Published(1, 1, 5, text, text, "ab", LABEL_LOST, NOW),) * many,
    )
