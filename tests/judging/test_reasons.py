"""What is left open speaks against a draft only where a past post may; a missing label is never left unsaid."""

import pytest

from bot.judging.reasons import next_step, weightiest, with_label
from bot.judging.rubric import CORE
from bot.model.messages import Message
from bot.model.verdicts import Criterion, CriterionKey, DisclosureLine, Level, Outcome, Quote, Stance
from bot.texts import render


@pytest.mark.parametrize("stance", [Stance.CONTRADICTS, Stance.NEUTRAL])
def test_an_open_criterion_has_the_stance_of_the_post_beside_it(stance: Stance) -> None:
    post = Quote("p1", "some words of it", 0, 16, stance)
    left = Criterion(Level.ABSTAIN, Message("reason.x"), (post,))
    fine = Criterion(Level.L3, Message("reason.x"))
    criteria: dict[CriterionKey, Criterion] = {**dict.fromkeys(CORE, fine), CriterionKey.VOICE_MATCH: left}
    first, *others = weightiest(criteria, Outcome.CANNOT_TELL)
    assert (first.criterion, first.stance) == (CriterionKey.VOICE_MATCH, stance)
    assert {finding.stance for finding in others} == {Stance.SUPPORTS}


LACKING = DisclosureLine("MISSING", None, "Ad |")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("key", ["because.abstained", "because.thin_history", "because.few_words", "because.declined"])
def test_a_missing_label_is_named_whatever_else_cannot_be_told(language: str, key: str) -> None:
    because = Message(key, {"count": 2, "n": 1, "needed": 5})
    for told in (with_label(Outcome.CANNOT_TELL, because, LACKING), next_step(Outcome.CANNOT_TELL, because, LACKING)):
        assert {"en": "label", "ja": "広告表示"}[language] in render(language, told)
        assert "Ad |" in render(language, told)
    said = render(language, with_label(Outcome.CANNOT_TELL, because, LACKING))
    assert said.startswith(render(language, because))


@pytest.mark.parametrize("outcome", ["PASS", "NOT_ASSESSABLE"])
def test_of_a_label_that_is_fine_nothing_is_said(outcome: str) -> None:
    because, fine = Message("because.abstained", {"count": 2}), DisclosureLine(outcome, None, None)
    assert with_label(Outcome.CANNOT_TELL, because, fine) is because
    assert next_step(Outcome.CANNOT_TELL, because, fine) == Message("next.read_it")


def test_a_label_without_a_ready_line_is_named_all_the_same() -> None:
    because, label = Message("because.off_topic"), DisclosureLine("AMBIGUOUS", None, None)
    assert "not good enough" in render("en", with_label(Outcome.CANNOT_TELL, because, label))
    assert "label right first" in render("en", next_step(Outcome.CANNOT_TELL, because, label))


def test_other_outcomes_keep_their_reason() -> None:
    because = Message("because.fits")
    assert with_label(Outcome.REVISE, because, LACKING) is because
