"""The errors that people see: one clear sentence that says what to do, in their language.

Problem                  the input is at fault: shown to whoever gave it, exit status 2 on the command line
JudgeUnavailable         the judge is away: never a verdict, the draft waits and is tried again
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.model.messages import Message
from bot.model.verdicts import Reading
from bot.texts import render


class Problem(Exception):
    """Bad input: `Problem("lookup_problem.no_verdict", number="V-9")`. Carries a `Message`, so that it can be said in
    any language; `str()` is the English sentence."""

    def __init__(self, key: str, /, **values: object) -> None:
        self.message = Message(key, values)
        super().__init__(key)

    def in_language(self, language: str) -> str:
        return render(language, self.message)

    def __str__(self) -> str:
        return self.in_language("en")


class JudgeUnavailable(Exception):
    """The endpoint did not answer in time, refused for load, or broke. `retry_after` in seconds, where it said so.

    `setting_wrong` is true when waiting will not help (wrong key, unknown model): the operator must act.
    `one_draft`: it says nothing of the endpoint, which may read others: this one is too long for the model, and given
    up on where it stays so.
    `spent` is what was paid for until then, though no answer came of it.
    """

    def __init__(
        self, why: str, *, retry_after: float | None = None, setting_wrong: bool = False, one_draft: bool = False
    ) -> None:
        self.why = why
        self.retry_after = retry_after
        self.setting_wrong = setting_wrong
        self.one_draft = one_draft
        self.message = Message("literal", {"text": why})
        self.spent: Sequence[Reading] = ()
        super().__init__(why)


class BudgetSpent(JudgeUnavailable):
    """What a server may have read in a month is used up: nothing is asked for it before `until`."""

    WHY = "budget"

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(self.WHY)
