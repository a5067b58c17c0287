"""`python -m tests.walk.pictures FOLDER`: the pictures in docs/, of the real bot at work. Needs a Chromium."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import sample
from bot.sandbox.people import File, Sandbox
from tests.walk.browser import Browser
from tests.walk.stage import BRIGHT, FOR_MONEY, TOBI, WREN, Stage


async def take(folder: Path) -> None:
    async with Sandbox.started() as sandbox, Browser.opened(sandbox.url) as browser:
        with TemporaryDirectory(prefix="walk-") as place:
            async with Stage.opened(sandbox, Path(place)) as stage:
                await _take(stage, browser, folder)


async def _take(stage: Stage, browser: Browser, folder: Path) -> None:
    mira, tobi = stage.mira, stage.tobi
    await mira.sends(await mira.opens("review", influencer=TOBI, campaign=BRIGHT), text=FOR_MONEY)
    (folder / "verdict-card.png").write_bytes(await browser.picture("mira", "V-1", "Next:"))
    await tobi.sends(await tobi.opens("selfcheck draft", influencer=TOBI, campaign=BRIGHT), text=FOR_MONEY)
    (folder / "self-check.png").write_bytes(await browser.picture("tobi", "S-1"))
    rows = [
        f'{one.influencer},{one.campaign},"{one.text.strip().replace(chr(34), chr(39))}"' for one in sample.drafts()
    ]
    rows.append(f"@nobody_here,{BRIGHT},Buy this.")
    table = File("drafts.csv", "\n".join(["handle,campaign,text", *rows]).encode())
    await mira.asks("batch", file=table)
    await mira.finds("Look at these first")
    (folder / "batch-summary.png").write_bytes(await browser.picture("mira", "Look at these first"))
    trend = await mira.asks("influencer trend", handle=WREN)
    (folder / "trend.png").write_bytes(await mira.file_of(trend))


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
