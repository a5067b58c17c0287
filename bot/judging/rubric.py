"""The rubric in code: what each level costs in evidence, what measured signals allow, and how the outcome follows.

The judge claims levels; nothing here ever raises one. Thresholds are starting values
to be calibrated on labelled drafts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.judging.answer import Claim, CriterionAnswer
from bot.judging.evidence import Evidence
from bot.judging.quotes import QuoteCheck, find
from bot.judging.signals import by_key
from bot.model.messages import Message
from bot.model.verdicts import Criterion, CriterionKey, Injection, Level, Outcome, Quote, Stance

VERSION = "1"
CORE = tuple(key for key in CriterionKey if key is not CriterionKey.DISCLOSURE)
VETOES = (CriterionKey.BELIEF_CONSISTENCY, CriterionKey.NOT_JUST_FOR_MONEY)  # L0 here, and it does not fit
FITS_FROM = 2.4  # mean level of the core criteria
MANY_ABSTAIN = 2  # of the five core criteria: too much is open for any outcome
MAX_SALES_MARKS = 2  # calls to action, codes and links together
MAX_BRAND_SHARE = 0.12  # of the draft's words
MAX_SPONSORED_SHARE = 0.40  # of the last 30 posts
VOICE_FLOOR, VOICE_MIDDLE = 5.0, 50.0  # percentiles among the influencer's own posts

# How many verified history quotes, from distinct posts, a level costs.
_QUOTES_NEEDED: Mapping[CriterionKey, Mapping[Level, int]] = {
    CriterionKey.SHARED_VALUES: {Level.L4: 2, Level.L3: 1},
    CriterionKey.FOLLOWER_FIRST: {Level.L4: 1, Level.L3: 1},
    CriterionKey.VOICE_MATCH: {Level.L4: 2, Level.L3: 1},
    CriterionKey.BELIEF_CONSISTENCY: {Level.L4: 1, Level.L3: 1},
    CriterionKey.NOT_JUST_FOR_MONEY: {Level.L4: 1, Level.L3: 1},
}
NO_INJECTION = Injection()
_ORDER = (Level.L0, Level.L1, Level.L2, Level.L3, Level.L4)


@dataclass(frozen=True, slots=True)
class Checked:
    """One criterion after the quote check and the caps, with how many of its quotes were dropped."""

    criterion: Criterion
    dropped: int


def settle(key: CriterionKey, answer: CriterionAnswer, check: QuoteCheck, evidence: Evidence) -> Checked:
    """What of a judge's answer to one core criterion stands up to the store and the signals."""
    history = [claim for claim in answer.evidence if claim.source == "history"]
    quotes = distinct(quote for claim in history if (quote := check.verify(claim)))
    quoted = [claim for claim in answer.evidence if claim.source != "history"]
    stands = sorted(
        (claim for claim in quoted if _stands(claim, evidence)), key=lambda claim: not _is_forced(claim, evidence)
    )
    dropped = len(history) - len(quotes) + len(quoted) - len(stands)

    level, caps = answer.level, []
    contradicted = any(quote.stance is Stance.CONTRADICTS for quote in quotes)
    if key is CriterionKey.BELIEF_CONSISTENCY and level in (Level.L0, Level.L1) and not contradicted:
        level = Level.ABSTAIN
        caps.append(Message("cap.contradiction_unproven"))
    if (
        key is CriterionKey.NOT_JUST_FOR_MONEY
        and level is Level.L0
        and not (quotes or stands or _never_linked(evidence))
    ):
        level = Level.ABSTAIN
        caps.append(Message("cap.veto_unproven"))
    if history and not quotes:  # whatever it rests on does not stand in the store
        level = Level.ABSTAIN
        caps.append(Message("cap.quotes_failed", {"count": len(history)}))
    for ceiling, why in (*_evidence_ceilings(key, quotes), *_signal_ceilings(key, evidence)):
        if level is not Level.ABSTAIN and _ORDER.index(level) > _ORDER.index(ceiling):
            level = ceiling
            caps.append(why)
    low = level in (Level.L0, Level.L1)
    conflicts = {claim.conflict for claim in answer.evidence if claim.stance is Stance.CONTRADICTS} - {"none"}
    criterion = Criterion(
        level,
        answer.reasoning,
        quotes,
        tuple(dict.fromkeys(claim.quote for claim in stands)),
        tuple(caps),
        answer.level,
        conflict="wording" if conflicts == {"wording"} else "product" if low and contradicted else "none",
        brief_at_fault=any(_is_forced(claim, evidence) for claim in stands),
    )
    return Checked(criterion, dropped)


def outcome(
    criteria: Mapping[CriterionKey, Criterion],
    *,
    disclosure_ok: bool,
    injection: Injection = NO_INJECTION,
    untold: Collection[CriterionKey] = (),
) -> tuple[Outcome, Message]:
    """The outcome and the rule that led to it. An injection can only take `fits` and, in the draft, `revise` away.

    `untold` are criteria that nobody could judge on such a draft: open, they stand in the way of no other finding.
    """
    found, because = next(_rules(criteria, disclosure_ok, untold))
    if found is Outcome.FITS and injection.observed:
        return Outcome.CANNOT_TELL, Message(
            "because.injection" if injection.in_draft else "because.injection_elsewhere"
        )
    if found is Outcome.REVISE and injection.in_draft:
        return Outcome.CANNOT_TELL, Message("because.injection")
    return found, because


