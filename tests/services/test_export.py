"""The history as a file, and that no team query of history, export or charts shows a private self-check."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model.decisions import DecisionKind
from bot.model.posts import PastPost, Visibility
from bot.model.verdicts import CriterionKey, Outcome, Stance
from bot.services.export import BOM, COLUMNS, Export, export, headings, safe_cell
from bot.services.replies import answer
from bot.services.trends import overview, trend
from bot.store import decisions, drafts, posts, verdicts
from bot.store.database import Store, open_store
from bot.store.verdicts import Decided, HistoryQuery, StoredVerdict
from bot.texts import languages
from bot.texts import text as words_of
from tests.chat.values import a_quote, a_verdict
from tests.store.values import OWNER, Place, make_place

GUILD = 1_180_000_000_000_000_007
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LARGE = 10**7
EVERYTHING = HistoryQuery()


async def a_place(store: Store) -> Place:
    async with store.write() as conn:
        return await make_place(conn, GUILD)


async def judged(
    conn: AsyncConnection, new: drafts.NewDraft, outcome: Outcome = Outcome.FITS, *, at: datetime = NOW
) -> StoredVerdict:
    """A draft received and judged."""
    received = await drafts.receive(conn, replace(new, created_at=at))
    verdict = replace(a_verdict(), outcome=outcome)
    return await verdicts.record_verdict(conn, received.revision_id, verdict, at, answer_needed=False)


async def exported(store: Store, format: str, query: HistoryQuery = EVERYTHING, most: int = LARGE) -> Export:
    return await export(store, GUILD, query, format, NOW, most_bytes=most, language="en")


def cells(made: Export) -> list[dict[str, str]]:
    """By the names of COLUMNS, whatever the headings are."""
    return list(csv.DictReader(io.StringIO(made.data.decode("utf-8-sig"), newline=""), COLUMNS))[1:]


@given(st.sampled_from(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]), st.text(max_size=20))
def test_no_cell_is_a_formula_and_no_other_is_touched(beginning: str, text: str) -> None:
    assert safe_cell(beginning + text) == "'" + beginning + text
    assert safe_cell(f"a{text}") == f"a{text}"


@pytest.mark.parametrize("language", languages())
def test_every_column_has_a_heading_of_its_own(language: str) -> None:
    assert len({*headings(language)}) == len(COLUMNS)
    assert not {*headings(language)} & {*COLUMNS}


async def test_headings_and_cells_are_in_the_language_of_who_asks(store: Store) -> None:
    place = await a_place(store)
    async with store.write() as conn:
        await judged(conn, place.draft("kettle"))
    made = await export(store, GUILD, EVERYTHING, "csv", NOW, most_bytes=LARGE, language="ja")
    heads = made.data.decode("utf-8-sig").splitlines()[0].split(",")
    assert heads == headings("ja")
    assert heads[:2] == ["番号", "結果"]
    assert cells(made)[0]["outcome"] == words_of("ja", "outcome.fits")
    program = json.loads((await export(store, GUILD, EVERYTHING, "json", NOW, most_bytes=LARGE, language="ja")).data)
    assert {"verdict_id", "outcome", "author", "draft"} <= program[0].keys()


async def test_a_row_holds_what_people_made_of_the_verdict(store: Store) -> None:
    place = await a_place(store)
    async with store.write() as conn:
        made = await judged(conn, place.draft('=HYPERLINK("http://127.0.0.1"),\n"kettle"'))
        for kind, reason in ((DecisionKind.APPROVE, ""), (DecisionKind.ASK_FOR_CHANGES, "+say since when")):
            await decisions.add_decision(
                conn, GUILD, "V-1", kind,
                person_id=1, person_name="Lena", reason=reason, sha256=made.revision.sha256, now=NOW,
            )  # fmt: skip
    await answer(store, GUILD, "v1", CriterionKey.VOICE_MATCH, "I did.", person_id=OWNER, person_name="@Mika", now=NOW)
    file = await exported(store, "csv")
    assert file.data.decode().startswith(f"{BOM}Number,Outcome,")
    [row] = cells(file)
    assert row["outcome"] == "Fits"
    assert row["draft"] == '\'=HYPERLINK("http://127.0.0.1"),\n"kettle"'
    assert (row["decision"], row["decided_by"], row["reason"]) == ("changes asked for", "Lena", "'+say since when")
    assert row["answers"] == "'@Mika (Own voice): I did."
    [parsed] = json.loads((await exported(store, "json")).data)
    assert [one["kind"] for one in parsed["decisions"]] == ["approve", "ask_for_changes"]
    assert parsed["criteria"]["voice_match"]["answers"][0]["text"] == "I did."
    assert parsed["answers"] == []
    assert parsed["draft"].startswith("=HYPERLINK")


async def test_a_decision_about_a_text_that_was_replaced_is_told_as_void(store: Store) -> None:
    place = await a_place(store)
    async with store.write() as conn:
        first = await judged(conn, place.draft("kettle"))
        await decisions.add_decision(
            conn, GUILD, "V-1", DecisionKind.APPROVE,
            person_id=1, person_name="Lena", reason="", sha256=first.revision.sha256, now=NOW,
        )  # fmt: skip
        await judged(conn, place.draft("kettles", draft_id=first.draft.id), at=NOW - timedelta(days=1))
    assert [row["decision"] for row in cells(await exported(store, "csv"))] == [
        "approved (void: the text was replaced)",
        "",
    ]


async def test_every_stance_of_a_quote_is_stored_and_exported(store: Store) -> None:
    place = await a_place(store)
    quotes = tuple(replace(a_quote(post_id=stance), stance=stance) for stance in Stance)
    told = replace(a_verdict().criteria[CriterionKey.SHARED_VALUES], quotes=quotes)
    verdict = replace(a_verdict(), criteria={CriterionKey.SHARED_VALUES: told})
    async with store.write() as conn:
        received = await drafts.receive(conn, place.draft())
        await verdicts.record_verdict(conn, received.revision_id, verdict, NOW, answer_needed=False)
    [parsed] = json.loads((await exported(store, "json")).data)
    found = [(one["post_id"], one["stance"]) for one in parsed["criteria"]["shared_values"]["quotes"]]
    assert found == [("supports",) * 2, ("contradicts",) * 2, ("neutral",) * 2]


async def test_a_file_holds_the_newest_that_fit_and_says_how_many(store: Store) -> None:
    place = await a_place(store)
    async with store.write() as conn:
        for number in range(120):  # more than are read at once
            await judged(conn, place.draft(f"kettle {number}"), at=NOW - timedelta(days=number + 1))
    whole = await exported(store, "csv")
    assert (whole.rows, whole.total, len(cells(whole))) == (120, 120, 120)
    part = await exported(store, "csv", most=len(whole.data) // 2)
    assert len(part.data) <= len(whole.data) // 2
    assert 0 < part.rows < part.total == 120
    assert [row["draft"] for row in cells(part)] == [f"kettle {number}" for number in range(part.rows)]
    assert part.oldest == NOW - timedelta(days=part.rows)
    some = await exported(store, "json", most=len(whole.data))
    assert len(json.loads(some.data)) == some.rows < 120
    nothing = await exported(store, "json", HistoryQuery(text="teapot"))
    assert (json.loads(nothing.data), nothing.rows, nothing.oldest) == ([], 0, None)


async def test_brand_person_and_decision_narrow(store: Store) -> None:
    place = await a_place(store)
    async with store.write() as conn:
        for number, author in ((1, 5), (2, 6), (3, 6)):
            await judged(conn, place.draft(f"kettle {number}", author_id=author))
        found = await verdicts.find_verdict(conn, GUILD, "V-2", viewer_id=None)
        assert found is not None
        for kind in (DecisionKind.ASK_FOR_CHANGES, DecisionKind.APPROVE):
            await decisions.add_decision(
                conn, GUILD, "V-2", kind,
                person_id=5, person_name="Lena", reason="why", sha256=found.revision.sha256, now=NOW,
            )  # fmt: skip
        await judged(conn, place.draft("kettle 3, mended", draft_id=3))
    for query, numbers in (
        (HistoryQuery(brand="KETTLEWORKS"), {"V-1", "V-2", "V-3", "V-4"}),
        (HistoryQuery(brand="Potware"), set()),
        (HistoryQuery(person=5), {"V-1", "V-2"}),  # sent in one, decided on the other
        (HistoryQuery(decision=Decided.APPROVE), {"V-2"}),
        (HistoryQuery(decision=Decided.ASK_FOR_CHANGES), set()),  # it was approved since
        (HistoryQuery(decision=Decided.OPEN), {"V-1", "V-4"}),  # the text of V-3 was replaced
    ):
        assert {row["number"] for row in cells(await exported(store, "csv", query))} == numbers, query


EVENTS = st.lists(
    st.tuples(
        st.booleans(),  # private
        st.sampled_from(["secret kettle", "秘密", "team kettle"]),
        st.sampled_from(Outcome),
        st.integers(0, 100),  # days ago
    ),
    max_size=5,
)


async def everything_asked(store: Store) -> list[object]:
    """All that history, export and charts can be asked, as the team does."""
    queries = [
        HistoryQuery(),
        HistoryQuery(brand="Kettleworks", person=OWNER, decision=Decided.OPEN),
        HistoryQuery(influencer="mika.bakes", text="kettle", since=NOW - timedelta(days=50)),
        HistoryQuery(campaign="Spring kettles", outcome=Outcome.FITS, until=NOW, text="秘密"),
    ]
    files: list[object] = [await exported(store, format, query) for format in ("csv", "json") for query in queries]
    went = await trend(store, GUILD, "mika.bakes", NOW), await overview(store, GUILD, "Spring kettles", NOW)
    return [*files, *went]


async def lived_through(store: Store, events: list[tuple[bool, str, Outcome, int]], *, with_private: bool) -> None:
    place = await a_place(store)
    async with store.write() as conn:
        own = PastPost("own", "mine alone", NOW, None, "instagram", likes=10**6, sponsored=True)
        if with_private:
            await posts.add_posts(conn, place.influencer.id, [own], owner_id=OWNER)
        for number, (is_private, text, outcome, days) in enumerate(events):
            if is_private and not with_private:
                continue
            visibility = Visibility.PRIVATE if is_private else Visibility.TEAM
            new = place.draft(text, visibility=visibility, source_key=f"message:{number}")
            at = NOW - timedelta(days=days, seconds=number)
            await judged(conn, new, outcome, at=at)


@settings(max_examples=6, deadline=None)
@given(EVENTS)
async def test_no_export_and_no_chart_shows_that_a_self_check_happened(
    events: list[tuple[bool, str, Outcome, int]],
) -> None:
    answers = []
    for with_private in (False, True):
        with TemporaryDirectory() as folder:
            store = await open_store(Path(folder) / "bot.sqlite3")
            await lived_through(store, events, with_private=with_private)
            answers.append(await everything_asked(store))
            await store.close()
    assert answers[0] == answers[1]
