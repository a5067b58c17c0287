"""Points 1 to 5: setting up, posting drafts, the card, versions, decisions."""

from __future__ import annotations

import json

from bot import sample
from bot.sandbox.people import File
from tests.walk.stage import BOT, BRIGHT, EQUAL, FITTING, FOR_MONEY, TOBI, WREN, Stage, plain


async def setting_up(stage: Stage) -> None:
    """Set up in five minutes, without a file"""
    lena = stage.lena
    stage.tell("The bot has just joined the server. Lena leads the team; Otto is a member like any other.")
    await stage.otto.cannot("setup")
    panel = await lena.asks("setup")
    for step, values in (
        ("language", ["English"]),
        ("countries", ["United States", "United Kingdom"]),
        ("roles", ["marketing"]),
        ("channel", ["drafts"]),
    ):
        panel = await lena.picks(panel, f"v1:setup:{step}", *values)
    assert "the bot may do everything it needs" in plain(panel)
    assert "/brand add" in plain(panel)
    stage.tell("The panel names what comes next, and Lena follows it.")
    await lena.sends(await lena.opens("brand add"), name="Corrowick", category="flasks", value="repair: mend, mended")
    form = await lena.opens("campaign add", brand="Corrowick")
    await lena.sends(form, name="Mend It Once", countries="US")
    card = await lena.sends(await lena.opens("influencer add", handle="trued_by_tam"), lang="en", country="US")
    assert "trued_by_tam" in plain(card)
    stage.tell("Every verdict rests on past posts, so she brings some in.")
    posts = [
        {"id": str(n), "text": f"Thursday {n}: mended a flask, kettle on.", "date": f"2026-10-{n:02}"}
        for n in range(1, 13)
    ]
    file = File("posts.jsonl", "\n".join(map(json.dumps, posts)).encode())
    read = await lena.asks("influencer import", handle="trued_by_tam", file=file)
    assert "12" in plain(read)
    ready = await lena.asks("setup")
    assert "Ready." in plain(ready)


async def posting_drafts(stage: Stage) -> None:
    """Post a draft: four ways in"""
    mira = stage.mira
    stage.tell(
        "A draft stands in the channel. Mira does the marketing; handle and campaign are guessed from the message."
    )
    posted = await mira.says(f"For @{WREN}, {EQUAL}. What do you think?\n\n{FITTING[:300]}")
    form = await mira.chooses_app("Review draft", posted)
    guessed = json.dumps(await form.modal())
    assert WREN in guessed
    assert EQUAL in guessed
    card = await mira.sends(form, text=FITTING)
    assert "Fits · V-1" in plain(card)
    assert not card.ephemeral
    stage.tell("Or she types a command, or just mentions the bot; here with the subtitles of a video.")
    await mira.sends(await mira.opens("review", influencer=TOBI, campaign=BRIGHT), text=FOR_MONEY)
    subtitles = File("video.srt", b"1\n00:00:01,000 --> 00:00:04,000\nMy teeth have never been whiter.\n", "text/plain")
    await mira.says(f"<@{BOT}> @{TOBI} {BRIGHT}: {FOR_MONEY[:200]}", subtitles)
    await mira.finds("· V-3")
    stage.tell("Many at once come as a spreadsheet. A row that cannot be taken is told with its number.")
    rows = [(one.influencer, one.campaign, one.text.replace('"', "'")) for one in sample.drafts()[:4]]
    rows.append(("@nobody_here", BRIGHT, "Buy this."))
    lines = "\n".join(f'{handle},{campaign},"{text.strip()}"' for handle, campaign, text in rows)
    told = await mira.asks("batch", file=File("drafts.csv", f"handle,campaign,text\n{lines}\n".encode()))
    assert "Taken in: 4. Not taken: 1." in plain(told)
    summary = await mira.finds("Look at these first", "Row 6: No influencer @nobody_here")
    opened = await mira.picks(summary, "Open one of these drafts", "V-4")
    assert "Does not fit · V-4" in plain(opened)
    assert opened.ephemeral


