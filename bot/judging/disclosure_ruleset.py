"""Rules compiled for use: one lexicon for all jurisdictions, and per jurisdiction what each label is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.judging.disclosure_labels import DENIAL, NEAR_MISS, SENSITIVE, Hit, Lexicon, build, expand, fold_label
from bot.judging.disclosure_load import rulebook
from bot.judging.disclosure_rulebook import Contradiction, LabelRule, Rulebook, Status

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


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What one jurisdiction makes of each label for one relation on one day."""

    accepted: Mapping[str, LabelRule]
    weak: Mapping[str, LabelRule]
    other_relation: Mapping[str, LabelRule]
    foreign: Mapping[str, LabelRule]  # accepted elsewhere, no row here
    main: LabelRule  # the row to name where no label was found

    def weak_detail(self, hit: Hit) -> tuple[LabelRule, str] | None:
        """The row and detail of a label that is not good enough; None if the hit is none."""
        if hit.key.startswith(NEAR_MISS):
            rule = self.accepted.get(hit.key.removeprefix(NEAR_MISS))
            return (rule, "near_miss") if rule and hit.form in ("tag", "bare") else None
        rule = self.weak.get(hit.key)
        if rule is None or hit.form not in rule.forms or (hit.form == "word" and len(hit.key) < _LOOSE_LENGTH):
            return None
        return rule, _WEAK_DETAIL[rule.status]


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
        code: one.labels + tuple(rule for rule in own if rule.jurisdiction == code)
        for code, one in book.jurisdictions.items()
    }
    every = [rule for rules in rows.values() for rule in rules]
    labels = {(spelled.lower(), key) for rule in every for spelled, key in _keys(rule.labels)}
    accepted = {
        key for rule in every if rule.status in (Status.ACCEPTED, Status.GIFT_ONLY) for _, key in _keys(rule.labels)
    }
    labels |= {(f"{key}s", NEAR_MISS + key) for key in accepted if key.isalpha() and key.isascii()}
    denials = {DENIAL + denial.id: denial for denial in book.contradictions}
    for key, denial in denials.items():
        for spelled, _ in _keys(denial.labels):
            labels |= {(spelled, key), (_with_tag(spelled), key)}
    for category, words in book.sensitive_words.items():
        labels |= {(spelled, SENSITIVE + category) for spelled, _ in _keys(words)}
    return Ruleset(book, rows, build(sorted(labels), accepted), denials)


@lru_cache(maxsize=512)
def table(rules: Ruleset, code: str, relation: str, day: date) -> Table:
    """What jurisdiction `code` makes of each label for `relation` on `day`."""
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
    return Table(accepted, weak, other, foreign, next(iter(accepted.values()), rules.rows[code][0]))
