"""The disclosure rules as plain values; every row is dated and names its source. `load` reads the files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

RELATIONS = frozenset({"paid", "gift", "affiliate", "own_brand", "employee"})
FORMATS = frozenset({"caption", "photo", "carousel", "post", "story", "video", "live", "podcast"})
CHANNELS = frozenset({"overlay", "spoken", "either", "caption"})
NO_BRAND = "[brand]"  # stands in a ready line where nobody has said which brand it is
FORMS = frozenset({"tag", "bare", "phrase", "word", "start", "beside"})
STRICT_FORMS = frozenset({"tag", "bare", "phrase", "beside"})  # a word in a sentence is no label


_OPENS = re.compile(r"[(（]")


class RuleError(ValueError):
    """A rule cannot be used; the sentence names the file and the row."""


class LabelError(RuleError):
    """A label that cannot be looked for. `reason`: too_many_choices, no_letters or single_letter."""

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class Outcome(StrEnum):
    """What a jurisdiction says of the text, worst first: `rank` counts from the worst. The value is the name."""

    rank: int

    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return name

    def __init__(self, _: str) -> None:
        self.rank = len(type(self).__members__)

    CONTRADICTED = auto()
    MISSING = auto()
    OBFUSCATED = auto()
    WRONG_LANGUAGE = auto()
    AMBIGUOUS = auto()
    TOOL_ONLY = auto()
    BURIED = auto()
    BELOW_FOLD = auto()
    NOT_ASSESSABLE = auto()
    PASS = auto()
    NOT_CHECKED = auto()  # relation none: there is nothing to disclose


FINE = (Outcome.PASS, Outcome.NOT_ASSESSABLE, Outcome.NOT_CHECKED)  # no label has to be mended


class Status(StrEnum):
    """What a jurisdiction makes of a label."""

    ACCEPTED = "accepted"
    WEAK = "weak"
    REFUSED = "refused"
    GIFT_ONLY = "gift_only"  # accepted for a gift with no duty to post, ignored otherwise
    SECONDARY = "secondary"  # counts only beside an accepted label
    UNSOURCED = "unsourced"  # no source found: treated as weak


@dataclass(frozen=True, slots=True)
class Source:
    url: str
    kind: str  # law, regulator, court, code, secondary
    as_of: date
    confidence: str  # H, M, L


@dataclass(frozen=True, slots=True)
class LabelRule:
    """One row: labels that one jurisdiction treats alike. Patterns may hold `{brand}`, `{link}` and `(a|b)`."""

    id: str
    jurisdiction: str
    labels: tuple[str, ...]
    status: Status
    language: str
    source: Source
    forms: frozenset[str]  # in which the label counts
    relations: frozenset[str] = RELATIONS
    unless_before: tuple[str, ...] = ()  # words before a label that make it something else
    unless_after: tuple[str, ...] = ()  # letters after a label that make it part of a longer word
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether the row holds on `day`, its first and last day included."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Words by which a text denies what it is."""

    id: str
    labels: tuple[str, ...]
    language: str
    source: Source
    relations: frozenset[str] = RELATIONS
    unless_before: tuple[str, ...] = ()  # "not bought with my own money" denies nothing
    unless_after: tuple[str, ...] = ()

    def is_taken_back(self, folded: str, start: int, end: int) -> bool:
        """Whether the words around the denial at `start` to `end` deny it in turn."""
        return folded.endswith(self.unless_before, 0, start) or folded.startswith(self.unless_after, end)


@dataclass(frozen=True, slots=True)
class Ordinary:
    """What stands beside a word of a sentence where that is no label: `my partner`, `gifted people`."""

    label: str
    before: tuple[str, ...]
    behind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RelationRule:
    """Whether a relation calls for a label: `label`, or `ask` where the law is unknown or depends on facts."""

    id: str
    relation: str
    duty: str
    source: Source
    question: str = ""


