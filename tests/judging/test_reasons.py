"""What is left open speaks against a draft only where a past post may."""

import pytest

from bot.judging.reasons import weightiest
from bot.judging.rubric import CORE
from bot.model.messages import Message
from bot.model.verdicts import Criterion, CriterionKey, Level, Outcome, Quote, Stance


@pytest.mark.parametrize("stance", [Stance.CONTRADICTS, Stance.NEUTRAL])
def test_an_open_criterion_has_the_stance_of_the_post_beside_it(stance: Stance) -> None:
    post = Quote("p1", "some words of it", 0, 16, stance)
    left = Criterion(Level.ABSTAIN, Message("reason.x"), (post,))
    fine = Criterion(Level.L3, Message("reason.x"))
    criteria: dict[CriterionKey, Criterion] = {**dict.fromkeys(CORE, fine), CriterionKey.VOICE_MATCH: left}
    first, *others = weightiest(criteria, Outcome.CANNOT_TELL)
    assert (first.criterion, first.stance) == (CriterionKey.VOICE_MATCH, stance)
    assert {finding.stance for finding in others} == {Stance.SUPPORTS}
