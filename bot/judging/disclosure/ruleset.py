"""Rules compiled for use: one lexicon for all jurisdictions, and per jurisdiction what each label is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import NamedTuple

from bot.judging.disclosure.broken import Joints, joints
from bot.judging.disclosure.lexicon import Lexicon, build
from bot.judging.disclosure.load import rulebook
from bot.judging.disclosure.patterns import DENIAL, NEAR_MISS, SENSITIVE, expand, fold_label
from bot.judging.disclosure.rulebook import Contradiction, LabelRule, Outcome, Rulebook, Source, Status

_LOOSE_LENGTH = 5  # shorter words are no label in the middle of a sentence
_WEAK_DETAIL = {
    Status.WEAK: "weak",
    Status.UNSOURCED: "weak",
    Status.REFUSED: "refused",
    Status.SECONDARY: "secondary_only",
}


@dataclass(frozen=True, eq=False)
class Ruleset:
    """A rulebook, a guild's own rows, and the lexicon of both. Compared by identity, so that tables can be cached."""

    book: Rulebook
    rows: Mapping[str, tuple[LabelRule, ...]]  # jurisdiction -> its rows, a guild's own last
    lexicon: Lexicon
    denials: Mapping[str, Contradiction]  # by the key of their hits
    breaks: Joints  # where a denial may go on over a line break


class Finding(NamedTuple):
    """An outcome with its reason. `detail` is a key of the messages."""

    outcome: Outcome
    detail: str
    rule_id: str
    source: Source
    language: str = ""  # of the label


class Worth(NamedTuple):
    """What a label in some form is worth, wherever it stands. Lower priority is told first."""

    priority: int
    finding: Finding  # PASS for an accepted one, or why it is none
    rule: LabelRule
    loose: bool  # a word in a sentence is meant, whether or not the brand is named


def _worth(priority: int, outcome: Outcome, detail: str, rule: LabelRule, *, loose: bool = False) -> Worth:
    return Worth(priority, Finding(outcome, detail, rule.id, rule.source, rule.language), rule, loose)


class _Worths(dict[tuple[str, str], Worth | None]):
    """What each label (its key and form) is worth by one table; filled as labels are met."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __missing__(self, label: tuple[str, str]) -> Worth | None:
        found = self[label] = self._table.worth(*label)
        return found


@dataclass(frozen=True, eq=False)
class Table:
    """What one jurisdiction makes of each label for one relation and audience on one day."""

    languages: tuple[str, ...]  # of the audience
    accepted: Mapping[str, LabelRule]
    weak: Mapping[str, LabelRule]
    other_relation: Mapping[str, LabelRule]
    foreign: Mapping[str, LabelRule]  # accepted elsewhere, no row here
    main: LabelRule  # the row to name where no label was found

    @cached_property
    def _weak_priority(self) -> int:
        """A label of another language is told first, but not where this audience has none that is accepted."""
        return 2 if any(rule.language in self.languages for rule in self.accepted.values()) else 0

    @cached_property
    def worths(self) -> Mapping[tuple[str, str], Worth | None]:
        """By key and form: what `worth` says, worked out once."""
        return _Worths(self)

    def worth(self, key: str, form: str) -> Worth | None:
        """What the label `key` in `form` is worth; the form `said` is a word in a transcript."""
        return self._accepted(key, form) or self._weak(key, form) or self._none(key, form)

    def _accepted(self, key: str, form: str) -> Worth | None:
        rule = self.accepted.get(key)
        counts = rule and (form in rule.forms or form == "said")
        if rule and counts and rule.language in self.languages:
            return _worth(0, Outcome.PASS, "label", rule, loose=True)
        rule = rule or self.foreign.get(key)
        if rule and rule.language not in self.languages and form in rule.forms:
            return _worth(1, Outcome.WRONG_LANGUAGE, "other_language", rule)
        return None

    def _weak(self, key: str, form: str) -> Worth | None:
        if key.startswith(NEAR_MISS):
            rule = self.accepted.get(key.removeprefix(NEAR_MISS))
            near = rule and form in ("tag", "bare")
            return _worth(2, Outcome.AMBIGUOUS, "near_miss", rule) if rule and near else None
        rule, word = self.weak.get(key), form in ("word", "said")
        if rule and ("word" if word else form) in rule.forms and not (word and len(key) < _LOOSE_LENGTH):
            return _worth(self._weak_priority, Outcome.AMBIGUOUS, _WEAK_DETAIL[rule.status], rule)
        rule = self.foreign.get(key)
        if rule and rule.language in self.languages and form in rule.forms:
            return _worth(2, Outcome.AMBIGUOUS, "weak", rule)
        return None

    def _none(self, key: str, form: str) -> Worth | None:
        if form not in ("word", "said") and (rule := self.other_relation.get(key)):
            return _worth(3, Outcome.MISSING, "label_for_other_relation", rule)
        if form == "word" and (rule := self.accepted.get(key)):
            return _worth(4, Outcome.MISSING, "undelimited_word", rule, loose=True)
        return None


def _keys(labels: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Each spelling of the labels with its key."""
    for label in labels:
        for spelled in expand(label):
            yield spelled, fold_label(spelled)


