"""The disclosure check as a verdict carries it: one line a country, the worst one's fix, and the criterion's level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bot.judging.disclosure.check import CountryResult, Disclosure, check
from bot.judging.disclosure.load import rulebook
from bot.judging.disclosure.messages import detail, flag_of, has_general_rules_only, question
from bot.judging.disclosure.own import usable
from bot.judging.disclosure.ready import is_met, with_ready_line
from bot.judging.disclosure.rulebook import FINE
from bot.judging.disclosure.rulebook import Outcome as LabelOutcome
from bot.judging.signals import brand_words
from bot.model.messages import Message
from bot.model.verdicts import Criterion, DisclosureLine, Level
from bot.model.workspace import Campaign, GuildRule, Influencer

_LEVELS = {
    LabelOutcome.PASS: Level.L4,
    LabelOutcome.BELOW_FOLD: Level.L2,
    LabelOutcome.BURIED: Level.L2,
    LabelOutcome.TOOL_ONLY: Level.L2,
    LabelOutcome.AMBIGUOUS: Level.L1,
    LabelOutcome.WRONG_LANGUAGE: Level.L1,
    LabelOutcome.OBFUSCATED: Level.L1,
    LabelOutcome.MISSING: Level.L0,
    LabelOutcome.CONTRADICTED: Level.L0,
}


def check_label(
    raw_draft: str,
    campaign: Campaign,
    influencer: Influencer,
    spoken: str = "",
    *,
    overlay: Sequence[str] = (),
    own_rules: Sequence[GuildRule] = (),
    guild_countries: Sequence[str] = (),
) -> DisclosureLine:
    """The check for all countries of the campaign, or else the influencer's own, and for those of the server.

    The strictest counts. Countries without rules are named.

    `spoken` is what is said in a video, "" where nobody knows; `overlay` the text on its pictures, one a frame.
    `own_rules` are those of the server: they go before the shipped ones, and one that no longer holds is named.
    """
    named = campaign.countries or ((influencer.country,) if influencer.country else ())
    countries = dict.fromkeys((*named, *guild_countries))
    unknown = [country for country in countries if not _has_rules(country)]
    checked = [country for country in countries if country not in unknown]
    rows, broken = usable(own_rules)
    notes = [Message("label.no_rules", {"countries": unknown})] if unknown else []
    notes += [Message("label.own_unusable", {"rule": rule.name}) for rule in broken]
    if not checked:
        return DisclosureLine(LabelOutcome.NOT_ASSESSABLE, None, None, tuple(notes or [Message("label.no_country")]))
    asked = partial(
        check,
        countries=checked,
        platform=campaign.platform,
        format=campaign.format,
        relation=campaign.relation,
        brand=campaign.brand.name,
        brand_aliases=brand_words(campaign.brand)[1:],
        overlay_text=overlay,
        spoken_text=spoken or None,
        extra_rules=rows,
    )
    found = with_ready_line(raw_draft, asked)
    if general := [result.jurisdiction for result in found.results if has_general_rules_only(result)]:
        notes.append(Message("label.general_only", {"countries": general}))
    line = _line(found, campaign.format)
    return replace(line, messages=(*line.messages, *notes))


def _has_rules(country: str) -> bool:
    try:
        rulebook().resolve([country])
    except ValueError:
        return False
    return True


def _line(found: Disclosure, format: str) -> DisclosureLine:
    fix = "" if found.outcome in FINE or all(map(is_met, found.results)) else found.ready or found.fix
    return DisclosureLine(
        outcome=found.outcome.value,
        rule=found.rule or None,
        fix=fix or None,
        messages=_messages(found.results, format),
        as_of=found.as_of.isoformat() if found.as_of else None,
        country=found.worst.jurisdiction if found.worst else None,
        flags=tuple(map(flag_of, sorted(found.sensitive, key=lambda flag: flag.rule.effect != "banned"))),
        in_front=bool(fix and found.ready),
    )


def _messages(results: Sequence[CountryResult], format: str) -> tuple[Message, ...]:
    """One sentence for each different finding and question, naming its countries; the worst first."""
    countries: dict[tuple[str, str], tuple[Message, list[str]]] = {}
    for result in sorted(results, key=lambda result: result.outcome.rank):
        for said in filter(None, (detail(result, format=format), question(result))):
            _, codes = countries.setdefault((said.key, result.label), (said, []))
            codes.append(result.jurisdiction)
    return tuple(
        Message("label.line", {"countries": codes, "what": {"key": said.key, "values": dict(said.values)}})
        for said, codes in countries.values()
    )


def is_fine(line: DisclosureLine) -> bool:
    """Whether nothing about the label has to be mended before publishing."""
    return LabelOutcome(line.outcome) in FINE


def label_criterion(line: DisclosureLine) -> Criterion:
    """The disclosure criterion: from the check alone, whatever a judge says."""
    level = _LEVELS.get(LabelOutcome(line.outcome), Level.ABSTAIN)
    reasoning = line.messages[0] if line.messages else Message("label.not_checked")
    return Criterion(level, reasoning, claimed=level)
