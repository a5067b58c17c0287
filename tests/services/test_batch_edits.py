"""Which draft of an edited message is which."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.services.batch_edits import Now, edits
from bot.store.batches import Brought

LONG = "I mend my running shoes until they fall apart, and then once more. {}"
WHO, WORDS = (
    st.integers(1, 2),
    st.sampled_from(["", "Ad | "]).flatmap(
        lambda start: st.integers(0, 3).map(lambda number: f"{start}{LONG.format(number)}")
    ),
)
BEFORE = st.lists(st.tuples(WHO, WORDS), max_size=4).map(
    lambda found: [Brought(at, who, "spring", words) for at, (who, words) in enumerate(found)]
)
AFTER = st.lists(st.builds(Now, st.none() | WHO, st.sampled_from(["", "spring", "autumn"]), WORDS), max_size=4)


def brought(draft_id: int, words: str, who: int = 1) -> Brought:
    return Brought(draft_id, who, "spring", words)


@given(BEFORE, AFTER)
def test_every_draft_is_accounted_for_once(before: list[Brought], after: list[Now]) -> None:
    found = edits(before, after)
    changed = [one.draft_id for one, _ in found.changed]
    removed = [one.draft_id for one in found.removed]
    assert len({*changed, *removed}) == len(changed) + len(removed)
    unchanged = len(before) - len(changed) - len(removed)
    assert unchanged + len(changed) + len(found.added) == len(after)
    for one, words in found.changed:
        assert words in [now.text for now in after if now.influencer_id == one.influencer_id]
    assert not [now for now in found.added if now.influencer_id is None and now not in after]


def test_a_draft_that_stands_there_unchanged_is_never_taken_for_another() -> None:
    first, second = brought(1, LONG.format("One")), brought(2, LONG.format("Two"))
    swapped = edits([first, second], [Now(1, "", second.text), Now(1, "spring", f"{first.text} ")])
    assert swapped == edits([], [])
    found = edits([first, second], [Now(1, "", "Something else altogether."), Now(1, "", first.text)])
    assert found.changed == ((second, "Something else altogether."),)


def test_the_one_most_like_it_is_the_one_before() -> None:
    shoes, soup = brought(1, "My shoes have done 600 miles."), brought(2, "This soup is my father's recipe.")
    found = edits(
        [shoes, soup], [Now(1, "", "This soup is my mother's recipe."), Now(1, "", "My shoes have done 900.")]
    )
    assert [(one.draft_id, words[:7]) for one, words in found.changed] == [(2, "This so"), (1, "My shoe")]


def test_another_influencer_or_campaign_makes_it_another_draft() -> None:
    one = brought(1, "My shoes.")
    for now in (Now(2, "", "My shoes."), Now(None, "", "My shoes."), Now(1, "autumn", "My shoes.")):
        found = edits([one], [now])
        assert (found.changed, found.removed, found.added) == ((), (one,), (now,))
