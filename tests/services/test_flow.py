"""Submit, review, look up, decide: the services over a real store, without any chat."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import sample
from bot.config import Review
from bot.errors import Problem
from bot.judging.offline import OfflineJudge
from bot.model.decisions import DecisionKind
from bot.model.drafts import AnswerAddress, AnswerKind
from bot.model.posts import Visibility
from bot.model.verdicts import Outcome
from bot.services import lookup
from bot.services.as_json import verdict_json
from bot.services.decide import decide
from bot.services.library import import_posts
from bot.services.reviewing import Reviewer
from bot.services.submit import Submission, read_text_file, submit
from bot.store import drafts, outbox
from bot.store.database import Store
from bot.store.verdicts import HistoryQuery, StoredVerdict
from tests.services.conftest import GUILD

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SETTINGS = Review()
KNOWN = {draft.influencer: draft for draft in reversed(sample.drafts())}
TOBI, WREN = KNOWN["@tobi_keeps"], KNOWN["@lane9_wren"]
LENA, OTTO = 11, 12


def submission(draft: sample.SampleDraft = TOBI, **changes: object) -> Submission:
    base = Submission(
        guild_id=GUILD,
        handle=draft.influencer,
        campaign=draft.campaign,
        author_id=LENA,
        author_name="Lena",
        visibility=Visibility.TEAM,
        source_key=f"message:{draft.title}",
        text=draft.text,
        answer=AnswerAddress(AnswerKind.REPLY, channel_id=1, message_id=2, user_id=LENA),
    )
    return replace(base, **changes)  # type: ignore[arg-type] # test convenience


async def judged(store: Store, wanted: Submission) -> StoredVerdict:
    submitted = await submit(store, wanted, SETTINGS, NOW)
    async with store.write() as conn:
        await drafts.claim(conn, submitted.revision_id)
    return await Reviewer(store, OfflineJudge(), SETTINGS, lambda: NOW).handle(submitted.revision_id)


async def test_a_draft_becomes_a_verdict_that_is_found_again(store: Store) -> None:
    stored = await judged(store, submission())
    assert (stored.number, stored.verdict.outcome) == ("V-1", Outcome.DOES_NOT_FIT)
    assert await lookup.show(store, GUILD, "v1", viewer_id=None) == stored
    page = await lookup.search(store, GUILD, HistoryQuery(influencer="@tobi_keeps", text="dazzling smile"))
    assert [row.number for row in page.rows] == ["V-1"]
    async with store.read() as conn:
        assert [row.revision_id for row in await outbox.due_answers(conn, NOW, 10)] == [stored.revision.id]


async def test_the_same_event_is_one_draft(store: Store) -> None:
    one, two = [await submit(store, submission(), SETTINGS, NOW) for _ in range(2)]
    assert (one.is_new, two.is_new) == (True, False)
    assert one.revision_id == two.revision_id


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"handle": "@toby_keeps"}, "name_problem.unknown_handle"),
        ({"campaign": "Brite Week"}, "name_problem.unknown_campaign"),
        ({"guild_id": 99}, "name_problem.no_influencers"),
        ({"text": " "}, "draft_problem.empty"),
        ({"text": "x" * 20_001}, "draft_problem.too_long"),
        ({"text": "\x00\x01"}, "draft_problem.binary"),
    ],
)
async def test_what_cannot_be_used_is_refused_and_not_stored(
    store: Store, changes: dict[str, object], key: str
) -> None:
    with pytest.raises(Problem) as refused:
        await submit(store, submission(TOBI, **changes), SETTINGS, NOW)
    assert refused.value.message.key == key
    async with store.read() as conn:
        assert not (await drafts.unfinished(conn, None)).counts


async def test_half_a_surrogate_pair_is_replaced(store: Store) -> None:
    stored = await judged(store, submission(text=WREN.text + " \ud83d"))
    assert stored.revision.text == WREN.text + " ?"


async def test_near_handles_are_named(store: Store) -> None:
    with pytest.raises(Problem, match="@tobi_keeps"):
        await submit(store, submission(handle="@toby_keeps"), SETTINGS, NOW)


async def test_the_format_of_one_draft_overrides_the_campaigns(store: Store) -> None:
    video = await judged(store, submission(WREN, format="video"))
    caption = await judged(store, submission(WREN, source_key="other"))
    assert (video.verdict.disclosure.outcome, caption.verdict.disclosure.outcome) == ("NOT_ASSESSABLE", "PASS")


async def test_a_private_check_is_its_owners_alone(store: Store) -> None:
    private = await judged(store, submission(visibility=Visibility.PRIVATE))
    public = await judged(store, submission(WREN))
    assert (private.number, public.number) == ("S-1", "V-1")
    assert await lookup.show(store, GUILD, "S-1", viewer_id=LENA) == private
    for viewer in (None, OTTO):
        with pytest.raises(Problem) as hidden:
            await lookup.show(store, GUILD, "S-1", viewer_id=viewer)
        assert hidden.value.message.key == "lookup_problem.private_number"
    page = await lookup.search(store, GUILD, HistoryQuery())
    assert (page.total, [row.number for row in page.rows]) == (1, ["V-1"])
    with pytest.raises(Problem):
        await approved(store, "S-1", private.revision.sha256)


async def approved(
    store: Store, number: str, sha256: str, kind: DecisionKind = DecisionKind.APPROVE, reason: str = ""
) -> None:
    who = {"person_id": LENA, "person_name": "Lena", "now": NOW}
    await decide(store, GUILD, number, kind, reason=reason, sha256=sha256, **who)  # type: ignore[arg-type] # test convenience


async def test_a_decision_binds_to_the_exact_text(store: Store) -> None:
    stored = await judged(store, submission(WREN))
    await approved(store, "V-1", stored.revision.sha256[:12])
    [decision] = (await lookup.show(store, GUILD, "V-1", viewer_id=None)).decisions
    assert (decision.kind, decision.person_name, decision.sha256) == (
        DecisionKind.APPROVE,
        "Lena",
        stored.revision.sha256,
    )
    with pytest.raises(Problem, match="has changed"):
        await approved(store, "V-1", "0" * 12)
    with pytest.raises(Problem, match="what has to change"):
        await approved(store, "V-1", stored.revision.sha256, DecisionKind.ASK_FOR_CHANGES)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("V-12", "V-12"),
        ("v12", "V-12"),
        ("#12", "V-12"),
        (" 12 ", "V-12"),
        ("s-3", "S-3"),
        ("Ｖ－１２", "V-12"),
        ("Ｓ－３", "S-3"),
        ("V\u201012", "V-12"),
        ("V\u201112", "V-12"),
        ("V–12", "V-12"),
        ("v—12", "V-12"),
        ("Ｖー１２", "V-12"),
        ("V 12", "V-12"),
        ("＃12", "V-12"),
    ],
)
def test_numbers_are_read_as_people_type_them(typed: str, number: str) -> None:
    assert lookup.verdict_number(typed) == number


def test_a_bare_number_of_one_s_own_is_a_check_s_and_a_team_s_is_none() -> None:
    assert [lookup.own_number(typed) for typed in ("3", "Ｓ－３", "#3")] == ["S-3"] * 3
    with pytest.raises(Problem, match=r"V-3 is a verdict of the team.*/history show"):
        lookup.own_number("v3")


@pytest.mark.parametrize("typed", ["", "V", "twelve", "V-1-2", "V--1"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Problem):
        lookup.verdict_number(typed)


async def test_a_new_import_is_seen_by_the_next_review(store: Store, tmp_path: Path) -> None:
    before = await judged(store, submission(WREN))
    more = tmp_path / "more.jsonl"
    more.write_text('{"id": "new-1", "text": "Lane nine again, in the rain.", "created_at": "2026-10-30T10:00:00Z"}')
    await import_posts(store, GUILD, "lane9_wren", more)
    after = await judged(store, submission(WREN, source_key="again"))
    assert after.verdict.posts_stored == before.verdict.posts_stored + 1
    assert after.verdict.snapshot != before.verdict.snapshot


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        ("Größe".encode("utf-16"), "Größe"),
        ("広告です、新しい靴。".encode("cp932"), "広告です、新しい靴。"),
    ],
)
def test_text_files_are_read_in_any_encoding(data: bytes, text: str) -> None:
    assert read_text_file("draft.txt", data) == text


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\x00", b"PK\x03\x04rest", b"\x00\x01\x02\x03"])
def test_files_that_are_no_text_are_named(data: bytes) -> None:
    with pytest.raises(Problem, match=r"cat\.png"):
        read_text_file("cat.png", data)


async def test_the_json_names_no_row_ids_and_every_sentence_is_words(store: Store) -> None:
    shown = verdict_json(await judged(store, submission()))
    assert "id" not in shown
    assert shown["verdict_id"] == "V-1"
    assert "{" not in str(shown["because"])