def _with_tag(denial: str) -> str:
    """A denial of a tag: `not an #ad`."""
    words, _, last = denial.rpartition(" ")
    return f"{words} #{last}" if words else denial


@lru_cache(maxsize=16)
def ruleset(own: tuple[LabelRule, ...] = ()) -> Ruleset:
    """The shipped rules with a guild's own ones, compiled once."""
    book = rulebook()
    rows = {
        code: one.labels + tuple(rule for rule in own if rule.jurisdiction in (code, one.general))
        for code, one in {**book.jurisdictions, **book.states}.items()
    }
    every = [rule for rules in rows.values() for rule in rules]
    labels = {(spelled.lower(), key) for rule in every for spelled, key in _keys(rule.labels)}
    accepted = {
        key for rule in every if rule.status in (Status.ACCEPTED, Status.GIFT_ONLY) for _, key in _keys(rule.labels)
    }
    labels |= {(f"{key}s", NEAR_MISS + key) for key in accepted if key.isalpha() and key.isascii()}
    denials = {DENIAL + denial.id: denial for denial in book.contradictions}
    denying = {
        (one, key)
        for key, denial in denials.items()
        for spelled, _ in _keys(denial.labels)
        for one in (spelled, _with_tag(spelled))
    }
    labels |= denying
    for category, words in book.sensitive_words.items():
        labels |= {(spelled, SENSITIVE + category) for spelled, _ in _keys(words)}
    breaks = joints(fold_label(spelled) for spelled, _ in denying)
    return Ruleset(book, rows, build(sorted(labels), accepted, book.ordinary), denials, breaks)


@lru_cache(maxsize=512)
def table(rules: Ruleset, code: str, relation: str, day: date, languages: tuple[str, ...]) -> Table:
    """What jurisdiction `code` makes of each label for `relation` on `day`, told to an audience of `languages`."""
    accepted: dict[str, LabelRule] = {}
    weak: dict[str, LabelRule] = {}
    other: dict[str, LabelRule] = {}
    for rule in rules.rows[code]:
        if not rule.in_force(day):
            continue
        gift = rule.status is Status.GIFT_ONLY
        if relation not in rule.relations or (gift and relation != "gift"):
            into = other
        else:
            into = accepted if gift or rule.status is Status.ACCEPTED else weak
        for _, key in _keys(rule.labels):
            for group in (accepted, weak, other):
                group.pop(key, None)
            into[key] = rule
    own = accepted.keys() | weak.keys() | other.keys()
    foreign = {
        key: rule
        for rules_elsewhere in rules.rows.values()
        for rule in rules_elsewhere
        if rule.jurisdiction != code and rule.status is Status.ACCEPTED and rule.in_force(day)
        for _, key in _keys(rule.labels)
        if key not in own
    }
    main = next((rule for rule in accepted.values() if rule.language in languages), rules.rows[code][0])
    return Table(languages, accepted, weak, other, foreign, main)
