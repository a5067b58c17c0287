"""A CSV file of influencers: new ones come in, what differs is changed, and a bad file changes nothing."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Sequence
from io import StringIO
from pathlib import Path

import pytest

from bot.errors import Problem
from bot.model.workspace import Influencer
from bot.services.roster import MOST, Roster, load_roster
from bot.services.split_import import import_split
from bot.store import library
from bot.store.database import Store, open_store
from bot.store.posts import posts_of

GUILD = 7
HEADER = ("Handle", "Name", "Language", "Country", "Platform", "Followers")
MILES = ("@mossy_miles", "Mo Field", "en", "United States", "insta", "12,000")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "bot.sqlite3")
    yield opened
    await opened.close()


async def load(store: Store, *rows: Sequence[str], header: Sequence[str] = HEADER, mark: str = ",") -> Roster:
    file = StringIO()
    csv.writer(file, delimiter=mark).writerows([header, *rows])
    return await load_roster(store, GUILD, "people.csv", file.getvalue().encode())


async def stored(store: Store) -> tuple[Influencer, ...]:
    async with store.read() as conn:
        return await library.influencers(conn, GUILD)


async def test_new_ones_come_in_and_only_what_differs_is_changed(store: Store) -> None:
    done = await load(store, MILES, ("ren", "", "ja", "日本", "", ""), mark=";")
    assert (done.added, done.changed, done.left, done.refused) == (("mossy_miles", "ren"), (), 0, ())
    miles, ren = await stored(store)
    assert miles == Influencer(miles.id, GUILD, "mossy_miles", "Mo Field", "en", "US", "instagram", 12000)
    assert (ren.name, ren.country, ren.platform) == ("ren", "JP", "unknown")
    again = await load(store, MILES, ("REN", "Ren Mori", "", "", "", ""))  # an empty cell changes nothing
    assert (again.added, again.changed, again.left) == ((), ("ren",), 1)
    assert await stored(store) == (miles, Influencer(ren.id, GUILD, "ren", "Ren Mori", "ja", "JP", "unknown"))


async def test_columns_are_found_by_name_in_any_order(store: Store) -> None:
    await load(store, ("ja", "ren", "x"), header=("言語", "アカウント名", "メモ"))
    assert [(one.handle, one.language) for one in await stored(store)] == [("ren", "ja")]


async def test_each_refused_row_has_its_sentence_and_the_others_are_stored(store: Store) -> None:
    bad = [
        ("", "Nobody", "en", "", "", ""),
        ("no handle!", "", "en", "", "", ""),
        ("nolang", "", "", "", "", ""),
        ("longlang", "", "English", "", "", ""),
        ("narnia", "", "en", "Narnia", "", ""),
        ("place", "", "en", "", "Germany", ""),
        ("many", "", "en", "", "", "lots"),
        ("MOSSY_MILES", "", "en", "", "", ""),
        ("wide", "", "en", "", "", "", "one more"),
    ]
    done = await load(store, MILES, *bad)
    assert [row for row, _ in done.refused] == list(range(3, 12))
    assert len({why.key + str(why.values) for _, why in done.refused}) == len(bad)
    assert [one.handle for one in await stored(store)] == ["mossy_miles"]


async def test_who_was_forgotten_is_not_brought_back(store: Store) -> None:
    await load(store, MILES)
    [miles] = await stored(store)
    async with store.write() as conn:
        await conn.exec_driver_sql("UPDATE influencer SET forgotten_at = 1 WHERE id = ?", (miles.id,))
    done = await load(store, ("mossy_miles", "Back", "en", "", "", ""), ("ren", "", "ja", "", "", ""))
    assert [why.key for _, why in done.refused] == ["submit_problem.forgotten"]
    assert [one.handle for one in await stored(store)] == ["ren"]


@pytest.mark.parametrize(
    ("header", "rows", "why"),
    [
        (("Name", "Country"), [("Mo", "US")], "no column of handles"),
        (HEADER, [], "no rows"),
        (HEADER, [(f"p{number}", "", "en", "", "", "") for number in range(MOST + 1)], "500 is the most"),
    ],
)
async def test_a_file_that_cannot_be_used_changes_nothing(
    store: Store, header: Sequence[str], rows: list[tuple[str, ...]], why: str
) -> None:
    with pytest.raises(Problem, match=why):
        await load(store, *rows, header=header)
    assert await stored(store) == ()
    with pytest.raises(Problem):
        await load_roster(store, GUILD, "people.csv", b"\x00\x01\x02\xff" * 50)


async def test_where_no_row_can_be_used_each_is_told(store: Store) -> None:
    done = await load(store, ("nolang", "", "", "", "", ""), ("", "Ren", "ja", "", "", ""))
    assert (done.added, done.changed, done.left) == ((), (), 0)
    assert [row for row, _ in done.refused] == [2, 3]
    assert await stored(store) == ()


POSTS = """handle,text,date
,Whose is this?,2026-01-01
mossy_miles,A long day on the trail.,2026-01-02
@ren,夜の街を歩いた。,2026-01-03
MOSSY_MILES,I mend my shoes.,2026-01-04
stranger,Buy this.,2026-01-05
ren,"half a quote,2026-01-06
"""


async def test_posts_of_several_are_split_over_those_who_are_stored(store: Store, tmp_path: Path) -> None:
    await load(store, MILES, ("ren", "", "ja", "", "", ""), ("quiet", "", "en", "", "", ""))
    path = tmp_path / "posts.csv"
    path.write_text(POSTS, "utf-8")
    done = await import_split(store, GUILD, path)
    assert [(one.influencer.handle, one.new, one.bad_count) for one in done.imports] == [
        ("mossy_miles", 2, 0),
        ("ren", 1, 0),
    ]
    assert [account for account, _ in done.left_out] == ["stranger"]
    assert (done.unnamed, done.unreadable) == (1, 1)
    async with store.read() as conn:
        texts = {
            one.handle: [post.text for post in await posts_of(conn, one.id)]
            for one in await library.influencers(conn, GUILD)
        }
    assert texts == {
        "mossy_miles": ["A long day on the trail.", "I mend my shoes."],
        "ren": ["夜の街を歩いた。"],
        "quiet": [],
    }
    again = await import_split(store, GUILD, path)
    assert [one.unchanged for one in again.imports] == [2, 1]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("text,date\nNobody said whose.,2026-01-01\n", "does not say whose posts"),
        ("handle,text\nstranger,Buy.\n", "Nothing was stored: of no account"),
        ("handle,text\n" + "".join(f"p{number},Hello.\n" for number in range(51)), "50 is the most"),
    ],
)
async def test_posts_of_nobody_known_are_refused_whole(store: Store, tmp_path: Path, words: str, why: str) -> None:
    await load(store, MILES)
    path = tmp_path / "posts.csv"
    path.write_text(words, "utf-8")
    with pytest.raises(Problem, match=why):
        await import_split(store, GUILD, path)
    assert [one.handle for one in await stored(store)] == ["mossy_miles"]
