"""Nothing is approved against its verdict without a reason, and the reason is an overruling in the log."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import Problem
from bot.judging.disclosure.rulebook import FINE
from bot.judging.disclosure.rulebook import Outcome as LabelOutcome
from bot.model.decisions import DecisionKind
from bot.model.verdicts import Outcome
from bot.services.decide import decide, needs_reason
from bot.services.export import COLUMNS, export
from bot.services.lookup import search, show
from bot.services.published import is_approved
from bot.services.trends import overview
from bot.store import drafts, verdicts
from bot.store.database import Store, open_store
from bot.store.verdicts import Decided, HistoryQuery, StoredVerdict
from tests.chat.house import passing
from tests.chat.values import a_verdict
from tests.store.values import GUILD, NOW, make_place

WHY = "Her agent sent the receipt."
APPROVE, CHANGES, DISAGREE, WITHDRAW = DecisionKind


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "bot.sqlite3")
    yield opened
    await opened.close()


async def judged(store: Store, outcome: Outcome, label: str = "PASS") -> StoredVerdict:
    verdict = replace(passing(a_verdict()), outcome=outcome)
    verdict = replace(verdict, disclosure=replace(verdict.disclosure, outcome=label))
    async with store.write() as conn:
        received = await drafts.receive(conn, (await make_place(conn)).draft())
        return await verdicts.record_verdict(conn, received.revision_id, verdict, NOW, answer_needed=False)


async def decided(
    store: Store, stored: StoredVerdict, kind: DecisionKind, reason: str = "", person: int = 7, seen: int | None = None
) -> list[tuple[DecisionKind, int, str]]:
    """All decisions after this one."""
    sha256 = stored.revision.sha256
    await decide(
        store,
        GUILD,
        stored.number,
        kind,
        person_id=person,
        person_name="Lena",
        reason=reason,
        sha256=sha256,
        now=NOW,
        seen=seen,
    )
    found = await show(store, GUILD, stored.number, viewer_id=None)
    return [(one.kind, one.person_id, one.reason) for one in found.decisions]


@pytest.mark.parametrize("label", LabelOutcome)
@pytest.mark.parametrize("outcome", Outcome)
async def test_an_approval_says_why_where_the_verdict_speaks_against_it(
    store: Store, outcome: Outcome, label: LabelOutcome
) -> None:
    stored = await judged(store, outcome, label.value)
    is_against = outcome is Outcome.DOES_NOT_FIT or label not in FINE
    assert needs_reason(stored) is is_against
    if not is_against:
        assert await decided(store, stored, APPROVE) == [(APPROVE, 7, "")]
        return
    for nothing in ("", "  no "):
        with pytest.raises(Problem, match="although the verdict speaks against it"):
            await decided(store, stored, APPROVE, nothing)
    assert await decided(store, stored, APPROVE, f" {WHY} ") == [(DISAGREE, 7, WHY), (APPROVE, 7, "")]


async def test_the_same_approval_again_adds_nothing_and_a_changed_mind_does(store: Store) -> None:
    stored = await judged(store, Outcome.DOES_NOT_FIT)
    both = [(DISAGREE, 7, WHY), (APPROVE, 7, "")]
    for _ in range(2):
        assert await decided(store, stored, APPROVE, WHY) == both
    assert await decided(store, stored, CHANGES, "Not yet.") == [*both, (CHANGES, 7, "Not yet.")]


async def test_what_was_overruled_is_approved_at_one_click_by_anybody_who_may(store: Store) -> None:
    stored = await judged(store, Outcome.DOES_NOT_FIT)
    await decided(store, stored, CHANGES, "Say since when.")
    with pytest.raises(Problem, match="although the verdict"):
        await decided(store, stored, APPROVE)
    await decided(store, stored, DISAGREE, WHY)
    assert (await decided(store, stored, APPROVE, person=8))[-1] == (APPROVE, 8, "")


async def test_the_export_says_why_beside_the_approval(store: Store) -> None:
    await decided(store, await judged(store, Outcome.DOES_NOT_FIT), APPROVE, WHY)
    made = await export(store, GUILD, HistoryQuery(), "csv", NOW, most_bytes=2**20, language="en")
    _, row = csv.DictReader(io.StringIO(made.data.decode("utf-8-sig")), COLUMNS)
    assert (row["decision"], row["reason"]) == ("approved", WHY)


async def test_a_withdrawal_takes_back_all_that_was_decided_and_the_log_keeps_it(store: Store) -> None:
    stored = await judged(store, Outcome.DOES_NOT_FIT)
    await decided(store, stored, APPROVE, WHY)
    for nothing in ("", "no"):
        with pytest.raises(Problem, match="why the decision is withdrawn"):
            await decided(store, stored, WITHDRAW, nothing)
    for _ in range(2):  # a second click says nothing new
        log = await decided(store, stored, WITHDRAW, "The wrong card.", person=8)
        assert log == [(DISAGREE, 7, WHY), (APPROVE, 7, ""), (WITHDRAW, 8, "The wrong card.")]
    after = await show(store, GUILD, stored.number, viewer_id=None)
    assert after.standing == ()
    assert not is_approved(after)
    assert needs_reason(after)  # the overruling does not count any more either
    assert (await decided(store, stored, APPROVE, WHY))[3:] == [(DISAGREE, 7, WHY), (APPROVE, 7, "")]
    assert is_approved(await show(store, GUILD, stored.number, viewer_id=None))


async def test_there_is_nothing_to_withdraw_before_a_decision_and_after_a_withdrawal(store: Store) -> None:
    stored = await judged(store, Outcome.FITS)
    with pytest.raises(Problem, match="no decision on V-1"):
        await decided(store, stored, WITHDRAW, WHY)
    await decided(store, stored, DISAGREE, WHY)
    await decided(store, stored, WITHDRAW, WHY)
    with pytest.raises(Problem, match="no decision on V-1"):
        await decided(store, stored, WITHDRAW, WHY, person=8)


@pytest.mark.parametrize("kind", DecisionKind)
async def test_nobody_decides_past_a_decision_of_somebody_else_that_they_did_not_see(
    store: Store, kind: DecisionKind
) -> None:
    stored = await judged(store, Outcome.FITS)
    await decided(store, stored, CHANGES, "Say since when.")
    with pytest.raises(Problem, match="Lena has decided about V-1 since you saw it"):
        await decided(store, stored, kind, WHY, person=8, seen=0)
    assert len(await decided(store, stored, kind, WHY, person=8, seen=1)) == 2


async def test_what_one_has_decided_oneself_is_no_surprise(store: Store) -> None:
    stored = await judged(store, Outcome.FITS)
    await decided(store, stored, CHANGES, "Say since when.", seen=0)
    assert len(await decided(store, stored, APPROVE, seen=0)) == 2


async def test_two_who_press_at_once_do_not_both_decide(store: Store) -> None:
    stored = await judged(store, Outcome.FITS)
    both = await asyncio.gather(
        decided(store, stored, APPROVE, person=7, seen=0),
        decided(store, stored, CHANGES, "Not yet.", person=8, seen=0),
        return_exceptions=True,
    )
    assert [isinstance(one, Problem) for one in both].count(True) == 1
    assert len((await show(store, GUILD, stored.number, viewer_id=None)).decisions) == 1


async def test_a_withdrawn_decision_is_open_to_search_and_overview_and_in_the_file(store: Store) -> None:
    stored = await judged(store, Outcome.FITS)
    await decided(store, stored, APPROVE)
    await decided(store, stored, WITHDRAW, WHY)
    for wanted, total in ((Decided.OPEN, 1), (Decided.APPROVE, 0)):
        assert (await search(store, GUILD, HistoryQuery(decision=wanted))).total == total
    seen = await overview(store, GUILD, stored.campaign.name, NOW)
    assert (seen.decisions, seen.open) == ({Decided.OPEN: 1}, ("V-1",))
    made = await export(store, GUILD, HistoryQuery(), "csv", NOW, most_bytes=2**20, language="en")
    _, row = csv.DictReader(io.StringIO(made.data.decode("utf-8-sig")), COLUMNS)
    assert (row["decision"], row["decided_by"], row["reason"]) == ("decision withdrawn", "Lena", WHY)


async def test_half_a_character_in_a_reason_is_stored_as_a_question_mark(store: Store) -> None:
    stored = await judged(store, Outcome.FITS)
    assert await decided(store, stored, CHANGES, "Say \ud83d when.") == [(CHANGES, 7, "Say ? when.")]
