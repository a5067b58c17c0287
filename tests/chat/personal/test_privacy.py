"""What a person can see and delete of themselves, what a team can forget, and for how long it keeps texts."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.jobs.upkeep import prune
from bot.model.posts import PastPost
from bot.sandbox.people import Message, Person
from bot.store import erasure, guilds, library, links, posts
from tests.chat.house import DRAFT, HANDLE, House, utc_now
from tests.chat.personal.test_selfcheck import id_of

WORD = "鼎鑪銛"  # as long as what a search index stores of it


async def exported(house: House, person: Person, channel: str = "drafts") -> dict[str, list[dict[str, object]]]:
    answer = await (await person.slash("privacy export", channel=channel)).finished()
    assert answer.ephemeral
    found: dict[str, list[dict[str, object]]] = json.loads(await house.sandbox.file(answer.data["attachments"][0]))
    return {kind: rows for kind, rows in found.items() if rows}


async def test_a_person_gets_everything_about_them_and_nothing_of_others(
    house: House, mira: Person, lena: Person
) -> None:
    await house.card(mira)
    await (await house.review(mira, "A private text. " + DRAFT, command="selfcheck draft")).finished()
    mine = await exported(house, mira)
    assert [one["text"] for one in mine["texts"]] == [DRAFT, "A private text. " + DRAFT]
    assert len(mine["drafts"]) == len(mine["verdicts"]) == 2
    assert await exported(house, mira, "dm") == mine
    assert await exported(house, lena) == {}


async def test_a_person_deletes_themselves(house: House, mira: Person, lena: Person) -> None:
    await house.card(mira)
    await (await house.review(mira, command="selfcheck draft")).finished()
    asked = await (await mira.slash("privacy delete")).finished()
    assert "private checks: 1" in asked.text
    assert "stay the team's" in asked.text
    await house.restart_bot()
    pressed = await mira.click(asked, "Delete for good")

    async def done() -> Message | None:
        now = await pressed.message()
        return now if now and "Done." in now.text else None

    await house.sandbox.until(done)
    assert "Numbers like S-1" in (await (await mira.slash("history show", {"number": "S-1"})).finished()).text
    assert "V-1" in (await (await lena.slash("history show", {"number": "V-1"})).finished()).text
    assert await exported(house, mira) == {}


async def test_a_forgotten_influencer_is_gone_from_cards_and_history(house: House, mira: Person, lena: Person) -> None:
    card = await house.card(mira)
    assert "trail" in card.text or HANDLE.replace("_", "\\_") in card.text
    refused_too = await (await mira.slash("influencer forget", {"handle": HANDLE})).finished()
    assert "manage" in refused_too.text
    asked = await (await lena.slash("influencer forget", {"handle": HANDLE})).finished()
    assert "past posts that go: 12" in asked.text
    await house.restart_bot()
    refused = await (await lena.click(asked, "Forget for good")).answer()
    assert refused["type"] == 6

    async def redrawn() -> bool:
        [seen] = await house.seen("otto")
        return "The texts were removed on" in seen.text and "mossy" not in seen.text

    await house.sandbox.until(redrawn)
    [seen] = await house.seen("otto")
    assert "**Own voice**: good" in seen.text
    assert "Confidence" not in seen.text
    assert "custom_id" not in str(seen.data["components"])  # nothing can be pressed any more
    shown = (await (await lena.slash("history show", {"number": "V-1"})).finished()).text
    assert "forgotten-1" in shown
    assert "mossy" not in shown
    assert "mossy" not in (await (await lena.slash("influencer list")).finished()).text


async def test_what_opened_before_somebody_was_forgotten_decides_nothing(
    house: House, mira: Person, lena: Person
) -> None:
    await house.card(mira)
    copies = [await (await lena.slash("history show", {"number": "V-1"})).finished() for _ in range(4)]
    form = await lena.click(copies[0], "Overrule")
    await form.modal()
    await forget(house)
    unheard = await lena.submit(form, {"reason": "It is fine."})
    gone = "The texts of V-1 were removed"
    assert gone in (await house.sandbox.until(unheard.followups))[0].text
    assert "The texts were removed on" in (await unheard.finished()).text
    for copy, label in zip(copies[1:], ("Approve", "Ask for changes", "New version"), strict=True):
        pressed = await lena.click(copy, label)
        told = await house.sandbox.until(pressed.followups) if label != "New version" else [await pressed.finished()]
        assert gone in told[0].text, label
    listed = await (await lena.slash("history search")).finished()
    assert "> The text was removed." in listed.text
    decided = (await (await lena.slash("history decisions", {"number": "V-1"})).finished()).text
    assert "sha256" not in decided
    async with house.store.read() as conn:
        assert not (await conn.exec_driver_sql("SELECT * FROM decision")).all()


async def test_a_card_of_somebody_removed_says_so(house: House, mira: Person, lena: Person) -> None:
    card = await house.card(mira)
    asked = await (await lena.slash("influencer remove", {"handle": HANDLE})).finished()
    await (await lena.click(asked, "Remove for good")).answer()

    async def removed() -> bool:
        async with house.store.read() as conn:
            return not await library.influencers(conn, house.guild_id)

    await house.sandbox.until(removed)
    for label in ("Evidence", "Approve", "Overrule", "New version"):
        assert "V-1 is not here any more: it was removed" in (await (await lena.click(card, label)).finished()).text


async def forget(house: House) -> None:
    async with house.store.write() as conn:
        whose = await library.find_influencer(conn, house.guild_id, HANDLE)
        assert whose is not None
        assert await erasure.forget_influencer(conn, house.guild_id, whose.id, utc_now())


async def test_texts_are_kept_as_long_as_a_manager_says(house: House, mira: Person, lena: Person) -> None:
    await house.card(mira)
    house.ahead = timedelta(days=2)
    asked = await (await lena.slash("privacy retention", {"days": 1})).finished()
    assert "for 1 day only" in asked.text
    assert "would be removed: 1" in asked.text
    house.ahead = timedelta(0)
    asked = await (await lena.slash("privacy retention", {"days": 30})).finished()
    assert "would be removed: 0" in asked.text
    async with house.store.read() as conn:
        assert (await guilds.guild_settings(conn, house.guild_id)).retention_days == 0  # asked, and no more
    told = await lena.click(asked, "Remove older texts")
    assert "older than 30 days" in str((await told.answer())["data"])
    refused = await (await mira.slash("privacy retention", {"days": 1})).finished()
    assert "manage" in refused.text
    async with house.store.read() as conn:
        assert (await guilds.guild_settings(conn, house.guild_id)).retention_days == 30
    await prune(house.store, utc_now(), None)
    assert "The texts were removed" not in (await house.seen("otto"))[0].text
    await prune(house.store, utc_now() + timedelta(days=31), None)
    house.ahead = timedelta(days=31)
    await house.sandbox.until(lambda: _is_removed(house))


async def _is_removed(house: House) -> bool:
    return "The texts were removed." in (await house.seen("otto"))[0].text


@pytest.mark.parametrize("way", ["me sharing", "me unlink", "influencer remove"])
async def test_what_is_taken_back_or_removed_is_in_no_byte_of_the_file(house: House, lena: Person, way: str) -> None:
    await give(house, await id_of(house, "lena"), PastPost("given", f"A word: {WORD}.", utc_now()))
    await house.store.scrub()
    assert WORD.encode() in held(house)
    options = {"use": "own"} if way == "me sharing" else {"handle": HANDLE}
    answer = await (await lena.slash(way, options)).finished()
    if way == "influencer remove":
        pressed = await lena.click(answer, "Remove for good")

        async def removed() -> Message | None:
            now = await pressed.message()
            return now if now and now.text != answer.text else None

        await house.sandbox.until(removed)
    assert WORD.encode() not in held(house)


async def give(house: House, person_id: int, post: PastPost) -> None:
    """The person is linked and has given this post to the team."""
    async with house.store.write() as conn:
        whose = await library.find_influencer(conn, house.guild_id, HANDLE)
        assert whose is not None
        await links.ask_link(conn, whose, person_id, "Lena", utc_now())
        await links.confirm_link(conn, house.guild_id, whose.id, person_id, 1, utc_now())
        await posts.add_posts(conn, whose.id, [post], given_by=person_id)


def held(house: House) -> bytes:
    """All bytes of the database and of what lies beside it."""
    path = house.store.path
    return b"".join(one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")))
