"""Files that come with a draft are kept as they are, over real sockets: by form and beside a message."""

from __future__ import annotations

from typing import Any

import pytest

from bot.chat.draft.attachments import Attached, read_draft
from bot.config import Review
from bot.sandbox.people import File, Message, Person
from bot.services import lookup
from bot.store.attachments import attachments_of
from bot.store.verdicts import HistoryQuery
from bot.texts import render
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House

PNG = File("shoe.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "text/plain")  # what the sender says is not heard
SUBTITLES = File("walk.vtt", b"WEBVTT\n\n00:00.000 --> 00:02.000\nAd. I mend my soles.\n", "image/png")


async def kept(house: House) -> tuple[str, dict[str, tuple[str, bytes]]]:
    """What is said in the video of V-1, and its files: type and bytes by name."""
    stored = await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)
    async with house.store.read() as conn:
        files = await attachments_of(conn, stored.revision.id)
    return stored.revision.spoken, {file.name: (file.content_type, file.data) for file in files}


FILES = {"shoe.png": ("image/png", PNG.content), "walk.vtt": ("text/vtt", SUBTITLES.content)}


async def test_by_form(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    house.start_judging(house.review_offline)
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    sent = await mira.submit(opened, {"text": DRAFT, "file": [PNG, SUBTITLES]})
    card = await sent.finished()
    assert "Not read: the file shoe.png" in card.text  # nobody here can see
    assert await kept(house) == ("Ad. I mend my soles.", FILES)


async def test_beside_a_message(house: House, mira: Person) -> None:
    words = f"<@1000> @{HANDLE} {CAMPAIGN}: {DRAFT}"
    await mira.say("drafts", words, attachments=[PNG, SUBTITLES])

    async def answered() -> list[Message]:
        return [message for message in await house.seen("mira") if "V-1" in message.text]

    await house.sandbox.until(answered)
    assert await kept(house) == ("Ad. I mend my soles.", FILES)


@pytest.mark.parametrize("is_dead", [False, True])
async def test_beside_the_message_of_the_menu(house: House, mira: Person, lena: Person, is_dead: bool) -> None:
    """Also where the process that opened the form is dead: then Discord is asked, if the bot may read messages."""
    await house.sandbox.configure(allowed_intents=["message_content"])
    message = await mira.say("drafts", f"for @{HANDLE}", attachments=[File("d.txt", DRAFT.encode()), PNG, SUBTITLES])
    opened = await lena.menu("Review draft", message)
    [words] = [one["component"].get("value") for one in (await opened.modal())["components"] if _is_draft(one)]
    assert not words  # what stands beside a text file is no draft
    if is_dead:
        await house.restart_bot()
    await (await lena.submit(opened, {})).finished()
    spoken, files = await kept(house)
    assert (spoken, files) == ("Ad. I mend my soles.", {**FILES, "d.txt": ("text/plain", DRAFT.encode())})


async def test_without_the_right_to_read_a_dead_process_takes_the_files_with_it(house: House, mira: Person) -> None:
    message = await mira.say("drafts", DRAFT, attachments=[PNG])
    opened = await mira.menu("Review draft", message)
    await opened.modal()
    await house.restart_bot()
    sent = await mira.submit(opened, {"influencer": HANDLE, "campaign": CAMPAIGN, "text": DRAFT})
    assert "Not read: files attached to the message (1)" in (await sent.finished()).text


def _is_draft(label: dict[str, Any]) -> bool:
    return bool(label["component"]["custom_id"] == "text")


async def test_broken_subtitles_are_told_and_nothing_is_stored(house: House, mira: Person) -> None:
    opened = await mira.slash("review", {"influencer": HANDLE, "campaign": CAMPAIGN})
    broken = File("walk.srt", b"1\n00:00:0x --> 1\nAd.", "text/plain")
    told = await mira.submit(opened, {"text": DRAFT, "file": broken})
    assert "walk.srt cannot be read as subtitles: line 2" in (await told.finished()).text
    assert (await lookup.search(house.store, house.guild_id, HistoryQuery())).total == 0


async def test_files_too_big_too_many_or_gone_are_named_beside_typed_words(house: House, mira: Person) -> None:
    assert house.bot is not None
    message = await mira.say("drafts", "look", attachments=[PNG])
    url = message.data["attachments"][0]["url"]
    names = ("big.png", "gone.png", "here.png", "more.png")
    sizes, urls = (10**9, 5, 5, 5), (url, f"{house.sandbox.url}/cdn/attachments/1/x", url, url)
    files = [Attached(name, size, "", where) for name, size, where in zip(names, sizes, urls, strict=True)]
    sent = await read_draft(house.bot, DRAFT, files, Review(max_files=2), seconds=5)
    assert [file.name for file in sent.attachments] == ["here.png"]
    assert [render("en", one) for one in sent.not_read] == [
        "the file big.png (over 8 MB)",
        "the file gone.png (could not be fetched in time)",
        "the file more.png (only 2 are kept)",
    ]
