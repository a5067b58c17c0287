"""One draft's way to a verdict: hygiene, measurement, evidence, judge, quote check, caps, outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter

from bot.config import Review as ReviewSettings
from bot.judging import rubric
from bot.judging.answer import Answer, Judge
from bot.judging.conflicts import conflicts
from bot.judging.dossier import statement_tokens
from bot.judging.evidence import Evidence, select_posts
from bot.judging.hygiene import CleanDraft, clean
from bot.judging.injection import find_injection_in_setting, speaks_to_reviewer, without_orders
from bot.judging.label import check_label, is_fine, label_criterion
from bot.judging.lengths import too_long
from bot.judging.own_words import ENOUGH, nothing_to_judge, own_words, said_once
from bot.judging.quotes import find
from bot.judging.readings import Read, Reader, at_odds_with_itself, is_declined, raised
from bot.judging.reasons import next_step, weightiest, with_label
from bot.judging.signals import brand_words, by_key, measure
from bot.judging.voice import Profile, likeness
from bot.model.dossiers import Dossier, Statement
from bot.model.drafts import Attachment
from bot.model.messages import Message
from bot.model.posts import PastPost, snapshot_hash
from bot.model.verdicts import Criterion, CriterionKey, Injection, JudgeInfo, Level, Outcome, Verdict
from bot.model.workspace import Campaign, GuildRule, Influencer

_NO_READING_HELPS = ("because.off_topic", "because.few_words", "because.repeats", "because.declined")
_WORSE_FIRST = (Outcome.DOES_NOT_FIT, Outcome.CANNOT_TELL, Outcome.REVISE, Outcome.FITS)


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
    spoken: str = ""  # what is said in the video; judged like the words of `draft`
    images: tuple[Attachment, ...] = ()  # of the draft, for a judge that can see
    own_rules: tuple[GuildRule, ...] = ()  # the server's, on disclosure
    guild_countries: tuple[str, ...] = ()  # whose disclosure law the server wants checked for every draft
    given: frozenset[tuple[str, str]] = frozenset()  # (platform, id) of the posts that the influencer gave the team


async def review(case: Case, judge: Judge, settings: ReviewSettings, now: datetime) -> Verdict:
    """The verdict on one draft.

    Raises Problem for a draft that cannot be judged and JudgeUnavailable when the judge is away: neither is a verdict.
    """
    started = perf_counter()
    case = _without_addressed_posts(_until(case, now))
    draft = clean(case.draft, max_characters=settings.max_draft_characters, spoken=case.spoken)
    evidence = gather(case, draft, judge, settings, now)
    if thin := too_thin(case.posts, settings, now):
        info = JudgeInfo(judge.kind, judge.model, rubric.VERSION, judge.prompt_hash)
        return _verdict(case, draft, evidence, _abstained(evidence), Outcome.CANNOT_TELL, thin, info)
    read, injection = await _read(case, draft, evidence, judge)
    found, because = _outcome(read, evidence, injection)
    read = replace(read, notes=(*_behind_label(read, evidence, injection, because), *read.notes))
    info = JudgeInfo(
        judge.kind,
        judge.model,
        rubric.VERSION,
        judge.prompt_hash,
        read.readings,
        round(1000 * (perf_counter() - started)),
        read.dropped,
        case.dossier.readings if case.dossier else (),
    )
    return _verdict(case, draft, evidence, read.criteria, found, because, info, injection=injection, read=read)


async def _read(case: Case, draft: CleanDraft, evidence: Evidence, judge: Judge) -> tuple[Read, Injection]:
    """As many readings as it takes, and what of all that was read speaks to its reviewer."""
    reader = Reader.of(judge, case.posts)
    read = await reader.read(evidence)
    injection = _injection(case, draft, read.answers)
    if not injection.observed and _is_doubtful(read, evidence):
        read = await reader.thrice(read, evidence)
        return read, _injection(case, draft, read.answers)
    rest = without_orders(draft.text, injection.quote) if injection.in_draft else draft.text
    if rest in ("", draft.text):
        return read, injection
    spoken = evidence.spoken if rest.endswith(evidence.spoken) else ""
    second = await reader.read(replace(evidence, draft=rest, spoken=spoken))
    worse = min(second, read, key=lambda one: _WORSE_FIRST.index(_outcome(one, evidence, injection)[0]))
    names = [Message(f"criterion.{key}") for key in raised(read.taken[0].criteria, second.taken[0].criteria)]
    notes = (Message("note.raised", {"criteria": names}),) if names else ()
    return replace(worse, taken=(*worse.taken, *(read if worse is second else second).taken), notes=notes), injection


def _is_doubtful(read: Read, evidence: Evidence) -> bool:
    """Whether the outcome hangs on a conflict with the measure, or on a veto that the reading is not sure of."""
    found, because = _outcome(read, evidence, rubric.NO_INJECTION)
    if found is Outcome.CANNOT_TELL:
        return bool(conflicts(read.criteria)) and because.key not in _NO_READING_HELPS
    return found is Outcome.DOES_NOT_FIT and at_odds_with_itself(read)


def _outcome(read: Read, evidence: Evidence, injection: Injection) -> tuple[Outcome, Message]:
    """By the rubric; no `fits` for what is in conflict, nor for a draft about something else or next to nothing."""
    return _outcome_with(read, evidence, injection, disclosure_ok=is_fine(evidence.disclosure))


def _outcome_with(
    read: Read, evidence: Evidence, injection: Injection, *, disclosure_ok: bool
) -> tuple[Outcome, Message]:
    value = by_key(evidence.signals)
    untold = (CriterionKey.VOICE_MATCH,) if "own_words" in value else ()
    found, because = rubric.outcome(read.criteria, disclosure_ok=disclosure_ok, injection=injection, untold=untold)
    is_open = found is Outcome.FITS or because.key in ("because.unresolved", "because.abstained")
    if is_open and is_declined(read.criteria):
        return Outcome.CANNOT_TELL, Message("because.declined")
    if is_open and not value.get("topic_words"):  # nothing else can be said of such a draft
        return Outcome.CANNOT_TELL, Message("because.off_topic")
    if (is_open or because.key == "because.mean") and (nothing := nothing_to_judge(value)):
        return Outcome.CANNOT_TELL, nothing
    if found is Outcome.FITS and (conflicting := conflicts(read.criteria)):
        return Outcome.CANNOT_TELL, conflicting[0]
    return found, because


def _behind_label(read: Read, evidence: Evidence, injection: Injection, because: Message) -> tuple[Message, ...]:
    """What stays open once the label, which alone decided, is mended: nobody is to learn of that a version later."""
    if because.key != "because.disclosure":
        return ()
    found, what = _outcome_with(read, evidence, injection, disclosure_ok=True)
    return () if found is Outcome.FITS else (Message("note.label_is_not_all", {"what": what}),)


def _until(case: Case, now: datetime) -> Case:
    """`case` as it stood at `now`: later posts had not been written."""
    posts = tuple(post for post in case.posts if post.created_at is None or post.created_at <= now)
    return case if len(posts) == len(case.posts) else replace(case, posts=posts)


def _without_addressed_posts(case: Case) -> Case:
    """`case` without posts that speak to the reviewer: those are evidence of nothing."""
    posts = tuple(post for post in case.posts if not speaks_to_reviewer(post.text))
    if posts == case.posts:
        return case
    left_out = Message("not_read.posts_addressed", {"count": len(case.posts) - len(posts)})
    return replace(case, posts=posts, not_read=(*case.not_read, left_out))


def gather(case: Case, draft: CleanDraft, judge: Judge, settings: ReviewSettings, now: datetime) -> Evidence:
    """What the judge will read: measured signals, the disclosure check, and the posts that fit the budget."""
    campaign = case.campaign
    once, _ = said_once(draft.text)
    has_voice = own_words(once, brand_words(campaign.brand)) >= ENOUGH
    alike = likeness(once, case.profile, sponsored=True) if case.profile and has_voice else None
    evidence = Evidence(
        draft.text,
        case.influencer,
        campaign,
        case.posts,
        len(case.posts),
        snapshot_hash(case.posts),
        measure(draft.text, campaign, case.posts, alike, now),
        check_label(
            case.draft,
            campaign,
            case.influencer,
            case.spoken,
            own_rules=case.own_rules,
            guild_countries=case.guild_countries,
        ),
        case.language,
        spoken=draft.spoken,
        images=case.images,
    )
    if judge.kind == "offline":  # it measures every post; a model reads within its budget
        return evidence
    dossier = _standing(case.dossier, case.posts)
    budget = settings.history_tokens - sum(map(statement_tokens, dossier.statements))
    selected = select_posts(
        case.posts, search_queries(draft, campaign), budget_tokens=budget, noted=dossier.without_room
    )
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

    def standing(statements: Iterable[Statement]) -> tuple[Statement, ...]:
        return tuple(one for one in statements if all(quote.post_id in ids for quote in one.quotes))

    dossier = dossier or Dossier(())
    return replace(dossier, statements=standing(dossier.statements), without_room=standing(dossier.without_room))


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


def _not_seen(case: Case, answer: Answer | None) -> tuple[Message, ...]:
    seen = answer.seen if answer else ()
    return tuple(Message("not_read_file.file", {"file": one.name}) for one in case.images if one not in seen)


def _injection(case: Case, draft: CleanDraft, answers: Iterable[Answer]) -> Injection:
    """What code found in the draft and what the judge reported; its quote counts only where the draft holds it."""
    found = draft.injection if draft.injection.observed else find_injection_in_setting(case.campaign, case.influencer)
    reported = [answer.injection_quote for answer in answers if answer.injection_observed]
    if not reported:
        return found
    in_draft = next((quote for quote in reported if find(quote, draft.text)), "")
    by = (*found.by, "judge" if in_draft else "judge_elsewhere")
    return Injection(True, by, found.quote or in_draft[:200])


def _verdict(
    case: Case,
    draft: CleanDraft,
    evidence: Evidence,
    criteria: Mapping[CriterionKey, Criterion],
    outcome: Outcome,
    because: Message,
    info: JudgeInfo,
    *,
    injection: Injection | None = None,
    read: Read | None = None,
) -> Verdict:
    answer = read.answers[0] if read else None
    lines = tuple(Message("note.line_missing", {"line": line}) for line in _missing_lines(case.campaign, draft))
    return Verdict(
        outcome=outcome,
        because=with_label(outcome, because, evidence.disclosure),
        reasons=weightiest(criteria, outcome),
        criteria=criteria,
        disclosure=evidence.disclosure,
        signals=evidence.signals,
        injection=injection or draft.injection,
        judge=info,
        evidence_ids=evidence.read_whole,
        posts_stored=len(case.posts),
        posts_given=sum((post.platform, post.id) in case.given for post in case.posts),
        snapshot=evidence.snapshot,
        deciding=read.deciding if read else (),
        next_step=next_step(outcome, because, evidence.disclosure),
        not_read=(*case.not_read, *_not_read(evidence), *_not_seen(case, answer)),
        suggestions=tuple(s for s in answer.suggestions if find(s.draft_quote, draft.text)) if answer else (),
        questions=answer.questions if answer else (),
        notes=(*too_long(case.draft, case.campaign), *(read.notes if read else ()), *lines),
    )
