"""`python -m tests.walk [POINT ...]`: plays the scenes and prints who does what, and what each person sees."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.sandbox.people import Sandbox
from tests.walk.scenes import BARE, SCENES, title
from tests.walk.stage import Stage


async def play(points: list[int]) -> None:
    async with Sandbox.started() as process:
        for point in points:
            scene = SCENES[point - 1]
            print(f"\n━━ {title(scene)} ".ljust(100, "━"))
            async with Sandbox.attached(process.url, heartbeat_interval=200) as sandbox:
                with TemporaryDirectory(prefix="walk-") as folder:
                    async with Stage.opened(sandbox, Path(folder), furnished=scene not in BARE) as stage:
                        try:
                            await scene(stage)
                        finally:
                            print("\n".join(stage.transcript))


if __name__ == "__main__":
    every = range(1, len(SCENES) + 1)
    parser = argparse.ArgumentParser(prog="python -m tests.walk", description="Plays the scenes and prints them.")
    parser.add_argument("point", nargs="*", type=int, choices=every, metavar="POINT", help=f"1 to {len(SCENES)}")
    asyncio.run(play(parser.parse_args().point or list(every)))