def _rules(
    criteria: Mapping[CriterionKey, Criterion], disclosure_ok: bool, untold: Collection[CriterionKey]
) -> Iterator[tuple[Outcome, Message]]:
    """Every rule that applies, the weightiest first; the last one always does."""
    for key in VETOES:
        criterion = criteria[key]
        if criterion.level is Level.L0 and not criterion.brief_at_fault and criterion.conflict != "wording":
            yield Outcome.DOES_NOT_FIT, Message(f"because.{key}")
    points = [level for key in CORE if (level := criteria[key].level.points) is not None]
    asked = sum(key not in untold or criteria[key].level is not Level.ABSTAIN for key in CORE)
    if asked - len(points) >= MANY_ABSTAIN:
        yield Outcome.CANNOT_TELL, Message("because.abstained", {"count": len(CORE) - len(points)})
    for by, keys in (
        ("brief", [key for key in CORE if criteria[key].brief_at_fault]),
        ("low", [key for key in CORE if criteria[key].level in (Level.L0, Level.L1)]),
    ):
        for key in keys:
            yield Outcome.REVISE, Message(f"because.{by}", {"criterion": Message(f"criterion.{key}")})
    if not disclosure_ok:
        yield Outcome.REVISE, Message("because.disclosure")
    if sum(points) < FITS_FROM * len(points):
        yield Outcome.REVISE, Message("because.mean")
    if any(_is_unresolved(criteria[key]) for key in CORE):
        yield Outcome.CANNOT_TELL, Message("because.unresolved")
    yield Outcome.FITS, Message("because.fits")


def _is_unresolved(criterion: Criterion) -> bool:
    """A past post may contradict the draft, and the judge could not say whether it does."""
    return criterion.level is Level.ABSTAIN and is_contradicted(criterion)


def is_contradicted(criterion: Criterion) -> bool:
    """Whether any of its quotes speaks against the draft, or may."""
    return any(quote.stance is Stance.CONTRADICTS for quote in criterion.quotes)


def distinct(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    """One quote a post: ten pieces of one post are still one witness."""
    return tuple({quote.post_id: quote for quote in reversed(tuple(quotes))}.values())[::-1]


def _stands(claim: Claim, evidence: Evidence) -> bool:
    sources = (evidence.draft,) if claim.source == "draft" else (*evidence.campaign.must_say, evidence.campaign.brief)
    return any(find(claim.quote, source) for source in sources)


def _is_forced(claim: Claim, evidence: Evidence) -> bool:
    """Whether the contradicting words are a line that the brief forces and the draft carries."""
    lines = [line for line in evidence.campaign.must_say if find(line, evidence.draft)]
    return claim.stance is Stance.CONTRADICTS and any(
        find(claim.quote, line) or find(line, claim.quote) for line in lines
    )


def _never_linked(evidence: Evidence) -> bool:
    """Neither the brand nor its kind of product stands in any own post."""
    value = by_key(evidence.signals)
    return not value.get("brand_mentions") and not value.get("category_mentions")


def _evidence_ceilings(key: CriterionKey, quotes: tuple[Quote, ...]) -> list[tuple[Level, Message]]:
    support = sum(quote.stance is Stance.SUPPORTS for quote in quotes)
    return [
        (
            _ORDER[_ORDER.index(level) - 1],
            Message("cap.quotes", {"level": Message(f"level.{level}"), "needed": needed, "found": support}),
        )
        for level, needed in sorted(_QUOTES_NEEDED[key].items(), reverse=True)
        if support < needed
    ]


def _signal_ceilings(key: CriterionKey, evidence: Evidence) -> list[tuple[Level, Message]]:
    """Levels that the measured signals do not allow to be exceeded, with the reason in numbers."""
    value = by_key(evidence.signals)
    ceilings = []
    if key is CriterionKey.SHARED_VALUES and _never_linked(evidence):
        ceilings.append((Level.L3, Message("cap.never_mentioned", {"n": evidence.posts_stored})))
    if key is CriterionKey.FOLLOWER_FIRST:
        marks = value.get("calls_to_action", 0) + value.get("codes_and_links", 0)
        if marks > MAX_SALES_MARKS:
            ceilings.append((Level.L2, Message("cap.sales_marks", {"count": int(marks)})))
        if value.get("brand_share", 0) > MAX_BRAND_SHARE:
            ceilings.append((Level.L2, Message("cap.brand_share", {"percent": round(100 * value["brand_share"])})))
    if key is CriterionKey.VOICE_MATCH and value.get("likeness_percentile", VOICE_MIDDLE) < VOICE_FLOOR:
        ceilings.append((Level.L2, Message("cap.voice", {"percentile": round(value["likeness_percentile"])})))
    if key is CriterionKey.NOT_JUST_FOR_MONEY:
        if value.get("sponsored_share", 0) > MAX_SPONSORED_SHARE:
            ceilings.append((Level.L2, Message("cap.saturated", {"percent": round(100 * value["sponsored_share"])})))
        if _never_linked(evidence):
            ceilings.append((Level.L2, Message("cap.first_mention", {"n": evidence.posts_stored})))
    return ceilings