async def the_card(stage: Stage) -> None:
    """Read the card"""
    mira = stage.mira
    stage.tell("A video comes along that nobody gave the words of.")
    form = await mira.opens("review", influencer=TOBI, campaign=BRIGHT)
    card = await mira.sends(
        form, text=FOR_MONEY.replace("#ad ", ""), file=File("teeth.mp4", b"\0\0\0 ftyp", "video/mp4")
    )
    shown = plain(card)
    assert "⛔ Does not fit · V-1" in shown  # a word, not only a colour
    assert "Confidence: medium, on 47 posts." in shown
    assert shown.count("open post") == 3
    assert "Said no to something this week" in shown  # a past post, word for word
    assert "Ready to paste" in shown
    assert "Not read: the file teeth.mp4" in shown
    assert "Next: " in shown
    stage.tell("All of it stands behind a button, for her eyes only.")
    page = await mira.reads(await mira.presses(card, "Evidence"))
    assert page.ephemeral
    assert "Page 1 of" in plain(page)
    assert "speaks against it" in plain(page)


async def versions(stage: Stage) -> None:
    """A new version, and what becomes of the old one"""
    mira, lena = stage.mira, stage.lena
    said = await mira.says(f"<@{BOT}> @{WREN} {EQUAL}:\n{FITTING}")
    card = await mira.finds("Fits · V-1", show=False)
    await (await lena.presses(card, "Approve")).answer()
    await lena.finds("Approved by Lena", show=False)
    stage.tell("It is approved. Then Mira edits her message: a new text, so the approval does not hold for it.")
    await mira.edits(said, f"<@{BOT}> @{WREN} {EQUAL}:\n{FITTING.replace('Twenty lasses', 'Thirty lasses')}")
    new = await mira.finds("· V-2", "what is new since V-1", "“Twenty” is now “Thirty”")
    assert "Approved" not in plain(new)
    old = await mira.finds("Replaced by", "No longer valid, for the text has changed: Approved by Lena")
    assert "[ Approve ]" not in plain(old)
    stage.tell("The button does the same; what has not changed is no new version.")
    again = await mira.sends(
        await mira.presses(new, "New version"), text=FITTING.replace("Twenty lasses", "Thirty lasses")
    )
    assert "Nothing has changed" in plain(again)


async def decisions(stage: Stage) -> None:
    """Who decides, on which text"""
    mira, lena, otto = stage.mira, stage.lena, stage.otto
    card = await mira.sends(await mira.opens("review", influencer=WREN, campaign=EQUAL), text=FITTING)
    stage.tell("Otto may read along. Deciding is for the people chosen for it.")
    refused = await otto.reads(await otto.presses(card, "Approve"))
    assert "Only the people chosen for it can decide here" in plain(refused)
    assert refused.ephemeral
    stage.tell("Lena asks for a change, is content later, and once holds the verdict to be wrong.")
    await lena.sends(await lena.presses(card, "Ask for changes"), reason="Say what the trainers cost you.")
    await lena.finds("Lena asked for changes", show=False)
    await lena.sends(await lena.presses(card, "Overrule"), reason="The zip is in the brief, so she may name it.")
    await (await lena.presses(card, "Approve")).answer()
    decided = await mira.finds("Approved by Lena", "Verdict overruled by Lena")
    assert "Fits · V-1" in plain(decided)  # overruling stands beside the verdict and does not change it
    log = await mira.asks("history decisions", number="V-1")
    assert "Fingerprint of text and files" in plain(log)
    assert FITTING.splitlines()[0][:60] in plain(log)
    stage.tell("It was meant for another draft. She takes it back and says why; the draft waits for her again.")
    await lena.sends(await lena.presses(decided, "Withdraw the decision"), reason="That was meant for her other draft.")
    undecided = await mira.finds("Decision withdrawn by Lena", "for her other draft", "Next: ")
    assert "Approved by" not in plain(undecided)
    waiting = await lena.asks("history waiting")
    assert "V-1" in plain(waiting)
    stage.tell("Where the verdict speaks against it, Approve asks why, and that is an overruling.")
    against = await mira.sends(await mira.opens("review", influencer=TOBI, campaign=BRIGHT), text=FOR_MONEY)
    await lena.sends(await lena.presses(against, "Approve"), reason="A dentist has read it.")
    await mira.finds("· V-2", "Verdict overruled by Lena", "A dentist has read it.", "Approved by Lena")