@dataclass(frozen=True, slots=True)
class FormatRule:
    """What a format needs beyond the caption. `every`: the label must stand on every frame, not only the first."""

    id: str
    formats: frozenset[str]
    needs: tuple[str, ...]
    source: Source
    every: bool = False
    question: str = ""  # still open where all needed texts carry a label


@dataclass(frozen=True, slots=True, eq=False)
class Jurisdiction:
    code: str
    name: Mapping[str, str]
    languages: tuple[str, ...]
    labels: tuple[LabelRule, ...]
    relations: Mapping[str, RelationRule]
    formats: Mapping[str, FormatRule]
    fixes: Mapping[str, Mapping[str, str]]  # relation -> language -> line
    tool_id: str
    tool_severity: str  # what the platform's own setting alone is worth: info or warn
    tool_source: Source
    placement_id: str
    placement_source: Source
    tag_limit: int | None = None
    aliases: tuple[str, ...] = ()
    as_of: date = date.min
    general: str = ""  # code of the union whose general rules these are; there are no others on file

    def fix(self, relation: str, languages: Sequence[str]) -> str:
        """The ready line for `relation`, in the first of `languages` there is one for."""
        lines = self.fixes.get(relation) or self.fixes["paid"]
        return next((lines[code] for code in languages if code in lines), next(iter(lines.values())))


@dataclass(frozen=True, slots=True, eq=False)
class Platform:
    """Where a platform folds a caption, in characters and lines; None means it shows all."""

    name: str
    chars: int | None
    lines: int | None
    source: Source
    in_video_only: bool = False  # a label in the caption never suffices
    tool: str = ""  # key of the sentence on the platform's own disclosure setting
    tool_source: Source | None = None

    @property
    def known(self) -> bool:
        return self.name != "other"


@dataclass(frozen=True, slots=True)
class SensitiveRule:
    """A kind of product with rules of its own on a platform or in a jurisdiction."""

    id: str
    category: str
    scope: str  # platform name or jurisdiction code
    effect: str  # banned, restricted
    note: Mapping[str, str]
    source: Source


@dataclass(frozen=True, slots=True)
class Rulebook:
    jurisdictions: Mapping[str, Jurisdiction]  # those with a file of their own
    states: Mapping[str, Jurisdiction]  # countries for which there are only the general rules of their union
    aliases: Mapping[str, str]  # any accepted country code -> jurisdiction or state
    contradictions: tuple[Contradiction, ...]
    ordinary: tuple[Ordinary, ...]
    platforms: Mapping[str, Platform]
    sensitive: tuple[SensitiveRule, ...]
    sensitive_words: Mapping[str, tuple[str, ...]]
    as_of: date

    def place(self, code: str) -> Jurisdiction:
        """The jurisdiction or state with this code. Raises KeyError."""
        return self.jurisdictions.get(code) or self.states[code]

    def resolve(self, countries: Iterable[str]) -> tuple[str, ...]:
        """Jurisdiction codes for country codes or names, each once, in the order given."""
        found: dict[str, None] = {}
        for country in countries:
            code = self.aliases.get(country.strip().upper()) or self._named(country.strip().casefold())
            if code is None:
                raise ValueError(f"There are no disclosure rules for {country!r}; use one of {self.known()}.")
            found[code] = None
        if not found:
            raise ValueError(f"The disclosure check needs a country; use one of {self.known()}.")
        return tuple(found)

    def _named(self, name: str) -> str | None:
        """The jurisdiction with this name in any language; what a name has in brackets may be left out."""
        for place in (*self.jurisdictions.values(), *self.states.values()):
            if any(name in (full, _OPENS.split(full)[0].strip()) for full in map(str.casefold, place.name.values())):
                return place.code
        return None

    def known(self) -> str:
        """The two-letter codes, for a message: each country once."""
        return ", ".join(sorted(code for code, home in self.aliases.items() if code == home))
