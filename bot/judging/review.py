"""One draft's way to a verdict: hygiene, measurement, evidence, judge, quote check, caps, outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter

from bot.config import Review as ReviewSettings
from bot.judging import rubric
from bot.judging.answer import Answer, Judge
from bot.judging.conflicts import conflicts, cross_checked
from bot.judging.dossier import statement_tokens
from bot.judging.evidence import Evidence, select_posts
from bot.judging.hygiene import CleanDraft, clean
from bot.judging.injection import find_injection_in_setting, speaks_to_reviewer
from bot.judging.label import check_label, is_fine, label_criterion
from bot.judging.offline import OfflineJudge
from bot.judging.quotes import QuoteCheck, find
from bot.judging.reasons import next_step, weightiest
from bot.judging.signals import brand_words, by_key, measure
from bot.judging.voice import Profile, likeness
from bot.model import (
    Campaign,
    Criterion,
    CriterionKey,
    Dossier,
    Influencer,
    Injection,
    JudgeInfo,
    Level,
    Message,
    Outcome,
    PastPost,
    Verdict,
    snapshot_hash,
)


@dataclass(frozen=True, slots=True)
class Case:
    """All that one review is given. `posts` oldest first; `profile` made from the same posts."""

    draft: str
    influencer: Influencer
    campaign: Campaign
    posts: tuple[PastPost, ...]
    profile: Profile | None  # None: nothing stored
    language: str  # of the answer
    not_read: tuple[Message, ...] = ()
    dossier: Dossier | None = None  # of the same posts, where they are too many to be read


async def review(case: Case, judge: Judge, settings: ReviewSettings, now: datetime) -> Verdict:
    """The verdict on one draft.

    Raises Problem for a draft that cannot be judged and JudgeUnavailable when the judge is away: neither is a verdict.
    """
    started = perf_counter()
    case = _without_orders(_until(case, now))
    draft = clean(case.draft, max_characters=settings.max_draft_characters)
    evidence = gather(case, draft, judge, settings, now)
    if thin := too_thin(case.posts, settings, now):
        info = JudgeInfo(judge.kind, judge.model, rubric.VERSION, judge.prompt_hash)
        return _verdict(case, draft, evidence, _abstained(evidence), Outcome.CANNOT_TELL, thin, info)
    answer = await judge.read(evidence)
    check = QuoteCheck(case.posts)
    criteria, dropped = _settle(answer, evidence, check)
    deciding = tuple(quote for claim in answer.deciding if (quote := check.verify(claim)))
    dropped += len(answer.deciding) - len(deciding)
    if judge.kind != "offline":
        whole = replace(evidence, posts=case.posts)
        measured, _ = _settle(await OfflineJudge().read(whole), whole, check)
        criteria = cross_checked(criteria, measured, deciding)
    injection = _injection(case, draft, answer)
    found, because = rubric.outcome(criteria, disclosure_ok=is_fine(evidence.disclosure), injection=injection)
    if found is Outcome.FITS and (conflicting := conflicts(criteria)):
        found, because = Outcome.CANNOT_TELL, conflicting[0]
    is_open = found is Outcome.FITS or because.key in ("because.unresolved", "because.abstained")
    if is_open and not by_key(evidence.signals).get("topic_words"):  # nothing else can be said of such a draft
        found, because = Outcome.CANNOT_TELL, Message("because.off_topic")
    latency = round(1000 * (perf_counter() - started))
    info = JudgeInfo(judge.kind, judge.model, rubric.VERSION, judge.prompt_hash, answer.readings, latency, dropped)
    if case.dossier:
        info = replace(info, dossier_readings=case.dossier.readings)
    verdict = _verdict(case, draft, evidence, criteria, found, because, info, injection=injection, answer=answer)
    return replace(verdict, deciding=deciding)


def _until(case: Case, now: datetime) -> Case:
    """`case` as it stood at `now`: later posts had not been written."""
    posts = tuple(post for post in case.posts if post.created_at is None or post.created_at <= now)
    return case if len(posts) == len(case.posts) else replace(case, posts=posts)


def _without_orders(case: Case) -> Case:
    """`case` without posts that speak to the reviewer: those are evidence of nothing."""
    posts = tuple(post for post in case.posts if not speaks_to_reviewer(post.text))
    if posts == case.posts:
        return case
    left_out = Message("not_read.posts_addressed", {"count": len(case.posts) - len(posts)})
    return replace(case, posts=posts, not_read=(*case.not_read, left_out))


def gather(case: Case, draft: CleanDraft, judge: Judge, settings: ReviewSettings, now: datetime) -> Evidence:
    """What the judge will read: measured signals, the disclosure check, and the posts that fit the budget."""
    campaign = case.campaign
    alike = likeness(draft.text, case.profile, sponsored=True) if case.profile else None
    evidence = Evidence(
        draft.text,
        case.influencer,
        campaign,
        case.posts,
        len(case.posts),
        snapshot_hash(case.posts),
        measure(draft.text, campaign, case.posts, alike, now),
        check_label(draft.raw, campaign, case.influencer),
        case.language,
    )
    if judge.kind == "offline":  # it measures every post; a model reads within its budget
        return evidence
    dossier = _standing(case.dossier, case.posts)
    budget = settings.history_tokens - sum(map(statement_tokens, dossier.statements))
    selected = select_posts(case.posts, search_queries(draft, campaign), budget_tokens=budget)
    newest, cited = {post.id for post in selected.newest}, dossier.cited
    return replace(
        evidence,
        posts=tuple(post for post in case.posts if post.id in newest or post.id in cited),
        dossier=dossier if case.dossier else None,
        only_quoted=cited - newest,
        nearest=selected.nearest,
    )


def _missing_lines(campaign: Campaign, draft: CleanDraft) -> list[str]:
    """Lines that the brief forces and the draft does not carry."""
    return [line for line in campaign.must_say if line.strip() and find(line, draft.text) is None]


def _standing(dossier: Dossier | None, posts: tuple[PastPost, ...]) -> Dossier:
    """What of a dossier rests on posts of this case: it was made from all that are stored."""
    ids = {post.id for post in posts}
    statements = dossier.statements if dossier else ()
    kept = tuple(one for one in statements if all(quote.post_id in ids for quote in one.quotes))
    return replace(dossier or Dossier(()), statements=kept)


def search_queries(draft: CleanDraft, campaign: Campaign) -> tuple[str, ...]:
    """What past posts are searched for."""
    brand = campaign.brand
    values = (" ".join((value.name, *value.words)) for value in brand.values)
    about = (brand.category, " ".join(brand.category_words), " ".join(brand_words(brand)), " ".join(brand.competitors))
    return (draft.text, *about, *values, *campaign.must_say)


def too_thin(posts: tuple[PastPost, ...], settings: ReviewSettings, now: datetime) -> Message | None:
    """Why no judge is asked: too few posts, or none of late. Undated posts do not count as old."""
    if len(posts) < settings.min_posts:
        return Message("because.thin_history", {"n": len(posts), "needed": settings.min_posts})
    dates = [post.created_at for post in posts if post.created_at is not None]
    if dates and (days := (now - max(dates)).days) > settings.max_age_days:
        return Message("because.old_history", {"days": days})
    return None


def _abstained(evidence: Evidence) -> dict[CriterionKey, Criterion]:
    criteria = {key: Criterion(Level.ABSTAIN, Message("reason.not_judged")) for key in rubric.CORE}
    return criteria | {CriterionKey.DISCLOSURE: label_criterion(evidence.disclosure)}


def _settle(answer: Answer, evidence: Evidence, check: QuoteCheck) -> tuple[dict[CriterionKey, Criterion], int]:
    checked = {key: rubric.settle(key, answer.criteria[key], check, evidence) for key in rubric.CORE}
    criteria = {key: one.criterion for key, one in checked.items()}
    dropped = sum(one.dropped for one in checked.values())
    return criteria | {CriterionKey.DISCLOSURE: label_criterion(evidence.disclosure)}, dropped


def _not_read(evidence: Evidence) -> tuple[Message, ...]:
    """Posts that were not read for this draft, or only for the dossier, and what is missing from the dossier."""
    skipped, dossier = evidence.posts_stored - len(evidence.read_whole), evidence.dossier
    if dossier is None or not skipped:
        return (Message("not_read.posts", {"count": skipped}),) if skipped else ()
    missing = {"declined": dossier.posts_declined, "addressed": dossier.addressed}
    return (
        Message("not_read.dossier", {"count": skipped, "statements": len(dossier.statements)}),
        *(Message(f"not_read.{key}", {"count": count}) for key, count in missing.items() if count),
    )


def _injection(case: Case, draft: CleanDraft, answer: Answer) -> Injection:
    """What code found in the draft and what the judge reported; its quote counts only where the draft holds it."""
    found = draft.injection if draft.injection.observed else find_injection_in_setting(case.campaign, case.influencer)
    if not answer.injection_observed:
        return found
    in_draft = find(answer.injection_quote, draft.text) is not None
    by = (*found.by, "judge" if in_draft else "judge_elsewhere")
    return Injection(True, by, found.quote or (answer.injection_quote[:200] if in_draft else ""))


def _verdict(
    case: Case,
    draft: CleanDraft,
    evidence: Evidence,
    criteria: dict[CriterionKey, Criterion],
    outcome: Outcome,
    because: Message,
    info: JudgeInfo,
    *,
    injection: Injection | None = None,
    answer: Answer | None = None,
) -> Verdict:
    return Verdict(
        outcome=outcome,
        because=because,
        reasons=weightiest(criteria, outcome),
        criteria=criteria,
        disclosure=evidence.disclosure,
        signals=evidence.signals,
        injection=injection or draft.injection,
        judge=info,
        evidence_ids=evidence.read_whole,
        posts_stored=len(case.posts),
        snapshot=evidence.snapshot,
        next_step=next_step(outcome, because, disclosure_ok=is_fine(evidence.disclosure)),
        not_read=(*case.not_read, *_not_read(evidence)),
        suggestions=tuple(s for s in answer.suggestions if find(s.draft_quote, draft.text)) if answer else (),
        questions=answer.questions if answer else (),
        notes=tuple(Message("note.line_missing", {"line": line}) for line in _missing_lines(case.campaign, draft)),
    )
