"""Once an influencer is forgotten, no way in stores a word about that person again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Text, select

from bot.config import Review
from bot.errors import Problem
from bot.model.decisions import DecisionKind
from bot.model.dossiers import ReadChunk, Statement, StatementKind
from bot.model.drafts import AnswerAddress, AnswerKind, Attachment
from bot.model.posts import Visibility
from bot.services.batches import Part, submit_batch
from bot.services.editing import Kind, save
from bot.services.library import import_posts, load_workspace
from bot.services.published import check_published
from bot.services.replies import answer
from bot.services.submit import Submission, submit
from bot.services.versions import NewText, add_version
from bot.store import batches, decisions, dossiers, drafts, erasure, library, links, own, posts, tables, verdicts
from bot.store.batches import Batch
from bot.store.database import Store, open_store
from bot.store.dossiers import Maker
from bot.store.types import Json
from bot.store.verdicts import StoredVerdict
from tests.store.test_erasure import has
from tests.store.values import GUILD, NOW, OWNER, Place, a_post, a_verdict, judged, make_place

WORD = "zzqx"
MANAGER = OWNER + 1
ADDRESS = AnswerAddress(AnswerKind.NONE)


@dataclass(frozen=True, slots=True)
class Case:
    """What somebody had before their eyes; `handle` is what the influencer is called now."""

    store: Store
    place: Place
    stored: StoredVerdict
    handle: str
    folder: Path

    @property
    def submission(self) -> Submission:
        campaign, words = self.place.campaign.name, f"A kettle. {WORD}"
        return Submission(GUILD, self.handle, campaign, OWNER, "Rin", Visibility.TEAM, "message:9001", words, ADDRESS)


async def a_draft(case: Case) -> None:
    await submit(case.store, case.submission, Review(), NOW)


async def a_self_check(case: Case) -> None:
    await submit(case.store, replace(case.submission, visibility=Visibility.PRIVATE), Review(), NOW)


async def a_file(case: Case) -> None:
    file = Attachment(f"{WORD}.png", "image/png", b"picture")
    await submit(case.store, replace(case.submission, text="A kettle.", attachments=(file,)), Review(), NOW)


async def a_batch(case: Case) -> None:
    new = Batch(0, GUILD, "message:9003", OWNER, "Rin", ADDRESS, NOW)
    part = Part("row 1", case.handle, case.place.campaign.name, f"A kettle. {WORD}")
    started = await submit_batch(case.store, new, [part], Review(), NOW)
    async with case.store.read() as conn:
        [row] = await batches.batch_rows(conn, started.batch.id)
    if row.problem:
        raise Problem(row.problem.key, **row.problem.values)


async def a_version(case: Case) -> None:
    new = NewText(OWNER, "message:9002", f"Another kettle. {WORD}", ADDRESS)
    await add_version(case.store, GUILD, case.stored.draft.id, new, Review(), NOW)


async def a_decision(case: Case) -> None:
    """In the transaction itself: who looks first is told that the texts were removed (services/decide.py)."""
    sha256, kind = case.stored.revision.sha256, DecisionKind.ASK_FOR_CHANGES
    who = MANAGER, "Sam"
    async with case.store.write() as conn:
        await decisions.add_decision(
            conn,
            GUILD,
            case.stored.number,
            kind,
            person_id=who[0],
            person_name=who[1],
            reason=WORD,
            sha256=sha256,
            now=NOW,
        )


async def an_answer(case: Case) -> None:
    await answer(case.store, GUILD, case.stored.number, None, WORD, person_id=OWNER, person_name="Rin", now=NOW)


async def a_live_text(case: Case) -> None:
    number, words = case.stored.number, f"Live. {WORD}"
    await check_published(
        case.store, GUILD, number, words, most_characters=500, person_id=OWNER, person_name="Rin", now=NOW
    )


def posts_file(case: Case) -> Path:
    path = case.folder / "posts.jsonl"
    path.write_text(json.dumps({"id": "x1", "text": f"A kettle. {WORD}", "date": "2026-01-02"}))
    return path


async def an_import(case: Case) -> None:
    await import_posts(case.store, GUILD, case.handle, posts_file(case))


async def an_import_begun_before(case: Case) -> None:
    whose = case.place.influencer
    await import_posts(case.store, GUILD, whose.handle, posts_file(case), influencer_id=whose.id)


async def a_named_import(case: Case) -> None:
    await import_posts(case.store, GUILD, case.handle, posts_file(case), name=WORD)


async def a_workspace(case: Case) -> None:
    path = case.folder / "workspace.toml"
    path.write_text(f'[[influencer]]\nhandle = "{case.handle}"\nname = "{WORD}"\nlang = "en"\n')
    await load_workspace(case.store, GUILD, path)


async def an_edit(case: Case) -> None:
    await save(case.store, GUILD, Kind.INFLUENCER, case.place.influencer.id, {"name": WORD, "lang": "en"})


async def own_posts_given(case: Case) -> None:
    async with case.store.write() as conn:
        mine = await own.own_influencer(conn, OWNER, case.place.influencer)
        await posts.add_posts(conn, mine.id, [a_post(7, WORD)], owner_id=OWNER)
        await own.give(conn, OWNER, case.place.influencer)


async def a_link(case: Case) -> None:
    async with case.store.write() as conn:
        await links.ask_link(conn, case.place.influencer, OWNER, f"Minami {WORD}", NOW)


async def notes_of_a_reading(case: Case) -> None:
    said = Statement(StatementKind.HABIT, "kettles", f"She {WORD}.", ())
    async with case.store.write() as conn:
        await dossiers.keep_chunk(conn, Maker(case.place.influencer.id, "p", "m"), "sha", ReadChunk((said,)))


# Each way in, with the tables that hold the words it brings.
WAYS: dict[str, tuple[Callable[[Case], Awaitable[None]], str]] = {
    "/review": (a_draft, "draft revision"),
    "/selfcheck draft": (a_self_check, "draft revision"),
    "a file": (a_file, "attachment"),
    "/batch": (a_batch, "batch batch_item revision"),
    "a new version": (a_version, "revision"),
    "a reason": (a_decision, "decision"),
    "a right of reply": (an_answer, "reply"),
    "/published": (a_live_text, "published"),
    "/influencer import": (an_import, "post"),
    "an import begun before": (an_import_begun_before, "post"),
    "import --name": (a_named_import, "influencer"),
    "load": (a_workspace, "influencer"),
    "/influencer edit": (an_edit, "influencer"),
    "/me sharing": (own_posts_given, "post"),
    "/me link": (a_link, "account_link"),
    "a long history being read": (notes_of_a_reading, "dossier_chunk"),
}
OTHERS = {
    "verdict": "see the test of a verdict that comes late",
    "guild": "the server's settings",
    "brand": "about no influencer",
    "campaign": "about no influencer",
    "guild_rule": "about no influencer",
    "spend": "names of months and models",
    "verdict_counter": "no words but an audience",
    "outbox": "names of errors",
}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "bot.sqlite3")
    yield opened
    await opened.close()


@pytest.fixture
async def case(store: Store, tmp_path: Path) -> Case:
    async with store.write() as conn:
        place = await make_place(conn)
        stored = await judged(conn, place.draft("A kettle that I really use."))
    return Case(store, place, stored, place.influencer.handle, tmp_path)


async def forgotten(case: Case) -> Case:
    async with case.store.write() as conn:
        await erasure.forget_influencer(conn, GUILD, case.place.influencer.id, NOW)
    return replace(case, handle=f"forgotten-{case.place.influencer.id}")


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_in_is_refused_in_one_sentence(case: Case, way: str) -> None:
    act, _ = WAYS[way]
    case = await forgotten(case)
    with pytest.raises(Problem, match=f"{case.handle} was forgotten here, so no text about them is stored any more"):
        await act(case)
    await case.store.scrub()
    if way != "/me sharing":  # the person's own copies are theirs
        assert not has(case.store, WORD)
    async with case.store.read() as conn:
        assert await posts.posts_of(conn, case.place.influencer.id) == ()


@pytest.mark.parametrize("way", WAYS)
async def test_the_same_way_is_open_before(case: Case, way: str) -> None:
    act, _ = WAYS[way]
    await act(case)
    assert has(case.store, WORD)


async def test_whoever_was_forgotten_while_a_file_was_fetched_is_not_made_anew(case: Case) -> None:
    await forgotten(case)
    with pytest.raises(Problem, match="was forgotten here"):
        await an_import_begun_before(case)
    async with case.store.read() as conn:
        assert await library.find_influencer(conn, GUILD, case.place.influencer.handle) is None


async def test_a_verdict_that_comes_late_on_a_check_of_somebody_else_is_stored_without_its_texts(case: Case) -> None:
    async with case.store.write() as conn:
        waiting = await drafts.receive(conn, case.place.draft("mine", visibility=Visibility.PRIVATE))
    await forgotten(case)
    verdict = a_verdict()
    async with case.store.write() as conn:
        late = await verdicts.record_verdict(conn, waiting.revision_id, verdict, NOW, answer_needed=True)
    assert verdict.reasons
    assert not late.verdict.reasons
    assert (late.verdict.outcome, late.revision.text) == (verdict.outcome, "mine")


async def test_what_checks_had_noted_of_the_posts_goes_and_their_owners_posts_stay(case: Case) -> None:
    like, other = case.place.influencer, case.place.influencer.handle + "2"
    async with case.store.write() as conn:
        noted = await own.own_influencer(conn, MANAGER, like)
        mine = await own.own_influencer(conn, OWNER, like)
        someone_else = await own.own_influencer(conn, OWNER, replace(like, handle=other))
        await posts.add_posts(conn, mine.id, [a_post(7, "my own")], owner_id=OWNER)
        for one in (noted, mine):
            await dossiers.keep_chunk(conn, Maker(one.id, "p", "m"), "sha", ReadChunk(unproven=1))
    await forgotten(case)
    async with case.store.read() as conn:
        assert not (await conn.execute(select(tables.dossier_chunk))).all()
        assert await library.influencers(conn, own.workspace_of(MANAGER)) == ()
        assert await library.influencers(conn, own.workspace_of(OWNER)) == (mine, someone_else)
        assert len(await posts.posts_of(conn, mine.id, owner_id=OWNER)) == 1


def test_every_table_that_holds_words_is_written_by_a_way_above() -> None:
    with_words = {
        name
        for name, table in tables.metadata.tables.items()
        if any(isinstance(column.type, Text | Json) for column in table.c)
    }
    written = {table for _, names in WAYS.values() for table in names.split()}
    assert with_words == written | OTHERS.keys()
    assert not written & OTHERS.keys()
