"""Whatever people do for themselves alone, no team's question has another answer for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import Limits, Llm, Review
from bot.errors import Problem
from bot.judging.offline import OfflineJudge
from bot.model.decisions import DecisionKind
from bot.model.drafts import AnswerAddress, AnswerKind
from bot.model.posts import PastPost, Visibility
from bot.services import limits, lookup, selfcheck, status, trends
from bot.services.deadlines import to_remind
from bot.services.decide import decide
from bot.services.export import export
from bot.services.limits import TooMany
from bot.services.published import check_published
from bot.services.replies import answerable
from bot.services.reviewing import Reviewer
from bot.services.selfcheck import Ask, own_place, places_of, submit_to_team
from bot.services.setup import setup_of
from bot.services.submit import Submission, submit
from bot.services.versions import history_of
from bot.services.voices import Voices
from bot.store import (
    batches,
    decisions,
    drafts,
    erasure,
    guilds,
    library,
    links,
    own,
    pace,
    people,
    posts,
    removal,
    spend,
    verdicts,
)
from bot.store.database import Store, open_store
from bot.store.sight import EVERYTHING
from bot.store.spend import Spend
from bot.store.tables import dossier_chunk
from bot.store.verdicts import HistoryQuery
from bot.store.waiting import Waiting
from tests.chat.values import a_verdict
from tests.judging.dossier_sample import START, long_history, noting
from tests.judging.llm_sample import judging
from tests.store.test_privacy import without_ids
from tests.store.values import GUILD, NOW, OWNER, Place, a_post, make_place

TEAM_MEMBER = OWNER + 1
SECRET = "秘密の下書き secret kettle"
ACTS = (
    "team draft",
    "waiting",
    "decide",
    "team posts",
    "check",
    "check waiting",
    "check outside",
    "check for a team",
    "check for a team waiting",
    "own posts",
    "spend",
)
PRIVATE = {"check", "check waiting", "check outside", "check for a team", "check for a team waiting"}
PRIVATE |= {"own posts", "spend"}


async def act(store: Store, place: Place, what: str, number: int) -> None:
    """One thing somebody does; `number` tells the acts of a sequence apart, with and without the private ones alike."""
    at = NOW + timedelta(minutes=number)
    match what:
        case "team draft" | "waiting" | "check" | "check waiting":
            visibility = Visibility.PRIVATE if what.startswith("check") else Visibility.TEAM
            words = SECRET if visibility is Visibility.PRIVATE else f"team kettle {number}"
            new = place.draft(words, visibility=visibility, source_key=f"message:{number}", at=at)
            async with store.write() as conn:
                received = await drafts.receive(conn, new)
                if "waiting" not in what:
                    await verdicts.record_verdict(conn, received.revision_id, a_verdict(), at, answer_needed=True)
        case "decide":
            async with store.write() as conn:
                if found := await verdicts.find_verdict(conn, GUILD, "V-1", viewer_id=None):
                    await decisions.add_decision(
                        conn,
                        GUILD,
                        "V-1",
                        DecisionKind.APPROVE,
                        person_id=TEAM_MEMBER,
                        person_name="Sam",
                        reason="",
                        sha256=found.revision.sha256,
                        now=at,
                    )
        case "team posts":
            async with store.write() as conn:
                await posts.add_posts(
                    conn, place.influencer.id, [a_post(number, f"kettle {number}"), a_post(0, "kettle")]
                )
        case "check outside":
            there = await own_place(store, OWNER, place.influencer.handle, "ja", Ask("Kettleworks", "kettles", "JP"))
            new = replace(
                place.draft(SECRET, visibility=Visibility.PRIVATE, at=at),
                guild_id=there.guild_id,
                influencer_id=there.influencer.id,
                campaign_id=there.campaign.id,
            )
            async with store.write() as conn:
                received = await drafts.receive(conn, new)
                await verdicts.record_verdict(conn, received.revision_id, a_verdict(), at, answer_needed=True)
        case "check for a team" | "check for a team waiting":
            [its] = await places_of(store, OWNER)
            names = its.guild_id, its.influencer.handle, its.campaign.name
            address = AnswerAddress(AnswerKind.INTERACTION, channel_id=number, user_id=OWNER, ephemeral=True)
            key = f"interaction:{number}"
            sent = Submission(*names, OWNER, "Ada", Visibility.PRIVATE, key, SECRET, address)
            is_judged = "waiting" not in what
            done = await submit(store, sent, Review(), at, limited=Limits(), claim=is_judged)
            if is_judged:
                await Reviewer(store, OfflineJudge(), Review(), lambda: at).handle(done.revision_id)
        case "own posts":
            async with store.write() as conn:
                mine = await own.own_influencer(conn, OWNER, place.influencer)
                secret = [a_post(0, SECRET), a_post(number, SECRET)]  # the team may have the same ones
                await posts.add_posts(conn, mine.id, secret, owner_id=OWNER)
        case "spend":
            async with store.write() as conn:
                await spend.book(conn, own.workspace_of(OWNER), at, {"some-model": Spend(1, 100, 0, 10, 5)})


async def refusals(store: Store) -> list[str]:
    """What a team is told that asks for the number of a check, or of one that is not there."""
    me, kind = TEAM_MEMBER, DecisionKind.APPROVE
    told = []
    for number in ("S-1", "S-99", "V-99"):
        asking: list[Awaitable[object]] = [
            lookup.show(store, GUILD, number, viewer_id=TEAM_MEMBER),
            history_of(store, GUILD, number, viewer_id=TEAM_MEMBER),
            answerable(store, GUILD, number, TEAM_MEMBER),
            decide(store, GUILD, number, kind, person_id=me, person_name="Sam", reason="", sha256="00", now=NOW),
            check_published(
                store, GUILD, number, "Live.", most_characters=99, person_id=me, person_name="Sam", now=NOW
            ),
        ]
        for ask in asking:
            with pytest.raises(Problem) as problem:
                await ask
            told.append(str(problem.value))
    return told


def as_people_see(row: verdicts.StoredVerdict) -> object:
    """Without the numbers of rows, which count across all servers and are shown to nobody."""
    return without_ids(replace(row, decisions=tuple(replace(one, revision_id=0) for one in row.decisions)))


async def answers(store: Store, place: Place) -> list[object]:
    """What a team can ask, in every way there is."""
    later, handle, campaign = NOW + timedelta(hours=1), place.influencer.handle, place.campaign.name
    listed = await lookup.search(store, GUILD, HistoryQuery(), size=50)
    found: list[object] = [[as_people_see(row) for row in listed.rows], listed.total]
    for person in (OWNER, TEAM_MEMBER):
        to_do, _ = await lookup.waiting(store, GUILD, Waiting(person, decides=True), EVERYTHING, size=50)
        found += [[as_people_see(row) for row in to_do.rows], to_do.total]
    queries = [HistoryQuery(text=words) for words in ("secret", "秘", "kettle")]
    found += [(await lookup.search(store, GUILD, query, size=50)).total for query in queries]
    found += [
        await export(store, GUILD, HistoryQuery(), kind, later, most_bytes=2**20, language="en")
        for kind in ("csv", "json")
    ]
    found += [await status.status(store, GUILD, TEAM_MEMBER, later), await setup_of(store, GUILD)]
    found += [await trends.trend(store, GUILD, handle, later), await trends.overview(store, GUILD, campaign, later)]
    found += [await lookup.suggest_influencers(store, GUILD, ""), await lookup.suggest_campaigns(store, GUILD, "")]
    found += [await lookup.suggest_brands(store, GUILD, "")]
    found += [await refusals(store)]
    found += [replace(one, revision_id=0) for one in await to_remind(store, NOW + timedelta(hours=40))]
    async with store.read() as conn:
        found += [await people.held_about(conn, TEAM_MEMBER, GUILD), await batches.running(conn)]
        its = place.influencer.id
        found += [await posts.posts_of(conn, its), await posts.count_posts(conn, its)]
        found += [await posts.team_posts(conn, GUILD), await posts.history_versions(conn, GUILD)]
        found += [await posts.search_posts(conn, GUILD, word) for word in ("secret", "秘", "kettle")]
        found += [await guilds.guild_ids(conn), await spend.this_month(conn, GUILD, NOW)]
        found += [await pace.waiting_since(conn, GUILD), await erasure.remembered(conn, GUILD, its)]
        found += [await removal.hanging(conn, GUILD, "influencer", its)]
        found += [await removal.hanging(conn, GUILD, "campaign", place.campaign.id)]
        found += [await removal.hanging(conn, GUILD, "brand", place.campaign.brand.id)]
        found += [await links.linked_users(conn, GUILD, its), await library.influencers(conn, GUILD)]
        found += [(await conn.execute(dossier_chunk.select())).all()]
        for person in (OWNER, TEAM_MEMBER):
            few = Limits(person_per_hour=3, guild_per_hour=4, guild_waiting=2)
            try:
                await limits.check(conn, GUILD, person, Visibility.TEAM, few, later)
                found.append("room")
            except TooMany as told:
                found.append((str(told), told.until))
    return found


async def answered(acts: Sequence[str], *, with_private: bool) -> list[object]:
    with TemporaryDirectory() as folder:
        store = await open_store(Path(folder) / "bot.sqlite3")
        async with store.write() as conn:
            place = await make_place(conn)
            timed = replace(place.campaign, decide_within_hours=48)
            place = replace(place, campaign=await library.upsert_campaign(conn, timed))
            await links.ask_link(conn, place.influencer, OWNER, "Ada", NOW)
            await links.confirm_link(conn, GUILD, place.influencer.id, OWNER, TEAM_MEMBER, NOW)
        for number, what in enumerate(acts, 1):
            if with_private or what not in PRIVATE:
                await act(store, place, what, number)
        found = await answers(store, place)
        await store.close()
    return found


@given(st.lists(st.sampled_from(ACTS), min_size=1, max_size=9))
@settings(max_examples=10, deadline=None)
def test_no_question_of_a_team_tells_of_what_is_private(acts: list[str]) -> None:
    async def both() -> tuple[list[object], list[object]]:
        return await answered(acts, with_private=False), await answered(acts, with_private=True)

    without, with_them = asyncio.run(both())
    assert with_them == without
    assert "secret" not in repr(with_them)


def test_the_property_holds_something() -> None:
    """Every act changes an answer of its own side, or the test above would say nothing."""
    seen = [asyncio.run(answered(["team draft", what], with_private=True)) for what in ("team draft", "waiting")]
    assert seen[0] != seen[1]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "bot.sqlite3")
    yield opened
    await opened.close()


LATER = START + timedelta(days=605)
MINE = PastPost("own1", "zzqx: I swore I would never praise a kettle for money.", LATER - timedelta(days=3))


async def review(store: Store, reviewer: Reviewer, place: Place, visibility: Visibility) -> verdicts.StoredVerdict:
    async with store.write() as conn:
        new = place.draft("Ad. A kettle.", visibility=visibility, answer=AnswerKind.NONE, at=LATER)
        received = await drafts.receive(conn, new)
        await drafts.claim(conn, received.revision_id)
    return await reviewer.handle(received.revision_id)


async def test_own_posts_are_read_for_their_owner_and_never_for_the_team(store: Store) -> None:
    async with store.write() as conn:
        place = await make_place(conn)
        await posts.add_posts(conn, place.influencer.id, long_history(30))
        mine = await own.own_influencer(conn, OWNER, place.influencer)
        await posts.add_posts(conn, mine.id, [MINE], owner_id=OWNER)
    reviewer = Reviewer(store, OfflineJudge(), Review(), lambda: LATER)
    before = await review(store, reviewer, place, Visibility.TEAM)
    private = await review(store, reviewer, place, Visibility.PRIVATE)
    after = await review(store, reviewer, place, Visibility.TEAM)
    assert (before.verdict.posts_stored, private.verdict.posts_stored) == (30, 31)
    timed = [replace(one.verdict, judge=replace(one.verdict.judge, latency_ms=0)) for one in (before, after)]
    assert timed[0] == timed[1]
    assert "zzqx" not in repr(after)
    voices = Voices(store)
    profile = await voices.profile(place.influencer)
    assert profile is not None
    assert profile.n_posts == 30


async def test_what_a_check_had_read_makes_no_team_draft_cheaper_and_is_not_the_servers_to_pay(store: Store) -> None:
    async with store.write() as conn:
        place = await make_place(conn)
        await posts.add_posts(conn, place.influencer.id, long_history(600))
    async with judging(always=noting()) as (judge, _):
        reviewer = Reviewer(store, judge, Review(), lambda: LATER, llm=Llm())
        private = await review(store, reviewer, place, Visibility.PRIVATE)
        async with store.read() as conn:
            assert await spend.this_month(conn, GUILD, LATER) == Spend()
            assert (await spend.this_month(conn, own.workspace_of(OWNER), LATER)).tokens > 0
        team = await review(store, reviewer, place, Visibility.TEAM)
    assert private.verdict.judge.tokens == team.verdict.judge.tokens
    assert len(team.verdict.judge.dossier_readings) == len(private.verdict.judge.dossier_readings) > 0


async def test_a_check_handed_in_is_a_draft_like_any_other_and_only_for_its_owner(store: Store) -> None:
    async with store.write() as conn:
        place = await make_place(conn)
        received = await drafts.receive(conn, place.draft("mine", visibility=Visibility.PRIVATE))
        await verdicts.record_verdict(conn, received.revision_id, a_verdict(), NOW, answer_needed=False)
    address = AnswerAddress(AnswerKind.NONE)
    rest = (address, Review(), Limits(), NOW)
    with pytest.raises(Problem, match="Numbers like S-1"):
        await submit_to_team(store, TEAM_MEMBER, "Sam", "S-1", None, *rest)
    first = await submit_to_team(store, OWNER, "Ada", "S-1", None, *rest)
    again = await submit_to_team(store, OWNER, "Ada", "S-1", None, *rest)
    elsewhere = selfcheck.Place(GUILD, place.influencer, place.campaign)  # chosen from a list, as in direct messages
    chosen = await submit_to_team(store, OWNER, "Ada", "S-1", elsewhere, *rest)
    assert (first.is_new, again.is_new, chosen.is_new) == (True, False, False)
    async with store.read() as conn:
        work = await drafts.get_work(conn, first.revision_id)
        assert (await drafts.unfinished(conn, GUILD)).counts == {"received": 1}
    assert (work.draft.visibility, work.revision.text, work.revision.number) == (Visibility.TEAM, "mine", 1)
    assert work.draft.id != received.draft_id
    assert await places_of(store, OWNER) == ()
