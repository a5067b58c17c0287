"""Levels are paid for with verified quotes, signals cap them, and the outcome follows by rule."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judging.answer import Claim
from bot.judging.quotes import QuoteCheck
from bot.judging.rubric import CORE, NO_INJECTION, outcome, settle
from bot.model.messages import Message
from bot.model.verdicts import Criterion, CriterionKey, Injection, Level, Outcome, Stance
from tests.builders import claim, criterion_answer, make_evidence, make_post

K = CriterionKey
POSTS = (
    make_post(1, "I mended the old trainers again. Third sole."),
    make_post(2, "Repair is a habit, like brushing a dog."),
    make_post(3, "I will never promote shoes that cannot be mended."),
)
MENTIONED = {"category_mentions": 2.0, "brand_mentions": 1.0, "likeness_percentile": 40.0}
UNMENTIONED = {"category_mentions": 0.0, "brand_mentions": 0.0}
NONE: Mapping[str, float] = {}
FORCED = "Fly like never before!"  # the line that the campaign's brief forces
FIRST, SECOND = claim("p1", "mended the old trainers"), claim("p2", "Repair is a habit")
REFUSAL = claim("p3", "never promote shoes that cannot be mended", Stance.CONTRADICTS, conflict="product")


def settled(
    key: K, level: Level, *claims: Claim, draft: str = FORCED, signals: Mapping[str, float] = NONE
) -> Criterion:
    evidence = make_evidence(draft, POSTS, signals=MENTIONED | dict(signals))
    return settle(key, criterion_answer(level, *claims), QuoteCheck(POSTS), evidence).criterion


@pytest.mark.parametrize(
    ("key", "claims", "level"),
    [
        (K.SHARED_VALUES, (), Level.L2),
        (K.SHARED_VALUES, (FIRST,), Level.L3),
        (K.SHARED_VALUES, (FIRST, FIRST), Level.L3),  # one post is one witness
        (K.SHARED_VALUES, (FIRST, SECOND), Level.L4),
        (K.SHARED_VALUES, (FIRST, claim("p2", "Words nobody ever wrote")), Level.L3),
        (K.SHARED_VALUES, (FIRST, claim("p2", "Repair is a habit", Stance.CONTRADICTS)), Level.L3),
        (K.FOLLOWER_FIRST, (), Level.L2),
        (K.FOLLOWER_FIRST, (FIRST,), Level.L4),
        (K.VOICE_MATCH, (FIRST,), Level.L3),
        (K.NOT_JUST_FOR_MONEY, (), Level.L2),
        (K.BELIEF_CONSISTENCY, (FIRST,), Level.L4),
    ],
)
def test_high_levels_cost_verified_quotes(key: K, claims: tuple[Claim, ...], level: Level) -> None:
    criterion = settled(key, Level.L4, *claims)
    assert criterion.level is level
    assert criterion.claimed is Level.L4
    assert bool(criterion.caps) == (level is not Level.L4)


def test_a_contradiction_must_be_proven() -> None:
    assert settled(K.BELIEF_CONSISTENCY, Level.L0).level is Level.ABSTAIN
    assert settled(K.BELIEF_CONSISTENCY, Level.L0, FIRST).level is Level.ABSTAIN
    proven = settled(K.BELIEF_CONSISTENCY, Level.L0, REFUSAL)
    assert (proven.level, proven.conflict) == (Level.L0, "product")


@pytest.mark.parametrize(
    ("key", "signals", "ceiling"),
    [
        (K.SHARED_VALUES, {"category_mentions": 0, "brand_mentions": 0}, Level.L3),
        (K.FOLLOWER_FIRST, {"calls_to_action": 2, "codes_and_links": 1}, Level.L2),
        (K.FOLLOWER_FIRST, {"brand_share": 0.2}, Level.L2),
        (K.VOICE_MATCH, {"likeness_percentile": 2}, Level.L2),
        (K.NOT_JUST_FOR_MONEY, {"sponsored_share": 0.5}, Level.L2),
        (K.NOT_JUST_FOR_MONEY, {"category_mentions": 0, "brand_mentions": 0}, Level.L2),
    ],
)
def test_measured_signals_cap_a_level_and_say_so(key: K, signals: Mapping[str, float], ceiling: Level) -> None:
    assert settled(key, Level.L4, FIRST, SECOND).level is Level.L4
    capped = settled(key, Level.L4, FIRST, SECOND, signals=signals)
    assert capped.level is ceiling
    assert len(capped.caps) == 1


def test_a_veto_for_money_must_be_proven() -> None:
    assert settled(K.NOT_JUST_FOR_MONEY, Level.L0).level is Level.ABSTAIN
    assert settled(K.NOT_JUST_FOR_MONEY, Level.L0, FIRST).level is Level.L0
    assert settled(K.NOT_JUST_FOR_MONEY, Level.L0, signals=UNMENTIONED).level is Level.L0


def test_a_forced_line_that_breaks_faults_the_brief() -> None:
    forced = Claim("brief", "", "Fly like never before!", Stance.CONTRADICTS, "wording")
    criterion = settled(K.VOICE_MATCH, Level.L0, forced)
    assert criterion.brief_at_fault
    assert criterion.draft_quotes == ("Fly like never before!",)
    assert not settled(K.VOICE_MATCH, Level.L0, forced, draft="My own words about mud.").brief_at_fault


def test_quotes_of_a_draft_must_stand_in_it() -> None:
    made_up = Claim("draft", "", "words that are not there", Stance.CONTRADICTS)
    assert settled(K.VOICE_MATCH, Level.L1, made_up).draft_quotes == ()


def criteria(**levels: Level | Criterion) -> dict[K, Criterion]:
    given = {K(name): value for name, value in levels.items()}
    full = {key: given.get(key, Level.L3) for key in CORE}
    return {key: one if isinstance(one, Criterion) else Criterion(one, Message("x")) for key, one in full.items()}


DRAFT = Injection(True, ("override",), "ignore the rules")
ELSEWHERE = Injection(True, ("judge_elsewhere",))
FORCED_BUT_FAIR = Criterion(Level.L3, Message("x"), brief_at_fault=True)
WORDING = Criterion(Level.L0, Message("x"), conflict="wording")
BRIEF = Criterion(Level.L0, Message("x"), brief_at_fault=True)


@pytest.mark.parametrize(
    ("judged", "disclosure_ok", "injection", "expected"),
    [
        (criteria(), True, False, Outcome.FITS),
        (criteria(), False, False, Outcome.REVISE),
        (criteria(), True, True, Outcome.CANNOT_TELL),
        (criteria(belief_consistency=Level.L0), True, False, Outcome.DOES_NOT_FIT),
        (criteria(belief_consistency=Level.L0), True, True, Outcome.DOES_NOT_FIT),
        (criteria(not_just_for_money=Level.L0), True, False, Outcome.DOES_NOT_FIT),
        (criteria(belief_consistency=WORDING), True, False, Outcome.REVISE),
        (criteria(belief_consistency=BRIEF), True, False, Outcome.REVISE),
        (criteria(voice_match=BRIEF), True, False, Outcome.REVISE),
        (criteria(belief_consistency=FORCED_BUT_FAIR), True, False, Outcome.REVISE),
        (criteria(voice_match=Level.L1), True, False, Outcome.REVISE),
        (criteria(belief_consistency=Level.ABSTAIN), True, False, Outcome.FITS),
        (criteria(belief_consistency=Level.ABSTAIN, shared_values=Level.ABSTAIN), True, False, Outcome.CANNOT_TELL),
        (criteria(**dict.fromkeys(CORE, Level.L2)), True, False, Outcome.REVISE),
    ],
)
def test_the_outcome_follows_by_rule(
    judged: dict[K, Criterion], disclosure_ok: bool, injection: bool, expected: Outcome
) -> None:
    assert outcome(judged, disclosure_ok=disclosure_ok, injection=DRAFT if injection else NO_INJECTION)[0] is expected


def test_words_to_a_reviewer_outside_the_draft_do_not_take_revise_away() -> None:
    low = criteria(voice_match=Level.L1)
    assert outcome(low, disclosure_ok=True, injection=ELSEWHERE)[0] is Outcome.REVISE
    assert outcome(low, disclosure_ok=True, injection=DRAFT)[0] is Outcome.CANNOT_TELL


LEVELS = st.fixed_dictionaries({key: st.sampled_from(Level) for key in CORE})
BETTER = (Outcome.DOES_NOT_FIT, Outcome.CANNOT_TELL, Outcome.REVISE, Outcome.FITS)


@given(LEVELS, st.booleans())
def test_an_injection_never_improves_an_outcome(levels: dict[K, Level], disclosure_ok: bool) -> None:
    judged = {key: Criterion(level, Message("x")) for key, level in levels.items()}
    clean, _ = outcome(judged, disclosure_ok=disclosure_ok)
    for where in (DRAFT, ELSEWHERE):
        flagged, _ = outcome(judged, disclosure_ok=disclosure_ok, injection=where)
        assert BETTER.index(flagged) <= BETTER.index(clean)
        assert flagged is not Outcome.FITS


@given(st.sampled_from(CORE), st.sampled_from(Level), st.lists(st.sampled_from([FIRST, SECOND, REFUSAL]), max_size=4))
def test_code_never_raises_a_level(key: K, level: Level, claims: list[Claim]) -> None:
    result = settled(key, level, *claims).level
    if result is not Level.ABSTAIN:
        assert level.points is not None
        assert result.points is not None
        assert result.points <= level.points
