from collections.abc import Mapping

import pytest

from bot.judging.conflicts import conflicts, in_conflict, is_new_reason, left_open
from bot.model.messages import Message
from bot.model.verdicts import Criterion, CriterionKey, Level, Quote, Stance
from bot.texts import render

Criteria = Mapping[CriterionKey, Criterion]


def quote(post_id: str, stance: Stance) -> Quote:
    return Quote(post_id, "some words of it", 0, 16, stance)


def criteria(**levels: Criterion) -> dict[CriterionKey, Criterion]:
    fine = Criterion(Level.L3, Message("reason.x"), claimed=Level.L3)
    return dict.fromkeys(CriterionKey, fine) | {CriterionKey(key): value for key, value in levels.items()}


def criterion(level: Level, *quotes: Quote, claimed: Level | None = None, caps: tuple[str, ...] = ()) -> Criterion:
    return Criterion(level, Message("reason.x"), quotes, caps=tuple(map(Message, caps)), claimed=claimed or level)


def cross_checked(claimed: Criteria, measured: Criteria, deciding: tuple[Quote, ...] = ()) -> Criteria:
    return left_open(claimed, measured, in_conflict(claimed, measured, deciding))


@pytest.mark.parametrize(
    ("key", "claimed", "measured", "conflict"),
    [
        ("voice_match", Level.L3, Level.L0, True),
        ("voice_match", Level.L3, Level.L1, False),
        ("voice_match", Level.L2, Level.L0, True),
        ("voice_match", Level.L1, Level.L0, False),
        ("follower_first", Level.L4, Level.L1, True),
        ("follower_first", Level.L2, Level.L1, False),
        ("follower_first", Level.L4, Level.L2, False),
        ("not_just_for_money", Level.L3, Level.L1, True),
        ("belief_consistency", Level.L3, Level.L1, True),
        ("belief_consistency", Level.L3, Level.ABSTAIN, False),
        ("shared_values", Level.L4, Level.L0, False),
        ("disclosure", Level.L4, Level.L0, False),
    ],
)
def test_a_claim_far_above_a_low_measure_is_a_conflict(
    key: str, claimed: Level, measured: Level, conflict: bool
) -> None:
    checked = cross_checked(criteria(**{key: criterion(claimed)}), criteria(**{key: criterion(measured)}))
    assert checked[CriterionKey(key)].level is (Level.ABSTAIN if conflict else claimed)
    assert [message.key for message in conflicts(checked)] == ([f"conflict.{key}"] if conflict else [])


def test_what_was_claimed_counts_and_not_what_the_caps_left_of_it() -> None:
    capped = criterion(Level.L2, claimed=Level.L4, caps=("cap.voice",))
    assert conflicts(cross_checked(criteria(voice_match=capped), criteria(voice_match=criterion(Level.L0))))


@pytest.mark.parametrize(
    ("cap", "conflict"), [("cap.saturated", True), ("cap.first_mention", True), ("cap.quotes", False)]
)
def test_a_reason_besides_money_has_to_show_in_the_counts(cap: str, conflict: bool) -> None:
    capped = criterion(Level.L2, claimed=Level.L3, caps=(cap,))
    checked = cross_checked(criteria(not_just_for_money=capped), criteria())
    assert bool(conflicts(checked)) is conflict


def test_a_post_that_may_contradict_has_to_be_weighed() -> None:
    doubt = criteria(belief_consistency=criterion(Level.ABSTAIN, quote("p7", Stance.CONTRADICTS)))
    silent = cross_checked(criteria(), doubt)
    assert [message.key for message in conflicts(silent)] == ["conflict.belief_consistency"]
    assert [found.post_id for found in silent[CriterionKey.BELIEF_CONSISTENCY].quotes] == ["p7"]
    for stance, conflict in ((Stance.SUPPORTS, True), (Stance.CONTRADICTS, False)):
        quoted = criteria(shared_values=criterion(Level.L3, quote("p7", stance)))
        assert bool(conflicts(cross_checked(quoted, doubt))) is conflict
        assert bool(conflicts(cross_checked(criteria(), doubt, (quote("p7", stance),)))) is conflict
    for claimed, conflict in ((Level.ABSTAIN, True), (Level.L1, False)):
        silent = cross_checked(criteria(belief_consistency=criterion(claimed)), doubt)
        assert bool(conflicts(silent)) is conflict


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("key", ["voice_match", "follower_first", "not_just_for_money", "belief_consistency"])
def test_every_conflict_is_said_in_words(key: str, language: str) -> None:
    checked = cross_checked(criteria(), criteria(**{key: criterion(Level.L0)}))
    assert [render(language, message) for message in conflicts(checked)]


def test_what_is_left_open_keeps_what_speaks_against_it_and_what_shows_how_they_write() -> None:
    found = criterion(Level.L0, *(quote(stance, stance) for stance in Stance))
    checked = cross_checked(criteria(not_just_for_money=criterion(Level.L4, quote("p1", Stance.SUPPORTS))),
                            criteria(not_just_for_money=found))  # fmt: skip
    left = checked[CriterionKey.NOT_JUST_FOR_MONEY]
    assert [one.post_id for one in left.quotes] == ["contradicts", "neutral", "p1"]


@pytest.mark.parametrize(
    ("caps", "measured", "new"),
    [
        (("cap.first_mention",), {}, True),
        (("cap.quotes", "cap.first_mention"), {"belief_consistency": Level.ABSTAIN}, True),
        (("cap.first_mention", "cap.saturated"), {}, False),
        (("cap.saturated",), {}, False),
        ((), {}, False),
        (("cap.first_mention",), {"not_just_for_money": Level.L1}, False),
        (("cap.first_mention",), {"voice_match": Level.L1}, False),
        (("cap.first_mention",), {"follower_first": Level.L0}, False),
    ],
)
def test_a_reason_may_be_new_only_where_nothing_else_that_is_counted_is_against_it(
    caps: tuple[str, ...], measured: Mapping[str, Level], new: bool
) -> None:
    claimed = criteria(not_just_for_money=criterion(Level.L2, claimed=Level.L4, caps=caps))
    found = criteria(**{key: criterion(level) for key, level in measured.items()})
    assert is_new_reason(CriterionKey.NOT_JUST_FOR_MONEY, claimed, found) is new
