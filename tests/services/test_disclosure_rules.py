"""A server's own rules as people type them: cleaned, checked, kept within bounds."""

from dataclasses import replace
from datetime import date

import pytest

from bot.errors import Problem
from bot.model.workspace import GuildRule
from bot.services.disclosure_rules import MOST_RULES, add_rule, checked_rule, remove_rule, rules_of
from bot.store.database import Store

GUILD = 7
TYPED = {"label": "#AcmeCrew", "status": "accepted", "country": "gb", "language": "EN", "source": " Agreed on Monday "}


def typed(**changes: str) -> GuildRule:
    values = TYPED | changes
    return checked_rule(
        GUILD,
        values["label"],
        values["status"],
        values["country"],
        values["language"],
        values["source"],
        date(2026, 11, 22),
        42,
    )


def test_what_was_typed_is_cleaned_and_dated() -> None:
    assert typed() == GuildRule(
        0, GUILD, "UK", "AcmeCrew", "accepted", "en", "Agreed on Monday", date(2026, 11, 22), 42
    )
    assert typed(label="＃  paid   by {brand}").label == "paid by {brand}"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"country": "Narnia"}, "country"),
        ({"language": "english"}, "language"),
        ({"status": "fine"}, "status"),
        ({"source": " "}, "source"),
        ({"label": "x" * 81}, "too_long"),
        ({"source": "x" * 301}, "too_long"),
        ({"label": "#"}, "no_letters"),
        ({"label": "!!"}, "no_letters"),
        ({"label": "(ad|)"}, "no_letters"),
        ({"label": "x"}, "single_letter"),
        ({"label": f"({'ad|' * 17}pr)"}, "too_many_choices"),
        ({"label": "a|b|c: ("}, ""),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(changes: dict[str, str], key: str) -> None:
    if not key:
        assert typed(**changes).label == changes["label"]
        return
    with pytest.raises(Problem) as caught:
        typed(**changes)
    assert caught.value.message.key == f"rules_problem.{key}"
    assert "{" not in str(caught.value)
    assert "own rules" not in str(caught.value)
    assert caught.value.in_language("ja") != str(caught.value)
    assert "{" not in caught.value.in_language("ja")


async def test_rules_are_removed_by_name_or_label(store: Store) -> None:
    first = await add_rule(store, typed())
    second = await add_rule(store, typed(label="house tag"))
    assert await rules_of(store, GUILD) == (first, second)
    assert await remove_rule(store, GUILD, "#ACMECREW ") == first
    assert await remove_rule(store, GUILD, f"Own-{second.id}") == second
    with pytest.raises(Problem, match="There is no rule own-1 here"):
        await remove_rule(store, GUILD, "own-1")


async def test_a_server_may_not_have_rules_without_end(store: Store) -> None:
    for number in range(MOST_RULES):
        await add_rule(store, replace(typed(), label=f"tag{number}"))
    with pytest.raises(Problem, match="Remove one first"):
        await add_rule(store, replace(typed(), label="one more"))
    assert len(await rules_of(store, GUILD)) == MOST_RULES
    await add_rule(store, replace(typed(), label="tag0", status="refused"))  # in the place of another
