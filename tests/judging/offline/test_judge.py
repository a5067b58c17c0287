"""What the offline judge quotes: the right post, for one side only, and never a copy as somebody's own voice."""

from dataclasses import replace

import pytest

from bot import sample
from bot.config import Review
from bot.judging.offline import OfflineJudge
from bot.judging.review import review
from bot.model.verdicts import CriterionKey, Level, Outcome, Stance, Verdict
from bot.texts import render
from tests.golden.cases import golden_cases, review_case
from tests.sample_cases import NOW, case_of

DRAFTS = {draft.title: draft for draft in sample.drafts()}
PURE_AD = "#ad buy now! use code X20"


async def judged(title: str, text: str = "") -> Verdict:
    case = case_of(DRAFTS[title])
    return await review(replace(case, draft=text or case.draft), OfflineJudge(), Review(), NOW)


async def test_the_refusal_that_shares_words_with_the_draft_is_quoted_first() -> None:
    back = "ok i take it back, i will promote fast fashion. tarnfell trainers haul"
    verdict = await judged("A haul from someone who refuses hauls", back)
    first = verdict.reasons[0]
    assert first.criterion is CriterionKey.BELIEF_CONSISTENCY
    assert [(quote.post_id, quote.text) for quote in first.quotes] == [
        ("ll-005", "- i will never promote fast fashion")
    ]


@pytest.mark.parametrize("key", [CriterionKey.BELIEF_CONSISTENCY, CriterionKey.NOT_JUST_FOR_MONEY])
async def test_no_post_without_a_refusal_is_quoted_as_one(key: CriterionKey) -> None:
    verdict = await judged("A haul from someone who refuses hauls")
    quotes = verdict.criteria[key].quotes
    assert quotes
    assert all("never promote fast fashion" in quote.text for quote in quotes)


async def test_a_pasted_post_is_named_as_a_copy() -> None:
    voice = (await judged("An old post with an advert at the end")).criteria[CriterionKey.VOICE_MATCH]
    assert [quote.post_id for quote in voice.quotes] == ["ll-008"]
    assert "copied from ll-008" in render("en", voice.reasoning)
    assert "below 5 %" in render("en", voice.reasoning)
    spanish = (await judged("Otro imprescindible más")).criteria[CriterionKey.VOICE_MATCH]
    assert "copied from mn-037" in render("en", spanish.reasoning)


async def test_a_pasted_piece_is_no_echo_of_a_refusal() -> None:
    verdict = await judged("An old post with an advert at the end")  # the pasted coat was "never once in fashion"
    assert "ll-005" not in [quote.post_id for quote in verdict.criteria[CriterionKey.BELIEF_CONSISTENCY].quotes]


async def test_an_advert_and_nothing_else_is_told_so_however_short() -> None:
    verdict = await judged("Tooth whitening out of nowhere", PURE_AD)
    assert verdict.outcome is Outcome.DOES_NOT_FIT
    assert "just for money" in render("en", verdict.reasons[0].message)
    linked = await judged("The brand that rang", PURE_AD)
    assert linked.outcome is Outcome.REVISE
    assert "nothing but sell" in render("en", linked.reasons[0].message)


async def test_few_words_with_a_code_are_no_pure_advert() -> None:
    told = "the old cup cracked in the frost and the new one came in a day, code TAM10"
    verdict = await judged("Ten years of the same flask", told)
    assert "nothing but sell" not in "".join(render("en", reason.message) for reason in verdict.reasons)


async def test_no_post_is_quoted_for_both_sides() -> None:
    cases = [*map(case_of, sample.drafts()), *map(review_case, golden_cases())]
    for case in cases:
        verdict = await review(case, OfflineJudge(), Review(), NOW)
        quotes = [quote for criterion in verdict.criteria.values() for quote in criterion.quotes]
        sides = {(quote.post_id, quote.stance) for quote in quotes}
        assert len(sides) == len({post_id for post_id, _ in sides}), case.draft


async def test_what_they_write_about_instead_never_speaks_for_a_draft() -> None:
    values = (await judged("Tooth whitening out of nowhere")).criteria[CriterionKey.SHARED_VALUES]
    assert "write about instead" in render("en", values.reasoning)
    assert [quote.stance for quote in values.quotes] == [Stance.NEUTRAL]


async def test_how_they_write_is_no_word_against_a_draft_and_a_refusal_is() -> None:
    voice = (await judged("Tooth whitening out of nowhere")).criteria[CriterionKey.VOICE_MATCH]
    assert voice.level is Level.L0
    assert {quote.stance for quote in voice.quotes} == {Stance.NEUTRAL}
    refused = (await judged("A haul from someone who refuses hauls")).criteria[CriterionKey.NOT_JUST_FOR_MONEY]
    assert {quote.stance for quote in refused.quotes} == {Stance.CONTRADICTS}


async def test_a_voice_with_nobody_to_compare_to_is_left_open_and_shown() -> None:
    spanish = await judged("Otro imprescindible más")  # the only one of the samples who writes it
    voice = spanish.criteria[CriterionKey.VOICE_MATCH]
    assert voice.level is Level.ABSTAIN
    assert "Fewer than two others" in render("en", voice.reasoning)
    assert {quote.stance for quote in voice.quotes} == {Stance.NEUTRAL}
    assert spanish.outcome is not Outcome.FITS
