"""A roster and the posts of several influencers come in by file, in Discord: what was done is said, row by row."""

from __future__ import annotations

import pytest

from bot.sandbox.people import File, Person
from bot.store import library
from tests.chat.house import HANDLE, House

ROSTER = f"handle,name,language,country,platform\n{HANDLE},Mo Field,en,US,instagram\nren,Ren Mori,ja,日本,tiktok\n"


async def handles(house: House) -> list[str]:
    async with house.store.read() as conn:
        return [one.handle for one in await library.influencers(conn, house.guild_id)]


def sent(words: str) -> dict[str, File]:
    return {"file": File("people.csv", words.encode())}


async def test_a_roster_adds_changes_and_leaves(house: House, lena: Person) -> None:
    told = await (await lena.slash("influencer roster", sent(ROSTER))).finished()
    assert told.ephemeral
    assert "Added: 1 · changed: 0 · left as they were: 1" in told.text.replace("*", "")
    assert "New: @ren" in told.text
    again = await (await lena.slash("influencer roster", sent(ROSTER.replace("Mori", "Sato")))).finished()
    assert "Added: 0 · changed: 1 · left as they were: 1" in again.text.replace("*", "")
    assert await handles(house) == [HANDLE, "ren"]


async def test_every_refused_row_is_told(house: House, lena: Person) -> None:
    rows = "".join(f"bad{number},,nolanguage,,\n" for number in range(8))
    told = await (await lena.slash("influencer roster", sent(ROSTER + rows))).finished()
    assert "Rows that were not taken: 8" in told.text
    assert "Row 4: Language" in told.text
    [attached] = told.data["attachments"]
    lines = (await house.sandbox.file(attached)).decode().splitlines()
    assert [line.split(":")[0] for line in lines] == [f"Row {number}" for number in range(4, 12)]
    assert await handles(house) == [HANDLE, "ren"]


async def test_a_roster_that_cannot_be_used_changes_nothing(house: House, lena: Person) -> None:
    told = await (await lena.slash("influencer roster", sent("name,language\nRen,ja\n"))).finished()
    assert "no column of handles" in told.text
    assert await handles(house) == [HANDLE]


async def test_posts_of_several_are_split_over_their_handles(house: House, lena: Person) -> None:
    await (await lena.slash("influencer roster", sent(ROSTER))).finished()
    file = f"handle,text\n{HANDLE},A long day on the trail.\nren,夜の街を歩いた。\nren,雨だった。\nstranger,Buy this.\n"
    told = await (await lena.slash("influencer import", sent(file))).finished()
    shown = told.text.replace("\\", "").replace("*", "")
    assert f"Posts of @{HANDLE}: 1 new" in shown
    assert "Posts of @ren: 2 new" in shown
    assert "Accounts that were left out: 1" in shown
    assert "stranger: No influencer @stranger" in shown
    assert "stranger" not in await handles(house)


@pytest.mark.usefixtures("house")
async def test_a_file_that_names_nobody_asks_whose_posts_they_are(lena: Person) -> None:
    told = await (await lena.slash("influencer import", sent("text\nA long day.\n"))).finished()
    assert "does not say whose posts these are" in told.text
