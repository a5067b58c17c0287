"""Several drafts at once, over real sockets: by file, by message, by form; one card, whatever dies meanwhile."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from bot.config import Limits, Settings
from bot.model.verdicts import Outcome
from bot.sandbox.people import File, Message, Person
from bot.services import lookup
from bot.store import batches, drafts, outbox, verdicts
from bot.store.tables import batch as batch_table
from bot.store.verdicts import HistoryQuery
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House, passing, utc_now
from tests.chat.values import a_verdict

BOT = "<@1000>"


def table(*rows: Sequence[str], header: Sequence[str] = ("handle", "campaign", "text")) -> File:
    file = StringIO()
    csv.writer(file).writerows([header, *rows])
    return File("drafts.csv", file.getvalue().encode(), "text/csv")


def sound(count: int) -> list[tuple[str, str, str]]:
    return [(f"@{HANDLE}", CAMPAIGN, f"{DRAFT} No. {number}") for number in range(count)]


async def cards(house: House, channel: str = "drafts") -> list[Message]:
    seen = await house.seen("otto", channel)
    return [one for one in seen if one.author == "campaign-bot" and "Several drafts" in one.text]


async def the_end(house: House, channel: str = "drafts") -> Message:
    """The one card, once it shows the end."""

    async def finished() -> Message | None:
        async with house.store.read() as conn:
            is_running = bool(await batches.running(conn))
        found = await cards(house, channel)
        return found[0] if found and not is_running else None

    card: Message = await house.sandbox.until(finished)
    assert len(await cards(house, channel)) == 1
    return card


async def total(house: House) -> int:
    return (await lookup.search(house.store, house.guild_id, HistoryQuery())).total


async def test_a_csv_file_is_one_batch_with_one_card(house: House, mira: Person) -> None:
    file = table(*sound(3), ("@nobody", CAMPAIGN, DRAFT), ("", CAMPAIGN, DRAFT), (HANDLE, "Winter", DRAFT))
    told = await (await mira.slash("batch", {"file": file})).finished()
    assert told.ephemeral
    assert "Taken in: 3. Not taken: 3." in told.text
    card = await the_end(house)
    assert "Fits: 3" in card.text.replace("*", "")
    assert "Row 5: No influencer @nobody is stored here" in card.text.replace("*", "")
    assert "Row 6: It does not say whose post it is" in card.text.replace("*", "")
    assert "Row 7: There is no campaign 'Winter' here" in card.text.replace("*", "")
    assert await total(house) == 3
    posts = await house.sandbox.record(path="/messages", method="POST")
    assert len(posts) == 1  # no draft is answered by itself


async def test_what_needs_a_look_stands_first_and_opens(waiting_house: House, mira: Person, lena: Person) -> None:
    house = waiting_house
    outcomes = [Outcome.FITS, Outcome.REVISE, Outcome.DOES_NOT_FIT, Outcome.CANNOT_TELL]

    async def judge(revision_id: int) -> None:
        async with house.store.write() as conn:
            outcome = outcomes[(await drafts.get_work(conn, revision_id)).revision.id - 1]
            verdict = passing(replace(a_verdict(), outcome=outcome))
            await verdicts.record_verdict(conn, revision_id, verdict, utc_now(), answer_needed=False)

    await mira.slash("batch", {"file": table(*sound(4))})
    house.start_judging(judge)
    card = await the_end(house)
    numbers = re.findall(r"V-\d", card.text.split("Look at these first")[1])
    assert len(numbers) >= 2
    by_number = {
        f"V-{n}": (await lookup.show(house.store, house.guild_id, str(n), viewer_id=None)) for n in range(1, 5)
    }
    assert [by_number[number].verdict.outcome for number in numbers[:2]] == [Outcome.DOES_NOT_FIT, Outcome.REVISE]
    await house.restart_bot()
    opened = await (await lena.select(card, "Open one of these drafts", [numbers[0]])).finished()
    assert opened.ephemeral
    assert numbers[0] in opened.text
    assert "Approve" in opened.text


async def test_the_whole_batch_is_listed_and_comes_as_a_file_after_a_restart(house: House, mira: Person) -> None:
    await mira.slash("batch", {"file": table(*sound(30), ("=cmd()", CAMPAIGN, "=1+1"))})
    card = await the_end(house)
    await house.restart_bot()
    listed = await (await mira.click(card, "All drafts")).finished()
    assert listed.ephemeral
    assert "page 1 of 2" in listed.text
    turned = await mira.click(listed, "Next")
    await turned.answer()
    sent = await (await mira.click(card, "CSV file")).finished()
    assert sent.ephemeral
    data = await house.sandbox.file(sent.data["attachments"][0])
    rows = list(csv.DictReader(StringIO(data.decode("utf-8-sig"))))
    assert len(rows) == 31
    assert {row["Outcome"] for row in rows} == {"Fits", "Not taken"}
    assert rows[0]["Number"] == "V-1"
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


async def test_a_mention_with_parts_is_a_batch_answered_by_one_reply(house: House, mira: Person) -> None:
    words = f"{BOT} @{HANDLE} {CAMPAIGN}: {DRAFT}\n---\nwith a line in it\n---\n@{HANDLE}: second\n---\n@nobody: third"
    message = await mira.say("drafts", words)
    card = await the_end(house)
    assert card.data["message_reference"]["message_id"] == message.id
    assert "Part 3: No influencer @nobody" in card.text.replace("*", "")
    assert await total(house) == 2
    first = await lookup.show(house.store, house.guild_id, "1", viewer_id=None)
    assert first.revision.text == f"{DRAFT}\n---\nwith a line in it"
    seen = (await house.seen("otto"))[0]
    assert [one["emoji"]["name"] for one in seen.data["reactions"]] == ["👀"]


@pytest.mark.parametrize("begins", ["", f"{BOT} "])
async def test_drafts_without_a_line_between_are_told_apart(house: House, mira: Person, begins: str) -> None:
    await mira.say("drafts", f"{BOT} @{HANDLE} {CAMPAIGN}: {DRAFT}\n{begins}@{HANDLE} {CAMPAIGN}: Second.")
    await the_end(house)
    found = await lookup.search(house.store, house.guild_id, HistoryQuery())
    assert {one.revision.text for one in found.rows} == {DRAFT, "Second."}


@pytest.mark.parametrize("line", [f"@{HANDLE} took the picture", f"{BOT} thanks"])
async def test_a_line_that_may_begin_a_draft_is_asked_about(house: House, mira: Person, line: str) -> None:
    message = await mira.say("drafts", f"{BOT} @{HANDLE} {CAMPAIGN}: {DRAFT}\n{line}")

    async def asked() -> bool:
        return any("put a line of --- before it" in one.text for one in await house.seen("otto"))

    await house.sandbox.until(asked)
    assert await total(house) == 0
    await mira.edit(message, f"{BOT} @{HANDLE} {CAMPAIGN}: {DRAFT}")

    async def is_judged() -> bool:
        return await total(house) == 1

    await house.sandbox.until(is_judged)
    await mira.edit(message, f"{BOT} @{HANDLE} {CAMPAIGN}: {DRAFT}\n@{HANDLE} {CAMPAIGN}: Second.")

    async def refused() -> bool:
        return any("not another influencer or campaign" in one.text for one in await house.seen("otto"))

    await house.sandbox.until(refused)
    assert await total(house) == 1


async def test_several_text_files_are_a_batch_and_subtitles_go_with_their_text(house: House, mira: Person) -> None:
    files: list[File | Path] = [
        File("a.txt", DRAFT.encode(), "text/plain"),
        File("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\nAd. I mend.\n", "text/plain"),
        File("b.txt", f"@{HANDLE} {CAMPAIGN}: Another one.".encode(), "text/plain"),
        File("c.png", b"\x89PNG\r\n\x1a\n", "image/png"),
    ]
    await mira.say("drafts", f"{BOT} @{HANDLE} {CAMPAIGN}", attachments=files)
    card = await the_end(house)
    assert "c.png: It cannot be told which draft this file belongs to" in card.text.replace("*", "")
    found = await lookup.search(house.store, house.guild_id, HistoryQuery())
    assert {(one.revision.text, one.revision.spoken) for one in found.rows} == {
        (DRAFT, "Ad. I mend."),
        ("Another one.", ""),
    }


async def test_the_form_takes_typed_parts(house: House, mira: Person) -> None:
    opened = await mira.slash("batch", {"campaign": CAMPAIGN})
    words = f"@{HANDLE}: One.\n---\n@{HANDLE}: Two."
    told = await (await mira.submit(opened, {"text": words})).finished()
    assert "Taken in: 2. Not taken: 0." in told.text
    await the_end(house)
    assert await total(house) == 2


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (table(*sound(201)), "201 drafts in one go; 200 is the most."),
        (table(), "There are no drafts in this"),
        (table(("a", "b"), header=("who knows", "what")), "drafts.csv: handle, text. The first row was: who knows"),
        (table(("a", "b"), header=("handle", "words")), "Columns missing in drafts.csv: text. The first row was"),
        (File("drafts.xlsx", b"PK\x03\x04" * 9), "is a spreadsheet file, as Excel writes it: save it as CSV (UTF-8)"),
        (File("drafts.csv", b"a" * 9_000_000), "drafts.csv is too big: up to 8 MB can be read. Paste"),
        (table(("@nobody", CAMPAIGN, DRAFT)), "No influencer @nobody is stored here"),
        (
            table(("@nobody", CAMPAIGN, DRAFT), ("", CAMPAIGN, DRAFT)),
            "no draft here can be used (parts: 2). The first, Row 2: No influencer @nobody",
        ),
        (File("drafts.csv", b"\x89PNG\r\n\x1a\n" * 9, "text/csv"), "is not a text file"),
    ],
)
async def test_a_file_that_cannot_be_taken_is_one_sentence_and_stores_nothing(
    house: House, mira: Person, file: File, sentence: str
) -> None:
    told = await (await mira.slash("batch", {"file": file})).finished()
    assert told.ephemeral
    assert sentence in told.text
    assert await total(house) == 0
    async with house.store.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(batch_table)) == 0
    assert await cards(house) == []


async def test_a_row_that_repeats_another_is_told_and_judged_once(house: House, mira: Person) -> None:
    file = table(*sound(2), *sound(1), (HANDLE, CAMPAIGN.upper(), f" {DRAFT} No. 0"))
    told = await (await mira.slash("batch", {"file": file})).finished()
    assert "Taken in: 2. Not taken: 2." in told.text
    card = await the_end(house)
    assert card.text.count("The same text as Row 2, for the same influencer and campaign") == 2
    assert await total(house) == 2


async def test_a_batch_past_a_limit_is_refused_whole(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    house.settings = Settings(limits=Limits(person_per_hour=3))
    await house.restart_bot()
    house.start_judging()
    told = await (await mira.slash("batch", {"file": table(*sound(4))})).finished()
    assert "one person may send 3 within an hour" in told.text
    await mira.slash("batch", {"file": table(*sound(2))})
    await the_end(house)
    told = await (await mira.slash("batch", {"file": table(*sound(2))})).finished()
    assert "which is the most one person may" in told.text
    assert await total(house) == 2


async def test_the_card_shows_how_far_it_is_and_a_restart_goes_on_with_the_same_card(
    waiting_house: House, mira: Person
) -> None:
    house = waiting_house
    await mira.slash("batch", {"file": table(*sound(4))})

    async def posted() -> list[Message]:
        return await cards(house)

    [card] = await house.sandbox.until(posted)
    assert "0 of 4 read" in card.text.replace("*", "")
    await house.stop_bot()
    async with house.store.write() as conn:  # as if the process had died before it noted where the card stands
        await conn.exec_driver_sql("UPDATE batch SET message_id = NULL")
        for revision_id in (1, 2):
            await verdicts.record_verdict(conn, revision_id, a_verdict(), utc_now(), answer_needed=False)
    await house.start_bot()

    async def goes_on() -> bool:
        return ["2 of 4 read" in one.text.replace("*", "") for one in await cards(house)] == [True]

    await house.sandbox.until(goes_on)
    house.start_judging()
    assert "Fits: 4" in (await the_end(house)).text.replace("*", "")


async def test_where_the_bot_may_not_write_the_card_comes_by_direct_message(house: House, mira: Person) -> None:
    await house.sandbox.fault("403", "/channels/", count=1)
    await mira.slash("batch", {"file": table(*sound(1))})

    async def arrived() -> list[Message]:
        return [one for one in await house.seen("mira", "dm") if "Fits: 1" in one.text.replace("*", "")]

    assert await house.sandbox.until(arrived)
    assert await cards(house) == []


async def test_a_card_refused_for_good_comes_by_direct_message(house: House, mira: Person) -> None:
    await house.sandbox.fault("400", "/channels/", method="POST")
    await mira.say("drafts", f"{BOT} @{HANDLE} {CAMPAIGN}: {DRAFT}\n---\n@{HANDLE}: Second.")

    async def told() -> list[Message]:
        return [one for one in await house.seen("mira", "dm") if "Fits: 2" in one.text.replace("*", "")]

    assert len(await house.sandbox.until(told)) == 1
    assert await cards(house) == []


async def test_a_card_that_nobody_takes_is_tried_again_at_the_next_start(house: House, mira: Person) -> None:
    await house.sandbox.ask("set_person", person="mira", dms_open=False)
    await house.sandbox.ask("permit", subject="bot", channel="drafts", deny=["send_messages"])
    await mira.slash("batch", {"file": table(*sound(2))})

    async def refused() -> bool:
        posts = await house.sandbox.record(path="/messages", method="POST")
        return [call["status"] for call in posts] == [403, 403]

    await house.sandbox.until(refused)
    await house.sandbox.ask("permit", subject="bot", channel="drafts", deny=[])
    await house.restart_bot()
    assert "Fits: 2" in (await the_end(house)).text.replace("*", "")


@pytest.mark.parametrize("fault", ["500_after", "reset_after", "killed"])
async def test_the_card_is_posted_once_though_discord_knows_no_nonce(house: House, mira: Person, fault: str) -> None:
    await house.sandbox.configure(nonce_window=-1.0)
    if fault != "killed":
        await house.sandbox.fault(fault, "/messages", method="POST")
    await mira.slash("batch", {"file": table(*sound(2))})
    await the_end(house)
    if fault == "killed":  # before it noted the card
        await house.stop_bot()
        async with house.store.write() as conn:
            await conn.execute(update(batch_table).values(message_id=None, finished_at=None))
        await house.start_bot()
    await the_end(house)
    assert len(await cards(house, "drafts")) == 1


async def test_who_sent_a_batch_hears_of_each_decision_once(house: House, mira: Person, lena: Person) -> None:
    await mira.slash("batch", {"file": table(*sound(2))})
    card = await the_end(house)

    async def told() -> list[str]:
        return [one.text for one in await house.seen("mira", "dm")]

    opened = await (await lena.select(card, "Open one of these drafts", ["V-2"])).finished()
    form = await lena.click(opened, "Ask for changes")
    await lena.submit(form, {"reason": "Say since when."})
    [asked] = await house.sandbox.until(told)
    assert "**Lena** asks for changes to V-2" in asked
    assert "/history show V-2" in asked  # where the button is: the batch's card has none
    await lena.click(opened, "Approve")

    async def twice() -> bool:
        return len(await told()) == 2

    await house.sandbox.until(twice)
    await house.restart_bot()
    await lena.click(await (await lena.slash("history show", {"number": "V-1"})).finished(), "Approve")

    async def thrice() -> bool:
        return len(await told()) == 3

    await house.sandbox.until(thrice)
    assert [re.findall(r"V-\d", one)[0] for one in await told()] == ["V-2", "V-2", "V-1"]
    assert len(await cards(house)) == 1

    async def all_noted() -> bool:
        async with house.store.read() as conn:
            return await outbox.due_answers(conn, utc_now(), 10) == ()

    await house.sandbox.until(all_noted)


async def test_who_sent_a_batch_and_takes_no_direct_messages_is_told_below_its_card(
    house: House, mira: Person, lena: Person
) -> None:
    await mira.slash("batch", {"file": table(*sound(1))})
    card = await the_end(house)
    await house.sandbox.ask("set_person", person="mira", dms_open=False)
    await lena.click(await (await lena.slash("history show", {"number": "V-1"})).finished(), "Approve")

    async def below() -> list[Message]:
        return [one for one in await house.seen("otto") if "was approved by **Lena**" in one.text]

    [told] = await house.sandbox.until(below)
    assert told.data["message_reference"]["message_id"] == card.id
