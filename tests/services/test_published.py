"""The comparison of what went live with what was approved."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Problem
from bot.judging.disclosure.rulebook import Outcome as LabelOutcome
from bot.model.decisions import Decision, DecisionKind, PublishedResult
from bot.model.drafts import AnswerKind
from bot.model.posts import Visibility
from bot.model.verdicts import DisclosureLine
from bot.past_content.encoding import decode_text
from bot.services.published import Checked, Comparison, check_published, compare, is_approved, is_lost
from bot.store import decisions, verdicts
from bot.store.database import Store
from bot.store.erasure import erase_revisions
from bot.store.verdicts import Newer
from tests.chat.values import a_stored
from tests.services.test_export import GUILD, NOW, a_place, judged

words = st.text("ab é\u0301が🫖 \n\t.", max_size=40)
FORMS: st.SearchStrategy[Literal["NFC", "NFD"]] = st.sampled_from(["NFC", "NFD"])
blanks = st.text(" \t\u3000", max_size=3)


@given(words, st.sampled_from(["\n", "\r\n", "\r"]), blanks, FORMS)
def test_what_a_platform_changes_by_itself_does_not_count(
    text: str, end: str, blank: str, form: Literal["NFC", "NFD"]
) -> None:
    live = unicodedata.normalize(form, text).replace("\n", f"{blank}{end}") + blank + end
    assert compare(text, live).is_same


@given(words, words)
def test_everything_else_does_and_is_shown(approved: str, live: str) -> None:
    """The same ignored both ways; texts that read differently have a difference that names the words."""
    found = compare(approved, live)
    assert found.is_same == compare(live, approved).is_same
    if found.is_same:
        assert "".join(approved.split()) == "".join(live.split()) or found.ignored
    else:
        assert any(change.removed or change.added for change in found.text)


@given(words)
def test_a_text_is_the_same_as_itself_and_nothing_is_ignored(text: str) -> None:
    assert compare(text, text) == Comparison((), (), ())


@given(words, st.sampled_from(["https://x.example/?utm_source=ig", "\u202e", "Ａ", "ー", "!", "#ad", "\n\n"]))
def test_links_signs_directions_and_wide_letters_count(text: str, more: str) -> None:
    assert not compare(text, f"{text}x{more}x").is_same
    assert not compare(f"{text}a", f"{text}A").is_same


def test_it_says_what_was_ignored_and_only_that() -> None:
    assert compare("one \ntwo", "one\r\ntwo").ignored == ("line_ends", "blanks")
    assert compare("cafe\u0301", "café").ignored == ("composition",)
    assert compare("one ", "two ").ignored == ("blanks",)
    assert compare("one", "two").ignored == ()


TYPED = 'It\'s "my" soap - 600 days... ☕ 〜'


@pytest.mark.parametrize(
    "live",
    [
        "It’s “my” soap - 600 days... ☕ 〜",
        'It\'s "my" soap – 600\u00a0days… ☕️ 〜 ',
        "It′s „my” soap -- 600  days... ☕ ～\u200b \n",
        '\ufeffIt\'s "my" soap\u3000\u2014 600 days…  ☕\ufe0e 〜',
    ],
)
def test_what_phones_make_of_quotes_dashes_and_blanks_is_told_as_typography_alone(live: str) -> None:
    for old, new in ((TYPED, live), (live, TYPED)):
        found = compare(old, new)
        assert found.is_same
        assert "typography" in found.ignored
    [change] = compare(TYPED, live.replace("600", "900")).text
    assert (change.removed, change.added) == ("600", "900")


def test_what_is_said_counts_where_it_came_along() -> None:
    assert compare("a", "a", approved_spoken="hello").is_same
    assert not compare("a", "a", approved_spoken="hello", live_spoken="goodbye").is_same


@given(st.sampled_from(LabelOutcome), st.sampled_from(LabelOutcome))
def test_a_label_is_lost_when_it_got_worse_and_is_not_fine(approved: LabelOutcome, live: LabelOutcome) -> None:
    lost = is_lost(DisclosureLine(approved, None, None), DisclosureLine(live, None, None))
    assert not (lost and is_lost(DisclosureLine(live, None, None), DisclosureLine(approved, None, None)))
    if live in (LabelOutcome.PASS, LabelOutcome.NOT_CHECKED) or live is approved:
        assert not lost
    if approved is LabelOutcome.PASS and live is LabelOutcome.MISSING:
        assert lost


def test_an_approval_stands_until_something_else_was_decided_or_the_text_replaced() -> None:
    def decided(*kinds: DecisionKind) -> tuple[Decision, ...]:
        return tuple(Decision(n, 1, kind, 5, "Lena", "", "ab" * 32, NOW) for n, kind in enumerate(kinds))

    approve, changes, disagree = DecisionKind.APPROVE, DecisionKind.ASK_FOR_CHANGES, DecisionKind.DISAGREE
    stored = replace(a_stored(), decisions=decided(approve))
    assert is_approved(stored)
    assert is_approved(replace(stored, decisions=decided(changes, approve, disagree)))  # it never changes a verdict
    assert not is_approved(replace(stored, decisions=decided(approve, changes)))
    assert not is_approved(replace(stored, decisions=()))
    assert not is_approved(replace(stored, newer=Newer(2, NOW)))
    other = tuple(replace(one, sha256="cd" * 32) for one in stored.decisions)
    assert not is_approved(replace(stored, decisions=other))


async def check(store: Store, live: str, number: str = "V-1") -> Checked:
    return await check_published(
        store, GUILD, number, live, most_characters=5000, person_id=9, person_name="Sam", now=NOW
    )


async def test_an_edit_voids_the_approval_and_the_newest_text_is_compared(store: Store) -> None:
    place = await a_place(store)
    async with store.write() as conn:
        first = await judged(conn, place.draft("#PR A kettle.", answer=AnswerKind.NONE))
        await decisions.add_decision(
            conn, GUILD, "V-1", DecisionKind.APPROVE,
            person_id=1, person_name="Lena", reason="", sha256=first.revision.sha256, now=NOW,
        )  # fmt: skip
    assert (await check(store, "#PR A kettle.")).published.result is PublishedResult.SAME
    async with store.write() as conn:
        await judged(conn, place.draft("#PR A blue kettle.", answer=AnswerKind.NONE, draft_id=first.draft.id))
    checked = await check(store, "#PR A blue kettle.")
    assert checked.published.result is PublishedResult.NOT_APPROVED
    assert (checked.stored.number, checked.comparison.is_same) == ("V-2", True)


async def test_live_texts_are_added_once_each_and_never_changed(store: Store) -> None:
    place = await a_place(store)
    async with store.write() as conn:
        await judged(conn, place.draft("A kettle."))
    for live in ("one", "one", "two", "one"):
        await check(store, live)
    async with store.read() as conn:
        found = await verdicts.find_verdict(conn, GUILD, "V-1", viewer_id=None)
    assert found is not None
    assert [one.text for one in found.published] == ["one", "two", "one"]


@pytest.mark.parametrize(
    "live",
    ["https://instagram.example/p/abc", " <http://x.example> \n www.x.example/a ", "x.example/p/abc"],
)
async def test_a_link_is_no_text(store: Store, live: str) -> None:
    place = await a_place(store)
    async with store.write() as conn:
        await judged(conn, place.draft("#PR A kettle."))
    with pytest.raises(Problem, match="do not open links"):
        await check(store, live)
    assert (await check(store, f"A kettle. {live}")).published.text == f"A kettle. {live}"


async def test_a_private_check_and_an_empty_text_are_refused(store: Store) -> None:
    place = await a_place(store)
    async with store.write() as conn:
        new = place.draft("A kettle.", visibility=Visibility.PRIVATE)
        await judged(conn, new)
        await judged(conn, place.draft("A kettle."))
    with pytest.raises(Problem, match="no verdict S-1"):
        await check(store, "A kettle.", "S-1")
    with pytest.raises(Problem, match="no text"):
        await check(store, " \n ")


async def test_with_a_text_that_was_taken_out_nothing_is_compared_and_nothing_stored(store: Store) -> None:
    place = await a_place(store)
    async with store.write() as conn:
        stored = await judged(conn, place.draft("A kettle."))
        await erase_revisions(conn, [stored.revision.id], NOW)
    with pytest.raises(Problem, match="nothing left to compare with"):
        await check(store, "A kettle.")
    async with store.read() as conn:
        found = await verdicts.find_verdict(conn, GUILD, "V-1", viewer_id=None)
    assert found is not None
    assert found.published == ()


async def test_a_file_with_a_mark_of_its_encoding_foreign_line_ends_and_taken_apart_letters_is_the_same(
    store: Store,
) -> None:
    place = await a_place(store)
    approved = "#PR Café\nein Kessel ❤ für mich"
    async with store.write() as conn:
        first = await judged(conn, place.draft(approved, answer=AnswerKind.NONE))
        await decisions.add_decision(
            conn, GUILD, "V-1", DecisionKind.APPROVE,
            person_id=1, person_name="Lena", reason="", sha256=first.revision.sha256, now=NOW,
        )  # fmt: skip
    live = unicodedata.normalize("NFD", approved).replace("\n", "\r\n").replace("❤", "❤\ufe0f")
    for codec in ("utf-8-sig", "utf-16"):
        text = decode_text(live.encode(codec))
        assert text is not None
        assert (await check(store, text)).published.result is PublishedResult.SAME
