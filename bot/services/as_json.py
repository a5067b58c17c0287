"""A stored verdict as plain JSON values: for `--json`, exports and other programs."""

from __future__ import annotations

from bot.model.decisions import Decision, Reply
from bot.model.verdicts import Criterion, CriterionKey, DisclosureLine, Finding, Quote, Verdict
from bot.store.verdicts import StoredVerdict
from bot.texts import render, text


def verdict_json(stored: StoredVerdict, language: str = "en") -> dict[str, object]:
    """Every quote in it stands verbatim in the stored post that `post_id` names."""
    verdict = stored.verdict
    return {
        "verdict_id": stored.number,
        "outcome": verdict.outcome.value,
        "because": render(language, verdict.because),
        "influencer": stored.influencer.handle,
        "campaign": stored.campaign.name,
        "revision": stored.revision.number,
        "sha256": stored.revision.sha256,
        "created_at": stored.created_at.isoformat(),
        "reasons": [_reason(finding, language) for finding in verdict.reasons],
        "deciding": [_quote(quote) for quote in verdict.deciding],
        "criteria": {
            key.value: _criterion(criterion, language) | {"answers": [_answer(one) for one in answers_to(stored, key)]}
            for key, criterion in verdict.criteria.items()
        },
        "answers": [_answer(one) for one in answers_to(stored, None)],
        "disclosure": _disclosure(verdict.disclosure, language),
        "signals": {
            signal.key: {"value": signal.value, "unit": signal.unit, "n": signal.n, "post_ids": list(signal.post_ids)}
            for signal in verdict.signals
        },
        "injection": {
            "observed": verdict.injection.observed,
            "by": list(verdict.injection.by),
            "quote": verdict.injection.quote,
        },
        "judge": _judge(verdict),
        "posts_read": verdict.posts_read,
        "posts_stored": verdict.posts_stored,
        "posts_given": verdict.posts_given,
        "snapshot": verdict.snapshot,
        "not_read": [render(language, message) for message in verdict.not_read],
        "next_step": render(language, verdict.next_step),
        "suggestions": [
            {"draft_quote": one.draft_quote, "suggestion": one.suggestion, "why": one.why}
            for one in verdict.suggestions
        ],
        "notes": [render(language, note) for note in verdict.notes],
        "questions": [render(language, question) for question in verdict.questions],
        "decisions": [_decision(one) for one in stored.decisions],
        "replaced_by": stored.newer.number if stored.newer else None,
        "published": [
            {"result": one.result.value, "sha256": one.sha256, "by": one.person_name, "at": one.created_at.isoformat()}
            for one in stored.published
        ],
    }


def answers_to(stored: StoredVerdict, criterion: CriterionKey | None) -> tuple[Reply, ...]:
    """What people answered to one finding, or (None) to the whole verdict; oldest first."""
    return tuple(reply for reply in stored.replies if reply.criterion is criterion)


def _answer(one: Reply) -> dict[str, object]:
    return {"text": one.text, "by": one.person_name, "at": one.created_at.isoformat()}


def _decision(one: Decision) -> dict[str, object]:
    return {
        "kind": one.kind.value,
        "by": one.person_name,
        "reason": one.reason,
        "sha256": one.sha256,
        "at": one.created_at.isoformat(),
    }


def _reason(finding: Finding, language: str) -> dict[str, object]:
    return {
        "criterion": finding.criterion.value if finding.criterion else None,
        "stance": finding.stance.value,
        "text": render(language, finding.message),
        "quotes": [_quote(quote) for quote in finding.quotes],
    }


def _criterion(criterion: Criterion, language: str) -> dict[str, object]:
    return {
        "level": criterion.level.value,
        "reasoning": render(language, criterion.reasoning),
        "quotes": [_quote(quote) for quote in criterion.quotes],
        "draft_quotes": list(criterion.draft_quotes),
        "caps": [render(language, cap) for cap in criterion.caps],
        "conflict": criterion.conflict,
        "brief_at_fault": criterion.brief_at_fault,
    }


def _disclosure(line: DisclosureLine, language: str) -> dict[str, object]:
    return {
        "outcome": line.outcome,
        "rule": line.rule,
        "fix": line.fix,
        "fix_in_front": line.in_front,
        "messages": [render(language, message) for message in line.messages],
        "sensitive": [
            {"category": flag.category, "where": flag.where, "effect": flag.effect, "source": flag.source}
            for flag in line.flags
        ],
        "as_of": line.as_of,
        "reservation": text(language, "label.reservation", date=line.as_of) if line.as_of else None,
    }


def _quote(quote: Quote) -> dict[str, object]:
    date = quote.created_at.isoformat() if quote.created_at else None
    return {"post_id": quote.post_id, "text": quote.text, "stance": quote.stance.value, "date": date, "url": quote.url}


def _judge(verdict: Verdict) -> dict[str, object]:
    judge = verdict.judge
    return {
        "kind": judge.kind,
        "model": judge.model,
        "rubric": judge.rubric,
        "prompt_hash": judge.prompt_hash,
        "readings": len(judge.readings),
        "tokens": judge.tokens,
        "dossier_calls": sum(reading.calls for reading in judge.dossier_readings),
        "latency_ms": judge.latency_ms,
        "quotes_dropped": judge.quotes_dropped,
    }
