"""What a check says of one jurisdiction: what the law makes of the text, and where in it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum, auto
from typing import NamedTuple

from bot.judging.disclosure.own import OWN
from bot.judging.disclosure.rulebook import Outcome, Source
from bot.judging.disclosure.ruleset import Finding


class Channel(StrEnum):
    """Where a text meets its audience."""

    CAPTION = auto()
    OVERLAY = auto()
    SPOKEN = auto()


class Spot(NamedTuple):
    """Where in a text a label or denial stands; the empty label of a text without one stands nowhere."""

    channel: Channel
    label: str = ""  # as it stands in the text
    span: tuple[int, int] | None = None  # in the raw caption; None in any other text
    position: int | None = None  # of the label: character, line, tag or frame, as the detail says
    limit: int | None = None


class Line(NamedTuple):
    """What a jurisdiction says of a label, wherever it stands, or of a text without any."""

    jurisdiction: str
    finding: Finding
    fix: str  # ready line
    question: str = ""


class CountryResult(NamedTuple):
    """One jurisdiction's line. `detail` and `question` are keys of the messages; `question` may be empty.

    Two parts, for a check makes one result a jurisdiction: lines are made once a campaign, a spot once a label.
    """

    line: Line
    at: Spot  # in the text that decided

    @property
    def jurisdiction(self) -> str:
        return self.line.jurisdiction

    @property
    def finding(self) -> Finding:
        return self.line.finding

    @property
    def fix(self) -> str:
        return self.line.fix

    @property
    def question(self) -> str:
        return self.line.question

    @property
    def channel(self) -> Channel:
        return self.at.channel

    @property
    def label(self) -> str:
        return self.at.label

    @property
    def span(self) -> tuple[int, int] | None:
        return self.at.span

    @property
    def position(self) -> int | None:
        return self.at.position

    @property
    def limit(self) -> int | None:
        return self.at.limit

    @property
    def outcome(self) -> Outcome:
        return self.finding.outcome

    @property
    def detail(self) -> str:
        return self.finding.detail

    @property
    def rule_id(self) -> str:
        return self.finding.rule_id

    @property
    def language(self) -> str:
        return self.finding.language

    @property
    def source(self) -> Source:
        return self.finding.source

    @property
    def source_url(self) -> str:
        return self.source.url

    @property
    def as_of(self) -> date:
        return self.source.as_of

    @property
    def is_own(self) -> bool:
        """Whether a server's own rule says so, not one of the shipped ones."""
        return self.source.kind == OWN

    @property
    def confidence(self) -> str:
        """H: text of the rule read; M: secondary source; L: unconfirmed."""
        return self.source.confidence

    def over(self, position: int, limit: int) -> CountryResult:
        """The same, beyond a limit."""
        return self._replace(at=self.at._replace(position=position, limit=limit))

    def but(self, finding: Finding | None = None, question: str | None = None) -> CountryResult:
        """The same of the same place, with another finding or question."""
        line = self.line
        return self._replace(
            line=line._replace(
                finding=line.finding if finding is None else finding,
                question=line.question if question is None else question,
            )
        )
