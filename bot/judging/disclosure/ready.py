"""One line that, put in front of a text, makes it pass in every country named; the check itself says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, islice

from bot.judging.disclosure.check import CountryResult, Disclosure
from bot.judging.disclosure.load import rulebook
from bot.judging.disclosure.rulebook import Outcome

_MOST_LINES = 64  # tried on one text
_LONGEST = 150  # characters, as many as a card shows
_ENDS = " |–"  # what sets a label off from the words behind it


def with_ready_line(text: str, check: Callable[[str], Disclosure]) -> Disclosure:
    """What `check` finds in `text`, with the `ready` line where there is one and it is needed.

    The line has the fewest labels of the countries' own fixes that suffice beside what the text says already.
    """
    found = check(text)
    wanting = dict.fromkeys(one.fix for one in found.results if not is_met(one))
    if not wanting:
        return found
    fixes = tuple(wanting | dict.fromkeys(one.fix for one in found.results))
    helps = {fix: _met(check(f"{fix} {text}")) for fix in fixes}
    everywhere = frozenset().union(*helps.values())
    if len(everywhere) < len(found.results):  # as where the label has to stand in a picture
        return found
    lines = map(_joined, islice(_sufficient(fixes, helps, everywhere), _MOST_LINES))
    short = (line for line in lines if len(line) <= _LONGEST)
    passing = (line for line in short if len(_met(check(f"{line} {text}"))) == len(found.results))
    return found._replace(ready=next(passing, ""))


def _met(found: Disclosure) -> frozenset[str]:
    return frozenset(one.jurisdiction for one in found.results if is_met(one))


def is_met(one: CountryResult) -> bool:
    """Whether no line does better: a label passes, or it is the country's own line where none is known to pass."""
    if one.outcome is Outcome.PASS or not rulebook().place(one.jurisdiction).general:
        return one.outcome is Outcome.PASS
    return one.outcome is Outcome.AMBIGUOUS and one.fix.rstrip(_ENDS).casefold() == one.label.casefold()


def _sufficient(
    fixes: Sequence[str], helps: Mapping[str, frozenset[str]], everywhere: frozenset[str]
) -> Iterator[tuple[str, ...]]:
    """Sets of fixes that together pass everywhere if each does where it does alone; the fewest first."""
    for size in range(1, len(fixes) + 1):
        for some in combinations(fixes, size):
            if everywhere == frozenset().union(*(helps[fix] for fix in some)):
                yield some


def _joined(fixes: Sequence[str]) -> str:
    """`Werbung |` and `Ad |` as `Ad | Werbung |`: the longest last, so that as many as can be stand before the fold."""
    *before, last = sorted(fixes, key=len)
    return " | ".join([*(fix.rstrip(_ENDS) for fix in before), last])
