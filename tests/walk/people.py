"""Points 6 to 12: right of reply, what went live, self-checks, history, languages, rights, help."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from structlog.testing import capture_logs

from bot import __version__
from bot.texts import text
from tests.walk.stage import BRIGHT, EQUAL, FITTING, FOR_MONEY, TOBI, WREN, Stage, plain

PNG = b"\x89PNG"


async def right_of_reply(stage: Stage) -> None:
    """The influencer answers a finding"""
    tobi, lena, mira = stage.tobi, stage.lena, stage.mira
    card = await mira.sends(await mira.opens("review", influencer=TOBI, campaign=BRIGHT), text=FOR_MONEY)
    stage.tell("Tobi is whom this is about. He says so, and the team confirms it.")
    asked = await tobi.asks("me link", handle=TOBI)
    await (await lena.presses(asked, "Yes, confirm")).answer()
    await lena.finds("Confirmed by Lena")
    evidence = await tobi.reads(await tobi.presses(card, "Evidence"))
    form = await tobi.presses(evidence, "Answer a finding")
    words = "My wife has whitened her teeth with it since May. I said so in a story."
    await tobi.sends(form, about=["not_just_for_money"], answer=words)
    stage.tell("The answer stands beside the finding, wherever it is shown.")
    await mira.finds("Tobi answers", "since May")
    shown = await mira.asks("history show", number="V-1")
    assert "since May" in plain(shown)
    stage.tell("Otto is neither Tobi nor whoever sent the draft in.")
    evidence = await stage.otto.reads(await stage.otto.presses(card, "Evidence"))
    refused = await stage.otto.reads(await stage.otto.presses(evidence, "Answer a finding"))
    assert f"Only @{TOBI}" in plain(refused)


async def published(stage: Stage) -> None:
    """What went live is what was approved, or not"""
    mira, lena = stage.mira, stage.lena
    card = await mira.sends(await mira.opens("review", influencer=WREN, campaign=EQUAL), text=FITTING)
    await (await lena.presses(card, "Approve")).answer()
    await lena.finds("Approved by Lena", show=False)
    same = await mira.sends(await mira.opens("published", number="V-1"), text=FITTING)
    assert "The published text is the approved one" in plain(same)
    stage.tell("A week later somebody has tidied up the post, and the label is gone.")
    live = FITTING.removeprefix("Ad | ").replace("moaned", "grumbled")
    lost = await mira.sends(await mira.opens("published", number="V-1"), text=live)
    assert "ADVERTISING LABEL LOST" in plain(lost)
    assert "grumbled" in plain(lost)
    await stage.otto.finds("Advertising label lost or weaker in the published text")


async def self_check(stage: Stage) -> None:
    """A self-check that nobody else ever hears of"""
    tobi, mira = stage.tobi, stage.mira
    card = await tobi.sends(await tobi.opens("selfcheck draft", influencer=TOBI, campaign=BRIGHT), text=FOR_MONEY)
    assert card.ephemeral
    assert "S-1" in plain(card)
    await mira.sees_nothing_of("S-1", "Glimmerel")
    found = await mira.asks("history search", influencer=TOBI)
    assert "No verdict matches" in plain(found)
    stage.tell("It also works in a direct message, where no server is near.")
    own = {"brand": "Glimmerel", "about": "tooth whitening", "where": "US, instagram", "text": "#ad I use it. Do you?"}
    await tobi.sends(await tobi.opens("selfcheck draft", "dm"), **own)
    stage.tell("Once the team has confirmed who he is, the check knows its campaigns and his posts there too.")
    request = await tobi.asks("me link", handle=TOBI)
    await (await stage.lena.presses(request, "Yes, confirm")).answer()
    known = await tobi.sends(await tobi.opens("selfcheck draft", "dm", campaign=BRIGHT), text=FOR_MONEY)
    assert "on 47 posts" in plain(known)
    assert known.ephemeral
    await mira.sees_nothing_of("S-3")
    listed = await tobi.asks("selfcheck history")
    assert "3 in all" in plain(listed)
    stage.tell("Content with the first, he hands it in. To the team it is a draft like any other.")
    handed_in = await tobi.reads(await tobi.presses(card, "Submit to the team: #drafts"))
    assert not handed_in.ephemeral
    assert "V-1" in plain(handed_in)
    found = await mira.asks("history search", influencer=TOBI)
    assert "1 in all" in plain(found)
    assert "S-1" not in plain(found)


async def history(stage: Stage) -> None:
    """Look back: search, files, pictures"""
    mira, lena = stage.mira, stage.lena
    for handle, campaign, words in ((WREN, EQUAL, FITTING), (TOBI, BRIGHT, FOR_MONEY)):
        await mira.sends(await mira.opens("review", influencer=handle, campaign=campaign), text=words)
    found = await mira.asks("history search", outcome="does_not_fit", text="dentist")
    assert "V-2" in plain(found)
    assert "V-1" not in plain(found)
    shown = await mira.asks("history show", number="V-1")
    assert "Fits · V-1" in plain(shown)
    stage.tell("Lena wants a file for a spreadsheet.")
    exported = await lena.asks("history export", format="csv")
    rows = list(csv.reader(io.StringIO((await lena.file_of(exported)).decode("utf-8-sig"))))
    assert len(rows) == 3
    stage.tell("And two pictures; the lines say the same in words.")
    trend = await mira.asks("influencer trend", handle=WREN)
    assert (await mira.file_of(trend)).startswith(PNG)
    overview = await mira.asks("campaign overview", name=BRIGHT)
    assert (await mira.file_of(overview)).startswith(PNG)


async def two_languages(stage: Stage) -> None:
    """Everybody in their own language"""
    mira, lena = stage.mira, stage.lena
    await mira.speaks("ja")
    stage.tell("What only Mira sees follows her Discord: help, errors, forms.")
    refused = await mira.asks("history show", number="V-99")
    assert plain(refused).endswith(plain_ja("lookup_problem.no_verdict", number="V-99"))
    helped = await mira.asks("help")
    assert text("ja", "help.what") in plain(helped)
    stage.tell("What everybody sees follows the server, English so far. Lena changes that.")
    panel = await lena.asks("setup")
    await lena.picks(panel, "v1:setup:language", "日本語")
    form = await mira.opens("review", influencer="nao_no_nabezoko", campaign="冬の手しごと")
    card = await mira.sends(
        form, text="【PR】こぬか石けんをいただきました。鍋の底まできれいになって、毎晩の片づけが楽しいです。"
    )
    assert text("ja", "card.next_step", step="").replace("*", "").strip() in plain(card)
    assert "Next:" not in plain(card)
    registered = (await stage.sandbox.ask("registered"))["global"]
    assert all(one["description_localizations"]["ja"] for one in registered if one["type"] == 1)


def plain_ja(key: str, **values: object) -> str:
    return re.sub(r"[*]", "", text("ja", key, **values))


async def rights(stage: Stage) -> None:
    """Nobody reaches what is not theirs, and everybody what is"""
    mira, lena, otto = stage.mira, stage.lena, stage.otto
    card = await mira.sends(await mira.opens("review", influencer=WREN, campaign=EQUAL), text=FITTING)
    await otto.cannot("setup")
    refused = await otto.reads(await otto.presses(card, "Approve"))
    assert "Only the people chosen for it" in plain(refused)
    stage.tell("Nils is in another server that has the same bot. He has heard of V-1.")
    nils = await stage.somebody_new("nils", server="Elsewhere")
    nothing = await nils.asks("history show", number="V-1")
    assert "There is no verdict V-1 here" in plain(nothing)
    stage.tell("A post that pings everybody pings nobody when the bot shows it.")
    form = await mira.opens("review", influencer=WREN, campaign=EQUAL)
    loud = await mira.sends(form, text="Ad | @everyone come to lane nine on Saturday, <@1000> too!")
    assert loud.data["mentions"] == []
    assert not loud.data["mention_everyone"]
    stage.tell("Mira asks for what is stored about her, and has it deleted.")
    exported = await mira.asks("privacy export")
    assert FITTING.splitlines()[0] in (await mira.file_of(exported)).decode()
    asked = await mira.asks("privacy delete")
    await mira.reads(await mira.presses(asked, "Delete for good"), "Done.")
    stage.tell("Lena has an influencer's words taken out. The log keeps numbers, and loses texts.")
    asked = await lena.asks("influencer forget", handle=WREN)
    await lena.reads(await lena.presses(asked, "Forget for good"), "Done.")
    left = await lena.asks("history show", number="V-1")
    assert "V-1" in plain(left)
    assert "Portaloo" not in plain(left)


def _lose_the_drafts(path: Path) -> None:
    """In a thread of its own: the bot lives in this process and may have to end a transaction first."""
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as database:
        database.execute("ALTER TABLE draft RENAME TO lost")


async def help_and_errors(stage: Stage) -> None:
    """Help by task, and errors that can be asked about"""
    otto = stage.otto
    helped = await otto.asks("help")
    topic = await otto.picks(helped, "v1:help", "Approve, ask for changes, overrule")
    assert "approves nothing" in plain(topic)
    about = await otto.asks("about")
    for piece in (__version__, "Judge:", "Stored:", "Privacy:", "Limits:", "not legal advice"):
        assert piece in plain(about)
    stage.tell("A slip is told in a sentence that says what to do.")
    slip = await otto.asks("review", influencer="lane9", campaign=EQUAL)
    assert f"Did you mean @{WREN}?" in plain(slip)
    stage.tell("Something breaks inside. Otto gets a number, and whoever runs the bot finds it in the log.")
    form = await otto.opens("review", influencer=WREN, campaign=EQUAL)
    with capture_logs() as log:
        await asyncio.to_thread(_lose_the_drafts, stage.settings.database.path)
        broken = await otto.sends(form, text=FITTING)
    [defect] = [line for line in log if line["event"] == "chat.defect"]
    assert defect["reference"] in plain(broken)
    assert "Portaloo" not in json.dumps(log, default=str)
    stage.note("log", json.dumps({key: defect[key] for key in ("event", "what", "reference", "error")}))
